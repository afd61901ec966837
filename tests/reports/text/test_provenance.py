"""What a report says of the run itself: a check or a gate, and when and by whom it was recorded."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook

from phasegate.audit.trail.runs import Kept
from phasegate.records.schema import Record
from phasegate.reports.formats import excel, html, markdown
from phasegate.reports.markdown.text import text
from phasegate.reports.report import Report
from phasegate.reports.text.provenance import kind_line, recorded_line

Saved = Callable[[str], Record]
NOTE = "phasegate.local/0\n136\n" + "A" * 43 + "=\n\n\u2014 ci " + "A" * 91 + "=\n"
NOWHERE = "Kept in no ledger that this report knows of."


def kept(recorded_at: str | None, evaluator: str | None = "ci") -> Kept:
    return Kept(7, 93, 136, NOTE, "/x/phasegate.db", recorded_at, evaluator)


@pytest.mark.parametrize(
    ("kind", "scope", "said"),
    [
        ("check", [], "A check, which opens no gate"),
        ("check", ["2"], "A check, which opens no gate"),
        ("gate", ["2"], "The decision of gate 2"),
        ("gate", ["programme"], "The decision of the programme gate"),
        ("gate", [], "The decision of a gate"),
        ("bogus", ["2"], "A check, which opens no gate"),
    ],
)
def test_a_check_is_never_taken_for_the_decision_of_a_gate(
    kind: str, scope: list[str], said: str, saved: Saved
) -> None:
    record = saved("minimal_pass") | {"kind": kind, "scope": scope}
    assert kind_line(record) == said  # type: ignore[arg-type] - one kind is none


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (kept("2026-03-01T23:59:59Z"), "Recorded 2026-03-01T23:59:59Z by ci, as run 7 in phasegate.db."),
        (
            kept("2026-03-02T00:00:00Z"),
            "Recorded on another day, 2026-03-02T00:00:00Z, by ci, as run 7 in phasegate.db.",
        ),
        (
            kept("2026-02-28T09:00:00Z", "\x1b[31m"),
            "Recorded on another day, 2026-02-28T09:00:00Z, by \ufffd[31m, as run 7 in phasegate.db.",
        ),
        (kept(None), "Kept as run 7 in phasegate.db."),
        (None, NOWHERE),
    ],
    ids=["the day itself", "later", "earlier, by a hostile name", "not known", "not kept"],
)
def test_when_and_by_whom_a_run_was_recorded(where: Kept | None, said: str, saved: Saved) -> None:
    record = saved("minimal_pass")
    assert record["as_of"] == "2026-03-01"
    assert recorded_line(record, where) == said


@pytest.mark.parametrize("name", ["programme", "gate_with_waivers"])
def test_the_head_of_each_report_says_both(name: str, saved: Saved) -> None:
    record = saved(name)
    report = Report(record, 1, kept=kept("2026-04-02T09:00:00Z"))
    said = [kind_line(record), f"as of {record['as_of']}", recorded_line(record, report.kept)]
    page = html.render(report).partition("</header>")[0]
    sheet = markdown.render(report).partition("### ")[0]
    for each in said:
        assert each in page
        assert text(each) in sheet
    lines = load_workbook(BytesIO(excel.render(report)))["Summary"].iter_rows(values_only=True)
    summary = {line[0]: line[2] for line in lines}
    assert [summary["Kind"], f"as of {summary['As of']:%Y-%m-%d}", summary["Recorded"]] == said


def test_another_day_stands_out_on_the_page(saved: Saved) -> None:
    record = saved("minimal_pass")
    same, other = (
        html.render(Report(record, 0, kept=kept(f"{day}T09:00:00Z"))) for day in ("2026-03-01", "2026-03-02")
    )
    assert '<p class="soft">Recorded 2026-03-01T09:00:00Z by ci' in same
    assert "<p><strong>Recorded on another day, 2026-03-02T09:00:00Z, by ci" in other
