"""The expressions of a measure: where each stands, what it reads and what it must yield."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from phasegate.rules.model.measure import Elsewhere, Measure
from phasegate.rules.model.measure_kinds import EACH, ITSELF, Reads
from phasegate.rules.yaml.parser import Path

POPULATION = ("where", "over")
"""Where conditions stand that say which rows belong to the population."""


class Use(NamedTuple):
    """One expression of a measure.

    Attributes:
        path: where it stands.
        sql: its text.
        source: its source.
        wanted: what it must yield.
        decides: whether the fact is what it says of each row, so that a constant would decide
            without any data.
    """

    path: Path
    sql: str
    source: str
    wanted: str
    decides: bool = False


def uses(id_: str, measure: Measure) -> Iterator[Use]:
    """The expressions of a measure, each over one row of one source."""
    own, base = measure.source or "", ("measures", id_)
    if measure.where is not None:
        yield Use((*base, "where"), measure.where, own, "condition")
    clause, path = getattr(measure, measure.kind), (*base, measure.kind)
    for each in measure.about.reads:
        if each.part == ITSELF:
            yield Use(path, clause, own, each.wanted, each.decides)
        elif each.part == EACH:
            yield from (
                Use((*path, name), sql, own, each.wanted, each.decides) for name, sql in clause.items()
            )
        elif (part := getattr(clause, each.part)) is not None:
            yield from _part((*path, each.part), part, own, each)


def _part(path: Path, part: str | Elsewhere, own: str, reads: Reads) -> Iterator[Use]:
    if isinstance(part, str):
        yield Use(path, part, own, reads.wanted, reads.decides)
        return
    yield Use((*path, "value"), part.value, part.source, reads.wanted, reads.decides)
    if part.where is not None:
        yield Use((*path, "where"), part.where, part.source, "condition")
