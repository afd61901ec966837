"""The first rows behind a requirement, as a table; personal columns are masked already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.evidence import left_out, rows_said
from phasegate.reports.hypertext.blocks import table
from phasegate.reports.hypertext.markup import Markup, joined, tag
from phasegate.reports.plain import digest_start

if TYPE_CHECKING:
    from phasegate.audit.record.document import RowsEntry


def rows_behind(rows: RowsEntry | None) -> Markup | None:
    """What the rows are, the first of them, and by what all of them are known; None where there are none."""
    if rows is None or not rows["total"]:
        return None
    lines = [tag("tr", *(tag("td", row.get(name, "")) for name in rows["columns"])) for row in rows["sample"]]
    more = left_out(rows, len(rows["sample"]))
    all_of_them = joined(
        [
            f"{more}; all of them: " if more else "The file of these rows: ",
            tag("code", f"phasegate evidence '{rows['requirement']}' -o rows.parquet"),
            f" ({digest_start(rows['digest'])})",
        ]
    )
    said = rows_said(rows)
    label = f"Rows behind {rows['requirement']}"
    return joined([table(label, f"{said}:", rows["columns"], lines, "rows"), tag("p", all_of_them)])
