"""From a syntax tree to exact polars SQL, node by node, each with the type that it yields.

Only the node classes in `_READERS` exist here; whatever else sqlglot can build is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlglot import expressions as exp
from sqlglot.expressions import Expr as Node

from phasegate.facts.expressions import (
    DEFAULT_TAGS,
    FLOAT_SCALE,
    NUMBERS,
    Expression,
    ExpressionError,
    Scope,
    Slot,
    ValueType,
    date_literal,
    hidden_tag,
)
from phasegate.facts.expressions_text import (
    HINT_DIVISION,
    MAX_DEPTH,
    nearest,
    position_of,
    refusal,
    tokens_of,
    tree_of,
)

Part = str | Slot
MAX_SCALE = 28
MAX_WRITTEN = 20_000
"""Characters of polars SQL: BETWEEN and LEAST repeat their operands, so nesting them multiplies."""
_NUMBER = re.compile(r"^(\d{0,20})(?:\.(\d{0,18}))?$")
_TAG_KEY = re.compile(r'^[^"\\$\x00-\x1f]{1,128}$')


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


def read(sql: str, scope: Scope) -> Expression:
    """Reads one expression; see `expressions.parse`."""
    reading = Reading(sql, scope)
    typed = _read(reading, tree_of(sql, tokens_of(sql)), 0)
    return Expression(
        sql=sql,
        type=typed.type,
        scale=typed.scale,
        parts=_joined(typed.parts),
        columns=tuple(sorted(reading.columns)),
        floats=tuple(sorted(reading.floats)),
        tags=tuple(sorted(reading.tags)),
    )


def _joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _read(reading: Reading, node: Node, depth: int) -> Typed:
    if depth > MAX_DEPTH:
        raise reading.refuse(node, f"this is nested deeper than {MAX_DEPTH} levels")
    found = _READERS.get(type(node))
    if found is None:
        raise _not_allowed(reading, node)
    reader, allowed = found
    for key, value in node.args.items():
        if value and key not in allowed and not (value is True and key in _HARMLESS):
            if isinstance(value, exp.Query):
                raise _not_allowed(reading, value)
            if key == "table":
                raise reading.refuse(node, "a column stands by itself here", f"write {node.name}")
            raise reading.refuse(node, f"{_name(node)} does not take {key.replace('_', ' ')} here")
    typed = reader(reading, node, depth + 1)
    parts = _joined(typed.parts)
    if sum(len(part) for part in parts if isinstance(part, str)) > MAX_WRITTEN:
        raise reading.refuse(node, "this is too large an expression", "derive a column from a part of it")
    return typed._replace(parts=parts)


_HARMLESS = frozenset(
    {"big_int", "safe", "coalesce", "ignore_nulls", "nested", "return_null_if_any_null", "is_numeric"}
)


def _name(node: Node) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this)
    if isinstance(node, exp.Func):
        return node.sql_name().lower()
    return type(node).__name__


def _not_allowed(reading: Reading, node: Node) -> ExpressionError:
    if isinstance(node, exp.Window):
        return reading.refuse(node, "window functions are not allowed", "an expression sees one row")
    if isinstance(node, exp.Query | exp.Exists):
        return reading.refuse(node, "subqueries are not allowed", "a measure of kind sql may have them")
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        return reading.refuse(node, "division is not allowed, because it rounds", HINT_DIVISION)
    if isinstance(node, exp.Anonymous | exp.Func):
        start = (node._meta or {}).get("start")
        written = re.match(r"\w+", reading.sql[start:]) if start is not None else None
        name = written[0] if written else _name(node)
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
    return reading.refuse(node, f"{_name(node)} is not allowed here")


# Leaves -------------------------------------------------------------------------------------------


def _column(reading: Reading, node: Node, _: int) -> Typed:
    name = node.name
    kind = reading.scope.columns.get(name)
    if not isinstance(node.this, exp.Identifier):
        raise reading.refuse(node, "'*' is not allowed here", "name the columns")
    if kind is None:
        if name.casefold() in ("nan", "infinity", "inf"):
            raise reading.refuse(node, f"{name} is no number that can be compared")
        hint = nearest(name, reading.scope.columns)
        if node.this.args.get("quoted"):
            hint = f"a text stands in single quotes: '{name}'" + (f"; or {hint}" if hint else "")
        raise reading.refuse(node, f"there is no column {name} in {reading.scope.source}", hint)
    reading.columns.add(name)
    if kind.type == "float":
        reading.floats.add(name)
        return Typed((f'TRY_CAST("{name}" AS DECIMAL(38,{FLOAT_SCALE}))',), "decimal", FLOAT_SCALE)
    return Typed((f'"{name}"',), kind.type, kind.scale)


def _literal(reading: Reading, node: Node, _: int) -> Typed:
    text = str(node.this)
    if node.args.get("is_string"):
        escaped = text.replace("'", "''")
        return Typed((f"'{escaped}'",), "string", literal=text)
    found = _NUMBER.match(text)
    if found is None or not (found[1] or found[2]):
        raise reading.refuse(
            node,
            f"{text} is no number that is kept exactly",
            "plain digits, at most 20, and 18 after the point",
        )
    if not found[2]:
        whole = str(int(found[1]))
        kind: ValueType = "integer" if int(whole) < 2**31 else "decimal"
        return Typed((whole,), kind, 0, literal=whole)
    return Typed((f"{found[1] or '0'}.{found[2]}",), "decimal", len(found[2]), literal=text)


def _boolean(_: Reading, node: Node, __: int) -> Typed:
    return Typed(("TRUE" if node.this else "FALSE",), "boolean")


def _null(_: Reading, __: Node, ___: int) -> Typed:
    return Typed(("NULL",), "null")


def _placeholder(reading: Reading, node: Node, _: int) -> Typed:
    name = node.args.get("this")
    kind = reading.scope.parameters.get(name) if isinstance(name, str) else None
    if kind is None:
        at = max(reading.sql.find(f":{name}"), 0)
        hint = nearest(str(name), reading.scope.parameters)
        raise ExpressionError(reading.sql, f"there is no parameter :{name}", at, hint)
    slot = Slot(str(name), kind)
    return Typed((slot,), "date" if kind == "date" else "decimal", 0 if kind == "date" else FLOAT_SCALE)


def _paren(reading: Reading, node: Node, depth: int) -> Typed:
    inner = _read(reading, node.this, depth)
    return inner._replace(parts=("(", *inner.parts, ")")) if inner.literal is None else inner


# Logic --------------------------------------------------------------------------------------------


def _truth(reading: Reading, node: Node, depth: int) -> Typed:
    typed = _read(reading, node, depth)
    if typed.type not in ("boolean", "any"):
        raise reading.refuse(
            node, f"{_a(typed.type)} stands where true or false is needed", "compare it with something"
        )
    return typed


def _chain(reading: Reading, node: Node, depth: int) -> Typed:
    kind, sign = type(node), " AND " if isinstance(node, exp.And) else " OR "
    operands: list[Node] = []
    while type(node) is kind:  # a long chain is wide, not deep
        operands.append(node.args["expression"])
        node = node.this
    operands.append(node)
    parts: list[Part] = ["("]
    for index, operand in enumerate(reversed(operands)):
        parts += [sign] if index else []
        parts += _truth(reading, operand, depth).parts
    return Typed((*parts, ")"), "boolean")


def _not(reading: Reading, node: Node, depth: int) -> Typed:
    return Typed(("(NOT ", *_truth(reading, node.this, depth).parts, ")"), "boolean")


def _is(reading: Reading, node: Node, depth: int) -> Typed:
    right = node.args["expression"]
    if isinstance(right, exp.Null):
        return Typed(("(", *_read(reading, node.this, depth).parts, " IS NULL)"), "boolean")
    if isinstance(right, exp.Boolean):
        # polars answers null IS TRUE with null; SQL says false.
        sign = "" if right.this else "NOT "
        return Typed((f"COALESCE({sign}", *_truth(reading, node.this, depth).parts, ", FALSE)"), "boolean")
    raise reading.refuse(node, "IS takes NULL, TRUE or FALSE")


# Comparisons --------------------------------------------------------------------------------------


def _iso_date(reading: Reading, node: Node, text: str) -> str:
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date_literal(dt.date.fromisoformat(text))
    except ValueError:
        raise reading.refuse(node, f"'{text}' is no date", "write it as 'YYYY-MM-DD'") from None


def _dated(reading: Reading, item: Node, typed: Typed) -> Typed:
    """A value as the date that it is compared as."""
    if typed.type == "string":
        if typed.literal is None:
            raise reading.refuse(item, "a text is compared with a date", "declare the column as a date")
        return Typed((_iso_date(reading, item, typed.literal),), "date")
    return _as_date(typed)  # a moment belongs to its day


def _alike(reading: Reading, node: Node, items: list[tuple[Node, Typed]]) -> list[Typed]:
    """The same values, made comparable with each other."""
    kinds = {typed.type for _, typed in items} - {"any"}
    if "null" in kinds:
        raise reading.refuse(node, "a comparison with NULL is never true", "use IS NULL or IS NOT NULL")
    if len(kinds) <= 1 or kinds <= NUMBERS:
        return [typed for _, typed in items]
    if kinds <= {"date", "datetime", "string"} and kinds & {"date", "datetime"}:
        return [_dated(reading, item, typed) for item, typed in items]
    first, second = sorted(kinds)[:2]
    raise reading.refuse(node, f"{_a(first)} is compared with {_a(second)}", _quote_hint(items))


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _quote_hint(items: list[tuple[Node, Typed]]) -> str:
    numbers = [typed.literal for _, typed in items if typed.literal and typed.type in NUMBERS]
    return f"write the text '{numbers[0]}' in quotes" if numbers else ""


_SIGNS: dict[type[Node], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip


def _compare(reading: Reading, node: Node, depth: int) -> Typed:
    pair = [node.this, node.args["expression"]]
    left, right = _alike(reading, node, [(item, _read(reading, item, depth)) for item in pair])
    if left.type == "boolean" and not isinstance(node, exp.EQ | exp.NEQ):
        raise reading.refuse(node, "truth values have no order", "use = or <>")
    return Typed(("(", *left.parts, f" {_SIGNS[type(node)]} ", *right.parts, ")"), "boolean")


def _between(reading: Reading, node: Node, depth: int) -> Typed:
    three = [node.this, node.args["low"], node.args["high"]]
    value, low, high = _alike(reading, node, [(item, _read(reading, item, depth)) for item in three])
    return Typed(
        ("(", *value.parts, " >= ", *low.parts, " AND ", *value.parts, " <= ", *high.parts, ")"), "boolean"
    )


def _in(reading: Reading, node: Node, depth: int) -> Typed:
    options: list[Node] = node.args.get("expressions") or []
    if not options:
        raise reading.refuse(node, "IN takes a list of literals", "IN ('a', 'b')")
    for option in options:
        inner = option.this if isinstance(option, exp.Neg) else option
        if not isinstance(inner, exp.Literal | exp.Placeholder | exp.Cast | exp.Boolean | exp.Null):
            raise reading.refuse(option, "IN takes literals only", "compare with = and OR")
    items = [(item, _read(reading, item, depth)) for item in [node.this, *options]]
    value, *alike = _alike(reading, node, items)
    parts: list[Part] = ["(", *value.parts, " IN ("]
    for index, option_typed in enumerate(alike):
        parts += [", "] if index else []
        parts += option_typed.parts
    return Typed((*parts, "))"), "boolean")


def _like(reading: Reading, node: Node, depth: int) -> Typed:
    value, pattern = _read(reading, node.this, depth), _read(reading, node.args["expression"], depth)
    if value.type not in ("string", "any"):
        raise reading.refuse(node, f"LIKE needs a text, this is a {value.type}")
    if pattern.type != "string" or pattern.literal is None or "\\" in pattern.literal:
        raise reading.refuse(node, "LIKE takes a pattern in quotes, without a backslash")
    return Typed(("(", *value.parts, " LIKE ", *pattern.parts, ")"), "boolean")


# Arithmetic ---------------------------------------------------------------------------------------


def _number(reading: Reading, node: Node, typed: Typed) -> Typed:
    if typed.type not in NUMBERS | {"any"}:
        hint = (
            "use days_between(a, b) for the days between dates" if typed.type in ("date", "datetime") else ""
        )
        raise reading.refuse(node, f"arithmetic needs numbers, this is {_a(typed.type)}", hint)
    if typed.type == "integer" and typed.literal is None:  # 64 bits wrap silently, a decimal raises
        return Typed(("CAST(", *typed.parts, " AS DECIMAL(38,0))"), "decimal", 0)
    return typed


def _arithmetic(reading: Reading, node: Node, depth: int) -> Typed:
    steps: list[Node] = []
    while isinstance(node, exp.Add | exp.Sub | exp.Mul):  # chains lean to the left
        steps.append(node)
        node = node.this
    left = _read(reading, node, depth)
    for step in reversed(steps):
        right = _read(reading, step.args["expression"], depth)
        left = _step(reading, step, left, right)
    return left


def _step(reading: Reading, node: Node, left: Typed, right: Typed) -> Typed:
    if left.type in ("date", "datetime") and isinstance(node, exp.Add | exp.Sub):
        return _shift(reading, node, left, right, -1 if isinstance(node, exp.Sub) else 1)
    a, b = _number(reading, node.this, left), _number(reading, node.args["expression"], right)
    multiplied = isinstance(node, exp.Mul)
    scale = a.scale + b.scale if multiplied else max(a.scale, b.scale)
    if scale > MAX_SCALE:
        hint = "declare the columns with the scale that they really have"
        raise reading.refuse(node, f"the result would have {scale} digits after the point", hint)
    sign = "*" if multiplied else "-" if isinstance(node, exp.Sub) else "+"
    if a.literal is not None:  # two literals would be added up as 32 bits
        a = Typed((f"CAST({a.literal} AS DECIMAL(38,{a.scale}))",), "decimal", a.scale)
    return Typed(("(", *a.parts, f" {sign} ", *b.parts, ")"), "decimal", scale)


def _shift(reading: Reading, node: Node, day: Typed, days: Typed, sign: int) -> Typed:
    """A date and so many days: folded where the date is a parameter, computed where it is a column."""
    if days.type in ("date", "datetime"):
        raise reading.refuse(node, "dates are not added or subtracted", "use days_between(a, b)")
    whole = _whole_days(reading, node, days)
    if len(day.parts) == 1 and isinstance(day.parts[0], Slot) and not isinstance(whole, tuple):
        slot = day.parts[0]
        return Typed((Slot(slot.name, "date", (*slot.shift, (sign, whole))),), "date")
    if isinstance(whole, str):
        parts: tuple[Part, ...] = (Slot(whole, "days"),)
    else:
        parts = whole if isinstance(whole, tuple) else (str(whole),)
    mark = "+" if sign > 0 else "-"
    return Typed(("CAST((CAST(", *_as_date(day).parts, f" AS BIGINT) {mark} ", *parts, ") AS DATE)"), "date")


def _whole_days(reading: Reading, node: Node, days: Typed) -> int | str | tuple[Part, ...]:
    """Days as a literal, the name of a parameter, or the SQL of an integer."""
    if days.literal is not None and days.type == "integer":
        if abs(int(days.literal)) > 1_000_000:
            raise reading.refuse(node, f"{days.literal} days are more than any calendar has")
        return int(days.literal)
    if len(days.parts) == 1 and isinstance(days.parts[0], Slot) and days.parts[0].type == "number":
        return days.parts[0].name
    if days.type in ("integer", "any"):
        return ("CAST(", *days.parts, " AS BIGINT)")
    raise reading.refuse(node, "a date moves by whole days", "write for example :as_of - 31 days")


def _neg(reading: Reading, node: Node, depth: int) -> Typed:
    typed = _number(reading, node.this, _read(reading, node.this, depth))
    if typed.literal is not None and not typed.literal.startswith("-"):
        text = str(typed.parts[0])
        return Typed((f"(-{text})",), typed.type, typed.scale, literal="-" + text)
    zero = f"CAST(0 AS DECIMAL(38,{typed.scale}))"
    return Typed((f"({zero} - ", *typed.parts, ")"), "decimal", typed.scale)


# Functions ----------------------------------------------------------------------------------------


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
        return _alike(reading, node, [item for item in items if item[1].type != "null"]), "date", 0
    if len(kinds) > 1:
        first, second = sorted(kinds)[:2]
        raise reading.refuse(node, f"its branches are {_a(first)} and {_a(second)}", "make them one type")
    return [typed for _, typed in items], next(iter(kinds), "null"), scale


def _listed(typed: list[Typed]) -> list[Part]:
    parts: list[Part] = []
    for index, item in enumerate(typed):
        parts += [", "] if index else []
        parts += item.parts
    return parts


def _extreme(reading: Reading, node: Node, depth: int) -> Typed:
    items = [(item, _read(reading, item, depth)) for item in _arguments(node)]
    if len(items) < 2:
        raise reading.refuse(node, f"{_name(node)} takes two values or more")
    same, kind, scale = _same(reading, node, items)
    # polars leaves nulls out; a missing value must not become the smaller or the greater one.
    parts: list[Part] = ["CASE WHEN "]
    for index, typed in enumerate(same):
        parts += [" OR "] if index else []
        parts += [*typed.parts, " IS NULL"]
    name = "LEAST" if isinstance(node, exp.Least) else "GREATEST"
    return Typed((*parts, f" THEN NULL ELSE {name}(", *_listed(same), ") END"), kind, scale)


def _coalesce(reading: Reading, node: Node, depth: int) -> Typed:
    items = [(item, _read(reading, item, depth)) for item in _arguments(node)]
    same, kind, scale = _same(reading, node, items)
    return Typed(("COALESCE(", *_listed(same), ")"), kind, scale)


def _nullif(reading: Reading, node: Node, depth: int) -> Typed:
    pair = [node.this, node.args["expression"]]
    same, kind, scale = _same(reading, node, [(item, _read(reading, item, depth)) for item in pair])
    return Typed(("NULLIF(", *_listed(same), ")"), kind, scale)


def _abs(reading: Reading, node: Node, depth: int) -> Typed:
    typed = _number(reading, node.this, _read(reading, node.this, depth))
    return Typed(("ABS(", *typed.parts, ")"), "decimal", typed.scale)


def _text_function(reading: Reading, node: Node, depth: int) -> Typed:
    typed = _read(reading, node.this, depth)
    if typed.type not in ("string", "any"):
        raise reading.refuse(node, f"{_name(node)} needs a text, this is {_a(typed.type)}")
    if isinstance(node, exp.Length):
        return Typed(("CAST(CHAR_LENGTH(", *typed.parts, ") AS BIGINT)"), "integer")
    return Typed((f"{_name(node).upper()}(", *typed.parts, ")"), "string")


def _case(reading: Reading, node: Node, depth: int) -> Typed:
    branches: list[Node] = node.args["ifs"]
    conditions: list[tuple[Part, ...]] = []
    results: list[tuple[Node, Typed]] = []
    for branch in branches:
        if node.this is not None:
            compared = exp.EQ(this=node.this.copy(), expression=branch.this.copy())
            conditions.append(_compare(reading, compared, depth).parts)
        else:
            conditions.append(_truth(reading, branch.this, depth).parts)
        results.append((branch, _read(reading, branch.args["true"], depth)))
    default = node.args.get("default")
    if default is not None:
        results.append((default, _read(reading, default, depth)))
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
    typed = _read(reading, node.this, depth)
    to: Any = node.args["to"]
    kind = to.this.name if isinstance(to.this, exp.DType) else str(to.this)
    if kind == "DATE" and typed.literal is not None and typed.type == "string":
        return Typed((_iso_date(reading, node, typed.literal),), "date")
    if kind == "DATE" and typed.type in ("date", "datetime"):
        return _as_date(typed)
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
    raise reading.refuse(node, f"{_a(typed.type)} is not cast to {kind} here", hint)


def _as_date(typed: Typed) -> Typed:
    return Typed(("CAST(", *typed.parts, " AS DATE)"), "date") if typed.type == "datetime" else typed


def _day(reading: Reading, node: Node, depth: int) -> Typed:
    typed = _read(reading, node, depth)
    if typed.type == "string" and typed.literal is not None:
        return Typed((_iso_date(reading, node, typed.literal),), "date")
    if typed.type not in ("date", "datetime", "any"):
        raise reading.refuse(node, f"a date is needed here, this is {_a(typed.type)}")
    return _as_date(typed)


def _month_of(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
    day = _day(reading, items[0], depth).parts
    year = ("CAST(EXTRACT(YEAR FROM ", *day, ") AS BIGINT) * 100")
    return Typed(("(", *year, " + CAST(EXTRACT(MONTH FROM ", *day, ") AS BIGINT))"), "integer")


def _days_between(reading: Reading, _: Node, items: list[Node], depth: int) -> Typed:
    first, second = (_day(reading, item, depth).parts for item in items)
    return Typed(("(CAST(", *second, " AS BIGINT) - CAST(", *first, " AS BIGINT))"), "integer")


def _date_plus(reading: Reading, node: Node, items: list[Node], depth: int) -> Typed:
    return _shift(reading, node, _day(reading, items[0], depth), _read(reading, items[1], depth), 1)


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
FUNCTIONS = (
    "abs", "least", "greatest", "coalesce", "nullif", "cast", "lower", "upper", "trim", "length", *_OWN,
)  # fmt: skip


def _own(reading: Reading, node: Node, depth: int) -> Typed:
    found = _OWN.get(str(node.this).lower())
    if found is None:
        raise _not_allowed(reading, node)
    reader, counts = found
    items: list[Node] = node.args.get("expressions") or []
    if len(items) not in counts:
        wanted = " or ".join(str(count) for count in counts)
        raise reading.refuse(node, f"{node.this} takes {wanted} arguments, here are {len(items)}")
    return reader(reading, node, items, depth)


_Reader = Callable[[Reading, Node, int], Typed]
_PAIR = frozenset({"this", "expression"})
_ONE = frozenset({"this"})
_LIST = frozenset({"this", "expressions"})
_READERS: dict[type[Node], tuple[_Reader, frozenset[str]]] = {
    exp.Column: (_column, _ONE),
    exp.Literal: (_literal, frozenset({"this", "is_string"})),
    exp.Boolean: (_boolean, _ONE),
    exp.Null: (_null, frozenset()),
    exp.Placeholder: (_placeholder, _ONE),
    exp.Paren: (_paren, _ONE),
    exp.And: (_chain, _PAIR),
    exp.Or: (_chain, _PAIR),
    exp.Not: (_not, _ONE),
    exp.Is: (_is, _PAIR),
    exp.Between: (_between, frozenset({"this", "low", "high"})),
    exp.In: (_in, _LIST),
    exp.Like: (_like, _PAIR),
    exp.Add: (_arithmetic, _PAIR),
    exp.Sub: (_arithmetic, _PAIR),
    exp.Mul: (_arithmetic, _PAIR),
    exp.Neg: (_neg, _ONE),
    exp.Least: (_extreme, _LIST),
    exp.Greatest: (_extreme, _LIST),
    exp.Coalesce: (_coalesce, _LIST),
    exp.Nullif: (_nullif, _PAIR),
    exp.Abs: (_abs, _ONE),
    exp.Lower: (_text_function, _ONE),
    exp.Upper: (_text_function, _ONE),
    exp.Trim: (_text_function, _ONE),
    exp.Length: (_text_function, _ONE),
    exp.Case: (_case, frozenset({"this", "ifs", "default"})),
    exp.Cast: (_cast, frozenset({"this", "to"})),
    exp.Anonymous: (_own, _LIST),
    **dict.fromkeys(_SIGNS, (_compare, _PAIR)),
}
