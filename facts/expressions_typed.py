"""Typed values: what a node of a syntax tree becomes, and how values are made alike.

Only the node classes in `READERS` exist; whatever else sqlglot can build is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions import NUMBERS, ExpressionError, Scope, Slot, ValueType, date_literal
from phasegate.facts.expressions_text import HINT_DIVISION, MAX_DEPTH, position_of, refusal

Part = str | Slot
MAX_WRITTEN = 20_000
"""Characters of polars SQL: BETWEEN and LEAST repeat their operands, so nesting them multiplies."""
FUNCTIONS = (
    "abs", "least", "greatest", "coalesce", "nullif", "cast", "lower", "upper", "trim", "length",
    "month_of", "days_between", "date_plus", "tag",
)  # fmt: skip


class Typed(NamedTuple):
    """One node as polars SQL, with its type, and its value if it is a literal."""

    parts: tuple[Part, ...]
    type: ValueType
    scale: int = 0
    literal: str | None = None


@dataclass
class Reading:
    """One expression while it is being read."""

    sql: str
    scope: Scope
    columns: set[str] = field(default_factory=set)
    floats: set[str] = field(default_factory=set)
    tags: set[tuple[str, str]] = field(default_factory=set)

    def refuse(self, node: Node, what: str, hint: str = "") -> ExpressionError:
        """The error at a node."""
        return ExpressionError(self.sql, what, position_of(node), hint)


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The same parts, with neighbouring texts made one."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)


Reader = Callable[[Reading, Node, int], Typed]
PAIR = frozenset({"this", "expression"})
ONE = frozenset({"this"})
LIST = frozenset({"this", "expressions"})
READERS: dict[type[Node], tuple[Reader, frozenset[str]]] = {}
"""By node class what reads it, and the arguments that it may have."""


def read_node(reading: Reading, node: Node, depth: int) -> Typed:
    """One node of a tree as a typed value.

    Raises:
        ExpressionError: if the node, or anything below it, is not on the allowlist.
    """
    if depth > MAX_DEPTH:
        raise reading.refuse(node, f"this is nested deeper than {MAX_DEPTH} levels")
    found = READERS.get(type(node))
    if found is None:
        raise not_allowed(reading, node)
    reader, allowed = found
    for key, value in node.args.items():
        if value and key not in allowed and not (value is True and key in _HARMLESS):
            if isinstance(value, exp.Query):
                raise not_allowed(reading, value)
            if key == "table":
                raise reading.refuse(node, "a column stands by itself here", f"write {node.name}")
            raise reading.refuse(node, f"{name_of(node)} does not take {key.replace('_', ' ')} here")
    typed = reader(reading, node, depth + 1)
    parts = joined(typed.parts)
    if sum(len(part) for part in parts if isinstance(part, str)) > MAX_WRITTEN:
        raise reading.refuse(node, "this is too large an expression", "derive a column from a part of it")
    return typed._replace(parts=parts)


_HARMLESS = frozenset(
    {"big_int", "safe", "coalesce", "ignore_nulls", "nested", "return_null_if_any_null", "is_numeric"}
)


def name_of(node: Node) -> str:
    """What an author calls such a node."""
    if isinstance(node, exp.Anonymous):
        return str(node.this)
    if isinstance(node, exp.Func):
        return node.sql_name().lower()
    return type(node).__name__


def not_allowed(reading: Reading, node: Node) -> ExpressionError:
    """The error for a node that is not on the allowlist, with what to do instead."""
    if isinstance(node, exp.Window):
        return reading.refuse(node, "window functions are not allowed", "an expression sees one row")
    if isinstance(node, exp.Query | exp.Exists):
        return reading.refuse(node, "subqueries are not allowed", "a measure of kind sql may have them")
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        return reading.refuse(node, "division is not allowed, because it rounds", HINT_DIVISION)
    if isinstance(node, exp.Anonymous | exp.Func):
        start = (node._meta or {}).get("start")
        written = re.match(r"\w+", reading.sql[start:]) if start is not None else None
        name = written[0] if written else name_of(node)
        return refusal(reading.sql, name, start if start is not None else position_of(node), FUNCTIONS)
    if isinstance(node, exp.DPipe | exp.Concat):
        return reading.refuse(node, "joining texts is not allowed", "compare the columns one by one")
    if isinstance(node, exp.ILike):
        return reading.refuse(node, "ILIKE is not allowed", "LOWER(column) LIKE 'text%'")
    if isinstance(node, exp.Placeholder | exp.Parameter):
        return reading.refuse(node, "a parameter is written :name")
    if isinstance(node, exp.Alias):
        return reading.refuse(node, "a name is left over", "AS does not belong here; is an operator missing?")
    if isinstance(node, exp.DDL | exp.DML | exp.Command | exp.Drop):
        return ExpressionError(reading.sql, "this is a statement, not a value")
    return reading.refuse(node, f"{name_of(node)} is not allowed here")


def iso_date(reading: Reading, node: Node, text: str) -> str:
    """A text as a date literal; it must be written ``YYYY-MM-DD``."""
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date_literal(dt.date.fromisoformat(text))
    except ValueError:
        raise reading.refuse(node, f"'{text}' is no date", "write it as 'YYYY-MM-DD'") from None


def dated(reading: Reading, item: Node, typed: Typed) -> Typed:
    """A value as the date that it is compared as."""
    if typed.type == "string":
        if typed.literal is None:
            raise reading.refuse(item, "a text is compared with a date", "declare the column as a date")
        return Typed((iso_date(reading, item, typed.literal),), "date")
    return as_date(typed)  # a moment belongs to its day


def alike(reading: Reading, node: Node, items: list[tuple[Node, Typed]]) -> list[Typed]:
    """The same values, made comparable with each other."""
    kinds = {typed.type for _, typed in items} - {"any"}
    if "null" in kinds:
        raise reading.refuse(node, "a comparison with NULL is never true", "use IS NULL or IS NOT NULL")
    if len(kinds) <= 1 or kinds <= NUMBERS:
        return [typed for _, typed in items]
    if kinds <= {"date", "datetime", "string"} and kinds & {"date", "datetime"}:
        return [dated(reading, item, typed) for item, typed in items]
    first, second = sorted(kinds)[:2]
    raise reading.refuse(
        node, f"{with_article(first)} is compared with {with_article(second)}", _quote_hint(items)
    )


def with_article(kind: str) -> str:
    """``a string``, ``an integer``."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _quote_hint(items: list[tuple[Node, Typed]]) -> str:
    # As it is written: an account number without the zeros in front of it is another one.
    numbers = [str(item.this) for item, typed in items if typed.literal and typed.type in NUMBERS]
    return f"write the text '{numbers[0]}' in quotes" if numbers else ""


