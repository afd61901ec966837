"""Expressions: the SQL that packs are written in, held to an allowlist.

An author writes conditions and amounts as SQL over the columns of one source. `parse` accepts
what the allowlist names and refuses everything else with a position and a hint. What it accepts
comes out as polars SQL that is exact: floats become decimals at the leaf, integers become decimals
before arithmetic, and three-valued logic is spelt out where polars' own differs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

    from phasegate.rules.contract import ColumnType
    from phasegate.rules.lint import SqlProblem
    from phasegate.rules.pack import Pack
    from phasegate.rules.units import Quantity

ValueType = Literal["string", "integer", "decimal", "boolean", "date", "datetime", "null", "any"]
"""What an expression yields; ``any`` only while its own definition is at fault."""
NUMBERS = frozenset({"integer", "decimal"})
FLOAT_SCALE = 9
"""Digits after the point that a float keeps when it becomes a decimal."""
ENGINE_DATES = ("as_of", "cycle_start", "month_start", "month_end", "year_start")
"""The parameters that the engine provides; all are dates."""
DEFAULT_TAGS = "Tags"


class ExpressionError(ValueError):
    """SQL that is not accepted.

    Attributes:
        sql: the text as its author wrote it.
        what: what is wrong.
        hint: what to write in its place; empty where there is nothing to say.
        position: where in the text, counted from 0.
    """

    def __init__(self, sql: str, what: str, position: int = 0, hint: str = "") -> None:
        self.sql = sql
        self.what = what
        self.hint = hint
        self.position = min(max(position, 0), len(sql))
        super().__init__(f"{what}, at {self.place}" + (f" ({hint})" if hint else ""))

    @property
    def place(self) -> str:
        """The position as people count: character, and line where there are several."""
        before = self.sql[: self.position]
        line = before.count("\n")
        column = self.position - (before.rfind("\n") + 1) + 1
        return f"line {line + 1}, character {column}" if "\n" in self.sql.strip() else f"character {column}"


class UnboundParameterError(ValueError):
    """A parameter that an expression names has no value in this run."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the parameter :{name} has no value in this run")


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a column or a value, with the digits that a decimal keeps after the point."""

    type: ValueType | Literal["float"]
    scale: int = 0

    @classmethod
    def of_column(cls, type_: ColumnType, scale: int) -> Kind:
        """The kind of a contract's column."""
        if type_ == "decimal":
            return cls("decimal", scale)
        return cls("float", FLOAT_SCALE) if type_ == "float" else cls(type_)


@dataclass(frozen=True)
class Scope:
    """What an expression may name.

    Attributes:
        source: the source's name, for messages.
        columns: its columns, derived ones included.
        parameters: ``date`` or ``number`` by name, those of the engine included.
        allowed: the only texts that a column may hold, where its contract says so.
        barred: why a column that there is can not be named, by its name.
    """

    source: str
    columns: Mapping[str, Kind]
    parameters: Mapping[str, Literal["date", "number"]] = field(
        default_factory=lambda: dict.fromkeys(ENGINE_DATES, "date")
    )
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict, compare=False)
    _parsed: dict[str, Expression] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = (
            self.source,
            tuple(self.columns.items()),
            tuple(self.parameters.items()),
            tuple(self.allowed.items()),
        )
        if key not in _PARSED and len(_PARSED) >= _MOST_SCOPES:
            _PARSED.clear()
        object.__setattr__(self, "_parsed", _PARSED.setdefault(key, {}))


