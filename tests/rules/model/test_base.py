"""The kinds of text that keys of rules take: how long they may be, and what they may hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from phasegate.rules.model.attestation import Points
from phasegate.rules.model.base import (
    ColumnName,
    Day,
    DaysText,
    Id,
    Instant,
    Name,
    PluginName,
    ProjectId,
    Sql,
    Text,
    reserved,
)


@pytest.mark.parametrize(
    ("kind", "taken", "refused"),
    [
        (Id, ["a", "A.1_b-c", "0" * 120], ["", "-a", ".a", "a b", "é", "a" * 121]),
        (ProjectId, ["a" * 8, "a" * 120], ["a" * 7, "a" * 121, "-" + "a" * 8]),
        (Name, ["a", "_a1", "a" * 120], ["", "1a", "a-b", "a.b", "a" * 121]),
        (ColumnName, ["a b", '"', "a" * 200], ["", " ", "a\n", "*", "^a$", "person:a", "a" * 201]),
        (PluginName, ["a", "a" * 60, "a-_1"], ["", "A", "1a", "_a", "a" * 61]),
        (Text, ["a", "a" * 4000], ["", "a" * 4001]),
        (Sql, ["a", "a" * 8000], ["", " ", "a" * 8001]),
        (DaysText, ["1 day", "31 days"], ["31", "31 hours", "a day"]),
        (Points, [(), ("a", "b"), ("a", "b", "c" * 120)], [
            ("a",), ("a", "a"), ("a", "b", "a"), ("a", ""), ("a", "b" * 121)]),
        (Day, ["2026-01-31"], ["2026-1-31", "20260131", "2026-02-30", "2026-01-31T00:00:00Z", "soon", 5]),
    ],
)  # fmt: skip
def test_what_is_taken(kind: Any, taken: list[Any], refused: list[Any]) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    assert reserved("a") is None
    for value in taken:
        adapter.validate_python(value)
    for value in refused:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-31T00:00:00Z", dt.datetime(2026, 1, 31, tzinfo=dt.UTC)),
        ("2026-01-31 12:00:00+02:00", dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)),
        ("2026-01-31T00:00:00", None),
        ("2026-01-31", None),
        ("20260131T000000Z", None),
        ("2026-0131T00:00:00Z", None),
        ("2026-01-31x00:00:00Z", None),
        ("2026-W05-6T00:00:00Z", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("2026-02-30T00:00:00Z", None),
    ],
)
def test_an_instant_is_told_in_utc(written: str, instant: dt.datetime | None) -> None:
    adapter: TypeAdapter[dt.datetime] = TypeAdapter(Instant)
    if instant is None:
        with pytest.raises(ValidationError):
            adapter.validate_python(written)
        return
    found = adapter.validate_python(written)
    assert (found, found.utcoffset()) == (instant, dt.timedelta())


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("person:a", "what phasegate calls the ids of people"),
        ("*", "would name several columns"),
        ("^a$", "would name several columns"),
        ("^a", None),
        ("a$", None),
        ("**", None),
        ("a person:b", None),
    ],
)
def test_names_that_would_mean_something_else(name: str, why: str | None) -> None:
    found = reserved(name)
    assert found is None if why is None else found is not None and why in found
