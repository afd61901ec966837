"""Rows that are chosen to be shown: of which source, by which conditions, and with what masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from phasegate.facts.contracts.personal import personal_columns
from phasegate.facts.engines.plans import all_of, is_null, known, names_in
from phasegate.facts.expressions.tree import Name, Text, Tree, op
from phasegate.facts.measures.batch import Table
from phasegate.facts.measures.slices import slice_value

What = Literal["not met", "counted", "short", "newest", "may count"]
"""What the rows behind a value are: those that do not meet its condition, those that were counted and are
too many, items that fall short, the newest row, which alone decides, or rows of which nobody knows whether
they count, because what decides that is missing."""


class Masked(NamedTuple):
    """A column as it is shown.

    Attributes:
        name: its name there.
        of: the column.
        mask: None where it is shown as it is; where it is masked, the columns of its type that are masked
            too, to tell in which of them the same stands; or a text where that is not told.
    """

    name: str
    of: str
    mask: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of one source.

    Attributes:
        table: the source.
        flag: true for these rows, false for all others.
    """

    table: Table
    flag: Tree

    @property
    def reads(self) -> frozenset[str]:
        """The columns that tell which rows they are."""
        return frozenset(names_in(self.flag))

    @property
    def columns(self) -> list[str]:
        """The columns that are shown: those of the contract, without derived ones."""
        return [name for name in self.table.contract.columns if name in self.table.scope.columns]

    @property
    def shown(self) -> tuple[Masked, ...]:
        """How they are shown: personal ones masked, and converted amounts named so."""
        return shown(self.table, self.columns)


def chosen(table: Table, flag: Tree, by: str | None, slice_: str) -> Chosen:
    """Rows of one slice.

    Args:
        table: the source.
        flag: true for them in whatever slice they are; null is false.
        by: the slice column; None for the whole.
        slice_: the slice.
    """
    if by is None:
        return Chosen(table, known(flag))
    value = slice_value(slice_)
    own = is_null(by) if value is None else known(op("=", Name(by), Text(value)))
    return Chosen(table, all_of(known(flag), own))


def shown(table: Table, columns: Sequence[str]) -> tuple[Masked, ...]:
    """Columns of a source as they are shown.

    Args:
        table: the source.
        columns: some of its contract's.
    """
    hidden = personal_columns(table.contract, table.scope)
    kinds = table.scope.columns
    found = []
    for name in columns:
        alike = tuple(each for each in columns if each in hidden and kinds[each].type == kinds[name].type)
        found.append(Masked(_named(table, name), name, alike if name in hidden else None))
    return tuple(found)


def _named(table: Table, name: str) -> str:
    exchange = table.exchange
    return f"{name} in {exchange.to}" if exchange is not None and name in exchange.amounts else name
