"""What is to be written about empty cells can be written: whatever columns are called, and however many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import polars as pl
import pytest

from phasegate.facts.expressions.expression import Kind, Scope, parse
from phasegate.facts.measures.batch import Table
from phasegate.facts.measures.null_operands import Blame
from phasegate.facts.model.fact import Cell, Fact, Flaw
from phasegate.facts.null_operand_messages import Lacking, reason_of
from phasegate.rules.model.contract import Contract
from phasegate.rules.yaml.parser import parse_yaml

NAMES = (
    "plan",
    "counted or plan",
    "plan AND counted",
    "cost (USD)",
    "order",
    "null",
    "CASE x END",
    "2026",
    "a, b",
    'He said "3"',
    "O'Neil",
    "a\\b",
    "a: b # c",
    "größe",
)
BARE = {"plan", "order", "größe"}
"""Names that mean themselves without quotes."""
SCOPE = Scope("t", {name: Kind("decimal", 2) for name in NAMES} | {"paid": Kind("string")})
CONTRACT = Contract(title="t", infer=True)
TABLE = Table("t", CONTRACT, SCOPE, pl.LazyFrame(), {})


def quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def told(*cells: Cell, flaw: Flaw = "nulls", alone: bool = False, people: tuple[str, ...] = ()) -> str:
    blame = Blame(TABLE, None, pl.lit(value=True), frozenset(), (), people=people, empty=flaw == "nulls")
    fact = Fact("m", "", "error", "2 rows have no value", flaw=flaw)
    return reason_of(fact, [Lacking(blame, list(cells), alone)])


def condition_in(reason: str) -> str:
    """The condition that a hint gives, read as YAML is."""
    found = re.search(r"""where: (?:"[^"]*"|'(?:[^']|'')*')""", reason)
    assert found is not None, reason
    return str(parse_yaml(found[0].encode(), "hint.yaml").data["where"])


def columns_of(sql: str) -> set[str]:
    return set(parse(sql, SCOPE).columns)


SETS = [names for count in (1, 2, 3) for names in combinations(NAMES, count)][::3]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("names", SETS, ids=" + ".join)
def test_what_is_to_be_written_for_columns_reads_these_columns(names: Sequence[str]) -> None:
    reason = told(*(Cell("t.csv", name, None, line=2 + at) for at, name in enumerate(names)))
    assert columns_of(condition_in(reason)) == {*names}
    filled = [f"COALESCE({each if each in BARE else quoted(each)}, 0)" for each in names]
    assert f"write {' and '.join(filled)} where an empty one counts as zero" in reason
    assert columns_of(" + ".join(filled)) == {*names}


@pytest.mark.parametrize(
    "expressions",
    [
        (quoted("plan"),),
        ('"counted or plan"', "plan"),
        ("NULLIF(plan, 4)",),
        ("NULLIF(plan, 4)", '"cost (USD)"', "CASE WHEN plan > 1 THEN 2 END"),
        ('plan + "order"', "plan"),
        ('NULLIF(plan, 1) + NULLIF("order", 2)',),
    ],
)
def test_expressions_of_which_one_has_no_value_are_told_one_by_one(expressions: tuple[str, ...]) -> None:
    joined = " or ".join(expressions)
    reason = told(Cell("t.csv", joined, None, line=2, expressions=expressions))
    assert f"no {joined} in t.csv:2" in reason
    assert columns_of(condition_in(reason)) == {each for sql in expressions for each in columns_of(sql)}
    assert condition_in(reason).count("IS NOT NULL") == len(expressions)
    for sql in expressions:
        assert f"COALESCE({sql}, 0)" in reason
        parse(f"COALESCE({sql}, 0)", SCOPE)


def test_without_a_cell_nothing_is_to_be_written() -> None:
    assert told() == "2 rows have no value"


def test_a_column_is_told_once_however_it_is_met() -> None:
    cells = [Cell("t.csv", "plan", None, line=line) for line in (2, 3)]
    again = Cell("t.csv", "plan", None, line=4, expressions=("plan",))
    assert told(*cells, again, alone=True).endswith(
        "write COALESCE(plan, ...) with the worst that an empty one may be, or leave such rows out with "
        'where: "plan IS NOT NULL"'
    )


@pytest.mark.parametrize("value", ["EUR", "O'Neil", 'a "b"', "a\\b"])
def test_the_first_of_two_currencies_is_a_text(value: str) -> None:
    reason = told(Cell("t.csv", "paid", value, line=2), Cell("t.csv", "paid", "x", line=3), flaw="currencies")
    assert columns_of(condition_in(reason)) == {"paid"}
    assert "keep to one of them" in reason
