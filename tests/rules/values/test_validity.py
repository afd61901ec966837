"""On which days a signed statement counts: to the second, in three time zones."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.values.validity import Validity

DAY = dt.date(2026, 3, 10)
SECOND = dt.timedelta(seconds=1)
# Midnight at the start of the day and at its end, as clocks show it: New York is 4 hours behind UTC by
# then, Auckland 13 ahead.
ZONES = {
    "UTC": ("2026-03-10T00:00:00", "2026-03-11T00:00:00"),
    "America/New_York": ("2026-03-09T20:00:00", "2026-03-10T20:00:00"),
    "Pacific/Auckland": ("2026-03-10T13:00:00", "2026-03-11T13:00:00"),
}
LONG_AGO, FAR_OFF = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2020, 2030))


def bounds(zone: str) -> tuple[dt.datetime, dt.datetime]:
    begins, over = (dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) for text in ZONES[zone])
    return begins, over


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("bound", "early", "exact", "late"),
    [
        ("start", "in_force", "in_force", "future"),
        ("signed", "in_force", "in_force", "future"),
        ("end", "expired", "in_force", "in_force"),
        ("revoked", "revoked", "in_force", "in_force"),
    ],
)
def test_one_second_before_and_after_each_bound(zone, bound, early, exact, late):
    begins, over = bounds(zone)
    at = over if bound in ("end", "revoked") else begins
    span = {"start": LONG_AGO, "end": FAR_OFF, "signed": LONG_AGO}
    found = [Validity(**{**span, bound: at + shift}).on(DAY)[0] for shift in (-SECOND, 0 * SECOND, SECOND)]
    assert found == [early, exact, late]


@pytest.mark.parametrize("zone", ZONES)
def test_a_span_of_exactly_one_day_counts_on_that_day_alone(zone):
    begins, over = bounds(zone)
    span = Validity(begins, over, begins)
    days = [DAY + dt.timedelta(days=shift) for shift in (-1, 0, 1)]
    assert [span.on(day)[0] for day in days] == ["future", "in_force", "expired"]
    assert (span.first_day, span.last_day) == (DAY, DAY)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("bound", "early", "exact", "late"),
    [
        ("start", "in_force", "future", "future"),
        ("signed", "in_force", "future", "future"),
        ("end", "expired", "in_force", "in_force"),
        ("revoked", "revoked", "in_force", "in_force"),
    ],
)
def test_on_the_day_itself_one_second_before_and_after_its_end(zone, bound, early, exact, late):
    _, over = bounds(zone)
    span = {"start": LONG_AGO, "end": FAR_OFF, "signed": LONG_AGO, "today": True}
    found = [Validity(**{**span, bound: over + shift}).on(DAY)[0] for shift in (-SECOND, 0 * SECOND, SECOND)]
    assert found == [early, exact, late]


instants = st.datetimes(
    dt.datetime(2026, 1, 1), dt.datetime(2026, 2, 1), timezones=st.sampled_from([ZoneInfo(z) for z in ZONES])
)


@given(instants, instants, instants, st.none() | instants, st.integers(-3, 35), st.booleans())
def test_the_first_and_the_last_day_are_those_on_which_it_counts(start, end, signed, revoked, shift, today):
    span = Validity(start, end, signed, revoked, today=today)
    day = dt.date(2026, 1, 1) + dt.timedelta(days=shift)
    assert (span.on(day)[0] == "in_force") == (span.first_day <= day <= span.last_day)


def at(day: int, hour: int = 0, second: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, 0, second, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("given", "today", "state", "words"),
    [
        ({}, False, "in_force", "in force until 2026-03-20 00:00:00 UTC"),
        ({"end": at(11)}, False, "in_force", "in force until 2026-03-11 00:00:00 UTC"),
        ({"end": at(10, 23, 59)}, False, "expired",
         "it ends at 2026-03-10 23:00:59 UTC, before the day is over"),
        ({"end": at(10, 0, 1)}, False, "expired",
         "it ends at 2026-03-10 00:00:01 UTC, before the day is over"),
        ({"end": at(10)}, False, "expired", "it ended at 2026-03-10 00:00:00 UTC"),
        ({"end": at(9)}, False, "expired", "it ended at 2026-03-09 00:00:00 UTC"),
        ({"start": at(10)}, False, "in_force", "in force until 2026-03-20 00:00:00 UTC"),
        ({"start": at(10, 0, 1)}, False, "future", "it starts at 2026-03-10 00:00:01 UTC"),
        ({"start": at(10, 0, 1)}, True, "in_force", "in force until 2026-03-20 00:00:00 UTC"),
        ({"start": at(10, 23, 59)}, True, "in_force", "in force until 2026-03-20 00:00:00 UTC"),
        ({"start": at(11)}, True, "future", "it starts at 2026-03-11 00:00:00 UTC"),
        ({"start": at(12)}, True, "future", "it starts at 2026-03-12 00:00:00 UTC"),
        ({"signed": at(10, 1)}, False, "future", "it starts at 2026-03-10 01:00:00 UTC"),
        ({"signed": at(10, 1)}, True, "in_force", "in force until 2026-03-20 00:00:00 UTC"),
        ({"signed": at(12)}, False, "future", "it starts at 2026-03-12 00:00:00 UTC"),
        ({"revoked": at(11)}, False, "in_force", "in force until 2026-03-20 00:00:00 UTC"),
        ({"revoked": at(10, 23, 59)}, False, "revoked", "it was revoked at 2026-03-10 23:00:59 UTC"),
        ({"revoked": at(2)}, False, "revoked", "it was revoked at 2026-03-02 00:00:00 UTC"),
        ({"revoked": at(2), "start": at(12)}, False, "revoked", "it was revoked at 2026-03-02 00:00:00 UTC"),
        ({"start": at(12), "end": at(9)}, False, "future", "it starts at 2026-03-12 00:00:00 UTC"),
    ],
)  # fmt: skip
def test_a_day_in_words(given: dict[str, Any], today: bool, state: str, words: str) -> None:
    span = Validity(**{"start": at(1), "end": at(20), "signed": at(1), **given}, today=today)
    assert span.on(DAY) == (state, words)
