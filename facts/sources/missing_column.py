"""What to do about a column that a file does not seem to have."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from phasegate.facts.violations.number_forms import quoted
from phasegate.rules.diagnostics.suggestions import suggest

_SEPARATORS = (";", "\t", "|", ",")


def column_advised(wanted: str, names: Collection[str], separator: str | None) -> str | None:
    """What helps where a file has no column of a name.

    Args:
        wanted: the name.
        names: those that it has.
        separator: what the fields of its header are separated by, where it has one that is a line of text.
    """
    if separator is not None and len(names) == 1:
        (line,) = names
        for sign in _SEPARATORS:
            fields = [field.strip().strip('"') for field in line.split(sign)]
            if sign != separator and len(fields) > 1 and folded(wanted) in map(folded, fields):
                return f"its first line is one name, {quoted(line[:60])}: set separator: {quoted(sign)}"
    alike = [name for name in names if folded(name) == folded(wanted)]
    if alike:
        renamed = f"rename: {{{quoted(alike[0])}: {wanted}}}"
        return f"did you mean {alike[0]!r}? Write {renamed} for the source"
    hint = suggest(wanted, names, of="columns")
    if separator is not None and len(names) == 1:
        return f"{hint}; does the header stand further below? Then say which line it is by header_row"
    return hint


def folded(name: str) -> str:
    """A name without what nobody sees in it: case, blanks, marks without a shape."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    shown = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Cc"))
    return " ".join(shown.replace("_", " ").split())
