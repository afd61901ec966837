"""What is due is found before it happens: by the record, and by deciding the days to come."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kept_runs import DAYS, keep, write_project

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.monitoring.history.due import NothingDecidedError, due
from phasegate.monitoring.history.forecast import forecast
from phasegate.monitoring.history.trend import NeverDecidedError, trend
from phasegate.reports.views.due import due_document, due_text
from phasegate.reports.views.trend import course, trend_document, trend_text
from phasegate.rules.loading.project import load_project
from phasegate.runs.attempt import Attempt

MONTH = dt.timedelta(days=31)
OF_20 = ["20 of 20 = 100 %", "18 of 20 = 90 %", "17 of 20 = 85 %"]
TWO_MONTHS = dt.timedelta(days=60)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


def test_each_ending_that_is_told_flips_its_criteria_on_its_day(folder: Path) -> None:
    write_project(folder, waived=True)
    file = folder / "phasegate.yaml"  # no invoice is too old: that is not for a record to foresee
    before = load_project(file).pack.digest
    file.write_text(file.read_text(encoding="utf-8").replace("60 days", "600 days"), encoding="utf-8")
    waivers = folder / "waivers.yaml"
    waivers.write_text(waivers.read_text(encoding="utf-8").replace(before, load_project(file).pack.digest))
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = due(ledger, DAYS[0], TWO_MONTHS)
    assert {(each.day.isoformat(), each.kind) for each in found.endings} == {
        ("2026-03-24", "evidence"),
        ("2026-04-01", "waiver"),
    }
    for each in found.endings:
        verdicts = []
        for day in (each.day - dt.timedelta(days=1), each.day):
            record, _ = Attempt(("check",), folder, at(DAYS[0]), {}, kept=False).decide(day)
            verdicts.append({one["id"]: one["verdict"] for one in record["criteria"]})
        for criterion in each.criteria:
            assert verdicts[0][criterion] in ("pass", "waived")
            assert verdicts[1][criterion] not in ("pass", "waived")


def test_what_ends_later_is_left_out_and_what_has_ended_is_not(folder: Path) -> None:
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as ledger:
        assert due(ledger, DAYS[0], dt.timedelta(days=5)).endings == ()
        (*_, last) = due(ledger, dt.date(2026, 4, 1), dt.timedelta(days=5)).endings
    assert last.day == dt.date(2026, 3, 24)


def test_runs_of_a_part_and_of_a_day_to_come_do_not_show_what_is_due(folder: Path) -> None:
    keep(folder, DAYS[0])
    keep(folder, DAYS[0], gate="1")
    keep(folder, DAYS[0], ids=("1.1",))
    keep(folder, dt.date(2026, 6, 1), now=at(DAYS[0]))
    with Ledger.open(folder / "phasegate.db") as ledger:
        assert due(ledger, DAYS[0], MONTH).run.number == 1


WHICH = "The decision of {}: nothing is told of what it did not decide."


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("asked", "number", "said"),
    [
        pytest.param([{"gate": "1"}], 1, WHICH.format("gate 1"), id="a gate alone"),
        pytest.param([{"gate": "2"}, {"gate": "1"}], 2, WHICH.format("gate 1"), id="the newest of gates"),
        pytest.param(
            [{"gate": "programme"}], 1, WHICH.format("the programme gate"), id="the gate of the programme"
        ),
        pytest.param([{"gate": "1"}, {"ids": ("1.1",)}], 1, WHICH.format("gate 1"), id="beside a part"),
        pytest.param([{}, {"gate": "1"}], 1, None, id="a check comes first"),
    ],
)
def test_decisions_of_gates_alone_tell_what_is_due_and_which_they_are(
    asked: list[dict[str, Any]], number: int, said: str | None, folder: Path
) -> None:
    write_project(folder, waived=True)
    for each in asked:
        keep(folder, DAYS[0], **each)
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = due(ledger, DAYS[0], MONTH)
    assert found.run.number == number
    assert "waiver" in {each.kind for each in found.endings}
    lines = due_text(found, width=200, colour=False).splitlines()
    assert lines[0].endswith(f"as run {number} of 2026-03-01 shows it.")
    assert lines[1] == (said or "")
    told = due_document(found)
    assert (told["kind"], told["scope"]) == (found.record["kind"], found.record["scope"])


def test_a_run_of_a_part_that_is_named_is_told_as_one(folder: Path) -> None:
    keep(folder, DAYS[0], ids=("1.1",))
    with Ledger.open(folder / "phasegate.db") as ledger:
        told = due_text(due(ledger, DAYS[0], MONTH, "1"), width=200, colour=False)
    assert "A check of 1.1 alone: nothing is told of what it did not decide." in told


def test_without_a_run_of_everything_or_a_gate_nothing_is_known(folder: Path) -> None:
    keep(folder, DAYS[0], ids=("1.1",))
    keep(folder, dt.date(2026, 6, 1), now=at(DAYS[0]))
    with Ledger.open(folder / "phasegate.db") as ledger, pytest.raises(NothingDecidedError):
        due(ledger, DAYS[0], MONTH)


@pytest.mark.slow
def test_the_days_to_come_show_what_a_measure_reads_of_the_day_too(folder: Path) -> None:
    write_project(folder, open_invoices=())
    found = forecast(folder, at(DAYS[0]), MONTH, {})
    turned = {
        (day.isoformat(), each.id, each.before, each.after)
        for day, changed in found.days
        for each in changed.criteria
        if each.before != each.after
    }
    # The oldest invoice is of January 10, and may be 60 days old; the review is of February 20.
    assert turned == {
        ("2026-03-12", "1.1/systems", "pass", "fail"),
        ("2026-03-24", "1.1/review", "pass", "stale"),
    }


def test_nothing_is_kept_of_the_days_to_come(folder: Path) -> None:
    forecast(folder, at(DAYS[0]), dt.timedelta(days=2), {})
    assert not (folder / "phasegate.db").exists()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("name", "of", "verdicts", "observed"),
    [
        ("1", "gate", ["open", "closed", "closed"], ["", "", ""]),
        ("1.1", "verdict", ["pass", "fail", "fail"], ["", "", ""]),
        ("1.1/systems", "verdict", ["pass", "fail", "fail"], ["", "", ""]),
        ("1.1/systems/invoices.reconciled", "verdict", ["pass", "fail", "fail"], OF_20),
        ("1.2/cranes", "verdict", ["pass", "pass"], OF_20[:2]),
        ("1/success", "verdict", ["pass", "pass", "fail"], OF_20),
    ],
)
def test_a_trend_follows_an_id(
    name: str, of: str, verdicts: list[str], observed: list[str], folder: Path
) -> None:
    for day, numbers in zip(DAYS, [(), (7, 16), (7, 16, 3)], strict=True):
        write_project(folder, open_invoices=numbers)
        keep(folder, day, gate="1" if day == DAYS[2] else None)
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = trend(ledger, name, 20)
        assert len(trend(ledger, name, 1).moments) == 1
        with pytest.raises(NeverDecidedError):
            trend(ledger, f"{name}/no", 20)
    assert found.of == of
    assert [each.verdict for each in found.moments] == verdicts
    assert [each.observed for each in found.moments] == observed


def test_a_trend_tells_where_a_cycle_begins(folder: Path) -> None:
    keep(folder, DAYS[0])
    keep(folder, DAYS[1])
    of_one_cycle = trend_of(folder, "1.2/cranes")
    file = folder / "phasegate.yaml"
    text = file.read_text(encoding="utf-8")
    assert "cycle: {id: c-1, start: 2026-01-05}" in text
    file.write_text(text.replace("{id: c-1, start: 2026-01-05}", "{id: c-2, start: 2026-03-03}"))
    keep(folder, DAYS[2])
    assert not [line for line in of_one_cycle if line.startswith("  cycle")]
    assert [line for line in trend_of(folder, "1.2/cranes") if line.startswith("  cycle")] == [
        "  cycle c-1",
        "  cycle c-2; c-1 ended with 18 of 20 = 90 %",
    ]
    assert [line for line in trend_of(folder, "1") if line.startswith("  cycle")] == [
        "  cycle c-1",
        "  cycle c-2; c-1 ended with CLOSED",
    ]
    file.write_text(text.replace("cycle: {id: c-1, start: 2026-01-05}\n", ""))
    keep(folder, DAYS[2])
    assert trend_of(folder, "1")[-2:] == [
        "  no cycle; c-2 ended with CLOSED",
        "     4  2026-03-03  ✗ CLOSED",
    ]
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = trend_document(trend(ledger, "1", 20))
    assert [each["cycle"] for each in found["runs"]] == ["c-1", "c-1", "c-2", None]


def trend_of(folder: Path, name: str) -> list[str]:
    with Ledger.open(folder / "phasegate.db") as ledger:
        return trend_text(trend(ledger, name, 20), width=100, colour=False).splitlines()


@pytest.mark.parametrize(
    ("values", "due"),
    [([], ""), ([1.0], ""), ([1.0, 1.0], "▄▄"), ([0.0, 0.5, 1.0], "▁▅█"), ([5.0, -5.0], "█▁")],
)
def test_the_course_of_numbers(values: list[float], due: str) -> None:
    assert course(values) == due


def test_a_gate_that_is_shut_is_not_shut_by_what_ends(folder: Path) -> None:
    keep(folder, DAYS[0])  # 18 of 20: gate 1 is closed, and so is what comes after it
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = due(ledger, DAYS[0], MONTH)
    assert {gate["state"] for gate in found.record["gates"]} == {"closed"}
    assert [each.gates for each in found.endings] != []
    assert "shuts" not in due_text(found, width=100, colour=False)
    assert [each["shuts"] for each in due_document(found)["due"]] == [[]] * len(found.endings)


def test_a_ledger_that_lacks_evidence_is_no_ledger_without_that_id(folder: Path) -> None:
    keep(folder, DAYS[0])
    with closing(sqlite3.connect(folder / "phasegate.db")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("DELETE FROM content")
        connection.commit()
    with Ledger.open(folder / "phasegate.db") as ledger:
        for name in ("1.1", "1.1/systems/invoices.reconciled"):
            with pytest.raises(TrailError) as caught:
                trend(ledger, name, 20)
            assert not isinstance(caught.value, NeverDecidedError)


DRILLS = """\
pack: drills
title: Drills
points:
  "1":
    title: Restore
    criteria:
      - {id: drill, text: A drill was held, enforcement: soft, require: {drill.restored: true}}
      - {id: other, text: Something else, require: {drills: ">= 1"}}
