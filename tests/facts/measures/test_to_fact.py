"""From what was counted to a fact, without any rows: the questions in their order, and what they say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from phasegate.facts.measures.to_fact import (
    Doubt,
    Frame,
    Number,
    Population,
    Truth,
    Unconverted,
    Undecided,
    Value,
    Words,
)
from phasegate.facts.model.ends import Ends
from phasegate.rules.model.measure import Measure

DAY = dt.date(2026, 3, 31)
RATIO: dict[str, Any] = {"ratio": {"of": "ok"}}
TWICE = "rows counted twice, or negative amounts"
SUM: dict[str, Any] = {"sum": "a", "unit": "EUR", "valid": ["-10 EUR", "1_000 EUR"]}


def frame(measure: dict[str, Any], **more: Any) -> Frame:
    return Frame("m", Measure.model_validate({"title": "m", "from": "s", **measure}), DAY, ("s",), **more)


@pytest.mark.parametrize(
    ("measure", "value", "reason"),
    [
        (RATIO, Number(3, 2), f"3 of 2 = 150.00 % is above 100 %: {TWICE}"),
        (RATIO, Number(-1, 3), "-1 of 3 = -33.33… % is below 0 %: negative amounts"),
        (RATIO, Number(10_001, 10_000), f"10,001 of 10,000 = 100.01 % is above 100 %: {TWICE}"),
        (RATIO, Number(100_001, 100_000), f"100,001 of 100,000 = 100.00… % is above 100 %: {TWICE}"),
        (RATIO, Number(12_345, 1_000, 2), f"123.45 of 10 = 1,234.50 % is above 100 %: {TWICE}"),
        (RATIO, Number(1_005, 100, 3), f"1.005 of 0.1 = 1,005.00 % is above 100 %: {TWICE}"),
        (RATIO, Number(1, 0), "the denominator is zero"),
        (RATIO, Number(105, -20, 1),
         "the denominator is negative, more was credited than charged: 10.5 of -2"),
        (SUM | {"valid": ["1 EUR", "2 EUR"]}, Number(1, 2),
         "0.50 EUR is below 1 EUR, the least that is valid"),
        (SUM, Number(1_000, 1), ""),
        (SUM, Number(-10, 1), ""),
        (SUM, Number(1_000_001, 1_000), "1,000.00… EUR is above 1_000 EUR, the most that is valid"),
        (SUM, Number(100_050, 100), "1,000.50 EUR is above 1_000 EUR, the most that is valid"),
        (SUM, Number(-1_009, 100), "-10.09 EUR is below -10 EUR, the least that is valid"),
        (SUM, Number(-10_009, 1_000), "-10.00… EUR is below -10 EUR, the least that is valid"),
        (RATIO, Number(1, 2, 0, Ends((1, 2), (3, 2), 1)),
         f"3 of 2 = 150.00 % is above 100 %: {TWICE}"),
        (RATIO, Number(1, 2, 0, Ends((-1, 2), (1, 2), 1)),
         "-1 of 2 = -50.00 % is below 0 %: negative amounts"),
        (RATIO, Number(1, 2, 0, Ends((2, 3), (1, 3), 1)), "at least 2 of 3 and at most 1 of 3 can not be"),
        (RATIO, Number(1, 2, 0, Ends((1, 3), (2, 3), 1)), ""),
    ],
)  # fmt: skip
def test_a_number_out_of_range(measure: dict[str, Any], value: Number, reason: str) -> None:
    found = frame(measure).settle("", Population(5, doubt=Doubt(1, 1) if value.ends else Doubt()), value)
    unknown = "unknown" if "zero" in reason else "error"
    assert (found.status, found.reason) == (unknown if reason else "present", reason)


@pytest.mark.parametrize(
    ("measure", "population", "more", "status", "reason"),
    [
        ({}, Population(0), {}, "unknown", "no rows"),
        ({"when_empty": "not_applicable"}, Population(0), {}, "unknown",
         "no rows, and no control totals that show the extract to be complete"),
        ({"when_empty": "not_applicable"}, Population(0), {"complete": True}, "not_applicable",
         "no rows, in an extract that met its control totals"),
        ({"when_empty": "not_applicable"}, Population(1), {"complete": True}, "present", ""),
        ({"min_rows": 2}, Population(1), {}, "unknown", "1 row, fewer than the 2 that it takes"),
        ({"min_rows": 1_001}, Population(1_000), {}, "unknown",
         "1,000 rows, fewer than the 1,001 that it takes"),
        ({"min_rows": 2}, Population(2), {}, "present", ""),
        ({"min_rows": 2}, Population(3, nulls=2), {}, "present", ""),
        ({"min_rows": 2}, Population(3, nulls=2), {"nulls_count": False}, "unknown",
         "1 rows with a value, fewer than the 2 that it takes"),
        ({"min_rows": 2}, Population(1), {"nulls_count": False}, "unknown",
         "1 row, fewer than the 2 that it takes"),
        ({"min_rows": 2}, Population(3, nulls=1), {"nulls_count": False}, "present", ""),
        ({}, Population(3, nulls=1), {"nulls_fail": True}, "error",
         "1 row has no value where one is added up"),
        ({}, Population(3, nulls=2), {"nulls_fail": True}, "error",
         "2 rows have no value where one is added up"),
        ({}, Population(3, nulls=2), {}, "present", ""),
        ({}, Population(0, nulls=2), {"nulls_fail": True}, "error",
         "2 rows have no value where one is added up"),
        ({"max_age": "9 days"}, Population(3), {}, "unknown", "no event date tells how old the rows are"),
        ({"max_age": "9 days"}, Population(3, newest=dt.date(2026, 3, 22)), {}, "present", ""),
        ({"max_age": "9 days"}, Population(3, newest=dt.date(2026, 3, 21)), {}, "stale",
         "the newest row is of 2026-03-21, 10 days old, 9 are allowed"),
        ({}, Population(3, newest=dt.date(1999, 3, 21)), {}, "present", ""),
    ],
)  # fmt: skip
def test_the_questions_of_every_kind(
    measure: dict[str, Any], population: Population, more: dict[str, Any], status: str, reason: str
) -> None:
    found = frame({"count": "ok", **measure}, **more).settle("x", population, Number(1))
    assert (found.status, found.reason, found.slice) == (status, reason, "x")
    assert found.numerator == (1 if status in ("present", "stale") else None)
    assert (found.rows, found.nulls, found.newest) == (population.rows, population.nulls, population.newest)


@pytest.mark.parametrize(
    ("population", "reason"),
    [
        (Population(2, currencies=("EUR", "EUR")), ""),
        (Population(2, currencies=("USD", "USD")), "the amounts are in USD, the measure is in EUR"),
        (Population(2, currencies=("EUR", "USD")),
         "amounts in EUR and USD are added up, without a rate between them"),
        (Population(2, currencies=("EUR", "EUR"), no_currency=1), "1 row has an amount without a currency"),
        (Population(2, currencies=("EUR", "USD"), no_currency=2), "2 rows have an amount without a currency"),
        (Population(2, unconverted=(Unconverted("EUR", 0, None, 0, 0),)), ""),
        (Population(2, unconverted=(Unconverted("EUR", 1, "USD of 2026-03-01", 1, 0),)),
         "1 row has no rate to EUR, the first in USD of 2026-03-01"),
        (Population(2, unconverted=(Unconverted("EUR", 1, "USD", 1, 1),)),
         "1 row has an amount without a currency"),
        (Population(2, unconverted=(Unconverted("EUR", 0, None, 2, 0),)),
         "2 rows have an amount that, with its rate, has more than 38 digits"),
        (Population(2, unconverted=(Unconverted("EUR", 0, None, 0, 0), Unconverted("USD", 0, None, 2, 0))),
         "2 rows have an amount that, with its rate, has more than 38 digits"),
    ],
)  # fmt: skip
def test_amounts_of_one_currency(population: Population, reason: str) -> None:
    found = frame(SUM).settle("", population, Number(1))
    assert (found.status, found.reason) == ("error" if reason else "present", reason)


def test_rows_that_may_belong_bring_their_flaws() -> None:
    lost, more = (Unconverted("EUR", rows, "USD", 0, 0) for rows in (1, 2))
    one = Population(5, 1, DAY, ("EUR", "USD"), 2, (lost,))
    other = Population(9, 3, None, ("CHF", None), 4, (more,))
    assert one.beside(other) == Population(5, 4, DAY, ("CHF", "USD"), 6, (lost, more))
    assert Population(5).beside(other) == Population(5, 3, None, None, 4, (more,))
    assert Population(5, currencies=(None, None)).beside(Population(1)).currencies == (None, None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Number(3, 4, 2), {"numerator": 3, "denominator": 4, "scale": 2, "unit": "%"}),
        (Truth(truth=False), {"truth": False, "unit": None}),
        (Words("low"), {"text": "low", "unit": None}),
        (Undecided("nobody knows"), {"status": "unknown", "numerator": None, "unit": "%"}),
        (Number(1, 2, 1, Ends((1, 2), (2, 4), 9)), {"numerator": 1, "denominator": 2, "ends": None}),
        (Number(1, 2, 1, Ends((1, 2), (3, 4), 9)),
         {"numerator": None, "denominator": None, "scale": 1, "ends": Ends((1, 2), (3, 4), 7)}),
    ],
)  # fmt: skip
def test_a_value_is_told_as_what_it_is(value: Value, shown: dict[str, Any]) -> None:
    doubt = Doubt(7, 7) if isinstance(value, Number) and value.ends else Doubt()
    found = frame(RATIO).settle("", Population(5, doubt=doubt), value, "field")
    assert {name: getattr(found, name) for name in shown} == shown
    assert (found.measure, found.undetermined) == ("m.field", doubt.rows)
