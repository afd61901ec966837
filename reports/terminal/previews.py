"""What measures make of rows, and what each of them costs, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from phasegate.reports.output import as_json
from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, listed, visible
from phasegate.reports.text.undetermined import row_said

if TYPE_CHECKING:
    from phasegate.facts.preview import Preview
    from phasegate.records.schema import FactEntry
    from phasegate.runs.look_closer import Closer

_SAID = {
    "meets": "meets it",
    "misses": "misses it",
    "counted": "counted",
    "left out": "left out",
    "undetermined": "undetermined, for something is empty",
}


def looked_text(closer: Closer, *, width: int, colour: bool = False) -> str:
    """The rows by measure, then the costs.

    Args:
        closer: what was looked at.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    for each in closer.previews:
        _preview(each, page)
    if closer.previews:
        page.blank()
        page.line(("Rows after as-of are no part of it; personal columns are masked.", "dim"))
    if closer.costs:
        page.blank()
        cells = [
            [each.measure, f"{each.rows:,}", f"{each.seconds:.3f}", listed(each.sources)]
            for each in closer.costs
        ]
        page.table(["measure", "rows read", "seconds", "of"], cells, flexible=3)
        page.line(("Each by itself, its sources opened anew; a run reads each source once for all.", "dim"))
    return page.text()


def _preview(preview: Preview, page: Page) -> None:
    page.blank()
    of = f" of {preview.source}" if preview.source is not None else ""
    page.item([], [(preview.measure, "bold"), of])
    if preview.why is not None:
        page.line(f"no rows are shown: {visible(preview.why)}", indent=2)
    for rows in preview.rows:
        page.line(f"{_SAID[rows.sort]}: {counted(rows.total, 'row')}", indent=2)
        for place, row in enumerate(rows.sample, 1):
            page.item([(f"{place:>4}  ", "dim")], [row_said(rows.columns, row)])
        if rows.total > len(rows.sample):
            page.line((f"and {rows.total - len(rows.sample):,} more", "dim"), indent=6)


def looked_json(facts: Sequence[FactEntry], closer: Closer) -> str:
    """The facts, and beside them what was looked at."""
    document: dict[str, object] = {"facts": facts}
    if closer.previews:
        document["rows"] = [asdict(each) for each in closer.previews]
    if closer.costs:
        document["costs"] = [each._asdict() for each in closer.costs]
    return as_json(document)