phases:
  "1": {title: Restore, points: ["1"]}
sources:
  drills:
    title: one drill
    event: held_on
    columns: {held_on: {type: date}, restored: {type: boolean}}
measures:
  drill: {title: The latest drill, from: drills, latest: {restored: restored}, max_age: 10 days}
  drills: {title: Drills, from: drills, count: restored}
"""
STEPPING_IN = """\
waivers:
  - id: W-1
    requirement: 1/drill/drill.restored
    pack_digest: {digest}
    covers: [{covers}]
    reason: The next one is planned.
    risk_owner: f-1
    requester: d-1
    approver: f-2
    granted: 2026-02-01T00:00:00Z
    start: {start}T00:00:00Z
    end: 2026-03-20T00:00:00Z
"""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("covers", "start", "days"),
    [
        ("stale", "2026-02-01", {"2026-03-20": "turns"}),
        ("stale", "2026-03-08", {"2026-03-20": "turns"}),  # it steps in on the very day
        ("stale", "2026-03-12", {"2026-03-08": "due", "2026-03-20": "turns"}),
        ("fail", "2026-02-01", {"2026-03-08": "due"}),
    ],
)
def test_a_gate_is_told_to_shut_on_the_days_on_which_it_does(
    covers: str, start: str, days: dict[str, str], folder: Path
) -> None:
    """A drill of 25 February may be ten days old, and a waiver may take what is older."""
    (folder / "pack" / "pack.yaml").write_text(DRILLS, encoding="utf-8")
    (folder / "drills.csv").write_text("held_on,restored\n2026-02-25,true\n", encoding="utf-8")
    tables = "sources: {drills: {path: drills.csv}}"
    project = f"phasegate: 1\ntitle: D\npack: pack\nwaivers: waivers.yaml\n{tables}\n"
    file = folder / "phasegate.yaml"
    file.write_text(project, encoding="utf-8")
    (folder / "waivers.yaml").write_text("waivers: []\n", encoding="utf-8")
    digest = load_project(file).pack.digest
    told = STEPPING_IN.format(digest=digest, covers=covers, start=start)
    (folder / "waivers.yaml").write_text(told, encoding="utf-8")
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as ledger:
        document = due_document(due(ledger, DAYS[0], MONTH))
    shuts = {each["day"]: part for part in ("due", "turns") for each in document[part] if each["shuts"]}
    assert shuts == days
    states = []
    for place in range(MONTH.days):
        record, _ = Attempt(("check",), folder, at(DAYS[0]), {}, kept=False).decide(
            DAYS[0] + dt.timedelta(days=place)
        )
        states.append(next(each["state"] for each in record["gates"] if each["id"] == "1"))
    opened = [each.startswith("open") for each in states]
    really = [place for place in range(1, len(states)) if opened[place - 1] and not opened[place]]
    assert [str(DAYS[0] + dt.timedelta(days=place)) for place in really] == list(days)
