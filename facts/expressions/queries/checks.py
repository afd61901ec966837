"""What a SELECT asks of the rows that it reads: that nothing is missing that decides.

A sum leaves out what has no value, WHERE drops a row of which nobody knows whether it counts, and a key
that is missing joins nothing. So each SELECT has a query beside it that counts these rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions.missing import tag_written
from phasegate.facts.expressions.operators import truth
from phasegate.facts.expressions.queries.scope import AMONG, OF_QUERY, SLICE, QueryReading
from phasegate.facts.expressions.queries.tables import Check
from phasegate.facts.expressions.types import Lack, Name, Part, Typed


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One of the conditions that WHERE joins by AND.

    Attributes:
        typed: the condition.
        tables: those that it reads; None where it reads queries too.
        pairs: whether it is an equation, which may pair the rows of tables.
    """

    typed: Typed
    tables: frozenset[str] | None
    pairs: bool

    @property
    def possible(self) -> tuple[Part, ...]:
        """Whether it holds, or may."""
        return ("COALESCE(", *self.typed.parts, ", TRUE)") if self.typed.nullable else self.typed.parts


@dataclass
class Asked:
    """Where a SELECT reads from, and which rows.

    Attributes:
        tables: FROM and JOIN, as they are written.
        on: the conditions of its joins.
        where: those of WHERE.
        keys: what its rows are grouped by, as it is written; nothing where they are not.
        slice: the slice of each of its rows, where it is the query's result and says any.
    """

    tables: tuple[Part, ...]
    on: list[Typed]
    where: list[Conjunct] = field(default_factory=list)
    keys: tuple[Part, ...] = ()
    slice: Typed | None = None


def conjuncts(own: QueryReading, where: Node, depth: int) -> list[Conjunct]:
    """The conditions of WHERE that must all hold, each by itself."""
    inner = where.unnest()
    if isinstance(inner, exp.And):
        return [each for side in (inner.left, inner.right) for each in conjuncts(own, side, depth)]
    tables = None if inner.find(exp.Query) else frozenset(_tables(own, inner))
    return [Conjunct(truth(own.each(), where, depth), tables, isinstance(inner, exp.EQ))]


def of_queries(condition: Typed) -> list[Lack]:
    """The queries within a condition that may return no value."""
    return [lack for lack in condition.lacks or () if lack.name == OF_QUERY and lack.cell]


def _tables(own: QueryReading, node: Node) -> Iterator[str]:
    for column in node.find_all(exp.Column):
        named = column.args.get("table")
        for alias, table in own.tables.items():
            if column.name in table.columns and (named is None or named.name == alias):
                yield alias


def checks_of(own: QueryReading, asked: Asked) -> Iterator[Check]:
    """The queries that count the rows of a SELECT in which something is missing that decides.

    Args:
        own: the SELECT, once it was read.
        asked: its rows.
    """
    if not asked.tables:
        return
    paired = list(asked.on)
    rows: list[tuple[Part, ...]] = []
    held = [(each, own.told) for each in own.held]
    wanted: dict[Lack, list[tuple[Part, ...]]] = {}
    excusable: dict[Lack, list[tuple[Part, ...]]] = {}
    for each in asked.where:
        several = each.tables is not None and len(each.tables) > 1 and not each.tables & own.outer
        if own.crossed and each.pairs and several:
            paired.append(each.typed)  # as ON would: to ask of each pair of rows takes without end
            rows.append(each.typed.parts)
        else:
            held.append((each.typed, set()))
            rows.append(each.possible)
            for lack in _by_words(each.typed):  # the row would be dropped all the same
                wanted.setdefault(lack, []).append(_undecided_by_words(each.typed))
    for value, told in held:
        for lack in _by_words(value) if value.undecided else ():
            (excusable if told else wanted).setdefault(lack, []).append(_undecided_by_words(value))
        for lack in sorted(value.lacks or (), key=_order):
            if lack.cell:
                (excusable if lack in told else wanted).setdefault(lack, []).append(_undecided(value, lack))
    for tests, excused in ((wanted, False), (excusable, True)):
        if tests:
            either = {lack: _either(each) for lack, each in tests.items()}
            yield _check(own, asked.tables, either, rows, asked if excused else None)
    yield from _of_pairs(own, paired, asked.where)


