"""The gates of a page: each with its weeks, its state in every run, and what it waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from phasegate.reports.brief.model import Advance, Gate, Signature, StateOn
from phasegate.reports.brief.time_axis import day_of, planned, runs_on_days, score_of
from phasegate.reports.text.plain import listed
from phasegate.reports.text.sentences import gate_label
from phasegate.rules.model.pack import PROGRAMME
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.monitoring.history.beside import Advanced
    from phasegate.records.schema import GateEntry
    from phasegate.reports.report import Report


def gates(report: Report, today: dt.date | None) -> tuple[Gate, ...]:
    """The gates in the order of the record.

    Args:
        report: what is told.
        today: the day that is counted from; None where nobody knows it.
    """
    advances = advanced(report)
    return tuple(_gate(report, gate, today, advances.get(gate["id"])) for gate in report.record["gates"])


def _gate(report: Report, gate: GateEntry, today: dt.date | None, through: Advance | None) -> Gate:
    weeks = planned(report, gate["id"])
    shut = is_shut(gate["state"])
    late = report.overdue.get(gate["id"])  # what the rules said, where neither record nor ledger has it
    last = weeks[1] if weeks is not None else late.last if late is not None else None
    due = last if shut else None
    left = (due - today).days if due is not None and today is not None else None
    before = (each for each in gate["reasons"] if each["kind"] == "gate")
    waits = tuple(each["id"] for each in before if is_shut(each["verdict"]))
    return Gate(
        id=gate["id"],
        label=gate_label(gate["id"]),
        title=gate["title"],
        state=gate["state"],
        own=gate["own"],
        score=score_of(gate["score"]),
        first=weeks[0] if weeks is not None else None,
        last=last,
        runs=_states(report, gate),
        due=due,
        days_left=left,
        overdue=max(0, -left) if left is not None else 0,
        waits_for=waits,
        advanced=through,
        notes=tuple(_notes(gate, waits)),
    )


def is_shut(state: str) -> bool:
    """Whether nobody goes through a gate in this state; one that nobody knows is shut."""
    return state not in OPEN_STATES


def named(gates: Iterable[str]) -> str:
    """Gates in a sentence: ``gates 2, 3 and 4``, ``gate 4 and the programme gate``."""
    phases = [each for each in gates if each != PROGRAMME]
    own = [gate_label(PROGRAMME)] if PROGRAMME in gates else []
    if len(phases) < 2:
        return listed([*map(gate_label, phases), *own])
    numbers = [gate_label(each).removeprefix("gate ") for each in phases]
    return listed([f"gates {listed(numbers)}", *own]) if own else f"gates {listed(numbers)}"


def _notes(gate: GateEntry, waits: tuple[str, ...]) -> Iterator[str]:
    if waits:
        alone = not is_shut(gate["own"]) and all(each["kind"] != "approval" for each in gate["reasons"])
        yield f"{'only ' if alone else ''}waits for {named(waits)}"
    yield from (each["text"] for each in gate["reasons"] if each["kind"] not in ("criterion", "gate"))


def _states(report: Report, gate: GateEntry) -> tuple[StateOn, ...]:
    """Its state on each day on which a run decided it; of several, the last one's."""
    found = {
        day: StateOn(run.run, day, run.gates[gate["id"]])
        for day, run in runs_on_days(report)
        if gate["id"] in run.gates
    }
    if (day := day_of(report.record["as_of"])) is not None:
        found[day] = StateOn(report.kept.run if report.kept is not None else None, day, gate["state"])
    return tuple(found[each] for each in sorted(found))


def advanced(report: Report) -> dict[str, Advance]:
    """Of each gate the newest decision under which people went through it in this cycle."""
    told: dict[str, list[Advanced]] = {}
    for each in report.beside.advances if report.beside is not None else ():
        told.setdefault(each.gate, []).append(each)
    return {gate: _newest(gate, signed) for gate, signed in told.items()}


def _newest(gate: str, signed: list[Advanced]) -> Advance:
    run = max(each.run for each in signed)
    own = [each for each in signed if each.run == run]
    by = tuple(
        Signature(", ".join(each.functions), each.by, each.fingerprint, each.signed.date()) for each in own
    )
    return Advance(gate, run, by, by[0].day)
