"""The first rows behind a requirement, as a table; personal columns are masked already."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from phasegate.reports.html.blocks import table
from phasegate.reports.html.markup import LONGEST, Markup, filled, joined, tag
from phasegate.reports.text.plain import digest_start
from phasegate.reports.views.evidence import left_out, rows_said

if TYPE_CHECKING:
    from phasegate.records.schema import RowsEntry


_DEFINITION = (
    "<p>How this is measured stands in the rules, under <code>{}</code>;"
    " <code>phasegate explain</code> with that name tells of it.</p>"
)


def rows_behind(rows: RowsEntry | None, measure: str, run: int | None) -> Markup | None:
    """What the rows are, the first of them, and by what all of them are known; None where there are none.

    Args:
        rows: the entry of the record.
        measure: what they were measured by; how it is defined stands in the rules alone.
        run: the number that a ledger keeps the run under; None where it is not known.
    """
    if rows is None or not rows["total"]:
        return None
    lines = [tag("tr", *(tag("td", row.get(name, "")) for name in rows["columns"])) for row in rows["sample"]]
    said = rows_said(rows)
    label = f"Rows behind {rows['requirement']}"
    shown = table(label, f"{said}:", rows["columns"], lines, "rows")
    return joined([shown, tag("p", *_file(rows, run)), filled(_DEFINITION, measure)])


def _file(rows: RowsEntry, run: int | None) -> list[Markup | str]:
    """How many rows are not shown, what the file of them holds, and what it is got by."""
    more = left_out(rows, len(rows["sample"]))
    file = f"{more}. The file of {_held(rows)}" if more else "The file of these rows"
    digest = f" ({digest_start(rows['digest'])})"
    if run is None:
        return [f"{file}{digest} is in no ledger that this report knows of."]
    command = command_for(rows["requirement"], run)
    if command is None:
        return [f"{file}{digest} belongs to run {run}, under a name that can not be typed."]
    return [f"{file}: ", tag("code", command), digest]


def _held(rows: RowsEntry) -> str:
    if rows["held"] >= rows["total"]:
        return "all of them"
    return f"the first {rows['held']:,}, as many as the project keeps (evidence_rows)"


def command_for(requirement: str, run: int) -> str | None:
    """What to type for the rows of a requirement; None where nobody could type its name.

    The name may hold a value of the data, so it is quoted: whoever copies the line into a shell runs this
    command and no other. A page shows no control characters, and of several spaces one.
    """
    plain = requirement.isprintable() and "  " not in requirement and len(requirement) <= LONGEST // 2
    if not plain or requirement.startswith("-"):
        return None
    return f"phasegate evidence --run {run} {shlex.quote(requirement)} -o rows.parquet"