def _of_pairs(own: QueryReading, paired: Iterable[Typed], where: list[Conjunct]) -> Iterator[Check]:
    """Those that count the rows of single tables that pair with no row, because their key is missing."""
    keys: dict[str, dict[Lack, tuple[Part, ...]]] = {}
    for condition in paired:
        for lack in sorted(condition.lacks or (), key=_order):
            for alias, cell in _cells(own, lack):
                keys.setdefault(alias, {})[lack] = ("(", *cell, " IS NULL)")
    for alias, tests in keys.items():
        ours = [each for each in where if each.tables == frozenset({alias}) and alias not in own.outer]
        yield _check(own, (" FROM ", *own.written[alias]), tests, [each.possible for each in ours])


def _cells(own: QueryReading, lack: Lack) -> Iterator[tuple[str, tuple[Part, ...]]]:
    """The cells that a key may be missing from, each with its table; several of a column of USING."""
    parts = lack.parts
    if lack.name == OF_QUERY:  # of which each row has the same
        yield next(iter(own.written)), parts
        return
    for index, part in enumerate(parts[2:], 2):
        table, dot = parts[index - 2], parts[index - 1]
        if isinstance(part, Name) and dot == "." and isinstance(table, Name) and table.text in own.tables:
            yield table.text, (table, dot, part)


def _undecided(value: Typed, lack: Lack) -> tuple[Part, ...]:
    if value.parts == lack.parts:
        return lack.empty
    return ("(", *_open(value), " AND ", *lack.empty, ")")


def _by_words(value: Typed) -> list[Lack]:
    """What its own words leave without a value, such as NULLIF; a CASE may mean to have none."""
    meant = {AMONG, *(["CASE without ELSE"] if value.undecided else [])}
    return sorted(
        (lack for lack in value.lacks or () if not lack.cell and lack.name not in meant), key=_order
    )


def _undecided_by_words(value: Typed) -> tuple[Part, ...]:
    """Whether they do, in a row that lacks no cell."""
    filled = [
        part
        for lack in sorted(value.lacks or (), key=_order)
        if lack.cell
        for part in (" AND ", *lack.filled)
    ]
    return ("(", *_open(value), *filled, ")")


def _open(value: Typed) -> tuple[Part, ...]:
    return value.undecided or ("(", *value.parts, " IS NULL)")


def _either(tests: Iterable[tuple[Part, ...]]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for index, test in enumerate(dict.fromkeys(tests)):
        parts += [" OR "] if index else []
        parts += test
    return tuple(parts)


def _check(
    own: QueryReading,
    tables: tuple[Part, ...],
    tests: dict[Lack, tuple[Part, ...]],
    rows: Iterable[tuple[Part, ...]],
    excused: Asked | None = None,
) -> Check:
    """A query that counts rows.

    Args:
        own: the SELECT, whose WITH it may read from.
        tables: what it reads, FROM included.
        tests: what is missing, and in which rows.
        rows: the conditions of the rows that are asked at all.
        excused: the SELECT's rows, where it says that it counts them itself: slice by slice, if it has any.
    """
    counted = [*tests.values(), *([_either(tests.values())] if excused is not None else [])]
    by = excused.slice if excused else None
    parts: list[Part] = []
    for index, written in enumerate(own.withs.values()):
        parts += [", " if index else "WITH ", *written]
    parts += [" SELECT " if parts else "SELECT "]
    parts += [*by.parts, " AS ", Name(SLICE), ", "] if by is not None else []
    for index, test in enumerate(counted):
        parts += [", "] if index else []
        parts += ["CAST(COUNT(CASE WHEN ", *test, " THEN 1 END) AS BIGINT) AS ", Name(f"{index}")]
    parts += tables
    for index, condition in enumerate(rows):
        parts += [" AND " if index else " WHERE ", *condition]
    if excused and by and (keys := _keys(own, excused, by)):
        parts += [" GROUP BY ", *keys]
    return Check(tuple(map(_told, tests)), tuple(parts), excused is not None, by is not None)


def _keys(own: QueryReading, rows: Asked, by: Typed) -> tuple[Part, ...]:
    """What the rows of a SELECT are grouped by, so that each group has one slice."""
    return rows.keys if own.grouped or not by.varies else by.parts


def _told(lack: Lack) -> str:
    if not lack.cell:
        return f"a value ({lack.name})"
    return tag_written(lack.name, lack.key) if lack.key else lack.name


def _order(lack: Lack) -> tuple[str, str, str]:
    return lack.name, lack.key, repr(lack.parts)
