"""Rows of a measure's source by what the measure makes of them: what meets it, misses it, is left out.

Every row in force is of exactly one sort. Personal columns are masked, as in evidence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from phasegate.facts.assemble import ParameterValue
from phasegate.facts.evidence_rows import context_of, counted_rows, texts
from phasegate.facts.expressions.expression import ExpressionError, UnboundParameterError
from phasegate.facts.sources.passes import Source
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack

if TYPE_CHECKING:
    from phasegate.facts.measures.base import Kind
    from phasegate.facts.measures.row_selection import Chosen

Sort = Literal["meets", "misses", "counted", "left out", "undetermined"]
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one sort.

    Attributes:
        sort: what the measure makes of them.
        total: how many there are.
        columns: of the source.
        sample: the first ones, in the order of their values, as texts.
    """

    sort: Sort
    total: int
    columns: tuple[str, ...]
    sample: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a measure makes of the rows of its source.

    Attributes:
        measure: its id.
        source: its source; None where it has none.
        rows: by sort, in the order of ``SORTS``; those without any row are left out.
        why: why there are none to show; None where there are.
    """

    measure: str
    source: str | None
    rows: tuple[Rows, ...] = ()
    why: str | None = None


def preview(
    pack: Pack,
    opened: Mapping[str, Source],
    as_of: dt.date,
    parameters: Mapping[str, ParameterValue],
    id_: str,
    most: int,
) -> Preview:
    """Reads some rows of each sort.

    Args:
        pack: the pack.
        opened: the open sources by name.
        as_of: the date of the run.
        parameters: those of the run.
        id_: the measure.
        most: how many rows of each sort.
    """
    from phasegate.facts.measures.base import MeasureError
    from phasegate.facts.measures.kinds.registry import KINDS

    measure = pack.measures[id_]
    kind = KINDS.get(measure.kind)
    if kind is None or measure.source is None or measure.sql is not None:
        why = {
            "attested": "people state it, and no row shows it",
            "change": f"it is made of {measure.change.of if measure.change else ''} and the baseline",
        }.get(measure.kind, "a query of its own says what it makes of rows")
        return Preview(id_, measure.source, why=why)
    try:
        measured = kind(context_of(pack, opened, as_of, parameters), id_, measure)
        flags = dict(_flags(measured, measure))
    except (KeyError, ExpressionError, UnboundParameterError, MeasureError) as error:
        missing = isinstance(error, KeyError)
        why = f"the rows of {measure.source} can not be read" if missing else str(error)
        return Preview(id_, measure.source, why=why)
    counted = counted_rows(flags, most)
    if len(counted) < len(flags):
        return Preview(id_, measure.source, why=f"the rows of {measure.source} can not be read")
    found = []
    for sort in flags:
        total, frame = counted[sort]
        if total:
            found.append(Rows(sort, total, tuple(frame.columns), tuple(texts(frame, most))))
    return Preview(id_, measure.source, tuple(found), None if found else f"{measure.source} has no rows")


def condition_of(measure: Measure) -> str | None:
    """The condition that rows of the population meet or miss; None for a kind that only counts them."""
    part = measure.ratio or measure.share
    return measure.count or measure.exists or (part.of if part is not None else None)


def _flags(measured: Kind, measure: Measure) -> Iterator[tuple[Sort, Chosen]]:
    from phasegate.facts.engines.plans import all_of, any_of, known
    from phasegate.facts.expressions.tree import FALSE, op
    from phasegate.facts.measures.mask import unknown_in
    from phasegate.facts.measures.row_selection import Chosen

    part, sql = measured.part, condition_of(measure)
    table, inside = part.table, part.mask.flag
    out = known(op("not", inside)) if part.mask.names else FALSE
    unsure = unknown_in(part.decides)
    if sql is None:
        counted = all_of(known(inside), op("not", unsure))
        yield "counted", Chosen(table, counted)
        yield "left out", Chosen(table, out)
        yield "undetermined", Chosen(table, unsure)
        return
    meets = known((part.mask & table.mask(sql)).flag)
    yield "meets", Chosen(table, meets)
    yield "misses", Chosen(table, op("not", any_of(meets, unsure, out)))
    yield "left out", Chosen(table, out)
    yield "undetermined", Chosen(table, unsure)
