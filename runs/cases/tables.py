"""The tables of cases, opened as sources: the same reading, checks and contracts as for files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.facts.assemble import ParameterValue, parameter_values, sources_read
from phasegate.rules.cases.fill import CannotFillError, Row, filled
from phasegate.rules.cases.load import LoadedCase
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Calendar, Control, SourceFile
from phasegate.runs.cases.asked import Asked

if TYPE_CHECKING:
    from phasegate.facts.sources.passes import Source


class UnfilledCaseError(PhasegateError):
    """A row that nobody can complete."""

    def __init__(self, error: CannotFillError) -> None:
        super().__init__(str(error), f"give {error.column!r} in each row")


def cycle_start(case: LoadedCase) -> dt.date | None:
    """The day on which the cycle of a case began; None where none has begun."""
    start = case.case.cycle_start
    return start if start is not None and start <= case.as_of else None


def open_cases(
    calendar: Calendar, zone: str, cases: Sequence[tuple[LoadedCase, Pack, Asked]], *, shared: bool = True
) -> list[dict[str, Source] | UnfilledCaseError]:
    """The sources of some cases, or why one can not be completed.

    Args:
        calendar: which days are no business days.
        zone: the time zone whose days count.
        cases: the cases, with the pack as each has it and what it asks for.
        shared: whether rows of several cases are read together.
    """
    from phasegate.facts.sources.given.together import is_apart

    found: list[dict[str, Source] | UnfilledCaseError] = [{} for _ in cases]
    groups: dict[object, list[int]] = {}
    tables: dict[int, dict[str, list[Row]]] = {}
    for place, (case, pack, asked) in enumerate(cases):
        try:
            tables[place] = tables_of(case, pack, asked)
        except UnfilledCaseError as error:
            found[place] = error
            continue
        alone = not shared or any(is_apart(pack.sources[name]) for name in tables[place])
        figures = tuple(sorted(case.case.parameters.items()))
        groups.setdefault(place if alone else (case.as_of, cycle_start(case), figures), []).append(place)
    for places in groups.values():
        of = [(cases[place][0], tables[place]) for place in places]
        pack = cases[places[0]][1]
        for place, opened in zip(places, _opened(calendar, zone, pack, of), strict=True):
            _, own, asked = cases[place]
            found[place] = {**_absent(own, asked.measures), **opened}
    return found


def open_filled(
    calendar: Calendar,
    zone: str,
    case: tuple[LoadedCase, Pack],
    tables: Mapping[str, Sequence[Row]],
    measures: Collection[str],
) -> dict[str, Source]:
    """The sources that some measures of a case rest on, of tables that are whole already.

    Args:
        calendar: which days are no business days.
        zone: the time zone whose days count.
        case: the case, with the pack by which its tables are opened.
        tables: its tables, see `tables_of`.
        measures: the measures.
    """
    needed = sources_read(case[1], {*measures})
    given = {name: rows for name, rows in tables.items() if name in needed}
    [opened] = _opened(calendar, zone, case[1], [(case[0], given)])
    return {**_absent(case[1], measures), **opened}


def opened_alone(
    calendar: Calendar, zone: str, pack: Pack, source: str, cases: Sequence[tuple[LoadedCase, Sequence[Row]]]
) -> list[Source]:
    """One source of several cases, of tables that are whole already, and nothing that its rows belong to.

    Args:
        calendar: which days are no business days.
        zone: the time zone whose days count.
        pack: the pack by which the tables are opened.
        source: the source.
        cases: the cases, each with its table.
    """
    found: dict[int, Source] = {}
    groups: dict[object, list[int]] = {}
    for place, (case, _) in enumerate(cases):
        figures = tuple(sorted(case.case.parameters.items()))
        groups.setdefault((case.as_of, cycle_start(case), figures), []).append(place)
    for places in groups.values():
        own = with_figures(pack, cases[places[0]][0].case.parameters)
        of = [(cases[place][0], {source: cases[place][1]}) for place in places]
        opened = _opened(calendar, zone, own, of)
        found |= {place: each[source] for place, each in zip(places, opened, strict=True)}
    return [found[place] for place in range(len(cases))]


def with_figures(pack: Pack, figures: Mapping[str, str | int]) -> Pack:
    """The pack with figures of a case in the place of its own."""
    if not figures:
        return pack
    own = {name: pack.parameters[name].model_copy(update={"value": each}) for name, each in figures.items()}
    return pack.model_copy(update={"parameters": {**pack.parameters, **own}})


def _absent(pack: Pack, measures: Collection[str]) -> dict[str, Source]:
    """The sources that measures of a case rest on, as if it gave none of them."""
    from phasegate.facts.model.fact import SourceState
    from phasegate.facts.sources.source import OpenSource

    why = "the case gives no rows of it"
    return {
        name: OpenSource(name, pack.sources[name], state=SourceState(name, "absent", why))
        for name in sources_read(pack, {*measures})
    }


def _opened(
    calendar: Calendar, zone: str, pack: Pack, cases: Sequence[tuple[LoadedCase, Mapping[str, Sequence[Row]]]]
) -> list[dict[str, Source]]:
    """The sources of cases that have one day and the same figures."""
    from phasegate.facts.sources.given.rows import GivenRows
    from phasegate.facts.sources.given.together import ApartError, frame_of_texts, open_together
    from phasegate.facts.sources.open import open_sources

    first = cases[0][0]
    start: dict[str, ParameterValue] = {"cycle_start": cycle_start(first)}
    values = parameter_values(pack, first.as_of, start)
    controls = [
        {name: control_of(case, pack, name, len(rows)) for name, rows in tables.items()}
        for case, tables in cases
    ]
    names = {name for _, tables in cases for name in tables}
    contracts = {name: contract for name, contract in pack.sources.items() if name in names}
    if len(cases) > 1:
        try:
            together = open_together(
                contracts, [tables for _, tables in cases], controls, first.as_of, calendar, values, zone
            )
            return [{**each} for each in together]
        except ApartError:  # which of them can not be read shows in smaller groups
            half = len(cases) // 2
            return [
                *_opened(calendar, zone, pack, cases[:half]),
                *_opened(calendar, zone, pack, cases[half:]),
            ]
    opened = open_sources(
        contracts,
        {name: SourceFile(path=name, control=controls[0][name]) for name in contracts},
        Path(),
        first.as_of,
        calendar,
        values,
        zone=zone,
        given={
            name: GivenRows(name, frame_of_texts(rows, contracts[name].columns))
            for name, rows in cases[0][1].items()
        },
    )
    return [opened]


def tables_of(case: LoadedCase, pack: Pack, asked: Asked) -> dict[str, list[Row]]:
    """The tables that a case rests on, whole.

    Raises:
        UnfilledCaseError: if one can not be completed.
    """
    try:
        tables = filled(pack, case.case.given, case.as_of, asked.point)
    except CannotFillError as error:
        raise UnfilledCaseError(error) from None
    needed = sources_read(pack, set(asked.measures))
    return {name: rows for name, rows in tables.items() if name in needed}


def control_of(case: LoadedCase, pack: Pack, source: str, rows: int) -> Control | None:
    """The control totals of a source: those of the case, or what there is where the contract asks for any."""
    own = case.case.control.get(source)
    return own if own is not None or not pack.sources[source].control else Control(rows=rows)
