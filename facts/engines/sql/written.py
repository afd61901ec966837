"""Plans as SELECTs of a server. Each gives rows of texts, which `engine` reads by the types beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phasegate.facts.engines.plans import (
    ACTUAL,
    PLANNED,
    SLICE,
    Aggregate,
    Distinct,
    EngineError,
    Items,
    MayBeNewest,
    Newest,
    Places,
    Plan,
    Select,
    Side,
    names_in,
)
from phasegate.facts.engines.sql.language import Language
from phasegate.facts.engines.sql.place import SqlTable
from phasegate.facts.engines.sql.words import Over, Words, no_slot
from phasegate.facts.expressions.tree import TRUE, Tree

if TYPE_CHECKING:
    from phasegate.facts.measures.batch import Table


class Asked(NamedTuple):
    """A plan as it is asked.

    Attributes:
        sql: what gives rows of one array of texts.
        columns: of each text in it the name and the type.
        single: whether it gives one row, whatever the rows.
        whole: whether its last text is how many rows in force it rests on, which together are all.
    """

    sql: str
    columns: tuple[tuple[str, str], ...]
    single: bool
    whole: SqlTable | None = None


def asked(plan: Plan) -> Asked:
    """A plan as it is asked of the server."""
    match plan:
        case Select():
            return _select(plan)
        case Distinct():
            return _distinct(plan)
        case Places():
            return _places(plan)
        case Items():
            return _items(plan)
        case Newest():
            rows = newest_rows(plan)
            return _seen(plan, f"SELECT * FROM ({rows}) AS n")
        case MayBeNewest():
            return _tied(plan) if plan.tied else _seen(plan.newest, _may_be_newest(plan))
    raise EngineError("it is computed from rows that were read")


def there(table: Table) -> SqlTable:
    """A table where it is."""
    assert isinstance(table.there, SqlTable)
    return table.there


def flag(table: Table, tree: Tree) -> str:
    """A condition over the columns of `SqlTable.select`."""
    own = there(table)

    def scale(each: str) -> int:
        return own.written(table, each).scale

    over = Over(lambda each, _: f"s.{own.alias(each)}", scale, no_slot)
    return own.language.words(over).sql(tree)


def over_items(language: Language, scale: int) -> Words:
    """What writes trees over both amounts of items, ``i``."""
    amounts = {ACTUAL.text: "i.a", PLANNED.text: "i.p"}
    return language.words(Over(lambda name, _: amounts[name], lambda _: scale, no_slot))


def having(test: str, value: str = "1") -> str:
    """A value where something is true; null elsewhere, so that no aggregate takes it."""
    return f"CASE WHEN {test} THEN {value} END"


def _grouped(
    language: Language, by: str | None, values: list[tuple[str, str, str]], rows: str
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A SELECT of some values with their names and types, by slice where there is one."""
    columns = ([(SLICE, "string", by)] if by else []) + values
    # What is asked twice is computed once; some servers stumble over two of a kind.
    alias = {each: f"v{place}" for place, each in enumerate(dict.fromkeys(each for _, _, each in columns))}
    computed = ", ".join(f"{each} AS {name}" for each, name in alias.items())
    found = language.texts([f"x.{alias[each]}" for _, _, each in columns])
    inner = f"SELECT {computed} FROM {rows}{f' GROUP BY {by}' if by else ''}"
    return f"SELECT {found} AS t FROM ({inner}) AS x", tuple((name, type_) for name, type_, _ in columns)


def _select(plan: Select) -> Asked:
    own = there(plan.table)
    cells: dict[str, str] = {}
    values = [(alias, *_aggregate(plan.table, each, cells)) for alias, each in plan.wanted.items()]
    values.append(("all rows ", "integer", "count(*)"))
    by = _cell(f"s.{own.alias(plan.by)}", cells) if plan.by else None
    rows = own.select(plan.table, plan.reads)
    if plan.kept:
        rows += f" WHERE {' OR '.join(flag(plan.table, each) for each in plan.kept)}"
    # Each cell that is added up or counted has a name first: some servers take two that look alike for one.
    named = ", ".join(f"{cell} AS {name}" for cell, name in cells.items()) or "1"
    sql, columns = _grouped(own.language, by, values, f"(SELECT {named} FROM {rows}) AS a")
    return Asked(sql, columns, by is None, None if plan.kept else own)


