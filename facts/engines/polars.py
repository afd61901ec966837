"""polars as an engine: plans as lazy frames over rows that were read, computed together in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, eq, gt, invert, lt, or_
from typing import TYPE_CHECKING

import polars as pl

from phasegate.facts.contracts.personal import masked, masked_apart
from phasegate.facts.engines.plans import (
    SLICE,
    Aggregate,
    Distinct,
    Gathered,
    Ids,
    ItemRows,
    Items,
    MayBeNewest,
    Newest,
    NewestRows,
    Places,
    Plan,
    Query,
    Select,
    Side,
    names_in,
    tables_of,
)
from phasegate.facts.expressions.people import counted_ids, with_people
from phasegate.facts.expressions.polars_sql import written
from phasegate.facts.expressions.polars_words import parts_of
from phasegate.facts.expressions.tags import with_tags
from phasegate.facts.expressions.tree import TRUE, Name, Op, Text, Tree

if TYPE_CHECKING:
    from phasegate.facts.expressions.expression import Expression
    from phasegate.facts.expressions.slots import Values
    from phasegate.facts.measures.batch import Table
    from phasegate.facts.measures.row_selection import Chosen, Masked


def column(expression: Expression, values: Values) -> pl.Expr:
    """An expression; whole numbers are decimals, which raise where 64 bits would wrap."""
    found = expression.compile(values)
    return found.cast(pl.Decimal(38, 0)) if expression.type == "integer" else found


def added(tree: Tree) -> pl.Expr:
    """A column that is computed from others."""
    return pl.sql_expr(written("", parts_of(tree), {}))


def frame_of(table: Table, columns: Iterable[str]) -> pl.LazyFrame:
    """The rows of a table with some of its own and of the added columns, and no others."""
    assert table.frame is not None
    wanted = sorted(set(columns))
    chosen = [(name, *table.added[name]) for name in wanted if name in table.added]
    tags = sorted({tag for _, _, each in chosen if each is not None for tag in each.tags})
    people = {name for _, _, each in chosen if each is not None for name in each.people}
    frame = with_people(with_tags(table.frame, tags, table.contract.no_value), people)
    if chosen:
        frame = frame.with_columns(made.alias(name) for name, made, _ in chosen)
    return frame.select(wanted) if wanted else frame


def flag(tree: Tree) -> pl.Expr:
    """A condition over columns."""
    match tree:
        case Name():
            return pl.col(tree.text)
        case Text():
            return pl.lit(tree.text, pl.String)
        case Op("true" | "false"):
            return pl.lit(value=tree == TRUE)
        case Op("integer"):
            return pl.lit(int(tree.note))
        case Op():
            first, *others = map(flag, tree.of)
            if tree.name in _OF_ONE:
                return _OF_ONE[tree.name](first)
            return reduce(_OF_TWO[tree.name], others, first)
    raise AssertionError(tree)


_OF_ONE: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "not": invert,
    "is null": pl.Expr.is_null,
    "is true": lambda value: value.fill_null(value=False),
}
_OF_TWO: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "and": and_, "or": or_, "=": eq, "<": lt, ">": gt, "coalesce": pl.Expr.fill_null,
}  # fmt: skip


def frame(plan: Plan) -> pl.LazyFrame:
    """What computes the answer of a plan."""
    match plan:
        case Select():
            return _select(plan)
        case Distinct():
            return _distinct(plan)
        case Ids():
            texts = [
                _among(frame_of(table, {name, *names_in(among)}), among).select(pl.col(name).alias("id"))
                for table, name, among in plan.rows
            ]
            return counted_ids(texts[0] if len(texts) == 1 else pl.concat(texts), "id")
        case Places():
            return _places(plan)
        case Gathered():
            return _gathered(plan)
        case Items():
            return _items(plan)
        case Newest():
            return _seen(plan, _newest(plan))
        case MayBeNewest():
            return _tied(plan) if plan.tied else _seen(plan.newest, _may_be_newest(plan))
        case Query():
            return plan.frame


def is_small(plan: Plan) -> bool:
    """Whether polars' engine for data in memory may compute a plan.

    It is three times as fast on small tables, and overflows without a word where decimals are added up within
    groups; the streaming engine raises.
    """
    match plan:
        case Select():
            risky = plan.by is not None and any(each.what == "sum" for each in plan.wanted.values())
        case Items():
            risky = True
        case Query():
            risky = plan.adds_up
        case _:
            risky = False
    return not risky and all(table.held for table in tables_of(plan))


def rows_of(wanted: Chosen | NewestRows | ItemRows) -> pl.LazyFrame:
    """Rows as they are shown."""
    if not isinstance(wanted, ItemRows):
        chosen = wanted.chosen if isinstance(wanted, NewestRows) else wanted
        contract = chosen.table.contract
        found = frame_of(chosen.table, {*chosen.columns, *chosen.reads}).filter(flag(chosen.flag))
        if not isinstance(wanted, NewestRows):
            return found.select(shown(chosen.shown))
        for name in (contract.event, contract.recorded):
            if name is not None:
                found = found.filter((pl.col(name) == pl.col(name).max()).fill_null(value=True))
        return found.select(shown(chosen.shown))
    items = _added_up(wanted.items).filter(added(wanted.short))
    if wanted.items.sliced:
        items = items.filter(pl.col(SLICE).eq_missing(pl.lit(wanted.slice, pl.String)))
    return items.select(shown(wanted.shown))


def shown(columns: Iterable[Masked]) -> list[pl.Expr]:
    """Columns as they are shown."""
    found = []
    for name, of, mask in columns:
        if mask is None:
            value = pl.col(of)
        elif isinstance(mask, str):
            value = masked(pl.col(of))
        else:
            value = masked_apart(mask, mask.index(of))
        found.append(value.alias(name))
    return found


def _among(rows: pl.LazyFrame, among: Tree) -> pl.LazyFrame:
    return rows if among == TRUE else rows.filter(flag(among))


def _aggregate(wanted: Aggregate) -> pl.Expr:
    if wanted.what == "rows":
        match wanted.among:
            case Op("true"):
                found = pl.len()
            case Op("is null", (inner,)):
                found = flag(inner).null_count()
            case among:
                found = flag(among).sum()
        return found.cast(pl.Int64)
    values = pl.col(wanted.column)
    if wanted.among != TRUE:
        values = values.filter(flag(wanted.among))
    match wanted.what:
        case "sum":
            return values.sum()
        case "nulls":
            return values.null_count().cast(pl.Int64)
        case "min":
            return values.min()
        case _:
            return values.max()


def _select(plan: Select) -> pl.LazyFrame:
    wanted = [_aggregate(each).alias(alias) for alias, each in plan.wanted.items()]
    rows = frame_of(plan.table, plan.reads)
    if plan.kept:
        rows = rows.filter(pl.any_horizontal(map(flag, plan.kept)))
    return rows.select(wanted) if plan.by is None else _sliced(rows, plan.by).agg(wanted)


def _sliced(rows: pl.LazyFrame, by: str) -> pl.lazyframe.group_by.LazyGroupBy:
    return rows.group_by(pl.col(by).alias(SLICE))


def _values(plan: Distinct | Places | Gathered) -> pl.LazyFrame:
    """The values of a column, with their slices; missing ones left out."""
    columns = [plan.column, *([plan.by] if plan.by else [])]
    rows = _among(frame_of(plan.table, {*columns, *names_in(plan.among)}), plan.among)
    return rows.select(columns).drop_nulls(plan.column)


def _distinct(plan: Distinct) -> pl.LazyFrame:
    unique, counted = _values(plan).unique(), pl.len().cast(pl.Int64).alias("distinct")
    return unique.select(counted) if plan.by is None else _sliced(unique, plan.by).agg(counted)


def _places(plan: Places) -> pl.LazyFrame:
    count, ordered = pl.len().cast(pl.Int64), pl.col(plan.column).sort()
    if plan.share is None:
        places = {"low": (count - 1) // 2, "high": count // 2}
    else:  # the ceiling of the share of the rows, less one
        top, bottom = plan.share
        places = {"low": pl.max_horizontal((count * top + bottom - 1) // bottom - 1, 0)}
    wanted = [ordered.get(place, null_on_oob=True).alias(name) for name, place in places.items()]
    values = _values(plan)
    return values.select(wanted) if plan.by is None else _sliced(values, plan.by).agg(wanted)


def _gathered(plan: Gathered) -> pl.LazyFrame:
    values, ordered = _values(plan), pl.col(plan.column).sort().alias("values")
    return values.select(ordered.implode()) if plan.by is None else _sliced(values, plan.by).agg(ordered)


def _items(plan: Items) -> pl.LazyFrame:
    """Items are groups of rows: one group_by to items, another or a select over those."""
    sums = [added(plan.top).sum().alias("numerator"), added(plan.bottom).sum().alias("denominator")]
    items = _added_up(plan)
    return items.group_by(SLICE).agg(sums) if plan.sliced else items.select(sums)


def _added_up(plan: Items) -> pl.LazyFrame:
    """Rows added up to items: ``grain 0``, ..., ``actual `` and ``planned ``."""
    keys = [f"grain {index}" for index in range(len(plan.grain))]
    keys += [SLICE] if plan.sliced else []
    rows = pl.concat([_side(plan, side) for side in plan.sides])
    # The streaming engine raises where a sum of decimals overflows; grouping must stay with it.
    return rows.group_by(keys).agg(pl.col("actual ", "planned ").sum())


def _side(plan: Items, side: Side) -> pl.LazyFrame:
    named = [name for name in side.amounts if name is not None]
    wanted = {*named, *plan.grain, *names_in(side.among), *([side.by] if side.by else [])}
    rows = _among(frame_of(side.table, wanted), side.among)
    columns = [pl.col(name).alias(f"grain {index}") for index, name in enumerate(plan.grain)]
    columns += [pl.col(side.by).alias(SLICE)] if side.by else []
    kind = pl.Decimal(38, plan.scale)
    for name, alias in zip(side.amounts, ("actual ", "planned "), strict=True):
        columns.append((pl.lit(0) if name is None else pl.col(name)).cast(kind).alias(alias))
    return rows.select(columns)


def _rows(plan: Newest, among: Tree) -> pl.LazyFrame:
    """Rows with their slice, their times and their fields."""
    wanted = {plan.event, *plan.fields.values(), *names_in(among)}
    wanted |= {name for name in (plan.by, plan.recorded) if name}
    return _among(frame_of(plan.table, wanted), among).select(
        (pl.lit("") if plan.by is None else pl.col(plan.by)).alias(SLICE),
        pl.col(plan.event).alias("event "),
        *([pl.col(plan.recorded).alias("recorded ")] if plan.recorded else []),
        *(pl.col(name).alias(f"field {field}") for field, name in plan.fields.items()),
    )


def _times(plan: Newest) -> list[str]:
    return ["event ", *(["recorded "] if plan.recorded else [])]


def _newest(plan: Newest) -> pl.LazyFrame:
    rows = _rows(plan, plan.among)
    for name in _times(plan):
        newest = rows.group_by(SLICE).agg(pl.col(name).max().alias("newest "))
        rows = rows.join(newest, on=SLICE, how="inner", nulls_equal=True)
        rows = rows.filter((pl.col(name) == pl.col("newest ")).fill_null(value=True)).drop("newest ")
    return rows


def _seen(plan: Newest, rows: pl.LazyFrame) -> pl.LazyFrame:
    """How many rows of each slice there are, and of each field the smallest and greatest value."""
    found = []
    for field in plan.fields:
        value = pl.col(f"field {field}")
        found += [
            value.min().alias(f"min {field}"),
            value.max().alias(f"max {field}"),
            value.null_count().cast(pl.Int64).alias(f"nulls {field}"),
        ]
    return rows.group_by(SLICE).agg(pl.len().cast(pl.Int64).alias("tied "), *found)


def _may_be_newest(plan: MayBeNewest) -> pl.LazyFrame:
    times = _times(plan.newest)
    greatest = [pl.col(name).max().alias(f"last {name}") for name in times]
    last = _newest(plan.newest).group_by(SLICE).agg(greatest)
    rows = _rows(plan.newest, plan.among).join(last, on=SLICE, how="left", nulls_equal=True)
    if plan.unplaced is not None:
        unplaced = _rows(plan.newest, plan.unplaced).drop(SLICE)
        every = unplaced.join(last, how="cross").select(rows.collect_schema().names())
        rows = pl.concat([rows, every])
    return rows.filter(_as_new(times)).drop(f"last {name}" for name in times)


def _as_new(times: list[str]) -> pl.Expr:
    """Whether a row is as new as the last one, or newer; so it is where nobody knows."""
    newer = pl.lit(value=True)
    for name in reversed(times):
        own, last = pl.col(name), pl.col(f"last {name}")
        newer = (own > last) | ((own == last) & newer)
    return newer.fill_null(value=True)


def _tied(plan: MayBeNewest) -> pl.LazyFrame:
    """Of each field, whether rows of one date disagree on it, where both may be the newest."""
    fields, times = [f"field {field}" for field in plan.newest.fields], _times(plan.newest)
    own = [SLICE, *times, *fields]
    both = pl.concat([_newest(plan.newest).select(own), _may_be_newest(plan).select(own)])
    of_a_date = both.group_by(SLICE, *times).agg(pl.col(fields).n_unique() > 1)
    return of_a_date.group_by(SLICE).agg(pl.col(fields).any())
