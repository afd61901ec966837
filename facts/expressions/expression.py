"""Expressions: the SQL that packs are written in, held to an allowlist.

An author writes conditions and amounts as SQL over the columns of one source. `parse` accepts
what the allowlist names and refuses everything else with a position and a hint. What it accepts
comes out as polars SQL that is exact: integers become decimals
before arithmetic, and three-valued logic is spelt out where polars' own differs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from phasegate.rules.values.units import Quantity

if TYPE_CHECKING:
    import polars as pl

    from phasegate.rules.model.contract import ColumnType

ValueType = Literal["string", "integer", "decimal", "boolean", "date", "datetime", "null", "any"]
"""What an expression yields; ``any`` only while its own definition is at fault."""
NUMBERS = frozenset({"integer", "decimal"})
PARAMETER_SCALE = 9
"""Digits after the point that a parameter has; a float has as many until its data say how many."""
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
    """What a column or a value holds.

    Attributes:
        type: its type.
        scale: the digits that a decimal keeps after the point.
        unit: what a length of time is counted in; None for anything else.
        varies: whether rows may differ in it; not so where it is derived from nothing.
        nullable: whether it may be empty; not so where the contract holds that no row lacks it.
        personal: whether it holds ids of people, which are compared as such.
    """

    type: ValueType
    scale: int = 0
    unit: str | None = None
    varies: bool = True
    nullable: bool = True
    personal: bool = False

    @classmethod
    def of_column(
        cls, type_: ColumnType, scale: int, *, nullable: bool = True, personal: bool = False
    ) -> Kind:
        """The kind of a contract's column."""
        digits = {"float": PARAMETER_SCALE, "decimal": scale}.get(type_, 0)
        kind: ValueType = "decimal" if type_ == "float" else type_
        return cls(kind, digits, nullable=nullable, personal=personal and kind == "string")


@dataclass(frozen=True)
class Scope:
    """What an expression may name.

    Attributes:
        source: the source's name, for messages.
        columns: its columns, derived ones included.
        parameters: ``date`` or ``number`` by name, those of the engine included.
        allowed: the only texts that a column may hold, where its contract says so.
        barred: why a column that there is can not be named, by its name.
        key: what is equal for two scopes in which the same texts are accepted and mean the same.
    """

    source: str
    columns: Mapping[str, Kind]
    parameters: Mapping[str, Literal["date", "number"]] = field(
        default_factory=lambda: dict.fromkeys(ENGINE_DATES, "date")
    )
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict, compare=False)
    key: Hashable = field(init=False, repr=False, compare=False)
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
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "_parsed", _PARSED.setdefault(key, {}))


_PARSED: dict[Hashable, dict[str, Expression]] = {}
"""What was parsed already, by scope: lint and run meet the same expressions."""
_MOST_SCOPES = 500


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in an expression that a parameter fills.

    Attributes:
        name: the parameter.
        type: what must stand there; ``days`` is a whole number.
        shift: signed days, or signed parameters that hold days, added to a date.
        unit: what the lengths of time are counted in that a number stands beside; None beside others.
        times: by what a number is multiplied: 3,600 where hours are kept as seconds.
    """

    name: str
    type: Literal["date", "number", "days"]
    shift: tuple[tuple[int, int | str], ...] = ()
    unit: str | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Name:
    """A name that somebody chose, in what is written for an engine: of a column, a table, an alias."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text that an author wrote in single quotes, likewise."""

    text: str


Part = str | Name | Text | Slot
"""A piece of polars SQL: fixed words and signs of ours, or what stands in them."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An accepted expression.

    Attributes:
        sql: the text as its author wrote it.
        type, scale: what it yields.
        parts: polars SQL, with slots where parameters go.
        columns: the source's columns that it reads, sorted.
        tags: the JSON columns and keys that ``tag`` reads, sorted.
        varies: whether it depends on a row at all.
        per: by what its number is divided to be in its unit: 3,600 for hours that are kept as seconds.
        unit: what a length of time is counted in; None for other numbers, and for products.
        deciding: the columns of which an empty cell may make it null, sorted. Not among them are those
            that are read under the author's word alone (IS NULL, IS TRUE, a COALESCE that ends with a
            value), and those that the contract holds to be filled.
        deciding_tags: likewise the tags, columns and keys, that may be missing.
        otherwise: what of its own words may yield no value where every cell is filled, such as NULLIF.
        people: the columns that it compares as ids of people, sorted.
        personal: whether what it yields is such an id.
    """

    sql: str
    type: ValueType
    scale: int
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    varies: bool = True
    per: int = 1
    unit: str | None = None
    deciding: tuple[str, ...] = ()
    deciding_tags: tuple[tuple[str, str], ...] = ()
    otherwise: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    personal: bool = False

    @property
    def nullable(self) -> bool:
        """Whether it may be null in a row at all."""
        return bool(self.deciding or self.deciding_tags or self.otherwise)

    @property
    def kind(self) -> Kind:
        """What a column holds that is derived so."""
        return Kind(self.type, self.scale, self.unit, self.varies, self.nullable, self.personal)

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
        """The polars SQL with its parameters filled in, held to what was read.

        Raises:
            UnboundParameterError: if a parameter has no value.
            ExpressionError: if a value does not fit its place, or the text would say something else
                than what was read.
        """
        from phasegate.facts.expressions.polars_sql import written

        return written(self.sql, self.parts, values)

    def compile(self, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> pl.Expr:
        """The expression as polars evaluates it.

        Raises:
            UnboundParameterError, ExpressionError: as `bind`.
        """
        import polars as pl

        compiled = pl.sql_expr(self.bind(values))
        read = {*self.columns, *(hidden_tag(*tag) for tag in self.tags), *map(hidden_person, self.people)}
        if not read.issuperset(compiled.meta.root_names()):  # polars has a reader of its own
            raise ExpressionError(self.sql, "polars would read other columns than this names")
        return compiled


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
        from phasegate.facts.expressions.parser import read

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


def hidden_tag(column: str, key: str) -> str:
    """The name of the column that holds one tag; no contract can declare such a name."""
    return f"tag:{column}:{key.encode().hex()}"


def hidden_person(column: str) -> str:
    """The name of the column that holds ids of people as they are compared; likewise."""
    return f"person:{column}"


def add_columns(
    frame: pl.LazyFrame,
    columns: Mapping[str, Expression],
    values: Mapping[str, dt.date | Quantity | Fraction | int | None],
    no_value: Collection[str] = (),
) -> pl.LazyFrame:
    """A frame with further columns, each computed from the columns of the same row.

    Args:
        frame: the frame.
        columns: what is computed, by the column's name.
        values: the values of parameters.
        no_value: words that stand for nothing where a tag is read.

    Raises:
        UnboundParameterError, ExpressionError: as `Expression.bind`.
    """
    from phasegate.facts.expressions.people import with_people
    from phasegate.facts.expressions.tags import with_tags

    for expression in columns.values():
        if expression.per != 1:
            what = "a column does not keep this length of time exactly"
            raise ExpressionError(expression.sql, what, hint="use seconds_between, which is exact")
    tags = sorted({tag for expression in columns.values() for tag in expression.tags})
    people = sorted({name for expression in columns.values() for name in expression.people})
    frame = with_people(with_tags(frame, tags, no_value), people)
    frame = frame.with_columns(expression.compile(values).alias(name) for name, expression in columns.items())
    hidden = [*(hidden_tag(*tag) for tag in tags), *map(hidden_person, people)]
    return frame.drop(hidden) if hidden else frame
