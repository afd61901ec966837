"""Which rows are to blame where a measure can not add them up, and which of their columns tell why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from phasegate.facts.engines.plans import all_of, any_of, is_null
from phasegate.facts.expressions.expression import parse
from phasegate.facts.expressions.tree import Name, Tree, op
from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.batch import Table
from phasegate.facts.measures.dependencies import sources_of
from phasegate.facts.measures.kinds.sql import Query
from phasegate.facts.measures.mask import Mask
from phasegate.facts.measures.part import Part
from phasegate.facts.measures.undetermined import deciding
from phasegate.facts.model.fact import Flaw
from phasegate.facts.sources.currency.conversion import beyond
from phasegate.facts.sources.currency.rates import LACKS


@dataclass(frozen=True, slots=True)
class Blame:
    """Rows of one source that are to blame.

    Attributes:
        table: the source.
        by: its slice column; None for the whole.
        flag: true for them.
        reads: the columns that tell which rows they are.
        columns: those of the file that tell why.
        expressions: what has no value in them, one of these or several.
        people: the columns whose ids of people it compares.
        empty: whether it is to blame that one of the columns is empty, and not what stands there.
        each: the column of which one row of each value is told; None where all rows are alike.
        by_point: whether a row that names no slice is to blame in each.
    """

    table: Table
    by: str | None
    flag: Tree
    reads: frozenset[str]
    columns: tuple[str, ...]
    expressions: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    empty: bool = False
    each: str | None = None
    by_point: bool = False


def blames(kind: Kind, flaw: Flaw) -> Iterator[Blame]:
    """The rows of each source that are to blame for a flaw of a measure."""
    if isinstance(kind, Query):
        yield from _of_query(kind, flaw)
        return
    for blame in _of_parts(kind, flaw):
        yield replace(blame, by_point=kind.measure.by == "point")


def _of_parts(kind: Kind, flaw: Flaw) -> Iterator[Blame]:
    for part, needed in kind.added():
        match flaw:
            case "nulls":
                lacking = part.table.mask(" OR ".join(f"({sql}) IS NULL" for sql in needed))
                mask, bases = (part.mask & lacking).possible, deciding(part.table, needed)
                people = tuple(name for sql in needed for name in parse(sql, part.table.scope).people)
                yield _blame(
                    part, mask, mask.flag, bases, expressions=tuple(needed), people=people, empty=True
                )
            case _:
                yield from _of_money(part, flaw)


def _of_money(part: Part, flaw: Flaw) -> Iterator[Blame]:
    contract, marks = part.table.contract, part.marks
    currency = contract.currency_column
    among = marks.among if marks is not None else part.mask.possible
    chosen = among.flag
    if currency is None:
        return
    if flaw == "no currency":
        flag = all_of(chosen, is_null(currency))
        yield _blame(part, among, flag, [currency], currency, expressions=(currency,), empty=True)
    elif flaw == "currencies":
        flag = all_of(chosen, op("not", is_null(currency)))
        yield _blame(part, among, flag, [currency], currency, each=currency)
    elif flaw == "no rate" and marks is not None:
        flag = all_of(chosen, op("not", is_null(LACKS)))
        yield _blame(part, among, flag, [currency], LACKS)
    elif flaw == "too many digits" and marks is not None:
        marked = [beyond(name) for name in contract.converts]
        flag = all_of(chosen, any_of(*map(Name, marked)))
        yield _blame(part, among, flag, [currency], *marked)


def _of_query(kind: Query, flaw: Flaw) -> Iterator[Blame]:
    """Which rows a query adds up only the query knows: those of its sources that lack what it reads."""
    from phasegate.facts.expressions.queries.query import read_query

    assert kind.measure.sql is not None
    if flaw != "nulls":
        return
    tables = {name: kind.context.tables[name] for name in sources_of(kind.measure)}
    scopes = {name: table.scope for name, table in tables.items()}
    query = read_query(kind.measure.sql, scopes, kind.measure.unit)
    for name in query.tables:
        read = [column for column in query.columns if column in tables[name].scope.columns]
        if read:
            flag = any_of(*map(is_null, read))
            yield Blame(tables[name], None, flag, frozenset(read), tuple(read), tuple(read), empty=True)


def _blame(
    part: Part,
    mask: Mask,
    flag: Tree,
    columns: Iterable[str],
    *reads: str,
    expressions: tuple[str, ...] = (),
    people: tuple[str, ...] = (),
    empty: bool = False,
    each: str | None = None,
) -> Blame:
    read = frozenset({*mask.names, *reads})
    by = part.shared.by
    return Blame(part.table, by, flag, read, tuple(columns), expressions, people, empty, each)
