"""Facts and sources as records have them, and back."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import cast

from phasegate.engine.formatting import number, parts, span
from phasegate.facts.model.ends import Ends, Lacking
from phasegate.facts.model.fact import Breach, Cell, Fact, FactSet, Figure, SourceState, Status
from phasegate.records.schema import (
    BaselineEntry,
    BreachEntry,
    CellEntry,
    FactEntry,
    LackingEntry,
    SourceEntry,
    TableEntry,
    UndeterminedEntry,
    UnknownPointsEntry,
)
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import SourceFile
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.values.units import PERCENT


def fact_entry(pack: Pack, fact: Fact) -> FactEntry:
    """A fact with what its pack says of its measure, and its value in words."""
    measure = measure_of(pack, fact.measure)
    model = pack.measures[measure] if measure else None
    entry = FactEntry(
        id=fact.id,
        measure=fact.measure,
        slice=fact.slice,
        title=model.title if model else fact.measure,
        note=model.note if model else None,
        kind=model.kind if model else "",
        status=fact.status,
        reason=fact.reason,
        unit=fact.unit,
        numerator=_text(fact.numerator),
        denominator=_text(fact.denominator),
        scale=fact.scale,
        truth=fact.truth,
        text=fact.text,
        shown=_shown(fact),
        counted=parts(fact, model.kind if model else None),
        rows=fact.rows,
        nulls=fact.nulls,
        newest=fact.newest.isoformat() if fact.newest else None,
        max_age_days=fact.max_age_days,
        sources=list(fact.sources),
    )
    if fact.undetermined or fact.ends is not None:
        entry["undetermined"] = _undetermined(fact)
    if (was := fact.baseline) is not None:
        entry["baseline"] = BaselineEntry(
            shown=number(was.value, was.unit),
            unit=was.unit,
            numerator=str(was.value.numerator),
            denominator=str(was.value.denominator),
        )
    return entry


def _undetermined(fact: Fact) -> UndeterminedEntry:
    lacking = [LackingEntry(column=column, rows=rows) for column, rows in fact.lacking]
    entry = UndeterminedEntry(rows=fact.undetermined, lacking=lacking, fix=fact.fix)
    if fact.ends is not None:
        entry["low"], entry["high"] = ([str(part) for part in end] for end in (fact.ends.low, fact.ends.high))
    return entry


def recorded_facts(as_of: str, entries: list[FactEntry]) -> FactSet:
    """The facts that a record rests on, as they were measured."""
    facts = [recorded_fact(entry) for entry in entries]
    return FactSet(dt.date.fromisoformat(as_of), {(fact.measure, fact.slice): fact for fact in facts}, {})


def _ends(entry: UndeterminedEntry | None) -> Ends | None:
    if entry is None or "low" not in entry or "high" not in entry:
        return None
    (low, below), (high, above) = (tuple(map(int, entry["low"])), tuple(map(int, entry["high"])))
    return Ends((low, below), (high, above), entry["rows"])


def recorded_fact(entry: FactEntry) -> Fact:
    """A fact as it was measured.

    Raises:
        ValueError: if what stands there as a number or a date is none.
    """
    newest = entry["newest"]
    undetermined = entry.get("undetermined")
    return Fact(
        measure=entry["measure"],
        slice=entry["slice"],
        status=cast("Status", entry["status"]),
        reason=entry["reason"],
        unit=entry["unit"],
        numerator=_whole(entry["numerator"]),
        denominator=_whole(entry["denominator"]),
        scale=entry["scale"],
        ends=_ends(undetermined),
        truth=entry["truth"],
        text=entry["text"],
        rows=entry["rows"],
        undetermined=undetermined["rows"] if undetermined else 0,
        lacking=tuple(Lacking(**each) for each in undetermined["lacking"]) if undetermined else (),
        fix=undetermined["fix"] if undetermined else "",
        nulls=entry["nulls"],
        newest=dt.date.fromisoformat(newest) if newest else None,
        sources=tuple(entry["sources"]),
        max_age_days=entry["max_age_days"],
        baseline=_figure(entry.get("baseline")),
    )


def _figure(entry: BaselineEntry | None) -> Figure | None:
    if entry is None:
        return None
    return Figure(Fraction(int(entry["numerator"]), int(entry["denominator"])), entry["unit"])


def source_entry(state: SourceState, file: SourceFile | None) -> SourceEntry:
    """A source as it was found, and how the project has it read."""
    # The same bytes give other facts where they are read otherwise; a contract is a part of the rules.
    options = (
        file.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"contract"})
        if file
        else {}
    )
    entry = SourceEntry(
        name=state.name,
        status=state.status,
        reason=state.reason,
        digest=state.digest,
        files=dict(state.files),
        reading=options,
        rows=state.rows,
        rows_in_force=state.rows_in_force,
        columns=list(state.columns),
        totals=dict(state.totals),
        complete=state.complete,
        breaches=[_breach(breach) for breach in state.breaches],
    )
    if state.content is not None:
        entry["content"] = state.content
    if (table := state.table) is not None:
        entry["table"] = TableEntry(server=table.server, snapshot=table.snapshot, types=dict(table.types))
        if table.rows:
            entry["table"]["rows"] = table.rows
        if table.log:
            entry["table"]["log"] = table.log
        if table.strength:
            entry["table"]["strength"] = table.strength
    if state.versions:
        entry["versions"] = dict(state.versions)
    if (unknown := state.unknown_points) is not None:
        entry["unknown_points"] = UnknownPointsEntry(
            rows=unknown.rows, points=unknown.points, sample=list(unknown.sample)
        )
    return entry


def _breach(breach: Breach) -> BreachEntry:
    entry = BreachEntry(clause=breach.clause, rows=breach.rows, sample=[dict(row) for row in breach.sample])
    if breach.cells:
        entry["cells"] = [_cell(cell) for cell in breach.cells]
    if breach.hint:
        entry["hint"] = breach.hint
    return entry


def _cell(cell: Cell) -> CellEntry:
    entry = CellEntry(file=cell.file, column=cell.column, value=cell.value)
    if cell.line is not None:
        entry["line"] = cell.line
    if cell.row is not None:
        entry["row"] = cell.row
    if cell.within is not None:
        entry["within"] = cell.within
    return entry


def _shown(fact: Fact) -> str:
    if fact.truth is not None:
        return "yes" if fact.truth else "no"
    if fact.text is not None:
        return fact.text
    whole = [Fraction(round(end * 100), 100) for end in fact.extremes or ()]
    return span(fact, whole if fact.unit == PERCENT else ())  # bounds are mostly whole: 94.999 % is not 95 %


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _whole(value: str | None) -> int | None:
    return None if value is None else int(value)
