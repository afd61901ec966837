"""What was measured for one case, kept for others with the same rows: many differ in a source or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from phasegate.facts.model.fact import FactSet
from phasegate.rules.mutants.mutant import Mutant
from phasegate.rules.mutants.touched import Touched

if TYPE_CHECKING:
    from phasegate.facts.sources.passes import Source

Rows: TypeAlias = tuple[Any, ...]
"""All that measures are computed from, apart from the rules; equal where they come out alike."""


class Shelf:
    """The facts under the mutant at hand, and the sources that it leaves as they are, by rows."""

    def __init__(self) -> None:
        self._mutant = ""
        self._facts: dict[Rows, FactSet] = {}
        self._touched: Touched | None = None
        self._sources: dict[Rows, Mapping[str, Source]] = {}

    def facts(self, mutant: str, rows: Rows, measure: Callable[[], FactSet]) -> FactSet:
        """The facts of some rows under a mutant.

        Args:
            mutant: its id; facts under others are not kept.
            rows: the rows.
            measure: measures them, where no case before had the same.
        """
        if mutant != self._mutant:
            self._mutant, self._facts = mutant, {}
        known = self._facts  # a case that is given up goes on beside those that come after it
        if rows not in known:
            known[rows] = measure()
        return known[rows]

    def sources(
        self, mutant: Mutant, rows: Rows, opened: Callable[[], Mapping[str, Source]]
    ) -> Mapping[str, Source]:
        """The open sources of some rows, kept as long as mutants of the same measures are tried.

        Args:
            mutant: the mutant; where it is one of a source, nothing is kept.
            rows: the rows.
            opened: opens them.
        """
        if mutant.touched.sources:
            return opened()
        if mutant.touched != self._touched:
            self._touched, self._sources = mutant.touched, {}
        known = self._sources
        if rows not in known:
            known[rows] = opened()
        return known[rows]
