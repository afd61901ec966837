"""What is proved of conditions holds in every row that the contract allows: polars answers for the rows."""

from __future__ import annotations

import datetime as dt
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.contracts.domains import domains_of
from phasegate.facts.expressions.conditions import Conditions
from phasegate.facts.expressions.expression import condition
from phasegate.facts.expressions.scopes import scope_of
from phasegate.rules.lint.logic.formulas import Formula, both, impossible, negated
from phasegate.rules.model.pack import Pack

AS_OF = dt.date(2026, 3, 31)
DAYS = [AS_OF - dt.timedelta(days=days) for days in (40, 2, 1, 0)]
COLUMNS = {
    "a": {"type": "integer", "min": 0, "max": 3},
    "b": {"type": "integer", "min": 0, "max": 3, "nullable": True},
    "s": {"type": "string", "allowed": ["x", "y", "z"]},
    "t": {"type": "string", "allowed": ["x", "y"], "nullable": True},
    "f": {"type": "boolean", "nullable": True},
    "d": {"type": "date"},
    "e": {"type": "date", "nullable": True},
}
VALUES = {
    "a": [0, 1, 2, 3], "b": [0, 1, 3, None], "s": ["x", "y", "z"], "t": ["x", "y", None],
    "f": [True, False, None], "d": DAYS, "e": [DAYS[0], DAYS[3], AS_OF + dt.timedelta(days=9), None],
}  # fmt: skip
PACK = Pack.model_validate(
    {
        "pack": "p",
        "title": "P",
        "points": {"1": {"title": "1", "criteria": [{"id": "c", "text": "c", "require": {"m": True}}]}},
        "sources": {
            "rows": {
                "title": "a row",
                "event": "d",
                "columns": COLUMNS,
                "derive": {"g": "a >= 2 AND f", "k": "CASE WHEN a > 1 THEN 'much' ELSE 'little' END"},
            }
        },
        "measures": {"m": {"title": "m", "from": "rows", "exists": "f"}},
    }
)
SCOPE = scope_of("rows", PACK.sources["rows"], PACK)
PARAMETERS = {"as_of": AS_OF}
TYPES = {"integer": pl.Int64, "string": pl.String, "boolean": pl.Boolean, "date": pl.Date}
ROWS = pl.DataFrame(
    list(product(*VALUES.values())),
    schema={name: TYPES[str(each["type"])] for name, each in COLUMNS.items()},
    orient="row",
).with_columns(
    (pl.col("a") >= 2).and_(pl.col("f")).alias("g"),
    pl.when(pl.col("a") > 1).then(pl.lit("much")).otherwise(pl.lit("little")).alias("k"),
)


def never(*formulas: Formula) -> bool:
    return impossible(both(*formulas), READER.domains)


READER = Conditions(SCOPE, (), {"g": "a >= 2 AND f"}, domains_of(PACK.sources["rows"], SCOPE))

ATOMS = st.sampled_from(
    [
        *(
            "a >= 2",
            "a < 2",
            "a <> 1",
            "a = 1",
            "a BETWEEN 1 AND 2",
            "a > 3",
            "a >= 0",
            "2 <= a",
            "a IS NULL",
        ),
        *("b >= 1", "b <> 1", "b IN (1, 3)", "b NOT IN (0)", "b > 2.5", "b IS NULL", "b IS NOT NULL"),
        *("s = 'x'", "s <> 'x'", "s IN ('x', 'y')", "s NOT IN ('x', 'y')", "s LIKE 'x%'", "s NOT LIKE 'x%'"),
        *("t = 'x'", "t <> 'x'", "s = t", "s <> t", "LOWER(t) = 'x'", "LOWER(t) <> 'x'"),
        *("f", "f = TRUE", "f = FALSE", "f IS NOT TRUE", "f IS FALSE", "g", "g IS NULL"),
        *("k = 'much'", "k <> 'much'", "a <= b", "b >= a", "a > b", "a = b", "a + b > 3", "a + b <= 3"),
        *("(b > 1) IS TRUE", "(a <= b) IS NOT TRUE", "COALESCE(b, 0) > 1", "TRUE", "FALSE"),
        *("d <= :as_of", "d > :as_of", "d >= :as_of - 1", "d < :as_of - 1 days", "e <= :as_of + 5"),
        *("d = '2026-03-30'", "d < '2026-03-30'", "e <= d", "e > d", "e > :as_of", "e IS NULL"),
        *("days_between(d, e) >= 0", "days_between(d, e) < 0"),
    ]
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda each: f"({' '.join(each)})"),
        inner.map(lambda each: f"(NOT {each})"),
        inner.map(lambda each: f"(({each}) IS TRUE)"),
    ),
    max_leaves=6,
)


