"""Metrics, as a reader of the text format of Prometheus takes them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.monitoring.schedules.due_runs import DueRun
from phasegate.monitoring.schedules.scheduler import Ran
from phasegate.records.schema import Record
from phasegate.reports.views.prometheus import metrics_text
from phasegate.rules.model.schedule import Schedule

Saved = Callable[[str], Record]
NOW = dt.datetime(2026, 3, 1, 6, 0, 5, tzinfo=dt.UTC)
DAILY = DueRun("daily", Schedule(every="day"), dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC))
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9.]+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


def read(text: str) -> dict[tuple[str, ...], float]:
    found = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            match = LINE.fullmatch(line)
            assert match is not None, line
            labels = [
                value.replace(r"\n", "\n").replace(r"\"", '"').replace(r"\\", "\\")
                for _, value in LABEL.findall(match[2] or "")
            ]
            found[match[1], *labels] = float(match[3])
    return found


def test_snapshot(saved: Saved, snapshot: SnapshotAssertion) -> None:
    record = saved("programme")
    ran = {"daily": Ran(DAILY, "closed", 3, None, record), "late": Ran(DAILY, None, None, "no")}
    assert metrics_text(NOW, ran, [DAILY], record) == snapshot


def test_they_say_what_the_record_says(saved: Saved) -> None:
    record = saved("programme")
    found = read(metrics_text(NOW, {}, [], record))
    for gate in record["gates"]:
        states = {
            key[2]: value for key, value in found.items() if key[:2] == ("phasegate_gate_state", gate["id"])
        }
        assert [state for state, value in states.items() if value] == [gate["state"]]
    counts = {key[1]: value for key, value in found.items() if key[0] == "phasegate_criteria"}
    assert sum(counts.values()) == sum(each["enforcement"] != "advisory" for each in record["criteria"])
    assert found["phasegate_score", "apply"] == record["score"]["apply"]


@pytest.mark.parametrize(
    ("as_of", "start", "late"),
    [
        ("2026-03-01", "2026-02-02", {"3": 14, "4": 0}),
        ("2026-03-02", "2026-02-02", {"3": 15, "4": 1}),
        ("2026-03-02", "2026-03-02", {"3": 0, "4": 0}),
        ("2026-03-02", None, {}),
    ],
)
def test_days_for_which_a_phase_is_overdue(
    as_of: str, start: str | None, late: dict[str, int], saved: Saved
) -> None:
    """Gate 1 is open, gate 3 has the weeks 1 and 2, gate 4 the weeks 3 and 4; of gate 2 nothing is known."""
    record = saved("programme")
    record["as_of"] = as_of
    record["cycle"] = None if start is None else {"id": "c-1", "start": start}
    found = read(metrics_text(NOW, {}, [], record, {"1": 1, "3": 2, "4": 4, "9": 1}))
    told = {key[1]: value for key, value in found.items() if key[0] == "phasegate_gate_overdue_days"}
    assert told == ({"1": 0, **late} if start else {})
    assert not any("overdue" in key[0] for key in read(metrics_text(NOW, {}, [], record)))


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb 1\nother 2", '"} 1', "\u202e", "\ud800"])
def test_hostile_names_stay_one_label(text: str, saved: Saved) -> None:
    record = saved("programme")
    record["gates"][0]["id"] = text
    found = read(metrics_text(NOW, {}, [], record))
    assert {key[1] for key in found if key[0] == "phasegate_gate_state"} >= {text.replace("\ud800", "?")}


def test_without_a_run_there_is_a_heartbeat_alone() -> None:
    assert read(metrics_text(NOW, {}, [], None)) == {
        ("phasegate_heartbeat_timestamp_seconds",): NOW.timestamp()
    }


def test_before_the_first_pass_there_is_no_heartbeat() -> None:
    assert read(metrics_text(None, {}, [DAILY], None)) == {
        ("phasegate_schedule_next_timestamp_seconds", "daily"): DAILY.at.timestamp()
    }
    assert metrics_text(None, {}, [], None) == ""
