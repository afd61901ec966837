"""The rows that keep facts from having a value: looked for only where the counts say that there are some.

A fact whose rows can not be added up says how many are to blame. Which ones, where they stand in their
files, and what would help, is added by a second look over the sources of such facts alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from phasegate.facts.contracts.clauses import ROW
from phasegate.facts.contracts.personal import personal_columns
from phasegate.facts.engines import polars
from phasegate.facts.engines.plans import SLICE
from phasegate.facts.expressions.expression import ExpressionError, Scope, UnboundParameterError
from phasegate.facts.expressions.scopes import parameter_kinds
from phasegate.facts.measures.base import Context, MeasureError
from phasegate.facts.measures.batch import Batch, Table, Values
from phasegate.facts.measures.dependencies import sources_behind
from phasegate.facts.measures.kinds.registry import KINDS
from phasegate.facts.measures.null_operands import Blame, blames
from phasegate.facts.measures.slices import NO_VALUE, slice_name, slice_value
from phasegate.facts.model.fact import Cell, Fact, Flaw
from phasegate.facts.null_operand_messages import Lacking, reason_of
from phasegate.facts.sources.passes import Source, collect, read_errors
from phasegate.facts.violations.cells import SAMPLE, placed, value_told
from phasegate.rules.model.pack import Pack

_HARMLESS = (ExpressionError, UnboundParameterError, MeasureError, KeyError)
"""What a measure may raise that is compiled a second time; its facts say so already."""


class _Asked(NamedTuple):
    """Facts of one measure with one flaw, and the rows of one source that are to blame for it."""

    measure: str
    flaw: Flaw
    blame: Blame
    slices: tuple[str, ...]


def with_places(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    values: Values,
    found: Mapping[str, Sequence[Fact]],
) -> dict[str, list[Fact]]:
    """Facts by measure, the flawed ones with the first cells that are to blame.

    Args:
        pack: the pack.
        opened: the open sources by name.
        as_of: the date of the run.
        values: the values of parameters.
        found: the facts of each measure.
    """
    flawed = {id_: some for id_, facts in found.items() if (some := [fact for fact in facts if fact.flaw])}
    lacking: dict[tuple[str, Flaw, str], list[Lacking]] = {}
    try:
        asked = list(_asked(pack, opened, as_of, values, flawed))
        for each, slice_, cells in _looked_up(opened, asked):
            of_rows = pack.measures[each.measure].about.of_single_rows
            told = lacking.setdefault((each.measure, each.flaw, slice_), [])
            told.append(Lacking(each.blame, cells, of_rows))
    except read_errors():  # how many rows they are is known all the same
        lacking = {}
    return {
        id_: [_told(fact, lacking.get((id_, fact.flaw, fact.slice), [])) for fact in facts]
        for id_, facts in found.items()
    }


def _told(fact: Fact, lacking: Sequence[Lacking]) -> Fact:
    if not fact.flaw:
        return fact
    return replace(fact, reason=reason_of(fact, lacking), flaw="")


def _asked(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    values: Values,
    flawed: Mapping[str, Sequence[Fact]],
) -> Iterator[_Asked]:
    behind = {name for id_ in flawed for name in sources_behind(pack.measures[id_], pack.sources)}
    read = {name: source for name, source in opened.items() if name in behind}
    context = Context(as_of, tuple(pack.points), Batch(dict(_tables(pack, read, values))))
    for id_, facts in flawed.items():
        try:
            kind = KINDS[pack.measures[id_].kind](context, id_, pack.measures[id_])
            for flaw in dict.fromkeys(fact.flaw for fact in facts):
                slices = tuple(dict.fromkeys(fact.slice for fact in facts if fact.flaw == flaw))
                for blame in blames(kind, flaw):
                    yield _Asked(id_, flaw, blame, slices)
        except _HARMLESS:
            continue


def _tables(pack: Pack, opened: Mapping[str, Source], values: Values) -> Iterator[tuple[str, Table]]:
    for name, source in opened.items():
        frame = source.numbered() if source.frame is not None else None
        if frame is not None:
            scope = Scope(name, source.kinds, parameter_kinds(pack), source.contract.texts)
            yield name, Table(name, source.contract, scope, frame, values, False, source.exchange)


def _looked_up(
    opened: Mapping[str, Source], asked: Sequence[_Asked]
) -> Iterator[tuple[_Asked, str, list[Cell]]]:
    """The first rows of each slice, read in two passes: which ones they are, then what stands in them."""
    firsts = collect([_first(each) for each in asked])
    numbers = [_by_slice(each, first) for each, first in zip(asked, firsts, strict=True)]
    wanted: dict[str, tuple[Table, set[int], set[str]]] = {}
    for each, found in zip(asked, numbers, strict=True):
        _, some, columns = wanted.setdefault(each.blame.table.name, (each.blame.table, set(), set()))
        some.update(row for few in found.values() for row in few)
        columns.update(each.blame.columns)
    frames = [
        polars.frame_of(table, {ROW, *columns}).filter(pl.col(ROW).is_in(sorted(rows)))
        for table, rows, columns in wanted.values()
    ]
    read = {
        name: {row[ROW]: row for row in result.to_dicts()}
        for name, result in zip(wanted, collect(frames), strict=True)
    }
    places = {name: opened[name].places(rows) for name, (_, rows, _) in wanted.items()}
    for each, found in zip(asked, numbers, strict=True):
        name = each.blame.table.name
        for slice_, rows in found.items():
            cells = [cell for row in rows for cell in _cells(each.blame, read[name][row])]
            yield each, slice_, [told for cell in cells if (told := placed(cell, places[name])) is not None]


def _first(asked: _Asked) -> pl.LazyFrame:
    """The numbers of the first rows, of each slice."""
    blame, few = asked.blame, pl.col(ROW).bottom_k(SAMPLE)
    by = blame.by
    frame = polars.frame_of(blame.table, {ROW, *blame.reads, *([by] if by else [])})
    frame = frame.filter(polars.flag(blame.flag))
    sliced = frame.select(
        ROW, *([blame.each] if blame.each else []), *([pl.col(by).alias(SLICE)] if by else [])
    )
    if by:
        wanted = {*map(slice_value, asked.slices), *([None] if blame.by_point else [])}
        named = pl.col(SLICE).is_in(sorted(value for value in wanted if value is not None))
        sliced = sliced.filter(named | (pl.col(SLICE).is_null() if None in wanted else pl.lit(value=False)))
    if blame.each:  # one row of each value is enough to show that they differ
        sliced = sliced.group_by([blame.each, *([SLICE] if by else [])]).agg(pl.col(ROW).min())
    return sliced.group_by(SLICE).agg(few) if by else sliced.select(few)


def _by_slice(asked: _Asked, first: pl.DataFrame) -> dict[str, list[int]]:
    if asked.blame.by is None:
        rows = sorted(first[ROW].to_list())
        return dict.fromkeys(asked.slices, rows)
    found = {slice_name(value): rows for value, rows in first.select(SLICE, ROW).iter_rows()}
    if asked.blame.by_point:  # what names no point may belong to each
        unplaced = found.pop(NO_VALUE, [])
        return {slice_: sorted((*found.get(slice_, []), *unplaced))[:SAMPLE] for slice_ in asked.slices}
    return {slice_: sorted(rows) for slice_, rows in found.items()}


def _cells(blame: Blame, row: Mapping[str, object]) -> Iterator[Cell]:
    """The cells of a row that are to blame; the whole expressions where none of them is empty."""
    if not blame.empty:
        hidden = personal_columns(blame.table.contract, blame.table.scope)
        for name in blame.columns:
            if row[name] is not None or name == blame.each:
                yield Cell("", name, value_told(row[name], name in hidden), row=int(str(row[ROW])))
        return
    number = int(str(row[ROW]))
    names = [name for name in blame.columns if row[name] is None]
    yield from (Cell("", name, None, row=number) for name in names)
    if not names:
        yield Cell("", " or ".join(blame.expressions), None, row=number, expressions=blame.expressions)
