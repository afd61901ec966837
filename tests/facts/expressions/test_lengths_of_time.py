"""A length of time is held to the unit of its measure, wherever it comes from."""

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope, parse
from phasegate.facts.measures.kinds.validate import check_pack
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.units import Quantity

HOURS, MINUTES, SECONDS = "hours_between(opened, closed)", "minutes_between(opened, closed)", "waited"
DAYS = "days_between(opened, closed)"


def _faults(unit: str | None, **measure: Any) -> list[str]:
    tickets = {
        "title": "One ticket",
        "columns": {
            "opened": {"type": "datetime"},
            "closed": {"type": "datetime"},
            "plan": {"type": "decimal"},
            "team": {"type": "string"},
        },
        "derive": {
            "waited": "seconds_between(opened, closed)",
            "age": {"business_days_since": "opened"},
            "late": f"{DAYS} + 1",
        },
    }
    measured = {"title": "M", "from": "tickets", **({"unit": unit} if unit else {}), **measure}
    point = {"title": "P", "criteria": [{"id": "c", "text": "C", "require": {"m": f">= 1 {unit or ''}"}}]}
    pack = Pack.model_validate(
        {"pack": "p", "title": "P", "points": {"1": point}, "sources": {"tickets": tickets},
         "measures": {"m": measured}}
    )  # fmt: skip
    return [fault[1] for fault in check_pack(pack)]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("sql", "unit"),
    [
        (HOURS, "hours"),
        (MINUTES, "minutes"),
        (SECONDS, "seconds"),
        (DAYS, "days"),
        ("age", "days"),
        ("late", "days"),
        (f"-{HOURS}", "hours"),
        (f"{HOURS} - 1.5", "hours"),
        (f"ABS({HOURS} - plan)", "hours"),
        (f"COALESCE({HOURS}, plan, 0)", "hours"),
        (f"GREATEST({HOURS}, 0)", "hours"),
        (f"NULLIF({SECONDS}, 0)", "seconds"),
        (f"CASE WHEN {HOURS} > 2 THEN 2 ELSE {HOURS} END", "hours"),
        ("CAST(age AS DECIMAL(38, 2))", "days"),
    ],
)
@pytest.mark.parametrize("kind", ["sum", "mean", "median", "quantile"])
def test_it_has_the_unit_of_its_measure(kind: str, sql: str, unit: str) -> None:
    of = {"of": sql, "at": "90 %"} if kind == "quantile" else sql
    for measured in ("seconds", "minutes", "hours", "days", "points", "%"):
        told = [] if measured == unit else [f"this is in {unit}, and the measure in {measured}"]
        assert _faults(measured, **{kind: of}) == told
    assert _faults(None, **{kind: of}) == []


@pytest.mark.parametrize(
    "sql", [f"60 * {HOURS}", f"plan * {HOURS}", f"CASE WHEN {HOURS} > 2 THEN 1 ELSE 0 END", "plan"]
)
def test_what_is_made_of_it_is_its_authors_word(sql: str) -> None:
    assert _faults("minutes", sum=sql) == _faults("USD", sum=sql) == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (f"{HOURS} + {MINUTES}", "hours and minutes"),
        (f"{MINUTES} - {SECONDS}", "minutes and seconds"),
        (f"{DAYS} + {HOURS}", "days and hours"),
        (f"{HOURS} * (age - {SECONDS})", "days and seconds"),
        (f"COALESCE({MINUTES}, {HOURS})", "minutes and hours"),
        (f"LEAST({DAYS}, {HOURS})", "days and hours"),
        (f"CASE WHEN team = 'a' THEN {HOURS} ELSE {MINUTES} END", "hours and minutes"),
        (f"CASE WHEN {MINUTES} <= {HOURS} THEN 1 ELSE 0 END", "minutes and hours"),
        (f"CASE WHEN {DAYS} BETWEEN 0 AND {HOURS} THEN 1 ELSE 0 END", "days and hours"),
    ],
)
def test_two_units_are_not_mixed(sql: str, told: str) -> None:
    (fault,) = _faults(None, sum=sql)
    assert f"these are {told}" in fault


