"""Which rows are to blame where a measure can not add them up, and which of their columns tell why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from phasegate.facts.contracts.personal import read_by
from phasegate.facts.measures.base import Kind, Part
from phasegate.facts.measures.batch import Mask, Table
from phasegate.facts.measures.dependencies import sources_of
from phasegate.facts.measures.kinds.sql import Query
from phasegate.facts.model.fact import Flaw
from phasegate.facts.sources.currency_conversion import beyond
from phasegate.facts.sources.exchange_rates import LACKS
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince


@dataclass(frozen=True, slots=True)
class Blame:
    """Rows of one source that are to blame.

    Attributes:
        table: the source.
        by: its slice column; None for the whole.
        flag: true for them.
        reads: the columns that tell which rows they are.
        columns: those of the file that tell why.
        expression: what has no value in them.
        empty: whether it is to blame that one of the columns is empty, and not what stands there.
        each: the column of which one row of each value is told; None where all rows are alike.
    """

    table: Table
    by: str | None
    flag: pl.Expr
    reads: frozenset[str]
    columns: tuple[str, ...]
    expression: str = ""
    empty: bool = False
    each: str | None = None


def blames(kind: Kind, flaw: Flaw) -> Iterator[Blame]:
    """The rows of each source that are to blame for a flaw of a measure."""
    if isinstance(kind, Query):
        yield from _of_query(kind, flaw)
        return
    for part, needed in kind.added():
        match flaw:
            case "nulls":
                lacking = part.table.mask(" OR ".join(f"({sql}) IS NULL" for sql in needed))
                mask, bases = part.mask & lacking, _bases(part.table, needed)
                said = " or ".join(needed)
                yield _blame(part, mask, mask.expr, bases, expression=said, empty=True)
            case _:
                yield from _of_money(part, flaw)


def _of_money(part: Part, flaw: Flaw) -> Iterator[Blame]:
    contract, marks = part.table.contract, part.marks
    currency = contract.currency_column
    among = marks.among if marks is not None else part.mask
    chosen = among.expr if among.names else pl.lit(value=True)
    if currency is None:
        return
    if flaw == "no currency":
        flag = chosen & pl.col(currency).is_null()
        yield _blame(part, among, flag, [currency], currency, expression=currency, empty=True)
    elif flaw == "currencies":
        flag = chosen & pl.col(currency).is_not_null()
        yield _blame(part, among, flag, [currency], currency, each=currency)
    elif flaw == "no rate" and marks is not None:
        flag = chosen & pl.col(LACKS).is_not_null()
        yield _blame(part, among, flag, [currency], LACKS)
    elif flaw == "too many digits" and marks is not None:
        marked = [beyond(name) for name in contract.converts]
        flag = chosen & pl.any_horizontal(marked)
        yield _blame(part, among, flag, [currency], *marked)


def _of_query(kind: Query, flaw: Flaw) -> Iterator[Blame]:
    """Which rows a query adds up only the query knows: those of its sources that lack what it reads."""
    from phasegate.facts.expressions.query import read_query

    assert kind.measure.sql is not None
    if flaw != "nulls":
        return
    tables = {name: kind.context.tables[name] for name in sources_of(kind.measure)}
    scopes = {name: table.scope for name, table in tables.items()}
    query = read_query(kind.measure.sql, scopes, kind.measure.unit)
    for name in query.tables:
        read = [column for column in query.columns if column in tables[name].scope.columns]
        if read:
            flag = pl.any_horizontal(pl.col(column).is_null() for column in read)
            yield Blame(tables[name], None, flag, frozenset(read), tuple(read), ", ".join(read), empty=True)


def _blame(
    part: Part,
    mask: Mask,
    flag: pl.Expr,
    columns: Iterable[str],
    *reads: str,
    expression: str = "",
    empty: bool = False,
    each: str | None = None,
) -> Blame:
    read = frozenset({*mask.names, *reads})
    return Blame(part.table, part.shared.by, flag, read, tuple(columns), expression, empty, each)


def _bases(table: Table, expressions: Iterable[str]) -> list[str]:
    """The columns of the file that some expressions rest on, through derived columns."""
    contract, waiting = table.contract, [name for sql in expressions for name in _read(table, sql)]
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        match contract.derive.get(name):
            case None:
                found[name] = None
            case BusinessDaysAfter(business_days_after=date) | BusinessDaysSince(business_days_since=date):
                waiting.append(date)
            case str() as sql:
                waiting += _read(table, sql)
    return list(found)


def _read(table: Table, sql: str) -> list[str]:
    return sorted(read_by(sql, table.scope))
