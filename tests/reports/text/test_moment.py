"""Moments as people read them."""

from __future__ import annotations

import datetime as dt

import pytest

from phasegate.reports.text.plain import moment

MOMENTS: dict[dt.datetime | str, str] = {
    "2026-02-16T10:05:00Z": "2026-02-16 10:05 UTC",
    "2026-02-16T10:05:59.123456+00:00": "2026-02-16 10:05 UTC",
    "2026-02-16T01:05:00+02:00": "2026-02-15 23:05 UTC",
    dt.datetime(2026, 2, 16, 10, 5, tzinfo=dt.UTC): "2026-02-16 10:05 UTC",
    "2026-02-16": "2026-02-16",
    "2026-02-16T10:05:00": "2026-02-16T10:05:00",
    "0001-01-01T00:00:00+05:00": "0001-01-01T00:00:00+05:00",
    "at no moment": "at no moment",
    "": "",
}


@pytest.mark.parametrize("at", MOMENTS)
def test_a_moment_is_told_in_utc_and_what_is_none_as_it_is(at: dt.datetime | str) -> None:
    assert moment(at) == MOMENTS[at]