def _aggregate(table: Table, wanted: Aggregate, cells: dict[str, str]) -> tuple[str, str]:
    """What an aggregate yields, and how it is asked over cells of a row."""
    own, test = there(table), flag(table, wanted.among)
    if wanted.what == "rows":
        return "integer", "count(*)" if wanted.among == TRUE else f"count({_cell(having(test), cells)})"
    column, found = f"s.{own.alias(wanted.column)}", own.written(table, wanted.column)
    if wanted.what == "nulls":
        return "integer", f"count({_cell(having(f'({test} AND {column} IS NULL)'), cells)})"
    value = _cell(column if wanted.among == TRUE else having(test, column), cells)
    if wanted.what == "sum":
        return "decimal", f"coalesce(sum({value}), 0)"
    return found.type, f"{_extreme(wanted.what, found.type)}({value})"


def _cell(sql: str, cells: dict[str, str]) -> str:
    """The name of a cell that is computed of each row."""
    return f"a.{cells.setdefault(sql, f'x{len(cells)}')}"


def _extreme(what: str, type_: str) -> str:
    if type_ == "boolean":
        return "bool_and" if what == "min" else "bool_or"
    return what


def _values(plan: Distinct | Places) -> tuple[str, str, str | None]:
    """The rows that have a value, the value and the slice."""
    own = there(plan.table)
    reads = {plan.column, *names_in(plan.among), *([plan.by] if plan.by else [])}
    value = f"s.{own.alias(plan.column)}"
    rows = f"{own.select(plan.table, reads)} WHERE {flag(plan.table, plan.among)} AND {value} IS NOT NULL"
    return rows, value, f"s.{own.alias(plan.by)}" if plan.by else None


def _distinct(plan: Distinct) -> Asked:
    rows, value, by = _values(plan)
    counted = [("distinct", "integer", f"count(DISTINCT {value})")]
    sql, columns = _grouped(there(plan.table).language, by, counted, rows)
    return Asked(sql, columns, by is None)


def _places(plan: Places) -> Asked:
    rows, value, by = _values(plan)
    own = there(plan.table)
    within = f"PARTITION BY {by} " if by else ""
    slice_ = by or own.language.nothing("string", 0)
    numbered = (
        f"(SELECT {value} AS v, {slice_} AS g, row_number() OVER ({within}ORDER BY {value}) AS n, "
        f"count(*) OVER ({within.strip()}) AS k FROM {rows}) AS q"
    )
    type_ = own.written(plan.table, plan.column).type
    # Nothing is divided: the n-th of k values is in the middle where 2 n is about k, and at a share where n
    # is the first that is no smaller part of k.
    if plan.share is None:
        places = {"low": "n * 2 IN (k, k + 1)", "high": "n * 2 IN (k + 1, k + 2)"}
    else:
        top, bottom = plan.share
        n, k = (own.language.number(each, 0) for each in ("n", "k"))
        first = f"({n} - 1) * {bottom} < {k} * {top} OR n = 1"
        places = {"low": f"{n} * {bottom} >= {k} * {top} AND ({first})"}
    values = [(name, type_, f"max({having(place, 'v')})") for name, place in places.items()]
    sql, columns = _grouped(own.language, "g" if by else None, values, numbered)
    return Asked(sql, columns, by is None)


def _items(plan: Items) -> Asked:
    language = there(plan.sides[0].table).language
    words = over_items(language, plan.scale)
    sums = [
        (alias, "decimal", f"coalesce(sum({words.sql(tree)}), 0)")
        for alias, tree in (("numerator", plan.top), ("denominator", plan.bottom))
    ]
    sql, columns = _grouped(language, "i.g" if plan.sliced else None, sums, f"({items(plan)}) AS i")
    return Asked(sql, columns, not plan.sliced)


def items(plan: Items) -> str:
    """Rows added up to items: ``g``, ``k0`` and so on, ``a`` and ``p``."""
    keys = [f"k{place}" for place in range(len(plan.grain))]
    rows = " UNION ALL ".join(_side(plan, side) for side in plan.sides)
    both = "coalesce(sum(r.a), 0) AS a, coalesce(sum(r.p), 0) AS p"
    named = ", ".join(f"r.{key}" for key in ["g", *keys])
    return f"SELECT {named}, {both} FROM ({rows}) AS r GROUP BY {named}"


def _side(plan: Items, side: Side) -> str:
    own = there(side.table)
    named = [name for name in side.amounts if name is not None]
    wanted = {*named, *plan.grain, *names_in(side.among), *([side.by] if side.by else [])}
    amounts = [
        f"{own.language.number(f's.{own.alias(name)}' if name else '0', plan.scale)} AS {alias}"
        for name, alias in zip(side.amounts, "ap", strict=True)
    ]
    keys = [f"s.{own.alias(name)} AS k{place}" for place, name in enumerate(plan.grain)]
    by = f"s.{own.alias(side.by)}" if side.by else own.language.nothing("string", 0)
    chosen = ", ".join([f"{by} AS g", *keys, *amounts])
    return f"SELECT {chosen} FROM {own.select(side.table, wanted)} WHERE {flag(side.table, side.among)}"


