"""Moments and days: in every form, in every zone, and as Python's own clocks have them."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from phasegate.facts.contracts.moments import (
    EVERYWHERE_UTC,
    Zones,
    day_from_text,
    moment_from_text,
    moment_from_type,
)
from phasegate.facts.sources import zone_check
from phasegate.facts.sources.files import SourceError

UNITS: tuple[Literal["ms", "us", "ns"], ...] = ("ms", "us", "ns")
NAMES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"]
# Around the changes of the clocks, where all that is hard happens, and some moments of ten years.
CHANGES = [
    dt.datetime(2026, 3, 29, 2),
    dt.datetime(2026, 10, 25, 2),
    dt.datetime(2026, 3, 8, 2),
    dt.datetime(2026, 11, 1, 1),
    dt.datetime(2026, 4, 24, 0),
    dt.datetime(2026, 10, 29, 23),
    dt.datetime(2026, 4, 5, 1, 45),
]
_NEAR = [each + dt.timedelta(minutes=off) for each in CHANGES for off in range(-90, 165, 15)]
_RANDOM = Random(1)
MOMENTS = [
    *_NEAR,
    *(
        dt.datetime(2020, 1, 1) + dt.timedelta(seconds=_RANDOM.randrange(10 * 365 * 86_400))
        for _ in range(300)
    ),
]
PAIRS = [
    Zones(source, project)
    for number, source in enumerate(NAMES)
    for project in dict.fromkeys((source, "UTC", NAMES[(number + 1) % len(NAMES)]))
]


def read(expression: pl.Expr, *values: object, kind: pl.DataType | None = None) -> list[object]:
    frame = pl.LazyFrame({"at": pl.Series(values, dtype=kind)})
    return frame.select(expression).collect(engine="streaming")["at"].to_list()


def shown(instant: dt.datetime, zone: str) -> dt.datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def written(moment: dt.datetime, between: Zones) -> dt.datetime | None:
    """What `contracts_moments` says it does, by Python's clocks."""
    if between == EVERYWHERE_UTC:
        return moment
    source = ZoneInfo(between.source)
    first, last = (moment.replace(tzinfo=source, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if shown(first, between.source) != moment:  # the clocks skipped it
        return None
    if between.source == between.project:
        return moment
    one, other = shown(first, between.project), shown(last, between.project)
    return one if one.date() == other.date() else None


FORMS = [
    "2026-02-04T10:00:00Z",
    "2026-02-04 10:00:00Z",
    "2026-02-04T10:00Z",
    "2026-02-04T12:00:00+02:00",
    "2026-02-04T12:00:00+0200",
    "2026-02-04 12:00:00+02",
    "2026-02-04 12:00:00 +02:00",
    "2026-02-04 12:00+02",
    "2026-02-04T10:00:00.000+00:00",
    "2026-02-04T10:00:00.000000000Z",
    "2026-02-04T04:30:00-05:30",
    "2026-02-05T00:00:00+14:00",
    "2026-02-03T22:00:00.000-12",
    "2026-02-04T10:00:00-00:00",
]
NO_MOMENTS = [
    "2026-02-04T10:00:00+15:00",
    "2026-02-04T10:00:00+14:30",
    "2026-02-04T10:00:00+2:00",
    "2026-02-04T10:00:00+02:60",
    "2026-02-04T10:00:00+02:0",
    "2026-02-04T10:00:00 CET",
    "2026-02-04T10:00:00ZZ",
    "2026-02-04T10:00:00+02:00Z",
    "2026-02-04T24:00:00Z",
    "2026-02-04T23:59:60",
    "2026-02-04T23:59:60Z",
    "2026-02-04T23:59:60.5",
    "2026-02-30T10:00:00Z",
    "2026-02-04+02:00",
    "T10:00:00Z",
    "2026-02-04T10:00:00+",
]


@pytest.mark.parametrize("between", PAIRS, ids=str)
def test_one_instant_in_every_form(between: Zones) -> None:
    due = shown(dt.datetime(2026, 2, 4, 10, tzinfo=dt.UTC), between.project)
    moments = read(moment_from_text(pl.col("at"), None, between), *FORMS)
    assert dict(zip(FORMS, moments, strict=True)) == dict.fromkeys(FORMS, due)
    days = read(day_from_text(pl.col("at"), None, between), *FORMS)
    assert dict(zip(FORMS, days, strict=True)) == dict.fromkeys(FORMS, due.date())


@pytest.mark.parametrize("between", [EVERYWHERE_UTC, Zones("Europe/Berlin", "Asia/Kolkata")], ids=str)
def test_what_is_no_moment(between: Zones) -> None:
    for reads in (moment_from_text, day_from_text):
        found = read(reads(pl.col("at"), None, between), *NO_MOMENTS)
        assert dict(zip(NO_MOMENTS, found, strict=True)) == dict.fromkeys(NO_MOMENTS)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d/%m/%Y %H:%M:%S %z", "04/02/2026 12:00:00 +0200"),
        ("%d/%m/%Y %H:%M:%S %z", "04/02/2026 12:00:00 +02:00"),
        ("%d/%m/%Y %H:%M:%S %z", "04/02/2026 10:00:00 Z"),
        ("%d/%m/%Y %H:%M:%S%:z", "04/02/2026 12:00:00+02:00"),
        ("%d/%m/%Y %H:%M:%S%#z", "04/02/2026 12:00:00+02"),
        ("%Y%m%dT%H%M%S%.f%z", "20260204T120000.25+0200"),
        ("%Y-%m-%dT%H:%M:%SZ", "2026-02-04T10:00:00Z"),
        ("%Y-%m-%dT%TZ", "2026-02-04T10:00:00Z"),
        ("%Y-%m-%d %H:%M:%S UTC", "2026-02-04 10:00:00 UTC"),
        ("%d.%m.%Y %H:%M GMT", "04.02.2026 10:00 GMT"),
        ("%Y-%m-%d %H:%M:%S+00:00", "2026-02-04 10:00:00+00:00"),
        ("%s", str(int(dt.datetime(2026, 2, 4, 10, tzinfo=dt.UTC).timestamp()))),
    ],
)
@pytest.mark.parametrize("between", [EVERYWHERE_UTC, Zones("Asia/Kolkata", "America/New_York")], ids=str)
def test_an_instant_in_a_form_of_its_own(form: str, text: str, between: Zones) -> None:
    due = shown(dt.datetime(2026, 2, 4, 10, tzinfo=dt.UTC), between.project)
    (found,) = read(moment_from_text(pl.col("at"), form, between), text)
    assert isinstance(found, dt.datetime)
    assert found.replace(microsecond=0) == due
    assert read(day_from_text(pl.col("at"), form, between), text) == [due.date()]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("between", PAIRS, ids=str)
