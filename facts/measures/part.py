"""Parts: the populations that a measure is computed from, with what is counted of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phasegate.facts.engines.plans import Row
from phasegate.facts.measures.batch import Shared, Table
from phasegate.facts.measures.mask import Mask
from phasegate.facts.measures.to_fact import Population

if TYPE_CHECKING:
    from phasegate.facts.measures.unconverted import Marks


@dataclass
class Part:
    """A population: the rows of one source that one side of a measure is computed from.

    Attributes:
        shared: the shared select over the source and its slicing.
        mask: the rows.
        rows, newest, currency, nulls: the aliases of what is counted of them; of currency and nulls, of
            the rows that may be among them too where they make it an error.
        possible: the alias of how many rows there are with those that may be among them.
        decides: the conditions of which each that is null leaves a row undetermined.
        lacks: the expressions of which that is to say.
        undetermined, may: the aliases of how many rows are so, and of how many would be if nobody knew
            to which slice they belong; None where there can be none.
        read: the expressions that are read of them.
        marks: the same of the rows whose amounts were not converted, where such are read.
        to: the one currency of its amounts: to which they were converted, or in which all of them are.
    """

    shared: Shared
    mask: Mask
    rows: str = ""
    newest: str | None = None
    currency: tuple[str, str, str] | None = None
    nulls: list[str] = field(default_factory=list)
    possible: str = ""
    decides: tuple[Mask, ...] = ()
    lacks: tuple[str, ...] = ()
    undetermined: str | None = None
    may: str | None = None
    read: tuple[str, ...] = ()
    marks: Marks | None = None
    to: str | None = None

    @property
    def table(self) -> Table:
        """The source."""
        return self.shared.table

    def population(self, row: Row | None) -> Population:
        """What was counted, of one row of the shared select."""
        if row is None:
            return Population(0)
        newest = row[self.newest] if self.newest else None
        currencies = (self.to, self.to) if self.to else None
        return Population(
            rows=row[self.rows],
            nulls=sum(row[alias] for alias in self.nulls),
            newest=newest.date() if isinstance(newest, dt.datetime) else newest,
            currencies=(row[self.currency[0]], row[self.currency[1]]) if self.currency else currencies,
            no_currency=row[self.currency[2]] if self.currency else 0,
            unconverted=(self.marks.unconverted(row),) if self.marks else (),
        )

    def register(self, *, by_point: bool) -> None:
        """Has the undetermined rows counted, once it is known what decides."""
        self.undetermined = self.shared.undetermined(self.decides)
        if by_point:
            self.may = self.shared.rows(self.decides[0].possible)

    def doubtful(self, row: Row | None, unplaced: Row | None) -> int:
        """How many rows are undetermined, of one row of the shared select and that without a slice."""
        keyed = row[self.undetermined] if row is not None and self.undetermined is not None else 0
        return int(keyed + (unplaced[self.may] if unplaced is not None and self.may is not None else 0))

    def tells(self, row: Row) -> bool:
        """Whether a slice has rows, or may have, or could have if their amounts were converted."""
        return bool(row[self.possible]) or (
            self.marks is not None and self.marks.unconverted(row).flaw is not None
        )
