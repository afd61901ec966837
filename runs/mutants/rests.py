"""What measures rest on, so that only what a mutant touches is computed again."""

from __future__ import annotations

from collections.abc import Iterable

from phasegate.facts.assemble import sources_read
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.mutants.touched import Touched


class Rests:
    """What each measure of a pack rests on: other measures, and sources. No mutant changes that.

    Args:
        pack: the pack.
    """

    def __init__(self, pack: Pack) -> None:
        self._behind = {name: _behind(pack, name) for name in pack.measures}
        self._sources = {name: sources_read(pack, {name}) for name in pack.measures}
        self._known: dict[Touched, frozenset[str]] = {}

    def measures(self, touched: Touched) -> frozenset[str]:
        """The measures that are computed otherwise."""
        if touched not in self._known:
            self._known[touched] = frozenset(
                name
                for name, behind in self._behind.items()
                if behind & touched.measures or self._sources[name] & touched.sources
            )
        return self._known[touched]

    def sources(self, measures: Iterable[str]) -> frozenset[str]:
        """The sources that measures rest on."""
        return frozenset().union(*(self._sources[name] for name in measures))


def _behind(pack: Pack, name: str) -> frozenset[str]:
    """A measure, and that of which it is the change."""
    found: set[str] = set()
    at: str | None = name
    while at is not None and at not in found:
        found.add(at)
        change = pack.measures[at].change
        at = measure_of(pack, change.of) if change is not None else None
    return frozenset(found)
