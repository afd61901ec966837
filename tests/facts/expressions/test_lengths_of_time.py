"""A length of time is held to the unit of its measure, wherever it comes from."""

from typing import Any

import pytest

from phasegate.facts.expressions import check_pack_sql
from phasegate.rules.pack import Pack

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
    return [fault[1] for fault in check_pack_sql(pack)]


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
