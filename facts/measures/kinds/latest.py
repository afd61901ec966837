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

from phasegate.facts.engines.plans import MayBeNewest, Newest, NewestRows, Row, all_of, is_null
from phasegate.facts.measures.base import Kind, MeasureError
from phasegate.facts.measures.batch import Batch, exact
from phasegate.facts.measures.row_selection import What
from phasegate.facts.measures.to_fact import Frame, Missing, Number, Truth, Undecided, Value, Words
from phasegate.facts.model.fact import NO_ROWS, Fact


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
        by, among = self.part.shared.by, self.part.mask.flag
        self.newest = Newest(table, by, among, event, recorded, self.fields)
        self.ticket = self.context.batch.own(self.newest)

    def reopen(self, batch: Batch) -> None:
        """Looks at the rows that may be among them and are as new as the newest, or newer."""
        mask, by = self.part.mask, self.part.shared.by
        unplaced = None
        if self.measure.by == "point" and by is not None:  # what names no point may belong to each
            unplaced = all_of(mask.possible.flag, is_null(by))
        self.second = batch
        self.further = batch.own(MayBeNewest(self.newest, mask.unknown, unplaced, tied=False))
        self.tied = batch.own(MayBeNewest(self.newest, mask.unknown, unplaced, tied=True))

    def behind(self, slice_: str, upper: bool) -> tuple[What, NewestRows] | None:
        """The newest row, or those that are tied."""
        return "newest", NewestRows(self.rows_that(slice_))

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
                value = Missing("unknown", NO_ROWS)
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
