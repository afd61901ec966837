"""Amounts in several currencies become amounts of one, at the newest rate of the day."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from exchanged import FX, INVOICES, Facts, said

from phasegate.facts.expressions.scopes import scope_of
from phasegate.facts.measures.kinds.validate import check_pack
from phasegate.rules.model.pack import Pack

LINES = """
day,currency,amount,plan,units,team,point
2026-01-10,EUR,100.00,110.00,1,a,1.1
2026-02-10,EUR,50.00,40.00,2,a,1.2
2026-02-09,GBP,-20.00,0.00,3,b,1.1
2026-03-01,USD,70.01,70.00,4,b,1.2
"""
"""In USD: amounts 110, 60, -30 and 70.01, plans 121, 48, 0 and 70."""


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"sum": "amount", "unit": "USD"}, "210.01"),
        ({"sum": "amount * units", "unit": "USD"}, "420.04"),
        ({"sum": "amount", "unit": "USD", "where": "currency = 'EUR'"}, "170"),
        ({"sum": "amount", "unit": "USD", "where": "amount > 60"}, "180.01"),
        ({"mean": "amount", "unit": "USD"}, "210.01/4"),
        ({"median": "amount", "unit": "USD"}, "65.005"),
        ({"quantile": {"of": "amount", "at": "50 %"}, "unit": "USD"}, "60"),
        ({"distinct": "amount"}, "4"),
        ({"count": "amount > 70"}, "2"),
        ({"ratio": {"of": "amount > 70", "over": "amount > 0"}}, "2/3"),
        ({"share": {"of": "amount > 70", "value": "amount", "over": "amount > 0"}}, "180.01/240.01"),
        ({"attainment": {"actual": "amount", "expected": "plan"}, "valid": ["-100 %", "100 %"]}, "198/239"),
        (
            {"attainment": {"actual": "amount", "expected": "plan"}, "where": "team = 'a'", "grain": "team"},
            "1",
        ),
        ({"accuracy": {"actual": "plan", "forecast": "amount"}, "where": "team = 'a'"}, "146/169"),
        ({"accuracy": {"actual": "plan", "forecast": "amount"}, "grain": "team"}, "208.01/239"),
        ({"latest": {"amount": "amount"}}, "70.01"),
        ({"sum": "rounded", "unit": "USD"}, "1170.01"),
        ({"count": "large"}, "1"),
        (
            {"sql": "SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM invoices", "unit": "USD"},
            "210.01",
        ),
        (
            {
                "sql": "SELECT SUM(amount) AS numerator, SUM(plan) AS denominator, COUNT(*) AS rows"
                " FROM invoices WHERE amount > 60"
            },
            "180.01/191",
        ),
    ],
)
def test_every_kind_takes_the_converted_amounts(facts: Facts, definition: dict[str, Any], value: str) -> None:
    derived = {"derive": {"large": "amount > 100", "rounded": "CASE WHEN large THEN 1070 ELSE amount END"}}
    convert = {"contracts": {"invoices": INVOICES | derived}}
    (fact,) = facts({"m": definition}, LINES, **convert).facts.values()
    assert (fact.status, fact.reason) == ("present", "")
    top, _, bottom = value.partition("/")
    assert fact.value == Fraction(top) / Fraction(bottom or 1)


def test_slices_are_converted_too(facts: Facts) -> None:
    found = facts(
        {
            "p": {"sum": "amount", "unit": "USD", "by": "point"},
            "c": {"sum": "amount", "unit": "USD", "by": "currency"},
        },
        LINES,
    )
    assert {key: str(fact.value) for key, fact in found.facts.items()} == {
        ("p", "1.1"): "80",
        ("p", "1.2"): "13001/100",
        ("c", "EUR"): "170",
        ("c", "GBP"): "-30",
        ("c", "USD"): "7001/100",
    }


def test_two_sources_with_two_currencies_are_matched_in_a_third(facts: Facts) -> None:
    plans = "month,money,team,planned\n2026-01-31,EUR,a,100.0\n2026-02-28,USD,b,80.0\n"
    expected = {"from": "plans", "value": "planned"}
    definition = {"attainment": {"actual": "amount", "expected": expected}, "grain": "team"}
    (fact,) = facts({"m": definition}, LINES, plans=plans).facts.values()
    assert (fact.value, fact.sources) == (Fraction("150.01") / 190, ("invoices", "plans", "fx"))


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2026-01-01", "1.1"),
        ("2026-01-31", "1.1"),
        ("2026-02-01", "1.2"),
        ("2026-02-02", "1.2"),
        ("2026-03-31", "1.2"),
    ],
)
def test_the_newest_rate_at_or_before_the_day_holds(facts: Facts, day: str, rate: str) -> None:
    (fact,) = facts({"m": {"sum": "amount"}}, f"{HEADER}{day},EUR,1.00,,,,\n").facts.values()
    assert fact.value == Fraction(rate)


HEADER = "day,currency,amount,plan,units,team,point\n"


def test_times_of_day_take_the_rate_of_their_day(facts: Facts) -> None:
    columns = INVOICES["columns"] | {"day": {"type": "datetime"}}
    rows = f"{HEADER}2026-01-31T23:59:59,EUR,1.00,,,,\n2026-02-01T00:00:00,EUR,1.00,,,,\n"
    found = facts({"m": {"sum": "amount"}}, rows, contracts={"invoices": INVOICES | {"columns": columns}})
    assert found.facts["m", ""].value == Fraction("2.3")


def test_only_the_columns_that_are_named_are_amounts(facts: Facts) -> None:
    found = facts(
        {
            "units": {"sum": "units"},
            "plan": {"share": {"of": "team = 'a'", "value": "plan"}},
            "money": {"sum": "plan", "unit": "USD"},
        },
        LINES,
        convert={"columns": ["units"]},
    )
    values = {fact.measure: fact.value for fact in found.facts.values()}
    assert values["units"] == Fraction("1.1") + Fraction("2.4") + Fraction("4.5") + 4
    assert values["plan"] == Fraction(150, 220), "its column is no amount, so that no currency matters"
    assert said(found.facts["money", ""]) == (
        "amounts in EUR and USD are added up, without a rate between them"
    )


def test_whole_rates_convert_too(facts: Facts) -> None:
    columns = {"valid_from": {"type": "date"}, "code": {"type": "string"}, "rate": {"type": "integer"}}
    contract = {"title": "R", "columns": columns, "rates": FX_ROLES}
    rates = "valid_from,code,rate\n2026-01-01,EUR,3\n"
    rows = f"{HEADER}2026-01-31,EUR,1.01,,,,\n"
    assert facts({"m": {"sum": "amount"}}, rows, rates, contracts={"fx": contract}).facts[
        "m", ""
    ].value == Fraction("3.03")


FX_ROLES = {"date": "valid_from", "currency": "code", "rate": "rate", "to": "USD"}


def test_the_facts_name_the_rates_among_their_sources(facts: Facts) -> None:
    found = facts({"m": {"sum": "amount"}, "n": {"count": "team = 'a'"}}, LINES)
    assert {fact.sources for fact in found.facts.values()} == {("invoices", "fx")}
    assert found.sources["fx"].digest is not None


def test_the_digits_of_converted_amounts_are_known_without_any_data() -> None:
    contract = INVOICES | {"derive": {"net": "amount - plan"}}
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {"1": {"title": "1", "criteria": [{"id": "c", "text": "C", "require": {"m": "true"}}]}},
            "sources": {"invoices": contract, "fx": FX},
            "measures": {"m": {"title": "m", "from": "invoices", "sum": "net * net * net * net * net"}},
        }
    )
    columns = scope_of("invoices", pack.sources["invoices"], pack).columns
    assert {name: columns[name].scale for name in ("amount", "plan", "net", "units")} == {
        "amount": 6, "plan": 6, "net": 6, "units": 0,
    }  # fmt: skip
    assert [fault.message.partition(", at")[0] for fault in check_pack(pack)] == [
        "the result would have 30 digits after the point"
    ]
