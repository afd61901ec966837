"""The rows that break a contract: looked for only where the counts say that there are some.

This module is imported only where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from phasegate.facts.contracts.clauses import (
    HIDDEN,
    ROW,
    Clause,
    Distinct,
)
from phasegate.facts.contracts.types import Reading, typed
from phasegate.facts.model.fact import Breach, Cell
from phasegate.facts.model.place import Place
from phasegate.facts.violations.broken_cells import Broken
from phasegate.facts.violations.cells import LONGEST, SAMPLE, placed, shortened, value_told
from phasegate.facts.violations.hints import CORRECT, hint_of, hint_of_alike, hint_of_lacking, hint_of_row
from phasegate.rules.model.contract import Contract

ALIKE = "write ids alike that differ in nothing that a reader sees: nobody knows whether they are one person"
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
        clauses: what the contract demands of each row.
        places: where rows stand, by their numbers.
    """

    rows: pl.LazyFrame
    in_force: pl.Expr | None
    contract: Contract
    found: Mapping[str, pl.DataType]
    reading: Reading
    clauses: Sequence[Clause]
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
    broken = [clause for clause in suspect.clauses if counts.get(clause.name)]
    offending = [frame.filter(clause.broken).head(SAMPLE) for clause in broken]
    repeated = [_repeated(frame, distinct) for distinct in alike]
    lacking = [distinct for distinct in alike if distinct.lacking]
    unlike = [_unlike(frame, distinct) for distinct in lacking]
    results = pl.collect_all(
        [
            *(total for total, _ in [*repeated, *unlike]),
            *(rows for _, rows in unlike),
            *offending,
            *(rows for _, rows in repeated),
        ],
        engine="streaming",
    )
    totals, results = results[: len(alike)], results[len(alike) :]
    numbers, samples = results[: len(lacking)], results[len(lacking) :]
    unsure, samples = samples[: len(lacking)], samples[len(lacking) :]
    sample = pl.concat(samples).unique(ROW, keep="first").sort(ROW)
    breaches = []
    for clause in broken:
        rows = _rows(sample, clause.broken)
        if clause.kind == "row":
            empty = [name for name in clause.about if suspect.contract.may_lack(name)]
            hint = f"{CORRECT}, and {ALIKE}" if clause.people else hint_of_row(empty)
        else:
            hint = hint_of(_broken(suspect, clause, counts[clause.name], rows))
        breaches.append(_breach(suspect, clause, counts[clause.name], rows, hint))
    for distinct, total in zip(alike, totals, strict=True):
        if count := int(total.item() or 0):
            hint = hint_of_alike(distinct.columns, distinct.nulls_count)
            breaches.append(_breach(suspect, distinct, count, _rows(sample, _alike(distinct)), hint))
    for distinct, total, rows_of in zip(lacking, numbers, unsure, strict=True):
        if count := int(total.item() or 0):
            rows = _rows(rows_of, pl.lit(True))
            told = replace(distinct, name=distinct.nowhere_empty)
            breaches.append(_breach(suspect, told, count, rows, hint_of_lacking(sorted(distinct.lacking))))
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
    about = clause.columns if isinstance(clause, Distinct) else clause.about
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
    if not distinct.nulls_count:
        frame = frame.filter(pl.col(*distinct.columns).is_not_null())
    keys = [f"{HIDDEN}compared {place}" for place in range(len(distinct.columns))]
    frame = frame.with_columns(each.alias(key) for key, each in zip(keys, distinct.compared, strict=True))
    groups = frame.group_by(keys).agg(pl.len().cast(pl.Int64).alias("rows")).filter(pl.col("rows") > 1)
    few = groups.sort(keys, nulls_last=True).head(SAMPLE).select(keys)
    rows = frame.join(few, on=keys, how="semi", nulls_equal=True).sort(ROW).head(SAMPLE * 2).drop(keys)
    return groups.select(pl.col("rows").sum()), rows


def _unlike(frame: pl.LazyFrame, distinct: Distinct) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """How many rows lack what would tell whether they are like another one, and the first of them."""
    rows = frame.filter(distinct.empty)
    keys = [f"{HIDDEN}compared {place}" for place in range(len(distinct.certain))]
    named = [each.alias(key) for key, each in zip(keys, distinct.certain, strict=True)]
    if keys:
        several = frame.with_columns(named).group_by(keys).len().filter(pl.col("len") > 1).select(keys)
        rows = rows.with_columns(named).join(several, on=keys, how="semi", nulls_equal=True).drop(keys)
    else:
        rows = frame.filter(distinct.empty & (pl.len() > 1))
    return rows.select(pl.len()), rows.sort(ROW).head(SAMPLE)


def _alike(distinct: Distinct) -> pl.Expr:
    """Whether a row is like another one; what is empty is like nothing, unless the demand says so."""
    alike = pl.struct(distinct.compared).is_duplicated()
    return alike if distinct.nulls_count else alike & pl.col(*distinct.columns).is_not_null()


def _rows(sample: pl.DataFrame, broken: pl.Expr) -> list[dict[str, object]]:
    """The first rows that break a clause."""
    rows = sample.filter(broken).head(SAMPLE)
    try:
        return rows.to_dicts()
    except ValueError:  # Python has no dates of such years
        temporal = [name for name, kind in rows.schema.items() if kind.is_temporal()]
        return rows.with_columns(pl.col(temporal).cast(pl.String)).to_dicts()


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
