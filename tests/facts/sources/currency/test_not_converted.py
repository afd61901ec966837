"""What can not be converted is an error that says what is missing, and never a smaller sum."""

from __future__ import annotations

from typing import Any

import pytest
from exchanged import FX, INVOICES, PLANS, RATES, Facts, said

HEADER = "day,currency,amount,plan,units,team,point\n"
OLD = "2025-12-31,EUR,1.00,1.00,1,a,1.1\n"
OTHER = "2026-01-05,CHF,1.00,1.00,1,a,1.1\n2026-01-04,CHF,1.00,1.00,1,b,1.2\n"
GOOD = "2026-01-05,EUR,1.00,1.00,1,a,1.1\n2026-01-05,USD,1.00,1.00,1,b,1.2\n"
QUERY = "SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM invoices"


READ_AMOUNTS: list[dict[str, Any]] = [
    {"sum": "amount", "unit": "USD"},
    {"sum": "amount", "where": "amount > 1000"},
    {"sum": "amount", "where": "COALESCE(amount, 0) > 0"},
    {"sum": "units", "where": "amount > 0"},
    {"mean": "amount"},
    {"median": "amount"},
    {"quantile": {"of": "amount", "at": "90 %"}},
    {"distinct": "amount"},
    {"count": "amount > 0"},
    {"count": "large"},
    {"exists": "amount > 0"},
    {"ratio": {"of": "amount IS NOT NULL"}},
    {"ratio": {"of": "team = 'a'", "over": "amount > 0"}},
    {"share": {"of": "team = 'a'", "value": "amount"}},
    {"attainment": {"actual": "amount", "expected": "plan"}},
    {"accuracy": {"actual": "amount", "forecast": "plan"}, "grain": ["team"]},
    {"latest": {"amount": "amount"}},
    {"sql": QUERY},
    {"sql": f"{QUERY} WHERE amount > 1000", "when_empty": "not_applicable"},
]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (OLD, "1 row has no rate to USD, the first in EUR of 2025-12-31"),
        (OTHER + OLD, "3 rows have no rate to USD, the first in CHF of 2026-01-04"),
        ("2026-01-05,,1.00,1.00,1,a,1.1\n", "1 row has an amount without a currency"),
        ("2026-01-05,usd,1.00,1.00,1,a,1.1\n", "1 row has no rate to USD, the first in usd of 2026-01-05"),
    ],
    ids=["before the first", "no rates", "no currency", "no code"],
)
def test_a_row_without_a_rate_is_an_error_of_whatever_reads_its_amount(
    facts: Facts, rows: str, reason: str
) -> None:
    contracts = {"invoices": INVOICES | {"derive": {"large": "amount > 100"}}}
    measures = {f"m{place}": definition for place, definition in enumerate(READ_AMOUNTS)}
    found = facts(measures, HEADER + GOOD + rows, contracts=contracts).facts
    assert {name.partition(".")[0] for name, _ in found} == set(measures)
    for (name, _), fact in found.items():
        definition = measures[name.partition(".")[0]]  # `latest` has a fact of each column
        told = (fact.status, said(fact), fact.value, fact.truth)
        assert told == ("error", reason, None, None), definition
        assert "invoices.csv:" in fact.reason or "sql" in definition, definition


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize(
    "definition",
    [
        {"count": "team = 'a'"},
        {"sum": "units"},
        {"sum": "amount", "where": "currency = 'USD'"},
        {"sum": "amount", "where": "currency = 'USD' AND amount > 0"},
        {"sum": "amount", "where": "(team = 'b' AND currency <> 'CHF') AND (amount > 0 OR plan > 0)"},
        {"sum": "amount", "where": "day > DATE '2026-01-04' AND amount > 0 AND currency <> 'CHF'"},
        {"ratio": {"of": "amount > 0", "over": "currency = 'USD'"}},
    ],
)
def test_a_row_without_a_rate_is_no_matter_where_it_does_not_count(
    facts: Facts, definition: dict[str, Any]
) -> None:
    (fact,) = facts({"m": definition}, HEADER + GOOD + OTHER).facts.values()
    assert (fact.status, fact.reason) == ("present", "")


