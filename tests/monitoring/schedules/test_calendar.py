"""When schedules fall due: by hand on the days on which clocks change, and against a plain calendar."""

from __future__ import annotations

import datetime as dt
from itertools import islice, pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.monitoring.schedules.calendar import moments
from phasegate.rules.model.pack import Cycle
from phasegate.rules.model.project import CycleStart
from phasegate.rules.model.schedule import Schedule

BERLIN = "Europe/Berlin"
CYCLE = SimpleNamespace(
    project=SimpleNamespace(cycle=CycleStart(id="c-1", start=dt.date(2026, 1, 5))),
    pack=SimpleNamespace(pack=SimpleNamespace(cycle=Cycle(weeks=8))),
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def first(schedule: dict[str, Any], after: str, count: int) -> list[str]:
    loaded: Any = CYCLE
    found = islice(moments(Schedule.model_validate(schedule), loaded, utc(after)), count)
    return [f"{moment:%Y-%m-%dT%H:%M}" for moment in found]


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        pytest.param(
            {"cron": "30 2 * * *", "zone": BERLIN},
            "2026-03-28T12:00",
            ["2026-03-29T01:00", "2026-03-30T00:30"],
            id="a time that the clocks skip, as they go on",
        ),
        pytest.param(
            {"cron": "30 2 * * *", "zone": BERLIN},
            "2026-10-24T12:00",
            ["2026-10-25T00:30", "2026-10-26T01:30"],
            id="a time that they go through twice, once",
        ),
        pytest.param(
            {"cron": "0 * * * *", "zone": BERLIN},
            "2026-10-24T23:30",
            ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"],
            id="every hour that there is",
        ),
        pytest.param(
            {"cron": "0 6 29 2 *"},
            "2026-01-01T00:00",
            ["2028-02-29T06:00", "2032-02-29T06:00"],
            id="a leap day",
        ),
        pytest.param(
            {"cron": "0 6 1 * mon"},
            "2026-01-31T00:00",
            ["2026-02-01T06:00", "2026-02-02T06:00"],
            id="day of the month or of the week, as crontab has it",
        ),
        pytest.param(
            {"cron": "0 6 * * 0"},
            "2026-01-01T00:00",
            ["2026-01-04T06:00"],
            id="0 is Sunday, as crontab has it",
        ),
        pytest.param({"every": "week", "at": "07:30"}, "2026-03-01T00:00", ["2026-03-02T07:30"], id="week"),
        pytest.param(
            {"every": "month", "zone": "Pacific/Auckland"},
            "2026-03-01T00:00",
            ["2026-03-31T17:00", "2026-04-30T18:00"],
            id="month",
        ),
        pytest.param(
            {"every": "quarter"}, "2026-01-01T06:00", ["2026-04-01T06:00", "2026-07-01T06:00"], id="quarter"
        ),
        pytest.param(
            {"every": "cycle", "zone": BERLIN},
            "2026-01-05T05:00",
            ["2026-03-02T05:00", "2026-04-27T04:00"],
            id="cycle",
        ),
        pytest.param(
            {"every": "cycle"}, "2025-01-01T00:00", ["2026-01-05T06:00"], id="before the first cycle"
        ),
    ],
)
def test_due(schedule: dict[str, Any], after: str, due: list[str]) -> None:
    assert first(schedule, after, len(due)) == due


@given(
    zone=st.sampled_from([BERLIN, "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC"]),
    hour=st.integers(4, 23),  # no clock is changed then, so that a plain calendar tells it
    minute=st.integers(0, 59),
    start=st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2027, 1, 1)),
)
def test_a_year_of_days_is_what_a_calendar_says(
    zone: str, hour: int, minute: int, start: dt.datetime
) -> None:
    loaded: Any = CYCLE
    after = start.replace(tzinfo=dt.UTC)
    schedule = Schedule(every="day", at=f"{hour:02}:{minute:02}", zone=zone)
    found = list(islice(moments(schedule, loaded, after), 366))
    local = after.astimezone(ZoneInfo(zone))
    days = [local.date() + dt.timedelta(days=number) for number in range(368)]
    due = [dt.datetime.combine(day, dt.time(hour, minute), ZoneInfo(zone)).astimezone(dt.UTC) for day in days]
    assert found == [moment for moment in due if moment > after][:366]


@pytest.mark.parametrize("line", ["*/7 * * * *", "0 6 * * mon-fri", "30 2 * * *", "0 0 1 1 *"])
@pytest.mark.parametrize("zone", [BERLIN, "America/New_York"])
def test_no_moment_comes_twice_and_asked_from_any_of_them_the_rest_follow(line: str, zone: str) -> None:
    loaded: Any = CYCLE
    schedule = Schedule(cron=line, zone=zone)
    found = list(islice(moments(schedule, loaded, utc("2026-03-28T00:00")), 400))
    assert all(one < other for one, other in pairwise(found))
    for place in (0, 10, 250):
        assert next(iter(moments(schedule, loaded, found[place]))) == found[place + 1]


SKIPPED = {
    "Europe/Berlin": (dt.date(2026, 3, 29), "02:30", "01:00"),
    "America/New_York": (dt.date(2026, 3, 8), "02:00", "07:00"),
    "America/Havana": (dt.date(2026, 3, 8), "00:30", "05:00"),  # in the first hour of the day
    "Australia/Lord_Howe": (dt.date(2026, 10, 4), "02:15", "15:30"),  # half an hour, and a day earlier in UTC
    "UTC": (dt.date(2026, 3, 29), "02:30", "02:30"),
}


@pytest.mark.parametrize("zone", SKIPPED)
@pytest.mark.parametrize("cycles", [0, 1, 6])
def test_a_cycle_that_begins_in_a_skipped_hour_falls_due_as_the_clocks_go_on(cycles: int, zone: str) -> None:
    day, at, due = SKIPPED[zone]
    loaded = begun(day - cycles * dt.timedelta(weeks=8))
    after = dt.datetime.combine(day, dt.time(), dt.UTC) - dt.timedelta(days=1)
    found = next(iter(moments(Schedule(every="cycle", at=at, zone=zone), loaded, after)))
    assert f"{found:%H:%M}" == due


def begun(start: dt.date) -> Any:
    """A project whose first cycle begins on a day."""
    return SimpleNamespace(project=SimpleNamespace(cycle=CycleStart(id="c-1", start=start)), pack=CYCLE.pack)


@given(
    zone=st.sampled_from([*SKIPPED, "America/Santiago", "Africa/Cairo"]),
    at=st.times().map(lambda time: f"{time:%H:%M}"),
    day=st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
)
def test_the_first_day_of_a_cycle_is_as_any_day(zone: str, at: str, day: dt.date) -> None:
    loaded = begun(day)
    after = dt.datetime.combine(day, dt.time(12), ZoneInfo(zone)) - dt.timedelta(days=1)
    first_of = [
        next(iter(moments(Schedule.model_validate({"every": every, "at": at, "zone": zone}), loaded, each)))
        for every, each in (("cycle", utc("2025-01-01T00:00")), ("cycle", after.astimezone(dt.UTC)))
    ]
    daily = Schedule.model_validate({"every": "day", "at": at, "zone": zone})
    of_that_day = [
        moment
        for moment in islice(moments(daily, loaded, after.astimezone(dt.UTC)), 3)
        if moment.astimezone(ZoneInfo(zone)).date() == day
    ]
    assert first_of == [of_that_day[0]] * 2
