"""The functions that expressions may call, CASE and CAST among them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions import DEFAULT_TAGS, NUMBERS, ValueType, hidden_tag
from phasegate.facts.expressions_operators import compare, shifted, truth
from phasegate.facts.expressions_text import nearest
from phasegate.facts.expressions_typed import (
    LIST,
    ONE,
    PAIR,
    READERS,
    Part,
    Reading,
    Typed,
    alike,
    as_date,
    as_number,
    day,
    iso_date,
    name_of,
    not_allowed,
    read_node,
    with_article,
)

_TAG_KEY = re.compile(r'^[^"\\$\x00-\x1f]{1,128}$')


def _arguments(node: Node) -> list[Node]:
    first = [node.this] if isinstance(node.this, Node) else []
    return [*first, *(node.args.get("expressions") or [])]


def _same(
    reading: Reading, node: Node, items: list[tuple[Node, Typed]]
) -> tuple[list[Typed], ValueType, int]:
    """Values of one type, for CASE, COALESCE and their like; decimals get one scale."""
    kinds = {typed.type for _, typed in items} - {"null", "any"}
    scale = max(typed.scale for _, typed in items)
    if (kinds <= NUMBERS and len(kinds) == 2) or len({t.scale for _, t in items if t.type == "decimal"}) > 1:
        cast = [
            typed
            if typed.type == "null"
            else Typed(("CAST(", *typed.parts, f" AS DECIMAL(38,{scale}))"), "decimal", scale)
            for _, typed in items
        ]
        return cast, "decimal", scale
    if len(kinds) > 1 and kinds <= {"date", "datetime", "string"}:
        return alike(reading, node, [item for item in items if item[1].type != "null"]), "date", 0
    if len(kinds) > 1:
        first, second = sorted(kinds)[:2]
        what = f"its branches are {with_article(first)} and {with_article(second)}"
        raise reading.refuse(node, what, "make them one type")
    return [typed for _, typed in items], next(iter(kinds), "null"), scale


def _listed(typed: list[Typed]) -> list[Part]:
    parts: list[Part] = []
    for index, item in enumerate(typed):
        parts += [", "] if index else []
        parts += item.parts
    return parts


def _extreme(reading: Reading, node: Node, depth: int) -> Typed:
    items = [(item, read_node(reading, item, depth)) for item in _arguments(node)]
    if len(items) < 2:
        raise reading.refuse(node, f"{name_of(node)} takes two values or more")
    same, kind, scale = _same(reading, node, items)
    # polars leaves nulls out; a missing value must not become the smaller or the greater one.
    parts: list[Part] = ["CASE WHEN "]
    for index, typed in enumerate(same):
        parts += [" OR "] if index else []
        parts += [*typed.parts, " IS NULL"]
    name = "LEAST" if isinstance(node, exp.Least) else "GREATEST"
    return Typed((*parts, f" THEN NULL ELSE {name}(", *_listed(same), ") END"), kind, scale)


def _coalesce(reading: Reading, node: Node, depth: int) -> Typed:
    items = [(item, read_node(reading, item, depth)) for item in _arguments(node)]
    same, kind, scale = _same(reading, node, items)
    return Typed(("COALESCE(", *_listed(same), ")"), kind, scale)


def _nullif(reading: Reading, node: Node, depth: int) -> Typed:
    pair = [node.this, node.args["expression"]]
    same, kind, scale = _same(reading, node, [(item, read_node(reading, item, depth)) for item in pair])
    return Typed(("NULLIF(", *_listed(same), ")"), kind, scale)


def _abs(reading: Reading, node: Node, depth: int) -> Typed:
    typed = as_number(reading, node.this, read_node(reading, node.this, depth))
    return Typed(("ABS(", *typed.parts, ")"), "decimal", typed.scale)


def _text_function(reading: Reading, node: Node, depth: int) -> Typed:
    typed = read_node(reading, node.this, depth)
    if typed.type not in ("string", "any"):
        raise reading.refuse(node, f"{name_of(node)} needs a text, this is {with_article(typed.type)}")
    if isinstance(node, exp.Length):
        return Typed(("CAST(CHAR_LENGTH(", *typed.parts, ") AS BIGINT)"), "integer")
    return Typed((f"{name_of(node).upper()}(", *typed.parts, ")"), "string")


def _case(reading: Reading, node: Node, depth: int) -> Typed:
    branches: list[Node] = node.args["ifs"]
    conditions: list[tuple[Part, ...]] = []
    results: list[tuple[Node, Typed]] = []
    for branch in branches:
        if node.this is not None:
            compared = exp.EQ(this=node.this.copy(), expression=branch.this.copy())
            conditions.append(compare(reading, compared, depth).parts)
        else:
            conditions.append(truth(reading, branch.this, depth).parts)
        results.append((branch, read_node(reading, branch.args["true"], depth)))
    default = node.args.get("default")
    if default is not None:
        results.append((default, read_node(reading, default, depth)))
    same, kind, scale = _same_kept(reading, node, results)
    parts: list[Part] = ["CASE"]
    for test, result in zip(conditions, same, strict=False):
        parts += [" WHEN ", *test, " THEN ", *result.parts]
    if default is not None:
        parts += [" ELSE ", *same[-1].parts]
    return Typed((*parts, " END"), kind, scale)


def _same_kept(
    reading: Reading, node: Node, items: list[tuple[Node, Typed]]
) -> tuple[list[Typed], ValueType, int]:
    """As `_same`, with the nulls in their places."""
    present = [item for item in items if item[1].type != "null"]
    if not present:
        raise reading.refuse(node, "every branch of this CASE is NULL")
    same, kind, scale = _same(reading, node, present)
    remaining = iter(same)
    return [typed if typed.type == "null" else next(remaining) for _, typed in items], kind, scale


def _cast(reading: Reading, node: Node, depth: int) -> Typed:
    typed = read_node(reading, node.this, depth)
    to: Any = node.args["to"]
    kind = to.this.name if isinstance(to.this, exp.DType) else str(to.this)
    if kind == "DATE" and typed.literal is not None and typed.type == "string":
        return Typed((iso_date(reading, node, typed.literal),), "date")
    if kind == "DATE" and typed.type in ("date", "datetime"):
        return as_date(typed)
    if kind == "DECIMAL" and typed.type in NUMBERS | {"string"}:
        sizes = [int(size.name) for size in to.expressions if size.name.isdigit()]
        if len(sizes) != 2 or not 0 <= sizes[1] <= 18:
            raise reading.refuse(node, "a DECIMAL needs its digits", "DECIMAL(38, 2)")
        if typed.type == "decimal" and typed.scale > sizes[1]:
            hint = "values are compared unrounded; leave the CAST out, or declare a smaller scale"
            raise reading.refuse(node, "this CAST would round", hint)
        return Typed(("CAST(", *typed.parts, f" AS DECIMAL(38,{sizes[1]}))"), "decimal", sizes[1])
    if kind in ("INT", "BIGINT") and typed.type in ("integer", "boolean", "string"):
        return Typed(("CAST(", *typed.parts, " AS BIGINT)"), "integer")
    if kind in ("VARCHAR", "TEXT") and typed.type in ("string", "integer", "date"):
        return Typed(("CAST(", *typed.parts, " AS VARCHAR)"), "string")
    if kind == "BOOLEAN" and typed.type == "boolean":
        return typed
    hint = "allowed are DECIMAL(38, s), INTEGER, VARCHAR, DATE and BOOLEAN, where nothing is lost"
    raise reading.refuse(node, f"{with_article(typed.type)} is not cast to {kind} here", hint)


def _month_of(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
    date = day(reading, items[0], depth).parts
    year = ("CAST(EXTRACT(YEAR FROM ", *date, ") AS BIGINT) * 100")
    return Typed(("(", *year, " + CAST(EXTRACT(MONTH FROM ", *date, ") AS BIGINT))"), "integer")


def _days_between(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
    first, second = (day(reading, item, depth).parts for item in items)
    return Typed(("(CAST(", *second, " AS BIGINT) - CAST(", *first, " AS BIGINT))"), "integer")


def _date_plus(reading: Reading, node: Node, items: list[Node], depth: int) -> Typed:
    return shifted(reading, node, day(reading, items[0], depth), read_node(reading, items[1], depth), 1)


def _tag(reading: Reading, node: Node, items: list[Node], _: int) -> Typed:
    key = items[-1]
    column = items[0].name if len(items) == 2 else DEFAULT_TAGS
    if len(items) == 2 and not isinstance(items[0], exp.Column):
        raise reading.refuse(node, "tag takes a column and a key", "tag('owner') or tag(Labels, 'owner')")
    if not isinstance(key, exp.Literal) or not key.is_string or not _TAG_KEY.match(str(key.this)):
        raise reading.refuse(node, "tag takes its key as a text in quotes", "tag('owner')")
    kind = reading.scope.columns.get(column)
    if kind is None or kind.type != "string":
        hint = nearest(column, reading.scope.columns)
        raise reading.refuse(node, f"there is no text column {column} in {reading.scope.source}", hint)
    reading.columns.add(column)
    reading.tags.add((column, str(key.this)))
    return Typed((f'"{hidden_tag(column, str(key.this))}"',), "string")


_OWN: dict[str, tuple[Callable[[Reading, Node, list[Node], int], Typed], tuple[int, ...]]] = {
    "month_of": (_month_of, (1,)),
    "days_between": (_days_between, (2,)),
    "date_plus": (_date_plus, (2,)),
    "tag": (_tag, (1, 2)),
}


def _own(reading: Reading, node: Node, depth: int) -> Typed:
    found = _OWN.get(str(node.this).lower())
    if found is None:
        raise not_allowed(reading, node)
    reader, counts = found
    items: list[Node] = node.args.get("expressions") or []
    if len(items) not in counts:
        wanted = " or ".join(str(count) for count in counts)
        raise reading.refuse(node, f"{node.this} takes {wanted} arguments, here are {len(items)}")
    return reader(reading, node, items, depth)


READERS.update(
    {
        exp.Least: (_extreme, LIST),
        exp.Greatest: (_extreme, LIST),
        exp.Coalesce: (_coalesce, LIST),
        exp.Nullif: (_nullif, PAIR),
        exp.Abs: (_abs, ONE),
        exp.Lower: (_text_function, ONE),
        exp.Upper: (_text_function, ONE),
        exp.Trim: (_text_function, ONE),
        exp.Length: (_text_function, ONE),
        exp.Case: (_case, frozenset({"this", "ifs", "default"})),
        exp.Cast: (_cast, frozenset({"this", "to"})),
        exp.Anonymous: (_own, LIST),
    }
)
