"""A run in a cell of a notebook: verdict, gates and what does not pass, in a style that needs no sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, joined, state, tag, verdict
from phasegate.reports.terminal.gates import gates_shown
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.provenance import given_by_a_program, run_line
from phasegate.reports.text.sentences import (
    asked_title,
    bound_shown,
    gate_name,
    gate_reason,
    outcome_line,
    passing,
)
from phasegate.rules.model.verdict import SETTLED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import RequirementEntry
    from phasegate.reports.report import Report

MOST = 20
"""So many requirements are shown; the frames have all."""


def render_notebook(report: Report) -> str:
    """A part of a page, for a notebook to show."""
    record = report.record
    given = [each["name"] for each in record["sources"] if given_by_a_program(each)]
    return tag(
        "div",
        tag("p", tag("strong", record["title"])),
        tag("p", f"{state_sign(record['outcome']).mark} {outcome_line(record, None)}"),
        _disagreements(report),
        _gates(report),
        _requirements(report),
        tag("p", tag("small", run_line(record, report.kept))),
        tag("p", tag("small", f"Given by a program: {', '.join(given)}.")) if given else None,
        class_="phasegate",
    )


def _disagreements(report: Report) -> Markup | None:
    if not report.record["disagreements"]:
        return None
    said = "! THE ENGINES DISAGREE. This is a fault of phasegate: nothing below can be relied upon."
    return tag("p", tag("strong", said))


def _gates(report: Report) -> Markup | None:
    rows = [
        tag(
            "tr",
            tag("th", gate_name(gate), scope="row"),
            tag("td", state(gate["state"])),
            tag("td", passing(gate["score"])),
            tag("td", "" if gate["state"] == "open" else gate_reason(gate)),
        )
        for gate in gates_shown(report.record, report.overdue)
    ]
    return _table(("Gate", "State", "Criteria that pass", "Why"), rows) if rows else None


def _requirements(report: Report) -> Markup | None:
    wanting = [each for each in report.record["requirements"] if each["verdict"] not in SETTLED]
    wanting.sort(key=lambda each: WORST_FIRST.index(each["verdict"]))
    if not wanting:
        return None
    table = _table(
        ("Verdict", "What is asked", "Bound", "Found", "What it takes"),
        [_requirement(report, each) for each in wanting[:MOST]],
    )
    more = len(wanting) - MOST
    return joined([table, tag("p", f"and {more:,} more, in .verdicts") if more > 0 else None])


def _requirement(report: Report, each: RequirementEntry) -> Markup:
    return tag(
        "tr",
        tag("td", verdict(each["verdict"])),
        tag("td", asked_title(each, report.facts[each["fact"]]), title=each["id"]),
        tag("td", bound_shown(each)),
        tag("td", each["observed"]),
        tag("td", each["distance"] or each["reason"]),
    )


def _table(heads: tuple[str, ...], rows: list[Markup]) -> Markup:
    head = tag("thead", tag("tr", *(tag("th", each, scope="col") for each in heads)))
    return tag("table", head, tag("tbody", *rows))
