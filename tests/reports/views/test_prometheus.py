"""Metrics, as a reader of the text format of Prometheus takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from metrics_page import of, projects_of, read, states
from syrupy.assertion import SnapshotAssertion

from phasegate.monitoring.schedules.current_state import ScheduledRun
from phasegate.monitoring.schedules.due_runs import DueRun
from phasegate.records.schema import Record
from phasegate.reports.views.prometheus import metrics_text
from phasegate.rules.model.schedule import Schedule

Saved = Callable[[str], Record]
NOW = dt.datetime(2026, 3, 1, 6, 0, 5, tzinfo=dt.UTC)
DAILY = DueRun("daily", Schedule(every="day"), dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC))
WEEKS = {"1": 1, "3": 2, "4": 4}


def project(record: Record | None = None, known: bool = True, **fields: Any) -> Any:
    """What metrics ask of a project: its id and cycle, and what its rules have."""
    cycle = record and record["cycle"]
    said = {"id": "p-1", "title": "Harbour", "cycle": SimpleNamespace(**cycle) if cycle else None, **fields}
    gates = [each["id"] for each in record["gates"]] if record else []
    phases = {name: SimpleNamespace(weeks=(1, WEEKS[name]) if name in WEEKS else None) for name in gates}
    points = dict.fromkeys(each["id"] for each in record["points"]) if record else {}
    pack = SimpleNamespace(
        pack=SimpleNamespace(phases=phases, points=points, title="Rules"), is_named=lambda _: known
    )
    return SimpleNamespace(project=SimpleNamespace(**said), pack=pack)


def made(record: Record, due: DueRun = DAILY, number: int = 1) -> dict[str, ScheduledRun]:
    return {due.name: ScheduledRun(due, number, record)}


def test_snapshot(saved: Saved, snapshot: SnapshotAssertion) -> None:
    record = saved("programme")
    record["cycle"] = {"id": "2026-q1", "start": "2026-02-02"}
    assert metrics_text(NOW, project(record), made(record), ["late"], [DAILY]) == snapshot


def test_they_say_what_the_record_says(saved: Saved) -> None:
    record = saved("programme")
    found = read(metrics_text(NOW, project(record), made(record), [], []))
    assert states(found, "gate") == {(each["id"],): each["state"] for each in record["gates"]}
    assert sum(of(found, "phasegate_criteria", "verdict").values()) == sum(
        each["enforcement"] != "advisory" for each in record["criteria"]
    )
    assert {key[0]: value for key, value in of(found, "phasegate_score", "of").items()} == record["score"]


@pytest.mark.parametrize(
    ("as_of", "start", "late"),
    [
        ("2026-03-01", "2026-02-02", {"1": 0, "3": 14, "4": 0}),
        ("2026-03-02", "2026-02-02", {"1": 0, "3": 15, "4": 1}),
        ("2026-03-02", "2026-03-02", {"1": 0, "3": 0, "4": 0}),
        ("2026-03-02", None, {}),
    ],
)
def test_for_how_long_a_phase_is_overdue(
    as_of: str, start: str | None, late: dict[str, int], saved: Saved
) -> None:
    """Gate 1 is open, gate 3 has the weeks 1 and 2, gate 4 the weeks 3 and 4; of gate 2 nothing is known."""
    record = saved("programme")
    record["as_of"] = as_of
    record["cycle"] = None if start is None else {"id": "c-1", "start": start}
    found = of(
        read(metrics_text(NOW, project(record), made(record), [], [])),
        "phasegate_gate_overdue_seconds",
        "gate",
    )
    assert found == {(gate,): days * 86_400 for gate, days in late.items()}
    unknown = metrics_text(NOW, project(record, known=False), made(record), [], [])
    assert "overdue" not in unknown


HOSTILE = ['a"b', "a\\b", "a\\nb", "a\nb 1\nother 2", '"} 1', "\u202e", "{🚢}", "x" * 119]


@pytest.mark.parametrize("text", [*HOSTILE, "\ud800"])
def test_hostile_names_stay_one_label(text: str, saved: Saved) -> None:
    record = saved("programme")
    record["gates"][0]["id"] = text
    record["cycle"] = {"id": text, "start": "2026-03-02"}
    found = read(metrics_text(NOW, project(record, id=text), made(record), [], []))
    plain = text.replace("\ud800", "?")
    assert plain in {key[0] for key in states(found, "gate")}
    assert {(dict(labels)["project"], dict(labels)["cycle"]) for _, labels in found} == {(plain, plain)}


@pytest.mark.parametrize(
    ("fields", "told"),
    [({}, ("p-1", "")), ({"id": None}, ("Harbour", "")), ({"id": None, "title": None}, ("Rules", ""))],
)
def test_every_series_says_whose_it_is(fields: dict[str, Any], told: tuple[str, str], saved: Saved) -> None:
    record = saved("minimal_fail")
    record["cycle"] = None
    found = read(metrics_text(NOW, project(record, **fields), made(record), ["daily"], [DAILY]))
    assert {(dict(labels)["project"], dict(labels)["cycle"]) for _, labels in found} == {told}


def test_two_projects_are_read_together(saved: Saved) -> None:
    shut, open_ = saved("minimal_fail"), saved("minimal_pass")
    pages = [
        metrics_text(NOW, project(record, id=name), made(record), [], [DAILY])
        for name, record in (("a", shut), ("b", open_))
    ]
    found = read(*pages)
    assert projects_of(found) == {"a", "b"}
    assert states(found, "project", "gate") == {("a", "programme"): "closed", ("b", "programme"): "open"}


def test_without_a_run_there_is_a_heartbeat_alone() -> None:
    found = read(metrics_text(NOW, project(), {}, [], []))
    assert {name: value for (name, _), value in found.items()} == {
        "phasegate_heartbeat_timestamp_seconds": NOW.timestamp()
    }


def test_before_the_first_pass_there_is_no_heartbeat() -> None:
    found = read(metrics_text(None, project(), {}, [], [DAILY]))
    assert {name: value for (name, _), value in found.items()} == {
        "phasegate_schedule_next_timestamp_seconds": DAILY.at.timestamp()
    }
    assert metrics_text(None, project(), {}, [], []) == ""
