"""What the facts of a run rest on, part by part, so that two runs can be held against each other.

Each part is kept as a digest of what it says, or as what it says itself where that is short. Words for
people are no part of it: they change no fact. What decides once a fact is there (bounds, enforcement,
phases, waivers) stands in the record anyhow.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from phasegate.facts.measures.dependencies import sources_behind
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince, Contract
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.values.units import days_in

Parts = dict[str, str]
"""What facts rest on: what a part says, or a digest of it, by the part's kind and name."""
_WORDS = {"title", "note", "items", "must", "do", "better", "for_information"}
_DECIDED_AFTER = {"max_age", "min_rows"}
"""Keys of a measure that are held against what was counted, so that it can be decided again without them."""
_CHECKED = ("min", "max", "allowed", "pattern", "unique", "past")
"""Keys of a column that can break a table, and change nothing else of it."""
_DAY = re.compile(r":(as_of|month_start|month_end|year_start)\b")
_CYCLE = re.compile(r":cycle_start\b")
_CALENDAR = "business_days"
_WRITTEN = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=list)
_OF_A_ZONE = {"date", "datetime"}
"""Types of columns that hold what falls on another day by the clocks of another zone."""


def basis(
    pack: Pack, facts: Iterable[str], parameters: Mapping[str, str], calendar: Mapping[str, list[str]]
) -> dict[str, Parts]:
    """What the facts of some measures rest on, by the ids of the measures.

    Args:
        pack: the rules.
        facts: the measures of facts, as records name them.
        parameters: as records have them.
        calendar: likewise.
    """
    named = (measure_of(pack, fact) for fact in facts)
    values = {name.removeprefix(":"): value for name, value in parameters.items()}
    measures = sorted({name for name in named if name is not None})
    said_of = cache(partial(_said_of, pack))  # measures of one table rest on the same contract
    return {name: dict(_parts(pack, name, values, calendar, said_of)) for name in measures}


class _Said(NamedTuple):
    """What a contract says, whatever is read of it.

    Attributes:
        columns: of each column what it holds, without what can only break a table.
        placed: the columns that have a part to play, by that part.
        more: what else decides how a table is read.
        words: those that stand for nothing.
        checks: a digest of all that can break a table.
    """

    columns: Mapping[str, Mapping[str, Any]]
    placed: Mapping[str, str]
    more: Mapping[str, Any]
    words: tuple[str, ...]
    checks: str


def _said_of(pack: Pack, source: str) -> _Said:
    contract = pack.sources[source]
    placed = {
        key: getattr(contract, key)
        for key in ("event", "recorded", "period_end", "updated", "currency", "point")
        if getattr(contract, key) is not None
    }
    columns = {
        name: each.model_dump(mode="json", exclude={"text"}) for name, each in contract.columns.items()
    }
    checked = {name: {key: each.pop(key) for key in _CHECKED} for name, each in columns.items()}
    more = contract.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, include={"convert", "rates", "infer"}
    )
    words = contract.no_value or pack.no_value
    checks = contract.model_dump(
        mode="json",
        by_alias=True,
        exclude_defaults=True,
        include={"holds", "belongs_to", "key", "min_rows", "control"},
    )
    return _Said(columns, placed, more, words, _digest([checked, columns, placed, more, words, checks]))


def _parts(
    pack: Pack,
    name: str,
    values: Mapping[str, str],
    calendar: Mapping[str, list[str]],
    said_of: Callable[[str], _Said],
) -> Iterator[tuple[str, str]]:
    measures = list(_with_bases(pack, name))
    said: list[str] = []
    days: set[str] = set()
    for id_, measure in measures:
        written = measure.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        counted = {key: each for key, each in written.items() if key not in _WORDS | _DECIDED_AFTER}
        yield f"measure {id_}", _digest(counted)
        said.append(_text(counted))
        for source in sources_behind(measure, pack.sources):
            yield f"table {source}", ""
            if (contract := pack.sources.get(source)) is not None:
                yield from _contract(source, contract, said_of(source), said, days)
            else:  # what its columns are is seen as they are read
                yield "zone", ""
    for place, (id_, measure) in enumerate(measures):  # of too few rows of its base a change counts nothing
        yield f"min_rows {id_}" if place else "min_rows", str(measure.min_rows)
    if ages := [days_in(each.max_age) for _, each in measures if each.max_age is not None]:
        yield "max_age", str(min(ages))
    change = len(measures) > 1
    if change and pack.baseline is not None:
        baseline = pack.baseline.source
        yield f"table {baseline}", ""
        if (contract := pack.sources.get(baseline)) is not None:
            more = [*said, "value fixed_on"]
            yield from _contract(baseline, contract, said_of(baseline), more, days)
    yield from _named("\n".join(said), change, days, values, calendar)


def _named(
    said: str, change: bool, days: set[str], values: Mapping[str, str], calendar: Mapping[str, list[str]]
) -> Iterator[tuple[str, str]]:
    """What measures and contracts name of the project and of the day."""
    for parameter, value in values.items():
        if re.search(rf":{re.escape(parameter)}\b", said):
            yield f"parameter {parameter}", value
    if _CALENDAR in said:
        yield "calendar", _digest(calendar)
    if _CYCLE.search(said) or change:
        yield "cycle", ""
    if _DAY.search(said) or "business_days_since" in said:
        yield "day", "read"
    elif days:
        yield "day", "event" if days == {"event"} else "rows"


def _with_bases(pack: Pack, name: str) -> Iterator[tuple[str, Measure]]:
    """A measure, and the one that it is the change of."""
    measure = pack.measures[name]
    yield name, measure
    if measure.change is not None:
        base = measure_of(pack, measure.change.of)
        if base is not None and pack.measures[base].change is None:
            yield base, pack.measures[base]


def _contract(
    source: str, contract: Contract, whole: _Said, said: list[str], days: set[str]
) -> Iterator[tuple[str, str]]:
    """What a contract says of the columns that are read: how they are read, derived, and checked."""
    text = "\n".join(said)
    days.update({*whole.placed} & {"event", "recorded", "period_end", "updated"})
    derived = {}
    for column, how in reversed(contract.derive.items()):  # each may name those before it
        if _names(text, column):
            derived[column] = how
            text = f"{text}\n{_text(_derived(how))}"
    for column in reversed(derived):
        yield f"derived {source} {column}", _digest(_derived(derived[column]))
    said.append("\n".join(_text(_derived(how)) for how in derived.values()))
    placed = whole.placed.values()
    read = {name: each for name, each in whole.columns.items() if _names(text, name) or name in placed}
    if contract.infer or any(each["type"] in _OF_A_ZONE for each in read.values()):
        yield "zone", ""
    words = whole.words if _texts(read) else ()
    yield f"contract {source}", _digest([read, whole.placed, whole.more, words])
    yield f"checks {source}", whole.checks


def _texts(columns: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(each["type"] == "string" for each in columns.values())


def _derived(how: str | BusinessDaysAfter | BusinessDaysSince) -> object:
    return how if isinstance(how, str) else how.model_dump(mode="json")


def _text(part: object) -> str:
    return _WRITTEN.encode(part).replace('\\"', '"')


def _names(text: str, column: str) -> bool:
    """Whether a text that `_text` made names a column, plainly or in the quotes of SQL."""
    plain = _text(column)[1:-1]
    return plain in text or plain.replace('"', '""') in text


def _digest(part: object) -> str:
    return hashlib.sha256(_WRITTEN.encode(part).encode()).hexdigest()[:16]
