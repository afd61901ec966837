"""Undetermined rows: of which nobody knows whether they count, because a condition is null for them.

How many there are is counted in the shared selects. What else is to be known of them is asked in a second
pass, and only where there are some: which columns are empty in them, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from phasegate.facts.engines.plans import Aggregate, Row, all_of, any_of, is_null, known
from phasegate.facts.expressions.expression import parse
from phasegate.facts.expressions.missing import remedy, tag_written
from phasegate.facts.measures.batch import Batch, Shared, Table
from phasegate.facts.measures.kinds.uses import POPULATION, uses
from phasegate.facts.measures.mask import unknown_in
from phasegate.facts.measures.row_selection import Chosen, chosen
from phasegate.facts.measures.slices import NO_VALUE
from phasegate.facts.measures.to_fact import Doubt
from phasegate.facts.model.ends import Lacking
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince

if TYPE_CHECKING:
    from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.part import Part


class Doubts:
    """What is found of the undetermined rows of one measure.

    Args:
        kind: the measure, after its first pass.
        batch: the frames of the second.
    """

    def __init__(self, kind: Kind, batch: Batch) -> None:
        self._kind, self._batch = kind, batch
        for part in kind.parts:
            self._shared(part).among(part.decides, unplaced=kind.measure.by == "point")
        self._empty = [(part, dict(_register(part, self._shared(part)))) for part in kind.parts]

    def of(self, slice_: str) -> Doubt:
        """The rows of one slice of which nobody knows whether they count."""
        rows, possible = 0, 0
        lacking: dict[str, int] = {}
        for part, aliases in self._empty:
            row, unplaced = self._kind.row_of(part, slice_), self._kind.unplaced(part)
            rows += part.doubtful(row, unplaced)
            possible += row[part.possible] - row[part.rows] if row is not None else 0
            if unplaced is not None:
                possible += unplaced[part.possible]
                point = part.table.contract.point or ""
                lacking[point] = lacking.get(point, 0) + unplaced[part.may or part.possible]
            for name, alias in aliases.items():
                found = sum(each[alias] for each in self.rows_of(part, slice_) if each is not None)
                lacking[name] = lacking.get(name, 0) + found
        told = sorted((Lacking(*each) for each in lacking.items() if each[1]), key=lambda one: -one.rows)
        return Doubt(rows, possible, tuple(told), _fix(self._kind, told, rows) if rows else "")

    def rows_of(self, part: Part, slice_: str) -> tuple[Row | None, Row | None]:
        """What the second pass found of undetermined rows of one slice, and of all that name no point."""
        rows = self._batch.rows((part.table.name, part.shared.by))
        return rows.get(slice_), rows.get(NO_VALUE) if self._kind.measure.by == "point" else None

    def _shared(self, part: Part) -> Shared:
        return self._batch.shared(part.table.name, part.shared.by)


def undetermined(part: Part, slice_: str, *, by_point: bool) -> Chosen:
    """The rows of one slice of which nobody knows whether they count.

    Args:
        part: the population.
        slice_: the slice.
        by_point: whether a row that names no slice may belong to each.
    """
    by = part.shared.by
    found = chosen(part.table, unknown_in(part.decides), by, slice_)
    if not by_point or by is None:
        return found
    unplaced = all_of(part.decides[0].possible.flag, is_null(by))
    return replace(found, flag=any_of(found.flag, known(unplaced)))


def _register(part: Part, shared: Shared) -> Iterator[tuple[str, str]]:
    """Each column that may be empty in undetermined rows, with the alias of in how many it is."""
    unknown = unknown_in(part.decides)
    key = " ".join(map(str, part.decides))
    for column in deciding(part.table, part.lacks):
        found = Aggregate("rows", "", all_of(unknown, is_null(column)))
        yield column, shared.want(f"empty|{column}|{key}", found)


def deciding(table: Table, expressions: Iterable[str]) -> list[str]:
    """The columns of the file of which an empty cell may make an expression null."""
    read = [parse(sql, table.scope) for sql in expressions]
    names = [(*each.deciding, *(column for column, _ in each.deciding_tags)) for each in read]
    return through(table, [name for each in names for name in each])


def through(table: Table, names: Iterable[str]) -> list[str]:
    """The columns of the file on which some columns rest, through derived ones."""
    waiting = list(names)
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        match table.contract.derive.get(name):
            case None:
                found[name] = None
            case BusinessDaysAfter(business_days_after=date) | BusinessDaysSince(business_days_since=date):
                waiting.append(date)
            case str() as sql:
                waiting += deciding(table, [sql])
    return [name for name in found if name in table.scope.columns]


def _fix(kind: Kind, lacking: Sequence[Lacking], rows: int) -> str:
    """What an author can write where an empty cell means something; nothing that would hide other rows."""
    if sum(each.rows for each in lacking) < rows:  # ids that only seem to be the same lack no cell
        read = [[parse(sql, part.table.scope) for sql in part.lacks] for part in kind.parts]
        if alike := next(filter(None, (remedy(each, ()) for each in read)), ""):
            return alike
    empty = {each.column for each in lacking}
    populations = [use.sql for use in uses(kind.id, kind.measure) if use.path[-1] in POPULATION]
    return next(filter(None, (_written(part, empty, populations) for part in kind.parts)), "")


def _written(part: Part, empty: AbstractSet[str], populations: Sequence[str]) -> str:
    """What to write in the conditions of one side that miss such columns, or a part of no column."""
    table, read = part.table, [parse(sql, part.table.scope) for sql in part.lacks]

    def missing(column: str) -> bool:
        return not empty.isdisjoint(through(table, [column]))

    lacking = {name for each in read for name in each.deciding if missing(name)}
    tags = {tag for each in read for tag in each.deciding_tags}
    lacking |= {tag_written(*tag) for tag in tags if missing(tag[0])}
    found = remedy(read, lacking, populations)
    if found or empty:
        return found
    found = remedy(read, {tag_written(*tag) for tag in tags}, populations)
    own = next((each for each in read if each.otherwise and each.type == "boolean"), None)
    return found or (f"write `({own.sql.strip()}) IS TRUE` if no value means not met" if own else "")