def rows_in_which(*conditions: str) -> pl.DataFrame:
    return ROWS.filter(*(condition(each, SCOPE).compile(PARAMETERS) for each in conditions))


@given(CONDITIONS)
@settings(max_examples=examples(500), deadline=None)
def test_what_is_never_true_or_false_is_so_in_no_row(sql: str) -> None:
    read = READER.read(sql)
    if never(read.true):
        assert rows_in_which(sql).is_empty()
    if never(read.false):
        assert rows_in_which(f"NOT ({sql})").is_empty()
    if never(negated(read.true)):
        assert len(rows_in_which(sql)) == len(ROWS)


@given(CONDITIONS, CONDITIONS)
@settings(max_examples=examples(500), deadline=None)
def test_what_implies_or_excludes_another_does_so_in_every_row(one: str, other: str) -> None:
    first, second = READER.read(one), READER.read(other)
    if never(first.true, second.true):
        assert rows_in_which(one, other).is_empty()
    if never(first.true, negated(second.true)):
        assert rows_in_which(f"({one}) IS TRUE", f"({other}) IS NOT TRUE").is_empty()


@pytest.mark.parametrize(
    ("where", "of"),
    [
        ("a >= 2", "a > 1"),  # whole numbers
        ("s = 'x'", "s IN ('x', 'y')"),
        ("s NOT IN ('x', 'y')", "s = 'z'"),
        ("TRUE", "s IN ('x', 'y', 'z')"),
        ("TRUE", "d <= :as_of"),
        ("a <= b", "b IS NOT NULL"),
        ("a > b", "NOT (a <= b)"),
        ("TRUE", "a IS NOT NULL"),
        ("b >= 1", "b IS NOT NULL AND b > 0.5"),
        ("g", "a >= 2"),
        ("k = 'much'", "k <> 'little'"),
        ("days_between(d, e) >= 5", "days_between(d, e) >= 3 AND e IS NOT NULL"),
        ("a = 1 OR a = 2", "a BETWEEN 1 AND 2"),
        ("b IS NOT NULL", "a <= b OR a > b"),
        ("e IS NOT NULL", "(e > :as_of) IS FALSE OR e > :as_of"),
    ],
)
def test_implications_that_are_found(where: str, of: str) -> None:
    assert never(READER.read(where).true, negated(READER.read(of).true))


@pytest.mark.parametrize(
    ("where", "of"),
    [
        ("s <> 't'", "t = 'x'"),
        ("TRUE", "b <= 3"),  # it may be empty
        ("TRUE", "d >= '2020-01-01'"),
        ("b > 0.5", "b > 1"),
        ("t <> 'x'", "t IS NULL"),
        ("TRUE", "a <= b OR a > b"),
        ("s = 'x'", "t = 'x'"),
    ],
)
def test_what_does_not_follow(where: str, of: str) -> None:
    first, second = READER.read(where.replace("'t'", "'y'")), READER.read(of)
    assert not never(first.true, negated(second.true))


def test_too_many_choices_are_left_undecided() -> None:
    many = " AND ".join(
        f"(a = {number % 4} OR b = {number % 3} OR s LIKE '{number}%')" for number in range(40)
    )
    assert not never(READER.read(f"({many}) AND a <> a + 0").true)