def as_number(reading: Reading, node: Node, typed: Typed) -> Typed:
    """A value as arithmetic takes it: a decimal, or a literal."""
    if typed.type not in NUMBERS | {"any"}:
        hint = (
            "use days_between(a, b) for the days between dates" if typed.type in ("date", "datetime") else ""
        )
        raise reading.refuse(node, f"arithmetic needs numbers, this is {with_article(typed.type)}", hint)
    if typed.type == "integer" and typed.literal is None:  # 64 bits wrap silently, a decimal raises
        return Typed(("CAST(", *typed.parts, " AS DECIMAL(38,0))"), "decimal", 0)
    return typed


def as_date(typed: Typed) -> Typed:
    """A moment as the day that it belongs to; other values as they are."""
    return Typed(("CAST(", *typed.parts, " AS DATE)"), "date") if typed.type == "datetime" else typed


def day(reading: Reading, node: Node, depth: int) -> Typed:
    """A node that must be a date."""
    typed = read_node(reading, node, depth)
    if typed.type == "string" and typed.literal is not None:
        return Typed((iso_date(reading, node, typed.literal),), "date")
    if typed.type not in ("date", "datetime", "any"):
        raise reading.refuse(node, f"a date is needed here, this is {with_article(typed.type)}")
    return as_date(typed)