_PARSED: dict[object, dict[str, Expression]] = {}
"""What was parsed already, by scope: lint and run meet the same expressions."""
_MOST_SCOPES = 500


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in an expression that a parameter fills.

    Attributes:
        name: the parameter.
        type: what must stand there; ``days`` is a whole number.
        shift: signed days, or signed parameters that hold days, added to a date.
    """

    name: str
    type: Literal["date", "number", "days"]
    shift: tuple[tuple[int, int | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """An accepted expression.

    Attributes:
        sql: the text as its author wrote it.
        type, scale: what it yields.
        parts: polars SQL, with slots where parameters go.
        columns: the source's columns that it reads, sorted.
        floats: those of them that are floats and must be finite.
        tags: the JSON columns and keys that ``tag`` reads, sorted.
    """

    sql: str
    type: ValueType
    scale: int
    parts: tuple[str | Slot, ...]
    columns: tuple[str, ...]
    floats: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that it names, sorted."""
        names: set[str] = set()
        for part in self.parts:
            if isinstance(part, Slot):
                names.add(part.name)
                names.update(days for _, days in part.shift if isinstance(days, str))
        return tuple(sorted(names))

    def bind(self, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> str:
        """The polars SQL with its parameters filled in.

        Raises:
            UnboundParameterError: if a parameter has no value.
            ExpressionError: if a value does not fit its place.
        """
        return fill(self.sql, self.parts, values)


def fill(
    sql: str,
    parts: tuple[str | Slot, ...],
    values: Mapping[str, dt.date | Quantity | Fraction | int | None],
) -> str:
    """Text with its slots filled in; see `Expression.bind`.

    Raises:
        UnboundParameterError, ExpressionError: likewise.
    """
    return "".join(part if isinstance(part, str) else _fill(sql, part, values) for part in parts)


def parse(sql: str, scope: Scope) -> Expression:
    """Reads one SQL expression.

    Args:
        sql: the text; a condition or a value over one row.
        scope: what it may name.

    Raises:
        ExpressionError: if it is anything that the allowlist does not name.
    """
    known = scope._parsed.get(sql)
    if known is None:
        from phasegate.facts.expressions_read import read

        known = scope._parsed[sql] = read(sql, scope)
    return known


def condition(sql: str, scope: Scope) -> Expression:
    """Reads an expression that must be true or false.

    Raises:
        ExpressionError: likewise, or if it yields something else.
    """
    found = parse(sql, scope)
    if found.type not in ("boolean", "any"):
        raise ExpressionError(
            sql,
            f"this yields {found.type}, where a condition must be true or false",
            hint="compare it with something",
        )
    return found


def number(sql: str, scope: Scope) -> Expression:
    """Reads an expression that must be a number.

    Raises:
        ExpressionError: likewise, or if it yields something else.
    """
    found = parse(sql, scope)
    if found.type not in NUMBERS | {"any"}:
        raise ExpressionError(
            sql,
            f"this yields {found.type}, where an amount must be a number",
            hint="CASE WHEN ... THEN 1 ELSE 0 END counts",
        )
    return found


def check_pack_sql(pack: Pack) -> Iterator[tuple[tuple[str | int, ...], str, str | None] | SqlProblem]:
    """Checks every expression of a pack without data.

    Yields:
        For each fault the path to the expression in the pack, what is wrong, and a hint or None.
    """
    from phasegate.facts.measures.check import check_pack

    yield from check_pack(pack)


def hidden_tag(column: str, key: str) -> str:
    """The name of the column that holds one tag; no contract can declare such a name."""
    return f"tag:{column}:{key.encode().hex()}"


def add_columns(
    frame: pl.LazyFrame,
    columns: Mapping[str, Expression],
    values: Mapping[str, dt.date | Quantity | Fraction | int | None],
) -> pl.LazyFrame:
    """A frame with further columns, each computed from the columns of the same row.

    Raises:
        UnboundParameterError, ExpressionError: as `Expression.bind`.
    """
    import polars as pl

    from phasegate.facts.tags import with_tags

    tags = sorted({tag for expression in columns.values() for tag in expression.tags})
    frame = with_tags(frame, tags)
    frame = frame.with_columns(
        pl.sql_expr(expression.bind(values)).alias(name) for name, expression in columns.items()
    )
    return frame.drop([hidden_tag(*tag) for tag in tags]) if tags else frame


def date_literal(day: dt.date) -> str:
    """A date as polars SQL."""
    return f"DATE '{day.isoformat()}'"


def decimal_text(value: Fraction) -> str | None:
    """An exact number in decimal digits; None if it has no end."""
    scale, rest = 0, value.denominator
    while rest % 10 == 0:
        rest //= 10
        scale += 1
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
            scale += 1
    if rest != 1:
        return None
    digits = str(abs(value.numerator) * 10**scale // value.denominator).rjust(scale + 1, "0")
    whole = digits[:-scale] + "." + digits[-scale:].rstrip("0") if scale else digits
    return ("-" if value < 0 else "") + whole.rstrip(".")


def _plain(value: Quantity | Fraction | int) -> Fraction:
    if isinstance(value, int | Fraction):
        return Fraction(value)
    return value.value


def _fill(sql: str, slot: Slot, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> str:
    value = values.get(slot.name)
    if value is None:
        raise UnboundParameterError(slot.name)
    if slot.type == "date":
        if not isinstance(value, dt.date):
            raise ExpressionError(sql, f":{slot.name} must be a date here", sql.find(f":{slot.name}"))
        for sign, days in slot.shift:
            moved = dt.timedelta(days=sign * (days if isinstance(days, int) else _days(sql, days, values)))
            try:
                value += moved
            except OverflowError:
                what = f":{slot.name} is moved to a year that no calendar has"
                raise ExpressionError(sql, what, sql.find(f":{slot.name}")) from None
        return date_literal(value)
    if isinstance(value, dt.date):
        raise ExpressionError(sql, f":{slot.name} must be a number here", sql.find(f":{slot.name}"))
    if slot.type == "days":
        return f"({_days(sql, slot.name, values)})"
    text = decimal_text(_plain(value))
    if text is None or len(text.partition(".")[2]) > FLOAT_SCALE or len(text) > 29:
        raise ExpressionError(
            sql, f":{slot.name} has more digits than an expression takes", sql.find(f":{slot.name}")
        )
    return f"({text})"


def _days(sql: str, name: str, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> int:
    value = values.get(name)
    if value is None:
        raise UnboundParameterError(name)
    if isinstance(value, dt.date):
        raise ExpressionError(sql, f":{name} must be a number of days here", sql.find(f":{name}"))
    days = _plain(value)
    if days.denominator != 1 or abs(days) > 1_000_000:
        raise ExpressionError(sql, f":{name} must be whole days here", sql.find(f":{name}"))
    return int(days)
