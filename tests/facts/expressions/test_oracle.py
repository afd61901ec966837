"""Random expressions mean in polars what they mean in Python's decimals and three-valued logic."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.expressions.expression import Kind, Scope, add_columns, parse

SCOPE = Scope(
    "t", {"a": Kind("decimal", 2), "b": Kind("decimal", 4), "n": Kind("integer"), "p": Kind("boolean")}
)
SCHEMA = {"a": pl.Decimal(38, 2), "b": pl.Decimal(38, 4), "n": pl.Int64(), "p": pl.Boolean()}
Row = dict[str, Any]
Node = tuple[str, Callable[[Row], Any]]
"""An expression as SQL, and what it means."""


def _with_null(operate: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: None if any(value is None for value in values) else operate(*values)


def _and(left: Any, right: Any) -> Any:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: Any, right: Any) -> Any:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _binary(sign: str, operate: Callable[..., Any]) -> Callable[[Node, Node], Node]:
    return lambda x, y: (f"({x[0]} {sign} {y[0]})", lambda row: operate(x[1](row), y[1](row)))


def _call(name: str, operate: Callable[..., Any]) -> Callable[..., Node]:
    return lambda *xs: (
        f"{name}({', '.join(x[0] for x in xs)})",
        lambda row: operate(*(x[1](row) for x in xs)),
    )


def _column(name: str) -> Node:
    return name, lambda row: row[name]


def _literal(value: Decimal) -> Node:
    return f"({value})" if value < 0 else str(value), lambda _: value


ARITHMETIC = [
    _binary("+", _with_null(lambda x, y: x + y)),
    _binary("-", _with_null(lambda x, y: x - y)),
    _call("LEAST", _with_null(min)),
    _call("GREATEST", _with_null(max)),
    _call("COALESCE", lambda x, y: y if x is None else x),
    _call("NULLIF", _with_null(lambda x, y: None if x == y else x)),
]
COMPARISONS = [
    _binary("=", _with_null(lambda x, y: x == y)),
    _binary("<>", _with_null(lambda x, y: x != y)),
    _binary("<", _with_null(lambda x, y: x < y)),
    _binary(">=", _with_null(lambda x, y: x >= y)),
]
LOGIC = [_binary("AND", _and), _binary("OR", _or)]

literals = st.decimals(-99, 99, places=2).map(_literal)
leaves = st.sampled_from([_column("a"), _column("b"), _column("n")]) | literals


def _grown(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pair = st.tuples(st.sampled_from(ARITHMETIC), children, children).map(lambda drawn: drawn[0](*drawn[1:]))
    product = st.tuples(leaves, leaves).map(
        lambda drawn: _binary("*", _with_null(lambda x, y: x * y))(*drawn)
    )
    sign = children.map(lambda x: (f"(- {x[0]})", lambda row: None if (v := x[1](row)) is None else -v))
    return pair | product | sign


numbers = st.recursive(leaves, _grown, max_leaves=6)


def _case(branches: list[tuple[Node, Node]], other: Node | None) -> Node:
    """CASE: a condition of which nobody knows whether it holds ends it without a value."""

    def mean(row: Row) -> Any:
        for condition, value in branches:
            if (met := condition[1](row)) is not False:
                return None if met is None else value[1](row)
        return None if other is None else other[1](row)

    whens = " ".join(f"WHEN {condition[0]} THEN {value[0]}" for condition, value in branches)
    return f"(CASE {whens}{f' ELSE {other[0]}' if other else ''} END)", mean


comparisons = st.tuples(st.sampled_from(COMPARISONS), numbers, numbers).map(
    lambda drawn: drawn[0](*drawn[1:])
)
missing = numbers.map(lambda x: (f"({x[0]} IS NULL)", lambda row: x[1](row) is None))


def _joined(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pair = st.tuples(st.sampled_from(LOGIC), children, children).map(lambda drawn: drawn[0](*drawn[1:]))
    negated = children.map(
        lambda x: (f"(NOT {x[0]})", lambda row: None if (v := x[1](row)) is None else not v)
    )
    words = st.sampled_from([(" ", True), (" NOT ", True), (" ", False), (" NOT ", False)])
    plain = st.tuples(children, words).map(lambda drawn: _is(*drawn[0], *drawn[1]))
    case = st.builds(
        _case, st.lists(st.tuples(children, children), min_size=1, max_size=2), st.none() | children
    )
    return pair | negated | plain | case


def _is(sql: str, mean: Callable[[Row], Any], no: str, truth: bool) -> Node:
    wanted = no == " "
    return f"({sql} IS{no}{str(truth).upper()})", lambda row: (mean(row) is truth) is wanted


conditions = st.recursive(comparisons | missing | st.just(_column("p")), _joined, max_leaves=4)
cases = st.builds(
    _case, st.lists(st.tuples(conditions, numbers), min_size=1, max_size=3), st.none() | numbers
)
cells = {
    "a": st.none() | st.decimals(-999, 999, places=2),
    "b": st.none() | st.decimals(-999, 999, places=4),
    "n": st.none() | st.integers(-(10**6), 10**6),
    "p": st.none() | st.booleans(),
}
rows = st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=5)


@given(expression=numbers | conditions | cases, rows=rows)
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_polars_agrees_with_python(expression: Node, rows: list[Row]) -> None:
    sql, mean = expression
    frame = pl.LazyFrame(rows, schema=SCHEMA)
    found = (
        add_columns(frame, {"found": parse(sql, SCOPE)}, {}).collect(engine="streaming")["found"].to_list()
    )
    with localcontext(prec=100):
        assert found == [mean(row) for row in rows]


@given(expression=numbers | conditions | cases, rows=rows, full=st.sets(st.sampled_from(sorted(SCHEMA))))
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_may_be_missing_is_told(expression: Node, rows: list[Row], full: set[str]) -> None:
    """A value is null only where a cell is empty that decides, or by the expression's own words.

    Args:
        expression: it, and what it means.
        rows: the rows.
        full: the columns that the contract holds to be filled.
    """
    sql, mean = expression
    scope = Scope(
        "t", {name: replace(kind, nullable=name not in full) for name, kind in SCOPE.columns.items()}
    )
    filled = {"a": Decimal("1.25"), "b": Decimal("0.5"), "n": 1, "p": True}
    whole = [
        {name: filled[name] if row[name] is None and name in full else row[name] for name in row}
        for row in rows
    ]
    read = parse(sql, scope)
    assert not full & set(read.deciding)
    frame = pl.LazyFrame(whole, schema=SCHEMA)
    found = add_columns(frame, {"found": read}, {}).collect(engine="streaming")["found"].to_list()
    with localcontext(prec=100):
        assert found == [mean(row) for row in whole]
    for row, value in zip(whole, found, strict=True):
        assert value is not None or read.otherwise or any(row[name] is None for name in read.deciding)
