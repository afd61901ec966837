"""Masks: which rows belong, and of which nobody knows whether they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from phasegate.facts.engines.plans import all_of, any_of
from phasegate.facts.expressions.tree import FALSE, TRUE, Name, Tree, op


@dataclass(frozen=True, slots=True)
class Mask:
    """Rows that meet all of some conditions; no names for all rows.

    Attributes:
        names: the columns with the conditions.
        nullable: whether one of them may be null, so that nobody knows of a row whether it is in.
        open: whether rows of which nobody knows are in too.
    """

    names: tuple[str, ...] = ()
    nullable: bool = False
    open: bool = False

    def __and__(self, other: Mask) -> Mask:
        names = tuple(sorted({*self.names, *other.names}))
        return Mask(names, self.nullable or other.nullable)

    @property
    def possible(self) -> Mask:
        """These rows, and those of which nobody knows."""
        return replace(self, open=self.nullable)

    @property
    def flag(self) -> Tree:
        """True in these rows; null counts as false wherever rows are chosen by it."""
        found = all_of(*map(Name, self.names))
        return op("coalesce", found, TRUE) if self.open else found

    @property
    def unknown(self) -> Tree:
        """True in the rows of which nobody knows whether they are in, false in all others."""
        return op("is null", self.flag) if self.nullable else FALSE

    def __str__(self) -> str:
        return f"{self.names}{'?' if self.open else ''}"


def unknown_in(masks: Sequence[Mask]) -> Tree:
    """True in the rows of which nobody knows whether they are in one of some masks, false in all others."""
    return any_of(*(mask.unknown for mask in masks))