def test_moments_without_an_offset_are_read_in_the_zone_of_their_source(between: Zones) -> None:
    due = [written(at, between) for at in MOMENTS]
    days = [None if each is None else each.date() for each in due]
    common, odd = ([at.isoformat(timespec=width) for at in MOMENTS] for width in ("seconds", "milliseconds"))
    assert read(moment_from_text(pl.col("at"), None, between), *common) == due
    assert read(moment_from_text(pl.col("at"), None, between), *odd) == due
    assert read(day_from_text(pl.col("at"), None, between), *common) == days
    form = "%d.%m.%Y %H:%M:%S"
    texts = [at.strftime(form) for at in MOMENTS]
    assert read(moment_from_text(pl.col("at"), form, between), *texts) == due
    for unit in UNITS:
        kind = pl.Datetime(unit)
        assert read(moment_from_type(pl.col("at"), kind, between), *MOMENTS, kind=kind) == due


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("between", PAIRS, ids=str)
def test_instants_fall_on_the_day_of_the_project(between: Zones) -> None:
    instants = [at.replace(tzinfo=dt.UTC) for at in MOMENTS]
    due = [shown(each, between.project) for each in instants]
    offsets = [dt.timezone(dt.timedelta(minutes=15 * (n % 113 - 56))) for n in range(len(instants))]
    texts = [at.astimezone(offset).isoformat() for at, offset in zip(instants, offsets, strict=True)]
    assert read(moment_from_text(pl.col("at"), None, between), *texts) == due
    assert read(day_from_text(pl.col("at"), None, between), *texts) == [each.date() for each in due]
    for unit in UNITS:
        kind = pl.Datetime(unit, between.source)
        own = [at.astimezone(ZoneInfo(between.source)) for at in instants]
        assert read(moment_from_type(pl.col("at"), kind, between), *own, kind=kind) == due


@pytest.mark.parametrize("between", [EVERYWHERE_UTC, Zones("Asia/Kolkata", "America/New_York")], ids=str)
def test_a_day_is_that_day_in_every_zone(between: Zones) -> None:
    day = dt.date(2026, 3, 29)
    assert read(day_from_text(pl.col("at"), None, between), "2026-03-29") == [day]
    assert read(day_from_text(pl.col("at"), "%d.%m.%Y", between), "29.03.2026") == [day]
    assert read(moment_from_text(pl.col("at"), None, between), "2026-03-29") == [dt.datetime(2026, 3, 29)]


def test_zones_in_which_polars_and_python_differ_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    between, day = Zones("UTC", "Europe/Berlin"), dt.date(2026, 3, 1)
    zone_check.refuse_other_clocks(between, day)
    zone_check._disagreement.cache_clear()
    monkeypatch.setattr(zone_check, "ZoneInfo", lambda _: ZoneInfo("Africa/Lagos"))  # no summer time there
    with pytest.raises(SourceError, match="the clocks of Europe/Berlin differ on 2006-03-27: polars has"):
        zone_check.refuse_other_clocks(between, day)
    zone_check._disagreement.cache_clear()
