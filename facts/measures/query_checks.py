"""What a query asks of the rows that it reads, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from phasegate.facts.expressions.people import alike_said, counted_ids
from phasegate.facts.expressions.queries.query import Query
from phasegate.facts.expressions.types import Origin
from phasegate.facts.measures.batch import Batch, Row, Table, Values
from phasegate.facts.measures.query_frames import check_frames

_IDS = "ids"


@dataclass(frozen=True, slots=True)
class QueryChecks:
    """The checks of one query, registered.

    Attributes:
        batch: where their numbers will stand.
        empty: tickets of those that count empty cells, with the names of the columns.
        people: the ticket of the one that compares ids of people, with their columns; None without.
    """

    batch: Batch
    empty: tuple[tuple[int, tuple[str, ...]], ...]
    people: tuple[int, tuple[str, ...]] | None

    def fault(self) -> str:
        """What is wrong; empty where nothing is."""
        if lacking := self._lacking():
            told = [f"{count:,} {'lack' if count > 1 else 'lacks'} {name}" for name, count in lacking.items()]
            return f"of the rows that the query reads, {', and '.join(told)}: {_FIX}"
        if self.people is not None:
            ticket, columns = self.people
            if alike := alike_said(self.batch.rows(ticket)[""], columns):
                return f"{alike}, and the query compares ids of people: write them alike in the source"
        return ""

    def _lacking(self) -> dict[str, int]:
        """In how many rows each column is empty that decides."""
        counts: dict[str, int] = {}
        for ticket, names in self.empty:
            row: Row = self.batch.rows(ticket)[""]
            for place, name in enumerate(names):
                counts[name] = max(counts.get(name, 0), int(row[f"{place}"]))
        return {name: count for name, count in counts.items() if count}


_FIX = "say what that means, by COALESCE, IS NULL or (...) IS TRUE, or leave such rows out by IS NOT NULL"


def registered(
    query: Query,
    batch: Batch,
    tables: Mapping[str, Table],
    frames: Mapping[str, pl.LazyFrame],
    values: Values,
) -> QueryChecks:
    """Registers the checks of a query.

    Args:
        query: it.
        batch: the pass.
        tables: the sources that it may read.
        frames: those that it reads, see `frame_of`.
        values: the values of parameters.

    Raises:
        ExpressionError: if polars does not run one.
    """
    read = [tables[name] for name in query.tables]
    empty = tuple(
        (batch.own(frame, read, adds_up=False), check.names)
        for check, frame in zip(query.checks, check_frames(query, frames, values), strict=True)
    )
    if not query.people:
        return QueryChecks(batch, empty, None)
    ticket = batch.own(people_frame(query.people, frames), read, adds_up=False)
    names = tuple(dict.fromkeys(origin.text for origin in query.people if origin.personal))
    return QueryChecks(batch, empty, (ticket, names))


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
