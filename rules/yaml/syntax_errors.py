"""What went wrong in a YAML text, in words that help."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.position import Position

MAX_DEPTH = 50
"""How deeply a file may be nested."""

_UNSEEN_RANGES = (
    (0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F),  # controls
    (0x2028, 0x2029),  # line and paragraph separators
    (0x202A, 0x202E), (0x2066, 0x2069),  # changes of writing direction
    (0xFEFF, 0xFEFF), (0xFFFE, 0xFFFF),  # byte order mark, no characters
)  # fmt: skip

HALF = re.compile(r"[\ud800-\udfff]")
HALVES = "write the character itself: YAML has none of the halves that JSON makes of it"
"""What to do about an escape that is half a character."""
_QUOTE_IT = "put the whole text in quotes"
_HINTS = (
    ("block scalar", "a bound that begins with '>' needs quotes: \">= 95 %\""),
    ("mapping values are not allowed", "a text with ': ' in it needs quotes; or the indentation is off"),
    ("tag", "a text that begins with '!' needs quotes: \"!= 0\""),
    ("cannot start any token", f"{_QUOTE_IT}: it begins with a character that YAML keeps for itself"),
    ("expected node content", _QUOTE_IT),
    ("alias", f"{_QUOTE_IT}: it begins with '*'"),
    ("anchor", f"{_QUOTE_IT}: it begins with '&'"),
    ("unknown escape", "a backslash in \"...\" begins an escape; use '...' for texts with backslashes"),
    ("Unicode character escape", HALVES),
    ("quoted scalar", "close it on the same line"),
    ("expected ':'", "every line of a mapping is 'key: value'"),
    ("block mapping", "check the indentation: the keys of one mapping begin in the same column"),
    ("block collection", "check the indentation: the dashes of one list stand in the same column"),
    ("flow", "a '[' or '{' is not closed, or a ',' is missing"),
    ("block end", "check the indentation: lines of one block begin in the same column"),
)


def find_unseen(text: str) -> int | None:
    """Where the first character stands that nobody sees, None if there is none."""
    if text.replace("\n", "").isprintable():  # nearly always, and fast
        return None
    found = [char for char in set(text) if any(low <= ord(char) <= high for low, high in _UNSEEN_RANGES)]
    return min(map(text.index, found), default=None)


def unseen_fault(text: str, index: int, file: str) -> Diagnostic:
    """The diagnostic of a character that nobody sees."""
    before = text[:index]
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    line = len(re.findall(r"\r\n?|\n", before)) + 1
    char = text[index]
    name = unicodedata.name(char, "a control character")
    snippet = re.split(r"[\r\n]", text[start : start + 4000], maxsplit=1)[0]
    return Diagnostic(
        "control-character",
        f"U+{ord(char):04X} ({name.lower()})",
        Position(file, line, index - start + 1),
        "remove it; nobody who reads the file would see it",
        snippet,
    )


def explain_syntax(error: Any, text: str, file: str) -> Diagnostic:
    """The diagnostic of a text that is no YAML.

    Args:
        error: the ``yaml.YAMLError``.
        text: the whole file.
        file: the path as it is shown.
    """
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    context = str(getattr(error, "context", None) or "")
    lines = text.splitlines()
    row, column = (mark.line, mark.column) if mark else (0, 0)
    line = lines[row] if row < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        tab = line.index("\t")
        return Diagnostic(
            "tab-indentation",
            "a tab in the indentation",
            Position(file, row + 1, tab + 1),
            "indent with spaces",
            line,
        )
    if "duplicate anchor" in problem or "undefined alias" in problem:
        return Diagnostic("alias", problem, Position(file, row + 1, column + 1), "write the value out", line)
    if "nesting depth" in problem:  # libyaml looks ahead, and gives up before our own limit is reached
        message, at = f"nested more than {MAX_DEPTH} levels deep", Position(file, row + 1, column + 1)
        return Diagnostic("too-deep", message, at, "write it flatter", line)
    said = f"{context} {problem}"
    hint = next((hint for words, hint in _HINTS if words in said), None)
    opened = getattr(error, "context_mark", None)
    if "unknown escape" in problem:
        column = max(0, line.rfind("\\", 0, column + 1))
    if "quoted scalar" in context and "unexpected" in problem and opened:
        row, column = opened.line, opened.column
        line, problem = lines[row], "a quote that is not closed"
    elif opened and opened.line != row and context:
        problem = f"{problem} ({context} that begins on line {opened.line + 1})"
    return Diagnostic("yaml-syntax", problem, Position(file, row + 1, column + 1), hint, line)
