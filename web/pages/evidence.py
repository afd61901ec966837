"""The rows behind a verdict, personal columns masked, as the run has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, parted, tag, verdict
from phasegate.reports.text.plain import counted
from phasegate.reports.views.evidence import left_out, rows_said
from phasegate.web.cache import Answer
from phasegate.web.errors import NotAllowedError
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.narrow import area_of
from phasegate.web.pages.parts import Places, found_in, prove
from phasegate.web.shell import code, document, lead, table

if TYPE_CHECKING:
    from phasegate.records.schema import RequirementEntry, RowsEntry
    from phasegate.web.asked import Asked


def page(asked: Asked) -> Answer:
    """The page of rows."""
    requirement = asked.requirement()
    area = area_of(asked.record, requirement["criterion"])
    if not asked.viewer.may_see_evidence(asked.key, area):
        asked.viewer.look_at_evidence(asked.key, f"run {asked.run.number}, {requirement['id']}", area)
        raise NotAllowedError("the rows behind this verdict")
    rows = next(iter(asked.with_rows(requirement).get("rows", ())), None)
    parts = [
        lead(asked),
        tag("h1", "Rows behind ", parted(requirement["id"])),
        tag("p", verdict(requirement["verdict"]), f" {_found(requirement)}"),
        tag("p", "Of criterion ", Places(asked).link("criterion", requirement["criterion"]), "."),
        found_in(asked),
        *_rows(asked, requirement["id"], rows),
        prove(asked, requirement["id"], f"requirement {requirement['id']}", area=area),
    ]
    title = f"Rows behind {requirement['id']}"
    return Answer(document(title, *parts, asked=asked))


def _found(requirement: RequirementEntry) -> str:
    observed, reason = requirement["observed"], requirement["reason"]
    return reason if reason.startswith(observed) else f"{observed}. {reason}"


def _rows(asked: Asked, name: str, rows: RowsEntry | None) -> list[Markup]:
    if rows is None or not rows["total"]:
        return [tag("p", "No single rows are at fault.")]
    lines = [[each.get(column, "") for column in rows["columns"]] for each in rows["sample"]]
    more = left_out(rows, len(rows["sample"]))
    caption = f"{rows_said(rows)}; personal columns are masked."
    found = [table(f"Rows behind {name}", caption, rows["columns"], lines)]
    if more:
        found.append(tag("p", f"{more}."))
    if rows["digest"] in asked.run.entry.get("rows", ()):
        file = address(asked.key, "rows", id=name, run=asked.run.number)
        held = link(file, f"Download {counted(rows['held'], 'row')} as Parquet", download=True)
        found.append(tag("p", held, " (", code(rows["digest"]), ")"))
    else:
        found.append(tag("p", "Their file is not kept with the run: ", code(f"phasegate evidence {name}")))
    return found
