"""Masks: which rows belong, and of which nobody knows whether they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import polars as pl


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
    def expr(self) -> pl.Expr:
        """True in these rows; null counts as false wherever it is summed or filtered by."""
        if not self.names:
            return pl.lit(value=True)
        found = pl.col(self.names[0])
        for name in self.names[1:]:
            found = found & pl.col(name)
        return found.fill_null(value=True) if self.open else found

    @property
    def unknown(self) -> pl.Expr:
        """True in the rows of which nobody knows whether they are in, false in all others."""
        return self.expr.is_null() if self.nullable else pl.lit(value=False)

    def __str__(self) -> str:
        return f"{self.names}{'?' if self.open else ''}"

    def rows(self) -> pl.Expr:
        """How many they are."""
        return (self.expr.sum() if self.names else pl.len()).cast(pl.Int64)

    def of(self, value: pl.Expr) -> pl.Expr:
        """A column's values in these rows."""
        return value.filter(self.expr) if self.names else value

    def frame(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """A frame of these rows."""
        return frame.filter(self.expr) if self.names else frame


def unknown_in(masks: Sequence[Mask]) -> pl.Expr:
    """True in the rows of which nobody knows whether they are in one of some masks, false in all others."""
    return reduce(or_, [mask.unknown for mask in masks])
