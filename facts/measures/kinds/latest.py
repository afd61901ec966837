"""The kind ``latest``: several fields of the one newest row.

The newest row is the one with the latest event date, and among rows of that date the one that was
recorded last. Rows that are still tied must agree in every field, else nobody can say which counts; and
so must those that may be the newest, because nobody knows whether they belong or when they were recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from phasegate.facts.measures.base import Kind, MeasureError
from phasegate.facts.measures.batch import SLICE, Batch, Row, exact
from phasegate.facts.measures.row_selection import What, shown
from phasegate.facts.measures.to_fact import Frame, Missing, Number, Truth, Undecided, Value, Words
from phasegate.facts.model.fact import Fact


class Latest(Kind):
    """One fact for each field."""

    has_ends = True

    def operands(self) -> tuple[str, ...]:
        """The fields' expressions."""
        assert self.measure.latest is not None
        return tuple(self.measure.latest.values())

    def prepare(self) -> None:
        """Finds the newest rows of each slice, and of each field the smallest and greatest value."""
        assert self.measure.latest is not None
        table = self.part.table
        event, recorded = table.contract.event, table.contract.recorded
        if event is None:
            raise MeasureError(f"the source {table.name} names no event date, so no row is the newest")
        self.fields = {field: table.value(sql)[0] for field, sql in self.measure.latest.items()}
        self.times = ["event ", *(["recorded "] if recorded else [])]
        self.ticket = self.context.batch.own(self._seen(self._newest()), [table], adds_up=False)

    def reopen(self, batch: Batch) -> None:
        """Looks at the rows that may be among them and are as new as the newest, or newer."""
        greatest = [pl.col(name).max().alias(f"last {name}") for name in self.times]
        last = self._newest().group_by(SLICE).agg(greatest)
        mask, by = self.part.mask, self.part.shared.by
        frame = self._rows(mask.unknown).join(last, on=SLICE, how="left", nulls_equal=True)
        if self.measure.by == "point" and by is not None:  # what names no point may belong to each
            unplaced = self._rows(mask.possible.expr & pl.col(by).is_null()).drop(SLICE)
            every = unplaced.join(last, how="cross").select(frame.collect_schema().names())
            frame = pl.concat([frame, every])
        frame = frame.filter(_as_new(self.times)).drop(f"last {name}" for name in self.times)
        self.second = batch
        self.further = batch.own(self._seen(frame), [self.part.table], adds_up=False)
        self.tied = batch.own(self._tied(frame), [self.part.table], adds_up=False)

    def _tied(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Of each field, whether rows of one date disagree on it, where both may be the newest."""
        fields = [f"field {field}" for field in self.fields]
        both = pl.concat(
            [self._newest().select(SLICE, *self.times, *fields), frame.select(SLICE, *self.times, *fields)]
        )
        of_a_date = both.group_by(SLICE, *self.times).agg(pl.col(fields).n_unique() > 1)
        return of_a_date.group_by(SLICE).agg(pl.col(fields).any())

    def _rows(self, flag: pl.Expr | None = None) -> pl.LazyFrame:
        """The rows of the population, or others: their slice, their times and their fields."""
        table, part = self.part.table, self.part
        event, recorded = table.contract.event, table.contract.recorded
        by = part.shared.by
        wanted = {event, *self.fields.values(), *part.mask.names}
        wanted |= {name for name in (by, recorded) if name}
        rows = table.frame_of(name for name in wanted if name)
        rows = part.mask.frame(rows) if flag is None else rows.filter(flag)
        return rows.select(
            (pl.lit("") if by is None else pl.col(by)).alias(SLICE),
            pl.col(event or "").alias("event "),
            *([pl.col(recorded).alias("recorded ")] if recorded else []),
            *(pl.col(name).alias(f"field {field}") for field, name in self.fields.items()),
        )

    def _newest(self) -> pl.LazyFrame:
        """The newest rows of each slice; one that does not say when it was recorded may be the last."""
        frame = self._rows()
        for name in self.times:
            newest = frame.group_by(SLICE).agg(pl.col(name).max().alias("newest "))
            frame = frame.join(newest, on=SLICE, how="inner", nulls_equal=True)
            frame = frame.filter((pl.col(name) == pl.col("newest ")).fill_null(value=True)).drop("newest ")
        return frame

    def _seen(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """How many rows of each slice there are, and of each field the smallest and greatest value."""
        found = []
        for field in self.fields:
            column = pl.col(f"field {field}")
            found += [
                column.min().alias(f"min {field}"),
                column.max().alias(f"max {field}"),
                column.null_count().cast(pl.Int64).alias(f"nulls {field}"),
            ]
        return frame.group_by(SLICE).agg(pl.len().cast(pl.Int64).alias("tied "), *found)

    def behind(self, slice_: str, upper: bool) -> tuple[What, pl.LazyFrame] | None:
        """The newest row, or those that are tied."""
        chosen, table = self.rows_that(slice_), self.part.table
        found = table.frame_of({*chosen.columns, *chosen.reads}).filter(chosen.flag)
        for name in (table.contract.event, table.contract.recorded):
            if name is not None:
                found = found.filter((pl.col(name) == pl.col(name).max()).fill_null(value=True))
        return "newest", found.select(shown(table, chosen.columns))

    def settle(self, frame: Frame, slice_: str, row: Row | None) -> Iterator[Fact]:
        """The facts of all fields; they stand or fall together where rows disagree."""
        population = self.population(slice_, row)
        found = self.context.batch.rows(self.ticket).get(slice_)
        differing = [] if found is None else self._differing(found)
        may = self.second.rows(self.further).get(slice_) if population.doubt.rows else None
        open_ = [] if found is None or may is None else self._differing(found, may)
        tied = self.second.rows(self.tied).get(slice_, {}) if may is not None else {}
        apart = [field for field in self.fields if tied.get(f"field {field}")]
        for field in self.fields:
            value: Value
            if apart and found is None:
                yield frame.missing("error", _apart(apart), slice_, field)
                continue
            if differing:
                names = " and ".join(differing)
                value = Missing("error", f"two rows of the same date disagree on {names}")
            elif apart:  # if they belong, it is that error, which nobody may waive
                value = Missing("error", _apart(apart))
            elif found is None:
                value = Missing("unknown", "no rows")
            elif open_:
                value = Undecided(f"rows that may be the newest disagree on {' and '.join(open_)}")
            else:
                value = _value(found[f"min {field}"], field)
            yield frame.settle(slice_, population, value, field)

    def _differing(self, *seen: Row) -> list[str]:
        """The fields on which rows disagree."""
        return [field for field in self.fields if _differs(seen, field)]


def _apart(fields: Sequence[str]) -> str:
    return f"two rows of the same date may disagree on {' and '.join(fields)}"


def _as_new(times: Sequence[str]) -> pl.Expr:
    """Whether a row is as new as the last one, or newer; so it is where nobody knows."""
    newer = pl.lit(value=True)
    for name in reversed(times):
        own, last = pl.col(name), pl.col(f"last {name}")
        newer = (own > last) | ((own == last) & newer)
    return newer.fill_null(value=True)


def _differs(seen: Sequence[Row], field: str) -> bool:
    nulls, rows = (sum(row[name] for row in seen) for name in (f"nulls {field}", "tied "))
    values = {row[f"{end} {field}"] for row in seen for end in ("min", "max")} - {None}
    return len(values) > 1 or 0 < nulls < rows


def _value(found: Any, field: str) -> Value:
    if found is None:
        return Missing("unknown", f"the newest row has no {field}")
    if isinstance(found, bool):
        return Truth(found)
    if isinstance(found, Decimal | int):
        whole, digits = exact(found)
        return Number(whole, 10**digits)
    if isinstance(found, dt.date):
        return Words(found.isoformat())
    return Words(str(found))
