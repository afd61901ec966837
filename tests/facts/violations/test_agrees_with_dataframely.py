"""The counted clauses and dataframely, which judges by the same contract, find the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import dataframely as dy
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.contracts.clauses import (
    HIDDEN,
    ROW,
    Clause,
    Distinct,
    bound_value,
    clauses,
    distincts,
    whole,
)
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.contracts.types import Reading, typed
from phasegate.rules.model.contract import Column, Contract

AS_OF = dt.date(2026, 3, 31)
READING = Reading()
CONTRACT = Contract(
    title="anything",
    event="day",
    key=("id", "part"),
    columns={
        "id": Column(type="integer", min=1, max=3),
        "part": Column(type="string", nullable=True),
        "day": Column(type="date", past=True, min="2026-01-01", nullable=True),
        "at": Column(type="datetime", past=True, nullable=True),
        "amount": Column(type="decimal", scale=2, min="0", max="99.5", allowed=("0", "1.5", "99.5", "100")),
        "rate": Column(type="float", min="-1", max="1", nullable=True),
        "code": Column(type="string", pattern="[A-Z]+", unique=True, nullable=True),
        "kind": Column(type="string", allowed=("a", "b")),
        "done": Column(type="boolean"),
    },
)
TEXTS = {
    "id": ["1", "2", "3", "4", "0", "x", "1.0", "1.5", "99999999999999999999"],
    "part": ["a", "b", ""],
    "day": ["2026-01-01", "2025-12-31", "2026-03-31", "2026-04-01", "2026-02-30", "2026-1-1", "today"],
    "at": ["2026-03-31T23:59:59Z", "2026-04-01 00:00:00", "2026-03-31", "noon", "2026-03-31 25:00:00"],
    "amount": ["0", "1.5", "1.50", "1.500", "1.505", "99.5", "99.51", "-0.01", "1e1", "1e-3", "NaN", "1,5"],
    "rate": ["0", "1", "-1.5", "1e9", "NaN", "inf", "-inf", "one"],
    "code": ["A", "B", "BC", "b", "B\n", ""],
    "kind": ["a", "b", "c", "A"],
    "done": ["true", "FALSE", "1", "0", "yes"],
}
VALUES = {
    "id": (pl.Int64, [1, 2, 3, 4, 0]),
    "part": (pl.String, TEXTS["part"]),
    "day": (pl.Date, [dt.date(2026, 1, 1), dt.date(2025, 12, 31), dt.date(2026, 4, 1)]),
    "at": (pl.Datetime("us"), [dt.datetime(2026, 3, 31, 23), dt.datetime(2026, 4, 1)]),
    "amount": (pl.Decimal(38, 3), [Decimal("1.5"), Decimal("1.505"), Decimal("-1"), Decimal("100")]),
    "rate": (pl.Float64, [0.5, -2.0, float("nan"), float("inf"), float("-inf")]),
    "code": (pl.String, TEXTS["code"]),
    "kind": (pl.String, TEXTS["kind"]),
    "done": (pl.Boolean, [True, False]),
}


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    size = draw(st.integers(0, 6))
    as_text = draw(st.booleans())
    columns = {}
    for name in CONTRACT.columns:
        kind, values = (pl.String, TEXTS[name]) if as_text else VALUES[name]
        cells = draw(st.lists(st.sampled_from([None, *values]), min_size=size, max_size=size))
        columns[name] = pl.Series(cells, dtype=kind)
    return pl.DataFrame(columns)


def as_opened(raw: pl.DataFrame) -> pl.DataFrame:
    """The frame as a source has it: typed, with the originals beside the values."""
    hidden = {}
    values = []
    for name, column in CONTRACT.columns.items():
        value = typed(pl.col(HIDDEN + name), raw.schema[name], column, READING)
        if value is not None:
            hidden[name] = HIDDEN + name
            values.append(value.alias(name))
    return raw.rename(hidden).with_columns(values)


@settings(max_examples=examples(150), deadline=None)
@given(frames())
def test_clauses_and_dataframely_agree(raw: pl.DataFrame) -> None:
    found = dict(raw.schema)
    frame = as_opened(raw).with_row_index(ROW, offset=1)
    failure = schema_of(CONTRACT, found, READING, AS_OF).filter(frame).failure
    theirs = failure.counts()
    ours = {
        rule_of(clause): frame.select(clause.count).item()
        for clause in clauses(CONTRACT, found, READING, AS_OF)
    }
    assert {rule: count for rule, count in ours.items() if count} == {
        rule: count for rule, count in theirs.items() if count and rule in ours
    }
    judged = failure.details()
    for clause in clauses(CONTRACT, found, READING, AS_OF):
        if rule_of(clause) in theirs:
            broken = judged.filter(pl.col(rule_of(clause)) == "invalid")
            assert frame.filter(clause.broken)[ROW].to_list() == broken[ROW].to_list()
    unique = {rule_of(distinct): distinct for distinct in distincts(CONTRACT)}
    assert theirs.keys() <= ours.keys() | unique.keys()
    for rule, distinct in unique.items():
        rows = frame.select(distinct.rows).item()
        kinds = frame.select(distinct.kinds).item()
        assert (rows != kinds) == (rule in theirs)


def rule_of(clause: Clause | Distinct) -> str:
    """The name of a clause among dataframely's rules."""
    if isinstance(clause, Distinct):
        return f"rule {clause.name}"
    match clause.kind:
        case "null" if clause.original == clause.column:
            return f"{clause.column}|nullability"
        case "null":
            return f"{clause.original}|check__null"
        case "min" | "max" | "regex":
            return f"{clause.column}|{clause.kind}"
        case "type" | "scale" | "percent" | "finite" | "rate":
            return f"rule {clause.name}"
        case _:
            return f"{clause.column}|check__{clause.kind}"


