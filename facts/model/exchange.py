"""How the amounts of a source were converted to one currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Exchange:
    """How the amounts of an open source were converted.

    Attributes:
        to: the currency in which they are now.
        amounts: for each column that was converted, or derived from one, the converted ones that it
            rests on.
        stated: whether the contract names the columns that are amounts, so that no other is one.
        marks: the columns of the frame that tell what could not be converted.
    """

    to: str
    amounts: Mapping[str, frozenset[str]]
    stated: bool
    marks: tuple[str, ...]

    def behind(self, columns: Iterable[str]) -> frozenset[str]:
        """The converted columns that some columns rest on."""
        return frozenset().union(*(self.amounts.get(name, ()) for name in columns))
