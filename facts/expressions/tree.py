"""What an expression means: a tree of typed operations, before any engine has a word in it.

The readers of expressions make it, held to the allowlist; an engine writes it in its own words, see
`dialect`. Whatever differs between engines is spelt out here already: a CASE with a condition that is null is
null, and so are LEAST and GREATEST of nothing; integers are decimals before arithmetic, and every value has
one type.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal


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
"""A piece of SQL: fixed words and signs of ours, or what stands in them."""


@dataclass(frozen=True)
class Op:
    """An operation.

    Attributes:
        name: which; `dialect` has them all.
        of: what it is done with.
        note: what else is to be known of it, such as the digits of a decimal.
        at: where it stands in the text of its author, counted from 0; below 0 where nobody said.
        memo: how it was written, by dialect.
    """

    name: str
    of: tuple[Tree, ...] = ()
    note: str | int = ""
    at: int = field(default=-1, compare=False)
    memo: dict[str, tuple[Part, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def placed(self, at: int) -> Op:
        """The same, with the place where it stands, if nobody said yet."""
        return self if self.at >= 0 else replace(self, at=at)


@dataclass(frozen=True, slots=True)
class Polars:
    """What only polars is asked, in its own SQL: the parts of queries, which no other engine is given."""

    parts: tuple[Part, ...]


Tree = Op | Name | Text | Slot | Polars


def op(name: str, *of: Tree, note: str | int = "") -> Op:
    """An operation with some operands."""
    return Op(name, of, note)


def integer(value: int | str) -> Op:
    """A literal whole number of 64 bits."""
    return Op("integer", (), f"{value}")


def decimal(text: str, scale: int) -> Op:
    """A literal number of 38 digits, so many of them after the point."""
    return Op("number", (), f"{text}:{scale}")


def day(text: str) -> Op:
    """A literal day, as ``2026-01-31``."""
    return Op("day", (), text)


def as_decimal(value: Tree, scale: int) -> Op:
    """A number as a decimal of 38 digits, so many of them after the point."""
    return Op("decimal", (value,), scale)


def case(branches: list[tuple[Tree, Tree, bool]], default: Tree | None) -> Op:
    """A CASE.

    Args:
        branches: conditions with their results, and whether the condition may be null: it is null then,
            and goes not on to the next branch.
        default: what it is where none holds; None for null.
    """
    of = [part for test, result, _ in branches for part in (test, result)]
    note = "".join("?" if nullable else "!" for _, _, nullable in branches)
    return Op("case", (*of, *([default] if default is not None else [])), note)


TRUE, FALSE, NULL = Op("true"), Op("false"), Op("null")
