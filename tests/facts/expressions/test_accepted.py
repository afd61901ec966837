"""What expressions mean, by example."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from phasegate.facts.expressions.expression import Kind, Scope, parse

DAY = dt.date(2026, 3, 31)
NOON = dt.datetime(2026, 3, 31, 12)
CASES: list[tuple[str, dict[str, Any], Any]] = [
    # Money is exact, whatever its scale.
    ("amount * plan", {"amount": "0.10", "plan": "0.05"}, Decimal("0.005")),
    ("amount * 1.05 - 2 * amount", {"amount": "0.10"}, Decimal("-0.0950")),
    ("amount - plan = 0.005", {"amount": "0.10", "plan": "0.095"}, True),
    ("- amount", {"amount": "0.10"}, Decimal("-0.10")),
    ("ABS(amount - 5)", {"amount": "0.10"}, Decimal("4.90")),
    ("(-5) * (amount - 1) + 2 * 3", {"amount": "0.10"}, Decimal("10.50")),
    ("amount >= :tolerance", {"amount": "0.02"}, False),
    # Whole numbers do not wrap.
    ("units * units", {"units": 2**62}, Decimal(2**124)),
    ("units + units > units", {"units": 2**63 - 1}, True),
    ("2147483647 + 1 > 2147483647", {}, True),
    ("2147483647 * 2", {}, Decimal(4294967294)),
    ("units = 7.0", {"units": 7}, True),
    ("units > 9223372036854775808", {"units": 7}, False),
    # Floats become decimals of nine digits; what is no number is null, and counted elsewhere.
    ("rate = 0.1", {"rate": "0.1"}, True),
    # A number in a text is that number, or none.
    ("CAST(status AS DECIMAL(38, 2))", {"status": "-3.500"}, Decimal("-3.50")),
    ("CAST(status AS DECIMAL(38, 0)) >= 95", {"status": "95"}, True),
    ("CAST(status AS DECIMAL(38, 2)) IS NULL", {"status": None}, True),
    # A word behind a number says what it is.
    ("days_between(due, '2026-02-05') <= 4 days", {"due": dt.date(2026, 2, 1)}, True),
    ("units IN (5 days, -1 day)", {"units": -1}, True),
    # Logic has three values.
    ("ok AND status = 'a'", {"ok": None, "status": "b"}, False),
    ("ok AND status = 'a'", {"ok": None, "status": "a"}, None),
    ("ok OR status = 'a'", {"ok": None, "status": "a"}, True),
    ("NOT ok", {"ok": None}, None),
    ("ok IS TRUE", {"ok": None}, False),
    ("ok IS NOT TRUE", {"ok": None}, True),
    ("ok IS FALSE", {"ok": None}, False),
    ("ok IS NOT FALSE", {"ok": None}, True),
    ("owner <> status", {"owner": None, "status": "a"}, None),
    ("status IN ('a', 'b')", {"status": None}, None),
    ("status NOT IN ('a', 'b')", {"status": "c"}, True),
    ("units IN (1, -2)", {"units": -2}, True),
    ("status IS NOT NULL", {"status": ""}, True),
    ("status LIKE 'a_c%'", {"status": "abcd"}, True),
    ("status LIKE 'a.c'", {"status": "abc"}, False),
    ("status = 'it''s'", {"status": "it's"}, True),
    ('"status" = \'a\'', {"status": "a"}, True),
    # The smaller of something and nothing is not known.
    ("LEAST(amount, plan)", {"amount": "1", "plan": None}, None),
    ("GREATEST(amount, plan, 0)", {"amount": "-1", "plan": "-2"}, Decimal(0)),
    ("COALESCE(plan, amount, 0)", {"amount": "2"}, Decimal(2)),
    ("NULLIF(status, '') IS NULL", {"status": ""}, True),
    ("CASE WHEN ok THEN amount ELSE plan END", {"ok": False, "plan": "0.125"}, Decimal("0.125")),
    ("CASE status WHEN 'a' THEN 1 WHEN 'b' THEN 2 END", {"status": "b"}, 2),
    ("CASE WHEN ok THEN NULL ELSE 'x' END", {"ok": False}, "x"),
    ("LOWER(TRIM(status)) = 'abc'", {"status": " AbC "}, True),
    ("LENGTH(status)", {"status": "é"}, 1),
    ("CAST(units AS VARCHAR)", {"units": 5}, "5"),
    ("CAST(status AS DECIMAL(38, 2))", {"status": "1.25"}, Decimal("1.25")),
    # Dates: texts in ISO form are dates, moments belong to their day, and days are added as days.
    ("due >= '2026-03-31'", {"due": DAY}, True),
    ("due BETWEEN DATE '2026-03-01' AND :as_of", {"due": DAY}, True),
    ("due IN ('2026-03-31')", {"due": DAY}, True),
    ("at <= :as_of", {"at": NOON}, True),
    ("due = at", {"due": DAY, "at": NOON}, True),
    ("due >= :as_of - 31 days", {"due": dt.date(2026, 2, 28)}, True),
    ("due >= :as_of - 31", {"due": dt.date(2026, 2, 27)}, False),
    ("due >= :as_of - :window", {"due": dt.date(2026, 2, 28)}, True),
    ("due + 1 day", {"due": DAY}, dt.date(2026, 4, 1)),
    ("date_plus(due, units)", {"due": DAY, "units": -31}, dt.date(2026, 2, 28)),
    ("date_plus(at, :window)", {"at": NOON}, dt.date(2026, 5, 1)),
    ("days_between(due, :as_of) <= 31 days", {"due": dt.date(2026, 2, 28)}, True),
    ("days_between(at, due)", {"at": NOON, "due": dt.date(2026, 4, 2)}, 2),
    ("month_of(due)", {"due": DAY}, 202603),
    # A tag that is missing, empty or 'null' is null.
    ("tag('owner')", {"Tags": '{"owner": "team-a"}'}, "team-a"),
    ("tag('aws:created.By')", {"Tags": '{"aws:created.By": "x"}'}, "x"),
    ("tag(Tags, 'owner') = 'x'", {"Tags": '{"owner": "x"}'}, True),
    *(
        ("tag('owner')", {"Tags": text}, None)
        for text in (None, "", "no json", "{}", '{"owner": ""}', '{"owner": null}', '{"owner": " null"}')
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "row", "expected"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_meaning(evaluate: Callable[..., Any], sql: str, row: dict[str, Any], expected: Any) -> None:
    assert evaluate(sql, **row) == expected


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("comment = 'a'", "comment"),
        ("load IS NULL", "load"),
        ("update = 'a'", "update"),
        ("\"call\" = 'a'", "call"),
    ],
)
def test_a_column_may_be_called_as_a_statement_begins(sql: str, column: str) -> None:
    scope = Scope("berths", {column: Kind("string")}, {})
    assert parse(sql, scope).columns == (column,)


def test_columns_and_parameters_are_told(scope: Scope) -> None:
    found = parse("due >= :as_of - :window AND rate > :tolerance AND tag('owner') = status", scope)
    assert found.type == "boolean"
    assert found.columns == ("Tags", "due", "rate", "status")
    assert found.parameters == ("as_of", "tolerance", "window")
    assert found.tags == (("Tags", "owner"),)


def test_equal_texts_are_read_once(scope: Scope) -> None:
    assert parse("amount > 1", scope) is parse("amount > 1", scope)


@pytest.mark.parametrize(
    ("digits", "text"),
    [(0, "94.6"), (2, "1.005"), (2, "1e-9"), (2, "9.5E1"), (0, ".5"), (18, "0." + "1" * 19)],
)
def test_a_text_with_more_digits_than_its_cast_is_no_number(
    evaluate: Callable[..., Any], digits: int, text: str
) -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError, match="conversion from `str`"):
        evaluate(f"CAST(status AS DECIMAL(38, {digits})) > 0", status=text)
