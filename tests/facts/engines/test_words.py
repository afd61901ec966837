"""What engines have words for, and what they refuse, without any server."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import polars as pl
import pytest
from sqlglot.expressions import Expr as Node

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.clauses import Clause
from phasegate.facts.engines.plans import EngineError
from phasegate.facts.engines.spark_connect.language import KNOWN, MUST_FAIL
from phasegate.facts.engines.sql.language import Language, language_of
from phasegate.facts.engines.sql.signs import pattern
from phasegate.facts.engines.sql.table import broken, columns_of
from phasegate.facts.engines.sql.words import REFUSED, Over, Words
from phasegate.facts.engines.width import Width, width
from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.expression import Kind, Scope, parse
from phasegate.facts.expressions.functions import _OWN as OWN_FUNCTIONS
from phasegate.facts.expressions.polars_words import RULES as POLARS
from phasegate.facts.expressions.tree import Name, op
from phasegate.facts.expressions.typed import READERS
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import DATABASES, DatabaseName
from phasegate.rules.model.contract import ColumnType, Contract

MOMENT = pl.Datetime("us")
SCOPE = Scope(
    "s",
    {
        "amount": Kind("decimal", 2), "units": Kind("integer"), "team": Kind("string"), "due": Kind("date"),
        "met": Kind("boolean"), "at": Kind("datetime"),
        "fin": Kind("string", personal=True), "dev": Kind("string", personal=True),
    },
    {"as_of": "date", "limit": "number"},
)  # fmt: skip
ENGINES = [name for name, kind in DATABASES.items() if kind.computes]


def over(language: Language) -> Over:
    scales = {"amount": 2}

    def name(written: str, _: int) -> str:
        if written.startswith("tag:"):
            raise NotWrittenError("a tag", 0)
        return language.name(written)

    return Over(
        name,
        lambda name: scales.get(name, 0),
        lambda slot: f"<{slot.name}>",
        frozenset({"fin", "dev"}),
    )


def words(name: DatabaseName) -> Words:
    language = language_of(name)
    return language.words(over(language))


WORDS = words("postgres")


@pytest.mark.parametrize("name", ENGINES)
def test_each_operation_has_words_or_a_reason(name: DatabaseName) -> None:
    """Whoever adds one says of every engine what it is there."""
    rules = words(name)._rules
    assert set(POLARS) == set(rules) | set(REFUSED)
    assert set(rules).isdisjoint(REFUSED)


@pytest.mark.parametrize("name", ENGINES)
def test_each_function_is_written_or_refused_by_its_name(name: DatabaseName) -> None:
    """What authors may write, and not only what comes of it; a reader of nodes that nobody tries is none."""
    tried: set[type[Node]] = set()
    for sql, what in EXPRESSIONS.items():
        read = parse(sql, SCOPE)
        assert read.tree is not None
        tried |= {type(node) for node in read.tree.walk()}
        if what is None:
            assert words(name).sql(read.meaning)
        else:
            with pytest.raises(NotWrittenError, match=what):
                words(name).sql(read.meaning)
    assert set(READERS) <= tried
    assert all(any(f"{own}(" in sql or f" {own}" in sql for sql in EXPRESSIONS) for own in OWN_FUNCTIONS)


EXPRESSIONS: dict[str, str | None] = {
    "(amount + 1) * 2 - units > 0.5 AND NOT (team <> 'a' OR amount < -1)": None,
    "team = 'it''s' OR team IN ('a', 'b') OR team LIKE 'x%'": None,
    "amount BETWEEN 1 AND 2 AND units <= 3 AND units >= 0 AND due IS NULL": None,
    "(met IS TRUE) OR met = TRUE OR COALESCE(amount, NULL, 0) = :limit": None,
    "LEAST(amount, units) = GREATEST(1, units)": None,
    "NULLIF(units, 2) = ABS(amount)": None,
    "LOWER(team) = UPPER(TRIM(team))": None,
    "LENGTH(REPLACE(team, 'a', 'b')) = 2": None,
    "SUBSTR(team, 2, 1) = SPLIT_PART(team, '-', 2)": None,
    "CASE WHEN met THEN 1 ELSE 2 END = 1": None,
    "CAST(units AS DECIMAL(38, 2)) > 1 OR CAST(units AS VARCHAR) = '1' OR CAST(due AS VARCHAR) = '2'": None,
    "CAST(met AS INTEGER) = 1": None,
    "month_of(at) = 202601 AND days_between(due, :as_of) > 2": None,
    "due + 3 days < at OR date_plus(due, units) > DATE '2026-01-01' OR due - 1 day > :as_of": None,
    "seconds_between(at, at) > 1 AND minutes_between(at, at) > 1 AND hours_between(at, at) > 1": None,
    "tag(team, 'x') = 'y'": "tag",
    "CAST(team AS INTEGER) = 1": "a text is made a number",
    "CAST(team AS DECIMAL(38, 2)) = 1": "a text is made a number",
    "fin = dev": "ids of people",
}


@pytest.mark.parametrize("name", ENGINES)
def test_each_kind_of_clause_is_judged_or_refused(name: DatabaseName) -> None:
    columns = columns_of(language_of(name), CLAUSES, {})
    kinds = set(get_args(get_type_hints(Clause)["kind"]))
    for kind in kinds - {"row"}:  # which is an expression
        clause = Clause(kind, f"a: {kind}", "a", "a", pl.lit(value=True))
        if kind == "rate":
            with pytest.raises(SourceError, match="'a: rate' is judged row by row"):
                broken(columns, clause, dt.date(2026, 3, 31))
        else:
            assert broken(columns, clause, dt.date(2026, 3, 31))


CLAUSES = Contract.model_validate(
    {
        "title": "t",
        "columns": {
            "a": {
                "type": "string", "optional": True, "min": "a", "max": "b", "allowed": ["a"], "pattern": "a+"
            }
        },
    }
)  # fmt: skip


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("kind", get_args(ColumnType))
def test_each_type_of_a_column_is_read_or_refused(name: DatabaseName, kind: str) -> None:
    language = language_of(name)
    contract = Contract.model_validate({"title": "t", "columns": {"a": {"type": kind}}})
    typed = [pl.String(), pl.Int64(), pl.Decimal(38, 2), pl.Float64(), pl.Boolean(), pl.Date(), MOMENT]
    read = [
        language.read(contract, "a", "`a`", TableColumn("a", "string", each)) is not None for each in typed
    ]
    assert (
        read
        == {
            "string": [True, False, False, False, False, False, False],
            "integer": [False, True, True, False, False, False, False],
            "decimal": [False, True, True, False, False, False, False],
            "float": [False] * 7,
            "boolean": [False, False, False, False, True, False, False],
            "date": [False, False, False, False, False, True, True],
            "datetime": [False, False, False, False, False, True, True],
        }[kind]
    )


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
    "written", ["[A-Z]{2}-[0-9]{4}", r"a\.b|c", "(ab)+c?", "x.y", "[^,;]+", "(?:a|b){2,3}", "it's"]
)
def test_patterns_that_mean_the_same(written: str) -> None:
    assert pattern("c", written, "PostgreSQL")


@pytest.mark.parametrize(
    "written",
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
def test_patterns_that_may_not_are_refused(written: str) -> None:
    with pytest.raises(SourceError, match="may mean something else in PostgreSQL"):
        pattern("c", written, "PostgreSQL")


def test_a_day_of_the_run_is_a_literal() -> None:
    language = language_of("postgres")
    own = Over(lambda name, _: name, lambda _: 0, lambda _: f"DATE '{dt.date(2026, 3, 31)}'")
    assert (
        language.words(own).sql(parse("due + 3 days <= :as_of", SCOPE).meaning)
        == "((due + ((3))::int) <= DATE '2026-03-31')"
    )


SPARK = {
    "amount > 1": "(CAST(`amount` AS DECIMAL(38, 2)) > CAST(CAST(1 AS BIGINT) AS DECIMAL(38, 2)))",
    "amount * 1.005 = 0": "(CAST((`amount` * CAST(1.005 AS DECIMAL(38, 3))) AS DECIMAL(38, 5)) "
    "= CAST(CAST(0 AS BIGINT) AS DECIMAL(38, 5)))",
    "team = 'it''s'": "(`team` = CAST(X'69742773' AS STRING))",
    "team = '${HOME}'": "(`team` = CAST(X'247b484f4d457d' AS STRING))",
    "units IN (1, 2)": "(`units` IN (CAST(1 AS BIGINT), CAST(2 AS BIGINT)))",
    "due + 3 days < :as_of": "(date_from_unix_date(CAST((CAST(unix_date(`due`) AS BIGINT) "
    "+ CAST((3) AS BIGINT)) AS INT)) < <as_of>)",
    "(met) IS TRUE": "coalesce(`met`, FALSE)",
}


@pytest.mark.parametrize("sql", SPARK)
def test_what_is_written_for_spark(sql: str) -> None:
    """Decimals of two scales it would round before it compares them, texts have escapes, days wrap."""
    assert words("spark_connect").sql(parse(sql, SCOPE).meaning) == SPARK[sql]


@dataclass
class Told:
    """What a server answers to what it is asked before it computes."""

    known: dict[str, str]
    lax: str = ""

    def __call__(self, sql: str) -> list[tuple[Any, ...]]:
        if "range(1)" not in sql:
            return [tuple(self.known.values())]
        if self.lax and self.lax in sql:
            return [(None,)]
        raise EngineError("it has no value")


def test_a_server_that_computes_otherwise_is_refused() -> None:
    """Whatever it is, and whoever set it up: what it knows is asked, and not what it is called."""
    right = {what: wanted for what, (_, wanted) in KNOWN.items()}
    snapshot = SimpleNamespace(server="Spark 4.2.1", set_up=lambda settings: None)
    spark: Any = language_of("spark_connect")
    spark.hold(snapshot, Told(right))
    for what in KNOWN:
        with pytest.raises(SourceError, match=f"{what}.*\n.*compute: engine"):
            spark.hold(snapshot, Told(right | {what: "1"}))
    for lax in MUST_FAIL:
        with pytest.raises(SourceError, match="ANSI"):
            spark.hold(snapshot, Told(right, lax))
    with pytest.raises(SourceError, match=r"4\.0 or newer computes"):
        spark.hold(SimpleNamespace(server="Spark 3.5.1"), Told(right))