def test_each_slice_tells_of_its_own_rows(facts: Facts) -> None:
    definition = {"sum": "amount", "where": "amount > 0", "by": "team"}
    rows = f"{HEADER}{GOOD}2026-01-05,CHF,1.00,,,c,1.2\n"
    found = facts({"m": definition, "p": {"sum": "amount", "by": "point"}}, rows).facts
    assert {key: said(fact) for key, fact in found.items()} == {
        ("m", "a"): "",
        ("m", "b"): "",
        ("m", "c"): "1 row has no rate to USD, the first in CHF of 2026-01-05",
        ("p", "1.1"): "",
        ("p", "1.2"): "1 row has no rate to USD, the first in CHF of 2026-01-05",
    }


def test_a_row_without_a_point_may_be_of_each(facts: Facts) -> None:
    rows = f"{HEADER}{GOOD}2026-01-05,CHF,1.00,,,c,\n"
    found = facts({"p": {"sum": "amount", "by": "point"}}, rows).facts
    assert {said(fact) for fact in found.values()} == {
        "1 row has no rate to USD, the first in CHF of 2026-01-05"
    }


def test_slices_of_a_query_are_all_in_doubt(facts: Facts) -> None:
    sql = (
        "SELECT point AS slice, SUM(amount) AS numerator, COUNT(*) AS rows FROM invoices"
        " WHERE amount > 0 GROUP BY point"
    )
    measure = {"sql": sql, "by": "point", "when_empty": "not_applicable"}
    found = facts({"m": measure}, f"{HEADER}2026-01-05,USD,1.00,,,,1.1\n2026-01-05,CHF,1.00,,,,1.2\n").facts
    assert {fact.status for fact in found.values()} == {"error"}


def test_what_depends_on_amounts_makes_no_slices(facts: Facts) -> None:
    size = {"derive": {"size": "CASE WHEN amount > 1 THEN 'large' ELSE 'small' END"}}
    found = facts(
        {"m": {"count": "TRUE", "by": "size"}}, HEADER + GOOD, contracts={"invoices": INVOICES | size}
    )
    assert found.facts["m", ""].reason == "size depends on amounts that are converted, which makes no slices"


TOO_OLD = (
    "1 row has no rate to USD, the first in EUR of 2026-01-09, where the newest is of 2026-01-01, 8 days old"
)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(("day", "reason"), [("2026-01-08", ""), ("2026-01-09", TOO_OLD), ("2026-02-08", "")])
def test_a_rate_may_be_too_old(facts: Facts, day: str, reason: str) -> None:
    found = facts({"m": {"sum": "amount"}}, f"{HEADER}{day},EUR,1.00,,,,\n", convert={"max_age": "7 days"})
    assert said(found.facts["m", ""]) == reason


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("rate", ["", "2019-01-01,USD,1.0000\n"], ids=["without", "with an old one"])
def test_rows_in_the_wanted_currency_need_no_rate(facts: Facts, rate: str) -> None:
    rows, rates = f"{HEADER}2020-01-01,USD,1.00,,,,\n", f"valid_from,code,rate\n{rate}"
    found = facts({"m": {"sum": "amount"}}, rows, rates, convert={"max_age": "0 days"})
    assert found.facts["m", ""].value == 1


def test_the_other_source_of_a_measure_needs_rates_too(facts: Facts) -> None:
    plans = "month,money,team,planned\n2026-01-31,EUR,a,1.0\n2026-01-31,CHF,b,1.0\n"
    fact = facts({"m": MATCHED}, HEADER + GOOD, plans=plans).facts["m", ""]
    assert said(fact) == "1 row has no rate to USD, the first in CHF of 2026-01-31"


