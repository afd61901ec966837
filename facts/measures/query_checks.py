"""What a query asks of the rows that it reads, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from phasegate.facts.engines.plans import SLICE, Row
from phasegate.facts.engines.plans import Query as QueryPlan
from phasegate.facts.expressions.people import alike_said, counted_ids
from phasegate.facts.expressions.queries.query import Query
from phasegate.facts.expressions.queries.tables import Check
from phasegate.facts.expressions.types import Origin
from phasegate.facts.measures.batch import Batch, Table, Values
from phasegate.facts.measures.query_frames import check_frames

_IDS = "ids"


@dataclass(frozen=True, slots=True)
class QueryChecks:
    """The checks of one query, registered.

    Attributes:
        batch: where their numbers will stand.
        empty: tickets of those that count empty cells, with what they are.
        people: the ticket of the one that compares ids of people, with their columns; None without.
    """

    batch: Batch
    empty: tuple[tuple[int, Check], ...]
    people: tuple[int, tuple[str, ...]] | None

    def fault(self) -> str:
        """What is wrong with all that the query returns; empty where nothing is."""
        if lacking := _lacking(self._plain()):
            return _said(lacking)
        if self.people is not None:
            ticket, columns = self.people
            if alike := alike_said(self.batch.rows(ticket)[""], columns):
                return f"{alike}, and the query compares ids of people: write them alike in the source"
        return ""

    def fault_of(self, slice_: str, nulls: Decimal | int, beside: Iterable[str]) -> str:
        """What is wrong with one slice; empty where nothing is.

        Args:
            slice_: its name; empty for the whole.
            nulls: how many of its rows lack a value, as the query itself says.
            beside: the slices whose rows may be of this one, too, and for which nobody says that.
        """
        found = list(self._excusable(slice_))
        if sum(_any(check, row) for check, row in found) <= nulls:
            found = []
        return _said(_lacking([*found, *(each for name in beside for each in self._excusable(name))]))

    @property
    def slices(self) -> frozenset[str]:
        """Those with rows that lack what the query counts itself."""
        return frozenset[str]().union(*(self.batch.rows(at) for at, check in self.empty if check.excusable))

    def _plain(self) -> Iterator[tuple[Check, Row]]:
        """What nobody excuses: in any slice, or in rows of which it is not known in which."""
        for at, check in self.empty:
            if not check.excusable:
                yield check, self.batch.rows(at)[""]

    def _excusable(self, slice_: str) -> Iterator[tuple[Check, Row]]:
        for at, check in self.empty:
            if check.excusable and (row := self.batch.rows(at).get(slice_)) is not None:
                yield check, row


def _any(check: Check, row: Row) -> int:
    """How many rows lack any of the columns that the query counts itself."""
    return int(row[f"{len(check.names)}"])


def _lacking(found: Iterable[tuple[Check, Row]]) -> dict[str, int]:
    """In how many rows each column is empty that decides."""
    counts: dict[str, int] = {}
    for check, row in found:
        for place, name in enumerate(check.names):
            counts[name] = max(counts.get(name, 0), int(row[f"{place}"] or 0))
    return {name: count for name, count in counts.items() if count}


def _said(lacking: Mapping[str, int]) -> str:
    told = [f"{count:,} {'lack' if count > 1 else 'lacks'} {name}" for name, count in lacking.items()]
    return f"of the rows that the query reads, {', and '.join(told)}: {_FIX}" if told else ""


_FIX = "say what that means, by COALESCE, IS NULL or (...) IS TRUE, or leave such rows out by IS NOT NULL"


def registered(
    query: Query,
    batch: Batch,
    tables: Mapping[str, Table],
    frames: Mapping[str, pl.LazyFrame],
    values: Values,
    *,
    sliced: bool,
) -> QueryChecks:
    """Registers the checks of a query.

    Args:
        query: it.
        batch: the pass.
        tables: the sources that it may read.
        frames: those that it reads, see `frame_of`.
        values: the values of parameters.
        sliced: whether it must return slices.

    Raises:
        ExpressionError: if polars does not run one.
    """
    read = tuple(tables[name] for name in query.tables)
    # What is counted without saying in which slice is excused in none.
    checks = [
        replace(check, excusable=False) if sliced and not check.sliced else check for check in query.checks
    ]
    empty = tuple(
        (batch.own(QueryPlan(_counted(check, frame, sliced and check.sliced), read)), check)
        for check, frame in zip(checks, check_frames(query, frames, values), strict=True)
    )
    if not query.people:
        return QueryChecks(batch, empty, None)
    ticket = batch.own(QueryPlan(people_frame(query.people, frames), read))
    names = tuple(dict.fromkeys(origin.text for origin in query.people if origin.personal))
    return QueryChecks(batch, empty, (ticket, names))


def _counted(check: Check, frame: pl.LazyFrame, sliced: bool) -> pl.LazyFrame:
    """What a check counts: one row, or one for each slice in which anything is missing."""
    if not check.sliced:
        return frame
    counts = pl.col(*(f"{place}" for place in range(len(check.names) + 1))).sum()
    if not sliced:
        return frame.select(counts)
    return by_slice(frame).group_by(SLICE).agg(counts).filter(pl.col(f"{len(check.names)}") > 0)


def by_slice(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with the slice that a query says that they are of; an empty one is none."""
    return frame.with_columns(pl.col("slice").cast(pl.String).replace("", None).alias(SLICE)).drop("slice")


def people_frame(people: Sequence[Origin], frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """How many ids there are, and how many once they are folded; those that an author wrote among them."""
    written = [origin.text for origin in people if not origin.source]
    texts = [pl.LazyFrame({_IDS: written}, schema={_IDS: pl.String})]
    texts += [
        frames[origin.source].select(pl.col(origin.text).alias(_IDS)).unique()
        for origin in people
        if origin.source
    ]
    return counted_ids(pl.concat(texts), _IDS)
