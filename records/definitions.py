"""What the measures of a run count, with the values that dates and parameters had in it.

A fact tells how much was counted, and the rules how: ``due_on BETWEEN :month_start AND :month_end`` tells
nobody which days were meant.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from phasegate.facts.expressions.engine_dates import clock
from phasegate.records.schema import ClauseEntry
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of

_TEXTS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*")
_NAME = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")


def definitions(
    pack: Pack,
    measures: Iterable[str],
    as_of: dt.date,
    cycle: Mapping[str, str] | None,
    parameters: Mapping[str, str],
) -> dict[str, list[ClauseEntry]]:
    """What measures count, by the ids that their facts name them by.

    Args:
        pack: the rules.
        measures: the ids.
        as_of: the day that is decided.
        cycle: the cycle, as records have it.
        parameters: likewise.
    """
    start = dt.date.fromisoformat(cycle["start"]) if cycle is not None else None
    begun = start if start is not None and start <= as_of else None
    days = {name: day.isoformat() for name, day in clock(as_of, begun).items() if day is not None}
    values = {**{name.removeprefix(":"): each for name, each in parameters.items()}, **days}
    found = {name: list(_clauses(pack, name, values)) for name in sorted(set(measures))}
    return {name: clauses for name, clauses in found.items() if clauses}


def _clauses(pack: Pack, name: str, values: Mapping[str, str]) -> Iterator[ClauseEntry]:
    id_ = measure_of(pack, name)
    if id_ is None:
        return
    measure = pack.measures[id_]
    for key, text in _written(measure, name.removeprefix(f"{id_}.") if name != id_ else None):
        bare = _TEXTS.sub(" ", text)
        named = {each: values[each] for each in _NAME.findall(bare) if each in values}
        yield ClauseEntry(clause=key, says=" ".join(text.split()), values=named)
    if measure.change is not None:  # it counts what the measure counts that is held against the baseline
        base = measure_of(pack, measure.change.of)
        if base is not None and pack.measures[base].change is None:
            yield from _clauses(pack, measure.change.of, values)


def _written(measure: Measure, field: str | None) -> Iterator[tuple[str, str]]:
    """The clauses of a measure: its rows, what is counted of them, and by what they are added up."""
    if measure.attested is not None:  # who said what stands in the attestation
        return
    keys = ("where", measure.kind, "grain")
    written = measure.model_dump(mode="json", by_alias=True, exclude_none=True, include={*keys})
    for key in keys:
        part = written.get(key)
        if key == "latest" and field is not None:
            part = {field: part[field]} if isinstance(part, dict) else part
        if part is not None:
            yield from _texts(key, part)


def _texts(key: str, part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from _texts(f"{key} {name}", inner)
    elif isinstance(part, list):
        yield key, ", ".join(map(str, part))
    elif part is not None:
        yield key, str(part)
