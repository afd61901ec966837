"""Cases that can not notice a mutant of a source: what measures see of their rows is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phasegate.rules.model.pack import Pack
from phasegate.rules.mutants.mutant import Mutant
from phasegate.runs.cases.run import Ground
from phasegate.runs.cases.tables import opened_alone
from phasegate.runs.mutants.again import Again

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.sources.passes import Source


class Alike:
    """Reads the rows of many cases at once, as a mutant has them, and holds them against what they are.

    All that measures see of a source are its rows in force with their derived columns, what kinds these are,
    and how many rows break its contract. Where none of it changes, every fact is what it was.

    Args:
        ground: what the cases were decided by.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._before: dict[tuple[str, str], _Seen] = {}

    def among(self, mutant: Mutant, cases: Sequence[Again]) -> frozenset[str]:
        """The names of the cases whose rows stay what they are; none where a mutant is of something else."""
        touched = mutant.touched
        if len(touched.sources) != 1 or touched.measures or touched.criteria or touched.gates:
            return frozenset()
        [source] = touched.sources
        having = [each for each in cases if source in each.tables]
        unseen = [each for each in having if (source, each.name) not in self._before]
        for each, seen in zip(unseen, self._seen(self._ground.pack, source, unseen), strict=True):
            self._before[source, each.name] = seen
        after = zip(having, self._seen(mutant.pack, source, having), strict=True)
        same = {each.name for each, seen in after if seen.is_as(self._before[source, each.name])}
        return frozenset(same | {each.name for each in cases if source not in each.tables})

    def _seen(self, pack: Pack, source: str, cases: Sequence[Again]) -> list[_Seen]:
        if not cases:
            return []
        tables = [(each.result.case, each.tables[source]) for each in cases]
        ground = self._ground
        opened = opened_alone(ground.calendar, ground.zone, pack, source, tables)
        return [_Seen(each) for each in opened]


class _Seen:
    """What measures see of an open source."""

    def __init__(self, source: Source) -> None:
        from phasegate.facts.sources.source import numbers

        self._rows: pl.DataFrame | None = None if source.frame is None else source.frame.collect()
        self._kinds = dict(source.kinds)
        self._counts: Mapping[str, Any] = numbers([each.collect() for each in source.checks])

    def is_as(self, other: _Seen) -> bool:
        """Whether another one is no different; a demand that only one of them has must be met there."""
        if self._rows is None or other._rows is None or self._kinds != other._kinds:
            return False
        both = self._counts.keys() & other._counts.keys()
        alone = [*self._counts.items() - other._counts.items(), *other._counts.items() - self._counts.items()]
        met = all(name not in both and not count for name, count in alone)
        return met and self._rows.schema == other._rows.schema and self._rows.equals(other._rows)
