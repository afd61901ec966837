"""What a report says of the run itself: a check or a gate, and when and by whom it was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from csv import DictReader
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from phasegate.audit.trail.runs import Kept
from phasegate.records.schema import Record
from phasegate.reports.formats import html
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report
from phasegate.reports.text.plain import visible
from phasegate.reports.text.provenance import kind_line, recorded_line, run_line, source_remarks

Saved = Callable[[str], Record]
NOTE = "phasegate.local/0\n136\n" + "A" * 43 + "=\n\n\u2014 ci " + "A" * 91 + "=\n"
BACKWARDS = "\u202eQ"
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


GITHUB_AND_TEXT = ("text", "github")
"""Formats that a deciding command shows beside its own words: they say it of past runs alone."""


def read(name: str, told: str | bytes) -> str:
    """What a format says as it is read, without the escapes and line breaks that it has of its own."""
    if isinstance(told, bytes):
        sheet = load_workbook(BytesIO(told))["Summary"].iter_rows(values_only=True)
        return "\n".join(str(cell) for line in sheet for cell in line)
    return " ".join(told.replace("\\", "").split())


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", [each for each in FORMATS if each not in ("json", "csv")])
@pytest.mark.parametrize("saved_as", ["programme", "gate_with_waivers"])
@pytest.mark.parametrize("where", [kept("2026-04-02T09:00:00Z"), None], ids=["kept", "not kept"])
def test_every_format_says_in_one_line_which_run_it_tells(
    name: str, saved_as: str, where: Kept | None, saved: Saved
) -> None:
    record = saved(saved_as)
    report = Report(record, 1, kept=where, past_run=True)
    line = run_line(record, where)
    assert line.startswith(f"{kind_line(record)}, as of {record['as_of']}. ")
    assert line.endswith(recorded_line(record, where))
    assert line in read(name, FORMATS[name].render(report))
    decided = FORMATS[name].render(replace(report, past_run=False))
    assert (line in read(name, decided)) is (name not in GITHUB_AND_TEXT)


def test_a_table_says_it_in_columns_and_the_record_as_far_as_it_knows(saved: Saved) -> None:
    record = saved("gate_with_waivers")
    report = Report(record, 1, kept=kept("2026-04-02T09:00:00Z"))
    (row, *_) = DictReader(StringIO(FORMATS["csv"].render(report)))
    told = {name: row[name] for name in ("as_of", "kind", "run", "recorded_at")}
    assert told == {
        "as_of": record["as_of"], "kind": "gate", "run": "7", "recorded_at": "2026-04-02T09:00:00Z"
    }  # fmt: skip
    told = json.loads(FORMATS["json"].render(report))
    assert (told["kind"], told["as_of"]) == ("gate", record["as_of"])


def test_another_day_stands_out_on_the_page(saved: Saved) -> None:
    record = saved("minimal_pass")
    same, other = (
        html.render(Report(record, 0, kept=kept(f"{day}T09:00:00Z"))) for day in ("2026-03-01", "2026-03-02")
    )
    assert ". Recorded 2026-03-01T09:00:00Z by ci" in same
    assert "<strong>A check" not in same
    line = (
        "A check, which opens no gate, as of 2026-03-01. Recorded on another day, 2026-03-02T09:00:00Z, by ci"
    )
    assert f'<p class="strong"><strong>{line}' in other


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"reading": {"path": "t.csv"}}, []),
        ({"reading": {"path": "t.xlsx", "sheet": "Q1"}}, ["read from its sheet Q1"]),
        ({"reading": {"path": "t.xlsx", "sheet": BACKWARDS}}, [f"read from its sheet {visible(BACKWARDS)}"]),
        ({"reading": {"path": "t.json", "records": "data.a"}}, ["read from its list of records data.a"]),
        ({"reading": {"path": "t.db", "table": "a"}}, ["read from its table a"]),
        ({"reading": {"from": "lake", "path": "s3://b/t.db", "table": "a"}}, ["read from its table a"]),
        (
            {
                "reading": {"from": "erp", "table": "f.a"},
                "table": {"server": "PostgreSQL 15", "snapshot": "1"},
            },
            [],
        ),
        (
            {"reading": {"path": "t"}, "table": {"server": "", "snapshot": "version 3 of noon", "log": "x"}},
            ["read at version 3 of noon"],
        ),
        (
            {"reading": {"from": "erp"}, "table": {"server": "DB 1", "snapshot": "1", "strength": "engine"}},
            ["computed in DB 1, which has the rows: without it nobody can do so again"],
        ),
    ],
)
def test_a_source_tells_which_table_of_its_files_it_is(said: Any, told: list[str]) -> None:
    """Two sheets of one workbook have the same file, and the same digest."""
    assert source_remarks(said) == told
