"""Rows of measures by point that no point of the pack counts, because it has no such point."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from phasegate.facts.measures.batch import Batch
from phasegate.facts.measures.slices import NO_VALUE
from phasegate.facts.model.fact import SourceState, UnknownPoints

SHOWN = 5
LONGEST = 40


def unknown_points(batch: Batch, points: Collection[str]) -> Iterator[tuple[str, UnknownPoints]]:
    """What was found of each source that a measure by point reads, once the batch has its results.

    A row without a point names none, and is left out.

    Args:
        batch: the frames of a pass; the shared selects of measures by point count their rows.
        points: the ids of the pack's points.
    """
    for key, rows in batch.by_point.items():
        counts = {
            id_: row[rows]
            for id_, row in batch.rows(key).items()
            if id_ not in points and id_ != NO_VALUE and row[rows]
        }
        if counts:
            contract = batch.tables[key[0]].contract
            column = contract.columns.get(contract.point or "")
            shown = () if column is not None and column.personal else sorted(counts)[:SHOWN]
            sample = tuple(id_ if len(id_) <= LONGEST else f"{id_[:LONGEST]}..." for id_ in shown)
            yield key[0], UnknownPoints(sum(counts.values()), len(counts), sample)


def told(states: Mapping[str, SourceState], found: Mapping[str, UnknownPoints]) -> dict[str, SourceState]:
    """The states of sources with what was found of those that can be used."""
    return {
        name: replace(state, unknown_points=found[name]) if name in found and state.status == "ok" else state
        for name, state in states.items()
    }
