"""The slices that there must be, whether or not the data bring them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from phasegate.facts.measures.batch import Batch
from phasegate.facts.measures.mask import Mask
from phasegate.facts.measures.slices import NO_VALUE, slice_name
from phasegate.facts.measures.to_fact import Frame
from phasegate.rules.model.measure import Measure, Slices

if TYPE_CHECKING:
    from phasegate.facts.model.fact import Fact


class Expected:
    """The expected slices of one measure.

    A slice without rows is a fact without rows, and unknown. Rows of a slice that nobody expects are told,
    and an error: where a value was misspelt, its rows belong to a slice that was expected. So is a row that
    says of no slice that it is expected: it may be one whose rows are all missing.

    Args:
        measure: the measure.
        slices: what it says of its slices.
        batch: the frames of the pass, in which they are read.
    """

    def __init__(self, measure: Measure, slices: Slices, batch: Batch) -> None:
        self._measure = measure
        self._slices = slices
        self._batch = batch
        self._key: tuple[str, str | None] | None = None
        if slices.source is not None:
            table = batch.tables[slices.source]
            shared = batch.shared(slices.source, table.slice_column(slices.there))
            self._rows = shared.rows(Mask())
            self._key = (slices.source, shared.by)

    @cached_property
    def names(self) -> frozenset[str]:
        """The slices, once the pass is over."""
        if self._key is None:
            return frozenset(map(slice_name, self._slices.of or ()))
        return frozenset(self._batch.rows(self._key)) - {NO_VALUE}

    @cached_property
    def unnamed(self) -> int:
        """How many rows expect a slice and do not say which."""
        found = self._batch.rows(self._key) if self._key is not None else {}
        return sum(int(found[name][self._rows]) for name in (NO_VALUE, "") if name in found)

    def beside(self, found: Iterable[str]) -> list[str]:
        """The expected slices and those that the data bring; the whole where there are none at all."""
        unnamed = [NO_VALUE] if self.names and self.unnamed else []
        return sorted({*self.names, *unnamed, *found} - {""}) or [""]

    def refused(self, slice_: str, frame: Frame) -> tuple[Fact, ...]:
        """The facts of a slice that nobody expects; none for one that is expected.

        Args:
            slice_: the slice.
            frame: what all facts of the measure share.
        """
        names, of = self.names, self._slices.source or "the list"
        if slice_ in names:
            return ()
        reason = f"nobody expects {self._slices.column} {slice_!r}: it is not in {of}"
        if names and slice_ == NO_VALUE and (rows := self.unnamed):
            which = f"{rows:,} row{'s' if rows > 1 else ''} of {of} name{'s' if rows == 1 else ''} none"
            reason = f"nobody knows which {self._slices.column} is expected: {which}"
        elif not names:
            reason = f"no value of {self._slices.column} is expected: {of} names none"
        fields = tuple(self._measure.latest or ("",))
        return tuple(frame.missing("error", reason, slice_, field) for field in fields)
