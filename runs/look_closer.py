"""What measures make of rows, and what each of them costs by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import NamedTuple

from phasegate.engine.scope import NOTHING
from phasegate.facts.assemble import assemble, sources_read
from phasegate.facts.preview import Preview, preview
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.requirements import measure_of
from phasegate.runs.open import Opened, open_run


class Cost(NamedTuple):
    """What a measure costs where it is measured by itself.

    Attributes:
        measure: its id.
        sources: what it reads.
        rows: the rows that were read of these.
        seconds: the time that it took, sources opened anew.
    """

    measure: str
    sources: tuple[str, ...]
    rows: int
    seconds: float


class Closer(NamedTuple):
    """What was looked at more closely.

    Attributes:
        previews: rows of each measure; empty where none were asked for.
        costs: the costs, the dearest first; empty where none were asked for.
    """

    previews: list[Preview]
    costs: list[Cost]


def look_closer(
    loaded: LoadedProject,
    as_of: dt.date,
    facts: Iterable[str],
    rows: int | None,
    timer: Callable[[], float] | None,
) -> Closer:
    """Looks at the rows of measures, and at their costs.

    Args:
        loaded: the project with its pack, free of lint errors.
        as_of: the date for which it is measured.
        facts: the ids of facts whose measures are meant.
        rows: how many rows of each sort are shown; None for none.
        timer: tells seconds; None where costs are not asked for.
    """
    pack = loaded.pack.pack
    named = dict.fromkeys(id_ for fact in facts if (id_ := measure_of(pack, fact)) is not None)
    previews: list[Preview] = []
    if rows is not None:
        opened = open_run(loaded, as_of, NOTHING, named)
        opened.facts()  # whoever reads a source for the first time notes what is wrong with it
        previews = [preview(pack, opened.sources, as_of, opened.parameters, id_, rows) for id_ in named]
    costs = [_cost(loaded, as_of, id_, timer) for id_ in named] if timer is not None else []
    return Closer(previews, sorted(costs, key=lambda each: -each.seconds))


def _cost(loaded: LoadedProject, as_of: dt.date, id_: str, timer: Callable[[], float]) -> Cost:
    began = timer()
    opened: Opened = open_run(loaded, as_of, NOTHING, {id_})
    found = assemble(opened.pack, opened.sources, as_of, opened.parameters, {id_}, opened.begun)
    seconds = timer() - began
    sources = tuple(sorted(sources_read(opened.pack, {id_})))
    rows = sum(found.sources[name].rows or 0 for name in sources if name in found.sources)
    return Cost(id_, sources, rows, seconds)