TWICE = "2 rows break the contract: rate of code, valid_from: unique"


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize(
    ("rates", "reason"),
    [
        ("2026-01-01,EUR,1.1\n2026-01-01,EUR,1.1\n", TWICE),
        ("2026-01-01,EUR,1.1\n2026-01-01,EUR,1.2\n", TWICE),
        ("2026-01-01,EUR,0\n", "1 row breaks the contract: rate: above 0"),
        ("2026-01-01,EUR,-1.1\n", "1 row breaks the contract: rate: above 0"),
        ("2026-01-01,EUR,\n", "1 row breaks the contract: rate: not null"),
        ("2026-01-01,EUR,NaN\n", "1 row breaks the contract: rate: decimal"),
        ("2026-01-01,EUR,inf\n", "1 row breaks the contract: rate: decimal"),
        ("2026-01-01,EUR,1.00001\n", "1 row breaks the contract: rate: at most 4 digits after the point"),
        (",EUR,1.1\n", "1 row breaks the contract: valid_from: not null"),
        ("2026-01-01,,1.1\n", "1 row breaks the contract: code: not null"),
        ("2026-01-01,EUR,1.1\n2026-01-01,USD,1.0001\n", "1 row breaks the contract: rate: 1 for USD itself"),
        ("2026-01-01,EUR,1.1,\n", None),
    ],
)  # fmt: skip
def test_broken_rates_make_an_error_of_whatever_rests_on_them(
    facts: Facts, rates: str, reason: str | None
) -> None:
    found = facts(
        {"m": {"sum": "amount"}, "n": {"count": "team = 'a'"}, "q": {"sql": QUERY}},
        HEADER + GOOD,
        f"valid_from,code,rate\n{rates}",
    )
    for fact in found.facts.values():
        assert (fact.status, fact.value) == ("error", None)
        assert said(fact) == f"fx: {reason}" if reason else fact.reason.startswith("fx: fx.csv")
    assert found.sources["invoices"].status == "ok"


def test_nullable_rates_are_still_no_rates(facts: Facts) -> None:
    columns = {name: {**column, "nullable": True} for name, column in FX["columns"].items()}
    rates = "valid_from,code,rate\n2026-01-01,EUR,\n"
    found = facts({"m": {"sum": "amount"}}, HEADER + GOOD, rates, contracts={"fx": FX | {"columns": columns}})
    assert said(found.facts["m", ""]) == "fx: 1 row breaks the contract: rate: not null"


def test_without_rates_nothing_is_known(facts: Facts) -> None:
    fact = facts({"m": {"sum": "amount"}}, HEADER + GOOD, None).facts["m", ""]
    assert (fact.status, fact.reason) == ("unknown", "fx: the project names no file for it")
    assert fact.sources == ("invoices", "fx")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("rates", "value"),
    [
        ("2026-01-01,EUR,1.1,2026-01-01\n2026-01-02,EUR,9.9,2026-04-01\n", "11/10"),
        ("2026-01-01,EUR,1.1,2026-01-01\n2026-01-01,EUR,9.9,2026-04-01\n", "11/10"),
        ("2026-01-01,EUR,1.1,2026-01-01\n2026-01-02,EUR,9.9,2026-03-31\n", "99/10"),
    ],
    ids=["later", "restated later", "in time"],
)
def test_rates_that_were_written_after_the_date_do_not_count(facts: Facts, rates: str, value: str) -> None:
    rows = f"{HEADER}2026-01-05,EUR,1.00,,,,\n"
    contracts = {"fx": FX | {"recorded": "written"}}
    found = facts(
        {"m": {"sum": "amount"}}, rows, f"valid_from,code,rate,written\n{rates}", contracts=contracts
    )
    assert str(found.facts["m", ""].value) == value


