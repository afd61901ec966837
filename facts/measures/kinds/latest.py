"""The kind ``latest``: several fields of the one newest row.

The newest row is the one with the latest event date, and among rows of that date the one that was
recorded last. Rows that are still tied must agree in every field, else nobody can say which counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from phasegate.facts.measures.base import Kind, MeasureError
from phasegate.facts.measures.batch import SLICE, Row, exact
from phasegate.facts.measures.row_selection import What, shown
from phasegate.facts.measures.to_fact import Frame, Missing, Number, Truth, Value, Words
from phasegate.facts.model.fact import Fact


class Latest(Kind):
    """One fact for each field."""

    def operands(self) -> tuple[str, ...]:
        """The fields' expressions."""
        assert self.measure.latest is not None
        return tuple(self.measure.latest.values())

    def prepare(self) -> None:
        """Finds the newest rows of each slice, and of each field the smallest and greatest value."""
        assert self.measure.latest is not None
        table, part = self.part.table, self.part
        event, recorded = table.contract.event, table.contract.recorded
        if event is None:
            raise MeasureError(f"the source {table.name} names no event date, so no row is the newest")
        self.fields = {field: table.value(sql)[0] for field, sql in self.measure.latest.items()}
        by = part.shared.by
        wanted = {event, *self.fields.values(), *part.mask.names}
        wanted |= {name for name in (by, recorded) if name}
        sliced = pl.lit("") if by is None else pl.col(by)
        frame = part.mask.frame(table.frame_of(wanted)).select(
            sliced.alias(SLICE),
            pl.col(event).alias("event "),
            *([pl.col(recorded).alias("recorded ")] if recorded else []),
            *(pl.col(name).alias(f"field {field}") for field, name in self.fields.items()),
        )
        for name in ("event ", *(["recorded "] if recorded else [])):
            newest = frame.group_by(SLICE).agg(pl.col(name).max())
            frame = frame.join(newest, on=[SLICE, name], how="semi", nulls_equal=True)
        found = []
        for field in self.fields:
            column = pl.col(f"field {field}")
            found += [
                column.min().alias(f"min {field}"),
                column.max().alias(f"max {field}"),
                column.null_count().cast(pl.Int64).alias(f"nulls {field}"),
            ]
        self.ticket = self.context.batch.own(
            frame.group_by(SLICE).agg(pl.len().cast(pl.Int64).alias("tied "), *found),
            [table],
            adds_up=False,
        )

    def behind(self, slice_: str, upper: bool) -> tuple[What, pl.LazyFrame] | None:
        """The newest row, or those that are tied."""
        chosen, table = self.rows_that(slice_), self.part.table
        found = table.frame_of({*chosen.columns, *chosen.reads}).filter(chosen.flag)
        for name in (table.contract.event, table.contract.recorded):
            if name is not None:
                found = found.filter(pl.col(name).eq_missing(pl.col(name).max()))
        return "newest", found.select(shown(table, chosen.columns))

    def settle(self, frame: Frame, slice_: str, row: Row | None) -> Iterator[Fact]:
        """The facts of all fields; they stand or fall together where rows disagree."""
        population = self.population(slice_, row)
        found = self.context.batch.rows(self.ticket).get(slice_)
        differing = [] if found is None else [field for field in self.fields if _differs(found, field)]
        for field in self.fields:
            value: Value
            if found is None:
                value = Missing("unknown", "no rows")
            elif differing:
                names = " and ".join(differing)
                value = Missing("error", f"two rows of the same date disagree on {names}")
            else:
                value = _value(found[f"min {field}"], field)
            yield frame.settle(slice_, population, value, field)


def _differs(found: Row, field: str) -> bool:
    nulls = found[f"nulls {field}"]
    if found[f"min {field}"] != found[f"max {field}"]:
        return True
    return bool(0 < nulls < found["tied "])


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
