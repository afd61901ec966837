"""How a project stands by the newest run of each of its schedules, whichever process made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from phasegate.audit.statements.project_ledger import ledger_of
from phasegate.audit.trail.project import title_of
from phasegate.audit.trail.runs import find_run, record_of
from phasegate.monitoring.schedules.due_runs import CompletedRuns, DueRun
from phasegate.records.overdue import overdue, weeks_if_same
from phasegate.rules.model.pack import PROGRAMME

if TYPE_CHECKING:
    import datetime as dt

    from phasegate.records.schema import CriterionEntry, GateEntry, Record
    from phasegate.rules.loading.project import LoadedProject


class ScheduledRun(NamedTuple):
    """The newest run of a schedule that the ledger has.

    Attributes:
        due: what it was made for.
        number: its number.
        record: what it decided.
    """

    due: DueRun
    number: int
    record: Record


class GateNow(NamedTuple):
    """A gate as it was decided last.

    Attributes:
        entry: the gate.
        as_of: the day that was decided.
        overdue_days: for how many days its phase was overdue then; None where that is not known.
    """

    entry: GateEntry
    as_of: str
    overdue_days: int | None


class NewestRuns:
    """Finds the newest run of each schedule in the ledger, and keeps it at hand.

    Args:
        environ: the environment.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._made: dict[str, CompletedRuns] = {}
        self._held: dict[str, ScheduledRun] = {}

    def look(self, loaded: LoadedProject, now: dt.datetime) -> dict[str, ScheduledRun]:
        """The newest run up to now of each schedule that the project has and that was made at all.

        Raises:
            PhasegateError: if the ledger, or a run in it, can not be read.
        """
        ledger = ledger_of(loaded, self._environ)
        if ledger is None:
            return {}
        title = title_of(loaded)
        found: dict[str, ScheduledRun] = {}
        with ledger:
            made = self._made.setdefault(loaded.project.id or title, CompletedRuns(title)).look(ledger)
            for name, schedule in loaded.project.schedules.items():
                newest = made[name].newest(now) if name in made else None
                if newest is not None:
                    due = DueRun(name, schedule, newest.moment, loaded.project.time_zone)
                    held = self._held.get(name)
                    if held is None or held.number != newest.run:
                        record = record_of(ledger, find_run(ledger, str(newest.run)))
                        held = ScheduledRun(due, newest.run, record)
                    found[name] = held._replace(due=due)
        self._held = found
        return found


class CurrentState:
    """Each gate, and each point and target, as the newest run says that decided it.

    A run of another cycle than the project's own says nothing of this one, and one of other rules nothing of
    gates and points that the rules no longer have.

    Args:
        loaded: the project.
        runs: the newest run of each of its schedules.

    Attributes:
        gates: by id.
        criteria: the criteria and targets.
        as_of: the day that the newest run decided; None without any.
    """

    def __init__(self, loaded: LoadedProject, runs: Iterable[ScheduledRun] = ()) -> None:
        cycle = loaded.project.cycle.id if loaded.project.cycle is not None else None
        counting = [each for each in runs if (each.record["cycle"] or {}).get("id") == cycle]
        records = [each.record for each in sorted(counting, key=_newest_first)]
        self.as_of = records[0]["as_of"] if records else None
        self.gates: dict[str, GateNow] = {}
        found: dict[str, list[CriterionEntry]] = {}
        for record in records:
            self._add_gates(loaded, record)
            for name, own in _by_point(loaded, record).items():
                found.setdefault(name, own)
        self.criteria = [each for own in found.values() for each in own]

    def _add_gates(self, loaded: LoadedProject, record: Record) -> None:
        weeks = weeks_if_same(record, loaded.pack) if record["cycle"] else {}
        late = overdue(record, weeks)
        for gate in record["gates"]:
            name = gate["id"]
            if name in loaded.pack.pack.phases or name == PROGRAMME:
                days = (late[name].days if name in late else 0) if name in weeks else None
                self.gates.setdefault(name, GateNow(gate, record["as_of"], days))


def _newest_first(run: ScheduledRun) -> tuple[float, int]:
    return -run.due.at.timestamp(), -run.number


def _by_point(loaded: LoadedProject, record: Record) -> dict[str, list[CriterionEntry]]:
    """The criteria of each point together, so that one that a newer run no longer has is gone."""
    found: dict[str, list[CriterionEntry]] = {}
    for each in record["criteria"]:
        if each["point"] is None:
            found[f"target {each['id']}"] = [each]
        elif each["point"] in loaded.pack.pack.points:
            found.setdefault(f"point {each['point']}", []).append(each)
    return found
