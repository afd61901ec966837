"""Rows that are shown: which, how many, and the first in the order of their values, masked in the query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from phasegate.facts.contracts.personal import MASK
from phasegate.facts.contracts.types import polars_type
from phasegate.facts.engines.plans import ACTUAL, PLANNED, ItemRows, NewestRows
from phasegate.facts.engines.sql.language import Language
from phasegate.facts.engines.sql.written import flag, items, over_items, there
from phasegate.facts.expressions.expression import Kind
from phasegate.facts.measures.row_selection import Chosen, Masked
from phasegate.rules.model.contract import Column

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Shown(NamedTuple):
    """Rows as they are asked.

    Attributes:
        sql: what gives of each of the first rows its place, how many there are in all, and an array of texts.
        schema: the columns, and what they hold where rows are read.
        types: the types of these texts.
    """

    sql: str
    schema: Mapping[str, pl.DataType]
    types: tuple[str, ...]


class _Column(NamedTuple):
    name: str
    sql: str
    kind: Kind


def shown(wanted: Chosen | NewestRows | ItemRows, most: int) -> Shown:
    """Rows as they are asked.

    Args:
        wanted: which.
        most: how many are given.
    """
    rows, columns = _items(wanted) if isinstance(wanted, ItemRows) else _rows(wanted)
    language = _language(wanted)
    order = ", ".join(f"{each.sql} NULLS LAST" for each in columns)
    numbered = (
        f"SELECT row_number() OVER (ORDER BY {order}) AS n, count(*) OVER () AS k, "
        f"{language.texts([each.sql for each in columns])} AS t FROM {rows}"
    )
    sql = f"SELECT q.n, q.k, q.t FROM ({numbered}) AS q WHERE q.n <= {most}"
    schema = {each.name: _dtype(each.kind) for each in columns}
    return Shown(sql, schema, tuple(each.kind.type for each in columns))


def _language(wanted: Chosen | NewestRows | ItemRows) -> Language:
    if isinstance(wanted, ItemRows):
        return there(wanted.items.sides[0].table).language
    return there((wanted.chosen if isinstance(wanted, NewestRows) else wanted).table).language


def _dtype(kind: Kind) -> pl.DataType:
    assert kind.type not in ("any", "null")
    return polars_type(Column(type=kind.type, scale=min(kind.scale, 18)))  # type: ignore[arg-type]


def _rows(wanted: Chosen | NewestRows) -> tuple[str, list[_Column]]:
    chosen = wanted.chosen if isinstance(wanted, NewestRows) else wanted
    own, table = there(chosen.table), chosen.table
    names = {*(each.of for each in chosen.shown), *chosen.reads}
    rows = f"(SELECT s.* FROM {own.select(table, names)} WHERE {flag(table, chosen.flag)}) AS s"
    newest = (table.contract.event, table.contract.recorded) if isinstance(wanted, NewestRows) else ()
    for place, name in enumerate(name for name in newest if name is not None):
        when, last = f"s.{own.alias(name)}", f"last{place}"
        rows = f"(SELECT s.*, max({when}) OVER () AS {last} FROM {rows}) AS s"
        rows = f"(SELECT s.* FROM {rows} WHERE ({when} = s.{last}) IS NOT FALSE) AS s"
    columns = {each.of: f"s.{own.alias(each.of)}" for each in chosen.shown}
    kinds = table.scope.columns
    return rows, [_masked(own.language, each, columns, kinds[each.of]) for each in chosen.shown]


def _items(wanted: ItemRows) -> tuple[str, list[_Column]]:
    plan, language = wanted.items, _language(wanted)
    words = over_items(language, plan.scale)
    slice_ = language.nothing("string", 0) if wanted.slice is None else language.text(wanted.slice)
    own = f" AND i.g IS NOT DISTINCT FROM {slice_}" if plan.sliced else ""
    rows = f"(SELECT i.* FROM ({items(plan)}) AS i WHERE {words.sql(wanted.short)}{own}) AS i"
    amount = Kind("decimal", plan.scale)
    columns = {ACTUAL.text: "i.a", PLANNED.text: "i.p"}
    kinds = dict.fromkeys(columns, amount)
    for place, name in enumerate(plan.grain):
        columns[f"grain {place}"] = f"i.k{place}"
        kinds[f"grain {place}"] = plan.sides[0].table.scope.columns[name]
    return rows, [_masked(language, each, columns, kinds[each.of]) for each in wanted.shown]


def _masked(language: Language, each: Masked, columns: Mapping[str, str], kind: Kind) -> _Column:
    """A column as it is shown; of a masked one is told in which others before it the same stands."""
    column = columns[each.of]
    if each.mask is None:
        return _Column(each.name, column, kind)
    alike = each.mask if isinstance(each.mask, tuple) else ()
    masked = language.text(MASK)
    if 1 < len(alike) <= len(_LETTERS):
        place = alike.index(each.of)
        before = [
            f"WHEN {column} = {columns[name]} THEN {language.text(f'{MASK} {letter}')}"
            for letter, name in zip(_LETTERS, alike[:place], strict=False)
        ]
        own = language.text(f"{MASK} {_LETTERS[place]}")
        masked = f"CASE {' '.join(before)} ELSE {own} END" if before else own
    sql = f"(CASE WHEN {column} IS NULL THEN NULL ELSE {masked} END)"
    return _Column(each.name, sql, Kind("string"))
