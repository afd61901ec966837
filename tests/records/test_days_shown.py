"""The day of a moment in a record, by the zone that the record counts its days in."""

from __future__ import annotations

from typing import Any

import pytest

from phasegate.records.time_zone import day_shown, first_day_shown

AUCKLAND = {"time_zone": {"name": "Pacific/Auckland", "data": "2025b"}}


@pytest.mark.parametrize(
    ("moment", "document", "day"),
    [
        ("2026-03-01T23:59:59Z", {}, "2026-03-01"),
        ("2026-03-01T23:59:59Z", AUCKLAND, "2026-03-02"),
        ("2026-03-01T23:59:59-05:00", {}, "2026-03-02"),
        ("2026-03-01Tsoon", {}, "2026-03-01"),  # what can not be read is shown as it begins
        ("soon", {}, "soon"),
        ("", {}, ""),
        (None, {}, ""),
        ("2026-03-01T23:59:59Z", {"time_zone": {"name": "Mars/Base", "data": ""}}, "2026-03-01"),
        ("9999-12-31T23:59:59-12:00", {}, "9999-12-31"),
    ],
)
def test_the_day_of_a_moment(moment: str | None, document: dict[str, Any], day: str) -> None:
    assert day_shown(moment, document) == day


@pytest.mark.parametrize(
    ("start", "signed", "day"),
    [
        ("2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01"),
        ("2026-03-01T00:00:01Z", "2026-02-01T00:00:00Z", "2026-03-02"),
        ("2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z", "2026-03-05"),
        ("2026-03-01T00:00:00", "2026-02-01T00:00:00Z", "2026-03-01"),  # of no clock
        ("2026-03-01\0T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01"),
        ("sometime in March", "2026-02-01T00:00:00Z", "sometime i"),
    ],
)
def test_the_first_day_of_a_statement(start: str, signed: str, day: str) -> None:
    word = {"start": start, "signed": signed, "end": "2026-06-01T00:00:00Z", "revoked": None}
    assert first_day_shown(word, {}) == day
    waiver = {"start": start, "granted": signed, "end": "2026-06-01T00:00:00Z", "revoked": None}
    assert first_day_shown(waiver, {}) == day