@pytest.mark.parametrize(
    ("numerator", "unit"),
    [(f"SUM({SECONDS})", "seconds"), ("SUM(age)", "days"), ("MAX(late)", "days"), (f"MIN({DAYS})", "days")],
)
def test_a_query_returns_the_unit_of_its_measure(numerator: str, unit: str) -> None:
    inside = f"WITH t AS (SELECT team, {numerator} AS n FROM tickets GROUP BY team) SELECT SUM(n)"
    for query in (f"SELECT {numerator} AS numerator, COUNT(*) AS rows FROM tickets",
                  f"{inside} AS numerator, COUNT(*) AS rows FROM t"):  # fmt: skip
        assert _faults(unit, sql=query) == _faults(None, sql=query) == []
        (fault,) = _faults("hours", sql=query)
        assert fault.startswith(f"numerator is in {unit}, and the measure in hours")


def test_two_sides_have_one_unit() -> None:
    for one, other in ((SECONDS, "age"), (HOURS, MINUTES), (DAYS, HOURS), ("plan", HOURS)):
        for pair in ({"actual": one, "expected": other}, {"actual": other, "expected": one}):
            assert len(_faults("%", attainment=pair, items="tickets")) == 1
    for one, other in ((SECONDS, "plan"), (HOURS, f"{HOURS} - 1"), ("age", DAYS)):
        assert _faults("%", attainment={"actual": one, "expected": other}, items="tickets") == []


OPENED = dt.datetime(2026, 2, 1, 10)
ROW = pl.DataFrame({"opened": [OPENED], "closed": [OPENED + dt.timedelta(hours=26)], "plan": [26]})
SCOPE = Scope(
    "tickets",
    {"opened": Kind("datetime"), "closed": Kind("datetime"), "plan": Kind("integer")},
    {"most": "number"},
)


def _holds(sql: str, most: Quantity | Fraction) -> bool:
    found: bool = ROW.select(parse(sql, SCOPE).compile({"most": most})).item()
    return found


@pytest.mark.parametrize(
    "sql",
    [
        f"{HOURS} <= :most",
        f":most >= {HOURS}",
        f"{HOURS} - :most <= 0",
        f"{HOURS} BETWEEN 0 AND :most",
        f"COALESCE({HOURS}, 0) <= (:most)",
        f"{HOURS} <= 0.5 * :most + 0.5 * :most",
        f"-{HOURS} >= -:most",
        f"LEAST({HOURS}, :most) = {HOURS}",
        f"{MINUTES} <= :most",
    ],
)
def test_a_parameter_is_taken_in_its_unit(sql: str) -> None:
    for most, holds in (("90 minutes", False), ("1_559.4 minutes", False), ("1_560 minutes", True)):
        assert _holds(sql, Quantity.parse(most)) is holds
    for most, holds in (("26 hours", True), ("93_597 seconds", False), ("25.5 hours", False)):
        assert _holds(sql.replace(HOURS, MINUTES), Quantity.parse(most)) is holds
    for most in ("2 days", "30 USD", "30 points"):
        with pytest.raises(ExpressionError, match=r":most is in .*, and stands beside"):
            _holds(sql, Quantity.parse(most))


def test_a_parameter_that_stands_by_itself_needs_no_end_in_its_unit() -> None:
    for most, holds in (("1_559 minutes", False), ("93_599 seconds", False), ("93_601 seconds", True)):
        assert _holds(f"{HOURS} <= :most", Quantity.parse(most)) is holds
        assert _holds(f"{HOURS} BETWEEN 1 AND (:most)", Quantity.parse(most)) is holds


def test_a_parameter_without_a_unit_is_its_authors_word() -> None:
    assert _holds(f"{HOURS} <= :most", Fraction(26))
    assert _holds(f"{HOURS} <= plan * :most", Quantity.parse("100 %"))
    assert _holds("plan <= :most", Quantity.parse("30 minutes"))
    with pytest.raises(ExpressionError, match=":most is in hours, and stands beside days"):
        _holds(f"{DAYS} <= :most", Quantity.parse("24 hours"))