def _rows(plan: Newest, among: Tree) -> str:
    """Rows with their slice ``g``, their times ``e`` and ``r``, and their fields ``f0`` and so on."""
    own = there(plan.table)
    wanted = {plan.event, *plan.fields.values(), *names_in(among)}
    wanted |= {name for name in (plan.by, plan.recorded) if name}
    slice_ = f"s.{own.alias(plan.by)}" if plan.by else own.language.text("")
    chosen = [f"{slice_} AS g", f"s.{own.alias(plan.event)} AS e"]
    chosen += [f"s.{own.alias(plan.recorded)} AS r"] if plan.recorded else []
    chosen += [f"s.{own.alias(name)} AS f{place}" for place, name in enumerate(plan.fields.values())]
    return f"SELECT {', '.join(chosen)} FROM {own.select(plan.table, wanted)} WHERE {flag(plan.table, among)}"


def _times(plan: Newest) -> list[str]:
    return ["e", *(["r"] if plan.recorded else [])]


def newest_rows(plan: Newest) -> str:
    """The newest rows of each slice; one that does not say when it was recorded may be the last."""
    rows, own = _rows(plan, plan.among), _named(plan)
    for name in _times(plan):
        last = f"SELECT t.*, max(t.{name}) OVER (PARTITION BY t.g) AS newest FROM ({rows}) AS t"
        rows = f"SELECT {own} FROM ({last}) AS t WHERE (t.{name} = t.newest) IS NOT FALSE"
    return rows


def _named(plan: Newest) -> str:
    fields = [f"f{place}" for place in range(len(plan.fields))]
    return ", ".join(f"t.{name}" for name in ["g", *_times(plan), *fields])


def _seen(plan: Newest, rows: str) -> Asked:
    own = there(plan.table)
    values = [("tied ", "integer", "count(*)")]
    for place, (field, name) in enumerate(plan.fields.items()):
        type_ = own.written(plan.table, name).type
        values += [(f"{end} {field}", type_, f"{_extreme(end, type_)}(q.f{place})") for end in ("min", "max")]
        values.append((f"nulls {field}", "integer", f"count({having(f'q.f{place} IS NULL')})"))
    sql, columns = _grouped(own.language, "q.g", values, f"({rows}) AS q")
    return Asked(sql, columns, single=False)


def _may_be_newest(plan: MayBeNewest) -> str:
    times = _times(plan.newest)
    greatest = ", ".join(f"max(n.{name}) AS l{name}" for name in times)
    last = f"SELECT n.g, {greatest} FROM ({newest_rows(plan.newest)}) AS n GROUP BY n.g"
    new = "TRUE"
    for name in reversed(times):
        new = f"(t.{name} > l.l{name} OR (t.{name} = l.l{name} AND {new}))"
    rows = (
        f"SELECT {_named(plan.newest)} FROM ({_rows(plan.newest, plan.among)}) AS t "
        f"LEFT JOIN ({last}) AS l ON t.g IS NOT DISTINCT FROM l.g WHERE {new} IS NOT FALSE"
    )
    if plan.unplaced is None:
        return rows
    every = _named(plan.newest).replace("t.g", "l.g", 1)
    return (
        f"{rows} UNION ALL SELECT {every} FROM ({_rows(plan.newest, plan.unplaced)}) AS t "
        f"CROSS JOIN ({last}) AS l WHERE {new} IS NOT FALSE"
    )


def _tied(plan: MayBeNewest) -> Asked:
    own, times = _named(plan.newest).replace("t.", "n."), _times(plan.newest)
    both = f"SELECT {own} FROM ({newest_rows(plan.newest)}) AS n UNION ALL {_may_be_newest(plan)}"
    fields = [f"f{place}" for place in range(len(plan.newest.fields))]
    differ = ", ".join(
        f"count(DISTINCT q.{name}) + CASE WHEN count(*) > count(q.{name}) THEN 1 ELSE 0 END > 1 AS {name}"
        for name in fields
    )
    dates = ", ".join(f"q.{name}" for name in ["g", *times])
    of_a_date = f"(SELECT q.g, {differ} FROM ({both}) AS q GROUP BY {dates}) AS d"
    values = [
        (f"field {field}", "boolean", f"bool_or(d.f{place})")
        for place, field in enumerate(plan.newest.fields)
    ]
    sql, columns = _grouped(there(plan.newest.table).language, "d.g", values, of_a_date)
    return Asked(sql, columns, single=False)
