"""What expressions are made of: kinds of values, what may be named, and what was read of a node."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from phasegate.facts.expressions.polars_words import parts_of
from phasegate.facts.expressions.tree import Name, Part, Slot, Text, Tree

if TYPE_CHECKING:
    from phasegate.rules.model.contract import ColumnType

__all__ = ["Name", "Part", "Slot", "Text", "Tree"]
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
        computed: whether it is empty where something else is missing that it is computed from.
        texts: the only texts that it can be, where it is derived from such; none where it may be any.
    """

    type: ValueType
    scale: int = 0
    unit: str | None = None
    varies: bool = True
    nullable: bool = True
    personal: bool = False
    computed: bool = False
    texts: tuple[str, ...] = ()

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
    """

    source: str
    columns: Mapping[str, Kind]
    parameters: Mapping[str, Literal["date", "number"]] = field(
        default_factory=lambda: dict.fromkeys(ENGINE_DATES, "date")
    )
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> Hashable:
        """What is equal for two scopes in which the same texts are accepted and mean the same."""
        return (
            self.source,
            tuple(self.columns.items()),
            tuple(self.parameters.items()),
            tuple(self.allowed.items()),
        )

    def allows(self, name: str) -> tuple[str, ...]:
        """The only texts that a column may hold; none where it may hold any."""
        kind = self.columns.get(name)
        return self.allowed.get(name, ()) or (kind.texts if kind is not None else ())


class Lack(NamedTuple):
    """One thing that may be missing.

    Attributes:
        name: the column; or the words that may yield no value, such as NULLIF.
        parts: the column as it is written; none where no cell is meant.
        key: of a tag, its key.
        computed: whether the column is empty because others are.
    """

    name: str
    parts: tuple[Part, ...] = ()
    key: str = ""
    computed: bool = False

    @property
    def cell(self) -> bool:
        """Whether it is a cell that may be empty."""
        return bool(self.parts)

    @property
    def filled(self) -> tuple[Part, ...]:
        """The condition that it is there, as it is written."""
        return _joined("(NOT (", *self.parts, " IS NULL))")

    @property
    def empty(self) -> tuple[Part, ...]:
        """The condition that it is not."""
        return _joined("(", *self.parts, " IS NULL)")


ALIKE = "ids of people that only seem to be the same"
"""What leaves a comparison of ids of people open."""
SURE: frozenset[Lack] = frozenset()
"""Of what is never null, because nothing can be missing."""


def _joined(*parts: Part) -> tuple[Part, ...]:
    return parts


class Origin(NamedTuple):
    """Where a text comes from.

    Attributes:
        source: the source; empty for a text that the author wrote.
        text: its column, or what he wrote.
        personal: whether the column holds ids of people.
    """

    source: str
    text: str
    personal: bool = False


class Typed(NamedTuple):
    """One node of an expression as it was read.

    Attributes:
        tree: what it means. What it yields has one width: an integer 64 bits, a decimal 38 digits.
        type, scale: what it yields.
        literal: its value as it was written, if it is a literal.
        per: by what the number is divided to be in its unit, see `expression.Expression`.
        unit: what a length of time is counted in, ``days`` of a number with that word too; None for
            other numbers, and for products.
        varies: whether it depends on the rows; None where what it is made of says so.
        lacks: what may be missing so that it is null; None where what it is made of says so.
        texts: the texts that it is made of; likewise.
        person: a text as it is compared where ids of people are; None where that is the same.
        undecided: whether it is null because something is missing, as polars SQL, where it may be null by
            its own words besides.
    """

    tree: Tree
    type: ValueType
    scale: int = 0
    literal: str | None = None
    per: int = 1
    unit: str | None = None
    varies: bool | None = None
    lacks: frozenset[Lack] | None = None
    texts: frozenset[Origin] | None = None
    person: Tree | None = None
    undecided: tuple[Part, ...] | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """It as polars SQL."""
        return parts_of(self.tree)

    @property
    def computed(self) -> bool:
        """Whether it is null where something is missing that it is computed from."""
        cells = [lack for lack in self.lacks or () if lack.cell]
        return any(lack.computed or lack.parts != self.parts for lack in cells)

    @property
    def personal(self) -> bool:
        """Whether it is an id of a person, or a part of one."""
        return self.type == "string" and any(origin.personal for origin in self.texts or ())

    @property
    def nullable(self) -> bool:
        """Whether it may be null; so it is where nobody said."""
        return self.lacks is None or bool(self.lacks)


def hidden_tag(column: str, key: str) -> str:
    """The name of the column that holds one tag; no contract can declare such a name."""
    return f"tag:{column}:{key.encode().hex()}"


def hidden_person(column: str) -> str:
    """The name of the column that holds ids of people as they are compared; likewise."""
    return f"person:{column}"
