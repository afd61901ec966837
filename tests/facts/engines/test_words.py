"""What engines have words for, and what they refuse, without any server."""

from __future__ import annotations

import datetime as dt

import pytest

from phasegate.facts.engines.postgres.language import LANGUAGE as POSTGRES
from phasegate.facts.engines.sql.language import Language, language_of
from phasegate.facts.engines.sql.signs import pattern
from phasegate.facts.engines.sql.words import REFUSED, Over
from phasegate.facts.engines.width import Width, width
from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.expression import Kind, Scope, parse
from phasegate.facts.expressions.polars_words import RULES as POLARS
from phasegate.facts.expressions.tree import Name, op
from phasegate.facts.sources.files import SourceError

SCOPE = Scope(
    "s",
    {
        "amount": Kind("decimal", 2), "units": Kind("integer"), "team": Kind("string"), "due": Kind("date"),
        "fin": Kind("string", personal=True), "dev": Kind("string", personal=True),
    },
    {"as_of": "date", "limit": "number"},
)  # fmt: skip
WORDS = Postgres(lambda name, _: f'"{name}"', lambda slot: f"<{slot.name}>", frozenset({"fin", "dev"}))


def test_each_operation_has_words_or_a_reason() -> None:
    assert set(POLARS) == set(RULES) | set(REFUSED)
    assert set(RULES).isdisjoint(REFUSED)


def test_a_new_operation_is_refused_where_it_stands() -> None:
    tree = op("and", op("is null", Name("team")), op("median").placed(7))
    with pytest.raises(NotWrittenError, match="median") as refused:
        WORDS.sql(tree)
    assert refused.value.at == 7


WRITTEN = {
    "amount > 1": '("amount" > (1)::bigint)',
    "team = 'it''s'": "(\"team\" = ('it''s'::text COLLATE \"C\"))",
    "(units > 2) IS TRUE": '(("units" > (2)::bigint) IS TRUE)',
    "due < :as_of": '("due" < <as_of>)',
    "LEAST(units, 5) = 1": '(CASE WHEN "units" IS NULL THEN NULL ELSE LEAST("units", (5)::bigint) END '
    "= (1)::bigint)",
    "CASE WHEN due < :as_of THEN 2 END = 2": '(CASE WHEN ("due" < <as_of>) IS NULL THEN NULL '
    'WHEN ("due" < <as_of>) THEN (2)::bigint END = (2)::bigint)',
    "fin IS NULL": '("fin" IS NULL)',
}


@pytest.mark.parametrize("sql", WRITTEN)
def test_what_is_written(sql: str) -> None:
    assert WORDS.sql(parse(sql, SCOPE).meaning) == WRITTEN[sql]


@pytest.mark.parametrize(
    "sql", ["fin = dev", "fin = 'f-1'", "LENGTH(fin) > 1", "fin IN ('a')", "COALESCE(fin, dev) IS NULL"]
)
def test_ids_of_people_are_never_compared(sql: str) -> None:
    with pytest.raises(NotWrittenError, match="ids of people"):
        WORDS.sql(parse(sql, SCOPE).meaning)


DIGITS = {
    "amount * 2": (11, 2),
    "amount + units": (11, 2),
    "units * units * units": (30, 0),
    "amount * 1.005 - 3": (12, 5),
    "COALESCE(amount, 0)": (10, 2),
}


@pytest.mark.parametrize("sql", DIGITS)
def test_how_many_digits_a_number_has(sql: str) -> None:
    assert width(parse(sql, SCOPE).meaning, lambda _: Width(10, 2), lambda _: 3) >= DIGITS[sql]


@pytest.mark.parametrize(
    "sql",
    [
        "amount * amount * amount * amount",
        "amount * 99999999999999999999 > 1",
        "amount > 0.000000000000000001",
    ],
)
def test_what_may_need_more_than_38_digits_is_refused(sql: str) -> None:
    with pytest.raises(NotWrittenError, match="38 are exact"):
        width(parse(sql, SCOPE).meaning, lambda _: Width(22, 2), lambda _: 3)


@pytest.mark.parametrize(
    "pattern", ["[A-Z]{2}-[0-9]{4}", r"a\.b|c", "(ab)+c?", "x.y", "[^,;]+", "(?:a|b){2,3}", "it's"]
)
def test_patterns_that_mean_the_same(pattern: str) -> None:
    assert columns.pattern("c", pattern).startswith("'^(?:")


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d+",
        r"\w",
        "(?i)a",
        "^a$",
        "[[:alpha:]]",
        "a*?",
        r"\bx",
        "[a&&b]",
        r"\p{L}",
        "a{1,300}",
        "\u00e9",
        "(?P<n>a)",
    ],
)
def test_patterns_that_may_not_are_refused(pattern: str) -> None:
    with pytest.raises(SourceError, match="may mean something else"):
        columns.pattern("c", pattern)


def test_a_day_of_the_run_is_a_literal() -> None:
    words = Postgres(lambda name, _: name, lambda _: f"DATE '{dt.date(2026, 3, 31)}'")
    assert (
        words.sql(parse("due + 3 days <= :as_of", SCOPE).meaning)
        == "((due + ((3))::int) <= DATE '2026-03-31')"
    )
