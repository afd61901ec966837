"""The rows that break a contract: looked for only where the counts say that there are some.

dataframely judges the offending rows once more, by a schema that is generated from the same
contract. It is imported here and nowhere else, and this module only where it is needed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import dataframely as dy
import polars as pl

from phasegate.facts.breaches_broken import Broken
from phasegate.facts.breaches_hints import hint_of, hint_of_alike
from phasegate.facts.cells import LONGEST, SAMPLE, placed, shortened, value_told
from phasegate.facts.contracts import (
    HIDDEN,
    Clause,
    Distinct,
    bound_value,
    clauses,
    distincts,
    must_exist,
    whole,
)
from phasegate.facts.contracts_numbers import DECIMAL_DIGITS
from phasegate.facts.contracts_types import Reading, typed
from phasegate.facts.fact import Breach, Cell
from phasegate.facts.open_source import ROW
from phasegate.facts.sources_places import Place
from phasegate.rules.contract import Column, Contract

LONGEST_IN_ROW = 200
"""So many characters of a value are shown with its row."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A source whose counts say that rows break its contract.

    Attributes:
        rows: all rows of its files, hidden columns included.
        in_force: true in the rows that count; None if all do.
        contract: its contract.
        found: the type of each column in the files.
        reading: how texts are written.
        as_of: the day for which the data are judged.
        places: where rows stand, by their numbers.
    """

    rows: pl.LazyFrame
    in_force: pl.Expr | None
    contract: Contract
    found: Mapping[str, pl.DataType]
    reading: Reading
    as_of: dt.date
    places: Callable[[Iterable[int]], Mapping[int, Place]]


def find_breaches(
    suspect: Suspect, counts: Mapping[str, int], alike: Sequence[Distinct]
) -> tuple[Breach, ...]:
    """Counts and samples the rows that break each clause, in bounded memory.

    Args:
        suspect: the source.
        counts: how many rows break a clause, by its name; those that none breaks may be left out.
        alike: the demands for different rows whose hashes were alike. Where the rows prove
            different after all, there is no breach.
    """
    frame = suspect.rows.with_row_index(ROW, offset=1)
    if suspect.in_force is not None:
        frame = frame.filter(suspect.in_force)
    broken = [
        clause
        for clause in clauses(suspect.contract, suspect.found, suspect.reading, suspect.as_of)
        if counts.get(clause.name)
    ]
    offending = [frame.filter(clause.broken).head(SAMPLE) for clause in broken]
    repeated = [_repeated(frame, distinct) for distinct in alike]
    results = pl.collect_all(
        [*(total for total, _ in repeated), *offending, *(rows for _, rows in repeated)], engine="streaming"
    )
    totals, samples = results[: len(alike)], results[len(alike) :]
    sample = pl.concat(samples).unique(ROW, keep="first").sort(ROW)
    schema = schema_of(suspect.contract, suspect.found, suspect.reading, suspect.as_of)
    judged = schema.filter(sample).failure.details()
    breaches = []
    for clause in broken:
        rows = _rows(judged, clause)
        hint = hint_of(_broken(suspect, clause, counts[clause.name], rows))
        breaches.append(_breach(suspect, clause, counts[clause.name], rows, hint))
    for distinct, total in zip(alike, totals, strict=True):
        if count := int(total.item() or 0):
            hint = hint_of_alike(distinct.columns, distinct.nulls_count)
            breaches.append(_breach(suspect, distinct, count, _rows(judged, distinct), hint))
    return _placed(suspect, breaches)


def _broken(suspect: Suspect, clause: Clause, count: int, rows: Sequence[Mapping[str, object]]) -> Broken:
    found = suspect.found[clause.column]

    text = pl.col(clause.original)

    def counted(flag: pl.Expr) -> int:
        frame = suspect.rows if suspect.in_force is None else suspect.rows.filter(suspect.in_force)
        return int(frame.select(flag.sum()).collect(engine="streaming").item())

    def unread(reading: Reading) -> int:
        value = typed(text, found, suspect.contract.columns[clause.column], reading)
        assert value is not None
        return counted(text.is_not_null() & value.is_null())

    def held() -> int:
        return counted(text.is_not_null())

    values = [row.get(clause.original) for row in rows]
    return Broken(clause, count, values, suspect.contract, found, suspect.reading, unread, held)


def _breach(
    suspect: Suspect,
    clause: Clause | Distinct,
    count: int,
    rows: Sequence[Mapping[str, object]],
    hint: str,
) -> Breach:
    """A breach whose cells have the number of their row in all files, until `_placed` finds the place."""
    about = clause.columns if isinstance(clause, Distinct) else (clause.column,)
    cells = []
    for row in rows:
        texts = [_text(row, column, suspect.contract, LONGEST) for column in about]
        value = shortened(", ".join(texts)) if any(texts) else None
        cells.append(Cell("", ", ".join(about), value, row=int(str(row[ROW]))))
    return Breach(clause.name, count, _texts(rows, about, suspect.contract), tuple(cells), hint)


def _placed(suspect: Suspect, breaches: Sequence[Breach]) -> tuple[Breach, ...]:
    """The same breaches, the places of their cells found by one look at the files."""
    numbers = {cell.row for breach in breaches for cell in breach.cells if cell.row is not None}
    found = suspect.places(numbers)
    return tuple(
        replace(
            breach,
            cells=tuple(told for cell in breach.cells if (told := placed(cell, found)) is not None),
        )
        for breach in breaches
    )


def _repeated(frame: pl.LazyFrame, distinct: Distinct) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """How many rows are like another one, and the first of them."""
    columns = list(distinct.columns)
    if not distinct.nulls_count:
        frame = frame.filter(pl.col(*columns).is_not_null())
    groups = frame.group_by(columns).agg(pl.len().cast(pl.Int64).alias("rows")).filter(pl.col("rows") > 1)
    few = groups.sort(columns, nulls_last=True).head(SAMPLE).select(columns)
    rows = frame.join(few, on=columns, how="semi", nulls_equal=True).sort(ROW).head(SAMPLE * 2)
    return groups.select(pl.col("rows").sum()), rows


def _rows(judged: pl.DataFrame, clause: Clause | Distinct) -> list[dict[str, object]]:
    """The first rows that break a clause."""
    rule = rule_of(clause)
    if rule not in judged.columns:
        return []
    return judged.filter(pl.col(rule) == "invalid").head(SAMPLE).to_dicts()


def _texts(
    rows: Sequence[Mapping[str, object]], about: Sequence[str], contract: Contract
) -> tuple[dict[str, str], ...]:
    """Rows as texts: what their clause is about, and what tells the row apart."""
    shown = dict.fromkeys((*about, *contract.key, *((contract.event,) if contract.event else ())))
    return tuple(
        {"row": str(row[ROW])} | {column: _text(row, column, contract, LONGEST_IN_ROW) for column in shown}
        for row in rows
    )


def _text(row: Mapping[str, object], column: str, contract: Contract, most: int) -> str:
    value = row.get(HIDDEN + column, row.get(column))
    return value_told(value, contract.columns[column].personal, most) or ""


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
        nullable = column.nullable and name not in must_exist(contract)
        if name in hidden:
            checks = None if nullable else {"null": lambda value: value.is_not_null()}
            members[f"original {place}"] = dy.Any(alias=HIDDEN + name, check=checks)
        members[f"column {place}"] = _column(name, column, nullable or name in hidden, as_of)
    for distinct in distincts(contract):
        different = pl.struct(*distinct.columns).is_unique()
        if not distinct.nulls_count:
            different = different | pl.col(*distinct.columns).is_null()
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
