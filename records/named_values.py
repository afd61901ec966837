"""What the expressions of a measure name besides columns, and which values these had in a run.

A record tells what was measured, and its rules how: ``due_on BETWEEN :month_start AND :month_end`` tells
nobody which days were meant.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from phasegate.facts.expressions.engine_dates import clock
from phasegate.records.schema import Record
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of

_TEXTS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*")
_NAME = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")


class Clause(NamedTuple):
    """An expression of a measure that names a date of the engine or a parameter.

    Attributes:
        name: which one it is, as ``where`` or ``ratio of``.
        sql: it, in one line; empty for a whole query, which is too long to be told.
        values: what it names, and its value in the run.
    """

    name: str
    sql: str
    values: dict[str, str]


Named = Mapping[str, tuple[Clause, ...]]
"""The clauses of measures by their ids; those that name nothing are left out."""


def named_values(record: Record, pack: Pack) -> dict[str, tuple[Clause, ...]]:
    """The dates and parameters that the measures of a record name.

    Args:
        record: what was decided.
        pack: the rules by which it was.
    """
    values = {**record["parameters"], **_days(record)}
    found: dict[str, tuple[Clause, ...]] = {}
    for name in {fact["measure"] for fact in record["facts"]}:
        measure = _measured(pack, name)
        if measure is not None and (clauses := tuple(_clauses(measure, values))):
            found[name] = clauses
    return found


def _measured(pack: Pack, name: str) -> Measure | None:
    """The measure of a fact; of a change, the one that is held against the baseline."""
    found = measure_of(pack, name)
    measure = pack.measures[found] if found is not None else None
    if measure is not None and measure.change is not None:
        base = measure_of(pack, measure.change.of)
        return pack.measures[base] if base is not None and base != found else None
    return measure


def _days(record: Record) -> dict[str, str]:
    as_of = dt.date.fromisoformat(record["as_of"])
    start = dt.date.fromisoformat(record["cycle"]["start"]) if record["cycle"] is not None else None
    begun = start if start is not None and start <= as_of else None
    return {name: day.isoformat() for name, day in clock(as_of, begun).items() if day is not None}


def _clauses(measure: Measure, values: Mapping[str, str]) -> Iterator[Clause]:
    kind = measure.kind
    written = measure.model_dump(mode="json", by_alias=True, exclude_none=True, include={"where", kind})
    for name, sql in _expressions(written, ()):
        bare = _TEXTS.sub(" ", sql)
        named = {each: values[each] for each in _NAME.findall(bare) if each in values}
        if named:
            yield Clause(name, "" if kind == "sql" and name == "sql" else " ".join(sql.split()), named)


def _expressions(written: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for key, part in written.items():
        if isinstance(part, dict):
            yield from _expressions(part, (*path, key))
        elif isinstance(part, str):
            yield " ".join((*path, key)), part