def schema_of(
    contract: Contract, found: Mapping[str, pl.DataType], reading: Reading, as_of: dt.date
) -> type[dy.Schema]:
    """The contract as a dataframely schema.

    It stands beside the clauses, not on them: nulls, bounds and patterns are dataframely's own
    rules, and so the two can be held against each other. What needs the value as the file has it
    (type, scale) and other rows (key) is taken from the clauses.

    Args:
        contract: the contract.
        found: the type of each column in the files; those that they lack are left out.
        reading: how texts are written.
        as_of: the day after which no ``past`` date may lie.
    """
    members: dict[str, object] = {"row": dy.Any(alias=ROW)}
    hidden = set()
    for clause in clauses(contract, found, reading, as_of):
        if clause.kind in ("type", "scale", "percent", "finite", "rate"):
            members[f"rule {clause.name}"] = _rule(~clause.broken)
        if clause.original != clause.column:
            hidden.add(clause.column)
    for place, (name, column) in enumerate(contract.columns.items()):
        if name not in found:
            continue
        nullable = column.nullable and name not in contract.must_exist
        if name in hidden:
            checks = None if nullable else {"null": lambda value: value.is_not_null()}
            members[f"original {place}"] = dy.Any(alias=HIDDEN + name, check=checks)
        members[f"column {place}"] = _column(name, column, nullable or name in hidden, as_of)
    for distinct in distincts(contract):
        different = pl.struct(*distinct.columns).is_unique()
        if not distinct.nulls_count:
            different = different | pl.col(*distinct.columns).is_null()
        if distinct.lacking:  # what may be empty tells no row from one that is alike in all else
            more = [pl.col(name) for name in distinct.columns if name not in distinct.lacking]
            alone = pl.struct(more).is_unique() if more else pl.len() == 1
            empty = pl.any_horizontal(pl.col(name).is_null() for name in distinct.lacking)
            different = different & (~empty | alone)
        members[f"rule {distinct.name}"] = _rule(different)
    return type("ContractSchema", (dy.Schema,), members)


def _rule(holds: pl.Expr) -> object:
    return dy.rule()(lambda _: holds)


def _column(name: str, column: Column, nullable: bool, as_of: dt.date) -> dy.Column:
    checks: dict[str, Callable[[pl.Expr], pl.Expr]] = {}
    if column.allowed is not None:
        values = [bound_value(name, column, value) for value in column.allowed]
        checks["allowed"] = lambda value: pl.any_horizontal(value == one for one in values)
    if column.past:
        day = dt.datetime.combine(as_of, dt.time.max) if column.type == "datetime" else as_of
        checks["past"] = lambda value: value <= day
    least = None if column.min is None else bound_value(name, column, column.min)
    most = None if column.max is None else bound_value(name, column, column.max)
    options: dict[str, object] = {"alias": name, "nullable": nullable, "check": checks or None}
    match column.type:
        case "string":
            regex = None if column.pattern is None else whole(column.pattern)
            return dy.String(regex=regex, **options)  # type: ignore[arg-type]
        case "boolean":
            return dy.Bool(**options)  # type: ignore[arg-type]
    if column.type == "float":  # whose digits the data decide, not those of its bounds
        least, most = _inward(least, column.scale, ROUND_CEILING), _inward(most, column.scale, ROUND_FLOOR)
    options |= {"min": least, "max": most}
    match column.type:
        case "integer":
            return dy.Int64(**options)  # type: ignore[arg-type]
        case "decimal" | "float":
            return dy.Decimal(DECIMAL_DIGITS, column.scale, **options)  # type: ignore[arg-type]
        case "date":
            return dy.Date(**options)  # type: ignore[arg-type]
        case _:
            return dy.Datetime(time_unit="us", **options)  # type: ignore[arg-type]


def _inward(bound: object, scale: int, rounding: str) -> Decimal | None:
    """A bound with no more digits than its column has, that lets pass the same values of it."""
    if not isinstance(bound, Decimal):
        return None
    exact = Context(prec=3 * DECIMAL_DIGITS, rounding=rounding)
    step = Decimal(1).scaleb(-scale, exact)
    most = Decimal(10).scaleb(DECIMAL_DIGITS - scale - 1, exact) - step
    return max(-most, min(bound.quantize(step, context=exact), most))
