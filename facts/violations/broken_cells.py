"""Cells that break a clause, with all that tells what to do about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from phasegate.facts.contracts.clauses import Clause
from phasegate.facts.contracts.types import Reading, typed
from phasegate.rules.model.contract import Column, Contract


@dataclass(frozen=True, slots=True)
class Broken:
    """Cells that break one clause of a contract.

    Attributes:
        clause: the clause.
        rows: how many they are.
        values: the first of them as the file has them.
        contract: the contract.
        found: the type of the column in the file.
        reading: how texts are written.
        unread: how many cells of the whole column are not read where texts are written so.
        held: how many values the whole column has.
    """

    clause: Clause
    rows: int
    values: Sequence[object]
    contract: Contract
    found: pl.DataType
    reading: Reading
    unread: Callable[[Reading], int]
    held: Callable[[], int]

    @property
    def name(self) -> str:
        """The column."""
        return self.clause.column

    @property
    def column(self) -> Column:
        """What the contract says of the column."""
        return self.contract.columns[self.name]

    @property
    def decimal_comma(self) -> bool:
        """Whether the decimal point is a comma."""
        return self.reading.numbers.decimal_comma

    @property
    def with_decimal_comma(self) -> Reading:
        """How texts are written if the decimal point is a comma."""
        return replace(self.reading, numbers=replace(self.reading.numbers, decimal_comma=True))

    @property
    def texts(self) -> list[str]:
        """The values that are texts."""
        return [value for value in self.values if isinstance(value, str)]

    def reads(self, text: str, options: Mapping[str, str | Literal[True]]) -> bool:
        """Whether a text is read where the source says some options besides its own.

        Args:
            text: a cell.
            options: some of `NumberForm`, and ``trim``.
        """
        said: dict[str, Any] = dict(options)
        if said.pop("trim", False):
            text = text.strip()
        given = self.reading.numbers
        if not options or given.thousands not in (None, said.get("thousands", given.thousands)):
            return False
        reading = replace(self.reading, numbers=replace(given, **said))
        value = typed(pl.col("text"), pl.String(), self.column, reading)
        assert value is not None
        return pl.DataFrame({"text": [text]}).select(value).to_series().null_count() == 0


def set_options(options: Sequence[str]) -> str:
    """That options of the source are to be set."""
    return f"set {' and '.join(options)} for the source"