FLOAT = (
    "invoices: convert: 'plan' is a float, and money is decimal; "
    "name the columns that are amounts under convert.columns"
)
DIGITS = (
    "invoices: convert: 'amount' would have 29 digits after the point once it is converted, and 28 are kept"
)
TWO = "amounts in EUR and USD are added up, without a rate between them"
OWN_COLUMNS, RATE_COLUMNS = INVOICES["columns"], FX["columns"]
PLAIN_PLANS = {"plans": {key: value for key, value in PLANS.items() if key != "convert"}}
PLAIN_FX = {"fx": {key: value for key, value in FX.items() if key != "rates"}}
EURO_FX = {"fx": FX | {"rates": FX["rates"] | {"to": "EUR"}}}
FLOATS = {"invoices": INVOICES | {"columns": OWN_COLUMNS | {"plan": {"type": "float", "nullable": True}}}}
FLOAT_FX = {"fx": FX | {"columns": RATE_COLUMNS | {"rate": {"type": "float"}}}}
LONG = {
    "fx": FX | {"columns": RATE_COLUMNS | {"rate": {"type": "decimal", "scale": 18}}},
    "invoices": INVOICES | {"columns": OWN_COLUMNS | {"amount": {"type": "decimal", "scale": 11}}},
}
MATCHED = {
    "attainment": {"actual": "amount", "expected": {"from": "plans", "value": "planned"}},
    "grain": "team",
}
JOINED = {
    "sql": "SELECT SUM(amount) + SUM(planned) AS numerator, COUNT(*) AS rows "
    "FROM invoices JOIN plans ON invoices.team = plans.team",
    "sources": ["plans"],
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("definition", "contracts", "reason"),
    [
        ({"sum": "amount", "unit": "EUR"}, {}, "the amounts are in USD, the measure is in EUR"),
        ({"sum": "units", "unit": "USD"}, {}, TWO),
        ({"sum": "units", "unit": "USD", "where": "amount > 0"}, {}, TWO),
        ({"share": {"of": "amount > 0", "value": "units"}}, {}, TWO),
        (MATCHED, PLAIN_PLANS, TWO),
        (JOINED, PLAIN_PLANS, TWO),
        ({"sum": "amount"}, EURO_FX, "invoices: convert: the rates of 'fx' are in EUR, not in USD"),
        (
            {"sum": "amount"},
            PLAIN_FX,
            "invoices: convert: the contract of 'fx' does not say which of its columns are rates",
        ),
        (
            {"sum": "amount"},
            FLOATS,
            FLOAT,
        ),
        (
            {"sum": "amount"},
            FLOAT_FX,
            "fx: rates.rate names 'rate', which is no decimal or integer but float",
        ),
        (
            {"sum": "amount"},
            LONG,
            DIGITS,
        ),
    ],
)
def test_what_does_not_fit_is_an_error(
    facts: Facts, definition: dict[str, Any], contracts: dict[str, Any], reason: str
) -> None:
    plans = "month,money,team,planned\n2026-01-31,EUR,a,1.0\n2026-01-31,EUR,b,1.0\n"
    fact = facts({"m": definition}, HEADER + GOOD, RATES, plans, contracts=contracts).facts["m", ""]
    assert (fact.status, fact.reason[: len(reason)]) == ("error", reason)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("sql", [False, True])
def test_more_digits_than_are_kept_are_an_error_and_not_a_rounded_sum(facts: Facts, sql: bool) -> None:
    definition = {"sql": QUERY} if sql else {"sum": "amount"}
    rows = f"{HEADER}{GOOD}2026-01-05,EUR,1{'0' * 32}.00,,,,\n"
    fact = facts({"m": definition, "n": {"sum": "plan"}}, rows).facts["m", ""]
    assert (fact.status, said(fact)) == (
        "error",
        "1 row has an amount that, with its rate, has more than 38 digits",
    )


def test_empty_cells_are_not_to_blame_for_too_many_digits(facts: Facts) -> None:
    """A query may read columns that are empty, which is another matter."""
    rows = f"{HEADER}{GOOD}2026-01-05,EUR,1{'0' * 32}.00,,,,\n"
    fact = facts({"m": {"sql": f"{QUERY} WHERE units IS NULL OR units > 0"}}, rows).facts["m", ""]
    assert fact.reason == "1 row has an amount that, with its rate, has more than 38 digits"


def test_sums_beyond_38_digits_are_an_error(facts: Facts) -> None:
    line = f"2026-01-05,USD,{'9' * 31}.99,,,,\n"
    fact = facts({"m": {"sum": "amount"}}, HEADER + line * 20).facts["m", ""]
    assert fact.status == "error"
    assert fact.reason.startswith("it can not be computed: ")
