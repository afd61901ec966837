"""Reads how one project stands from its ledger, as it is read where a gate is decided."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, SignedNote, read_checkpoint
from phasegate.audit.ledger.entry import Position
from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.project_entries import owner_of
from phasegate.audit.ledger.signer_lists import Listed, is_own
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.adoptions import entries_of
from phasegate.audit.trail.held import refuse_untrusted
from phasegate.audit.trail.kept_basis import with_basis
from phasegate.audit.trail.pack_snapshot import rules_of
from phasegate.audit.trail.runs import KeptRun, content_of, record_of
from phasegate.audit.trail.standing_runs import by_day
from phasegate.monitoring.history.due import today_by
from phasegate.monitoring.portfolio.carried import Decided
from phasegate.monitoring.portfolio.model import LastRun, ListedBy, PortfolioRow, VerifiedCheckpoint
from phasegate.monitoring.portfolio.places import Place
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.monitoring.portfolio.today import Today
from phasegate.monitoring.portfolio.vouching import Vouching
from phasegate.records.overdue import Weeks, last_weeks, may_be_overdue
from phasegate.records.schema import Record
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack

MAX_AGE = 7
"""So many days old may be what opens a gate, where nothing else is said: that decides once a week."""


class NothingKeptError(TrailError):
    """A ledger in which no run of a project counts."""

    def __init__(self, shown: str, project: str | None, others: Mapping[str, str]) -> None:
        whose = f"project {project}" if project is not None else "the project"
        beside = f"; it holds entries of {', '.join(sorted(others.values()))}" if others else ""
        super().__init__(
            f"{shown} holds no run of {whose} that stands for its day{beside}",
            "'phasegate check' makes one; 'phasegate runs --all-projects' lists what is there",
        )


class OtherRecordError(TrailError):
    """A run whose entry tells other things than its record."""

    def __init__(self, run: int) -> None:
        super().__init__(
            f"the entry of run {run} says something else than its record", "'phasegate verify' tells more"
        )


_SAME = ("kind", "as_of", "scope", "cycle", "outcome", "project", "time_zone")
"""What the entry of a run and its record both say."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of each project.

    Attributes:
        gate: a phase's id, or ``programme``; None for all that was decided.
        max_age: so many days old may be what opens a gate.
    """

    gate: str | None = None
    max_age: int = MAX_AGE


ANYTHING = Asked()
"""All that was decided, by runs of a week."""


class HeldLedger(NamedTuple):
    """A ledger that was held against its newest checkpoint.

    Attributes:
        ledger: it, opened.
        whole: as one pass over it found it, with the entries of all projects.
        names: what its projects are called, by their ids.
        since: when the first of its entries was read and hashed.
    """

    ledger: Ledger
    whole: Position
    names: Mapping[str, str]
    since: dt.datetime


class RowReading:
    """Reads the row of one project.

    Args:
        place: where it comes from.
        held: its ledger.
        now: this moment.
        asked: what is asked.
        rules: the rules that were read already, by their addresses.

    Raises:
        PhasegateError: if the ledger has nothing of the project, or nobody of it vouches for the ledger.
    """

    def __init__(
        self, place: Place, held: HeldLedger, now: dt.datetime, asked: Asked, rules: dict[str, LoadedPack]
    ) -> None:
        self._place, self._now, self._asked, self._kept_rules = place, now, asked, rules
        self._held, self._whole = held, held.whole
        whole = held.whole
        if place.project is not None and place.project not in held.names:
            raise NothingKeptError(whole.shown, place.project, held.names)
        self._signers = place.signers if place.signers is not None else self._newest_list()
        place.pinned.refuse_others(whole.shown, self._signers)
        refuse_untrusted(whole, self._signers, place.project)
        place.pinned.refuse_another(held.ledger, self._newest_checkpoint()[0])
        at = entries_of(whole, place.project, self._signers, place.title, now)
        # Whoever looks back from the newest run is not to go through those of all others first.
        newest = max((row.run for row in at.find(("run",)) if row.run is not None), default=0)
        self._at = replace(at, newest_run=newest)
        self._log = held.ledger.through(self._at)
        self._vouching = Vouching(whole, self._log, self._at, self._signers, place.project, now)

    def row(self) -> PortfolioRow:
        """The row.

        Raises:
            PhasegateError: if nothing is known of the project.
        """
        place, gate = self._place, self._asked.gate
        day = today_by(self._log, self._now)
        newest = next(by_day(self._log, lambda _: True, day.isoformat()), None)
        if newest is None:
            raise NothingKeptError(self._log.shown, place.project, self._held.names)
        runs = self._counting(newest, day)
        reasons: list[str] = [] if runs else [f"no run of the cycle {place.cycle} was kept yet"]
        decided = [self._decided(run, reasons) for run in runs]
        today = Today(decided, day, self._asked.max_age, dict.fromkeys(reasons))
        last = runs[0] if runs else newest
        title = str(last.entry.get("title") or "")
        return PortfolioRow(
            name=place.name or place.title or title or place.shown,
            standing=today.standing(gate) if runs else Standing.UNDECIDED,
            ledger=self._log.shown,
            project=place.project,
            weight=place.weight,
            cycle=_cycle(last),
            gates=today.gates,
            score=today.score(gate) if runs else None,
            counts=today.counts(gate),
            last_run=_last_run(last, day),
            ends_next=today.ends_next(),
            verified=self._verified(),
            listed_by=self._listed_by(),
            why=tuple(today.why(gate)),
            notes=tuple(self._notes(last, decided, day)),
        )

    def _listed_by(self) -> ListedBy:
        if self._place.pinned.signers is not None:
            return ListedBy.PORTFOLIO
        if self._place.signers is None:
            return ListedBy.LEDGER
        return ListedBy.PROJECT

    def _newest_list(self) -> Signers:
        """Those whom the ledger itself says that the project lists; nobody where that is its own key."""
        rows = (row for row in self._whole.find(("key",)) if owner_of(row) == self._place.project)
        newest = Listed.of(rows).newest or Signers(())
        return Signers(()) if is_own(newest) else newest

    def _counting(self, newest: KeptRun, day: dt.date) -> list[KeptRun]:
        """The newest run of each scope down to the newest one of everything, the newest first.

        Those of another cycle say nothing of this one.
        """
        cycle = self._place.cycle if self._place.cycle is not None else _cycle(newest)
        found: dict[object, KeptRun] = {}
        for run in by_day(self._log, lambda each: _cycle(each) == cycle, day.isoformat()):
            found.setdefault((run.entry["kind"], *run.entry["scope"]), run)
            if run.whole:
                break
        return list(found.values())

    def _decided(self, run: KeptRun, reasons: list[str]) -> Decided:
        """What a run decided; why no gate is open is added to the reasons."""
        record = with_basis(self._log, run, record_of(self._log, run))
        if any(record.get(name) != run.entry.get(name) for name in _SAME):
            raise OtherRecordError(run.number)
        gone: list[tuple[str, str]] = []
        if len(self._signers):
            if (why := self._vouching.against(run)) is not None:
                reasons.append(why)
            rules = self._rules(run)
            if rules is None:
                reasons.append(
                    f"the rules of run {run.number} can not be read: nobody knows who approved them"
                )
            else:
                missing, gone = self._vouching.not_in_force(record, rules)
                reasons += [f"the rules are not approved for {each}" for each in missing]
        return Decided(run.number, record, lambda shut: self._weeks(run, shut), frozenset(gone))

    def _weeks(self, run: KeptRun, record: Record) -> Weeks:
        rules = self._rules(run) if may_be_overdue(record) else None
        return last_weeks(rules.pack) if rules is not None else {}

    def _rules(self, run: KeptRun) -> LoadedPack | None:
        """The rules of a run; None where they can not be read any more."""
        address = str(run.entry["rules"])
        if address not in self._kept_rules:
            try:
                self._kept_rules[address] = rules_of(content_of(self._log, address))
            except PhasegateError:
                return None
        return self._kept_rules[address]

    def _newest_checkpoint(self) -> tuple[Checkpoint, SignedNote]:
        try:
            return read_checkpoint(self._whole.note or "")
        except NoteError as error:  # it was read before
            raise TrailError(error.message) from error

    def _verified(self) -> VerifiedCheckpoint:
        checkpoint, note = self._newest_checkpoint()
        root = base64.b64encode(checkpoint.root).decode()
        return VerifiedCheckpoint(
            checkpoint.size, root, tuple(each.name for each in note.signatures), self._held.since
        )

    def _notes(self, last: KeptRun, decided: Sequence[Decided], day: dt.date) -> Iterator[str]:
        for row in self._at.find(("refused",))[-1:]:
            if row.seq > last.seq:
                told = document_of(row)
                yield f"an attempt since then came to nothing: {told.get('error')}"
        if self._listed_by() is ListedBy.LEDGER:
            known = "who its signers are is" if len(self._signers) else "that it has no signers is"
            yield f"{known} known from the ledger alone: 'signers' in a portfolio file pins them"
        reading = {
            name
            for each in decided
            if each.record["as_of"] != day.isoformat()
            for name in each.reading_the_day
        }
        if reading:
            number = f"{len(reading):,} measure{'s' if len(reading) > 1 else ''}"
            yield f"{number} may count something else today, which only the sources tell"


def _cycle(run: KeptRun) -> str | None:
    found = run.entry.get("cycle")
    return str(found.get("id")) if isinstance(found, dict) else None


def _last_run(run: KeptRun, day: dt.date) -> LastRun:
    as_of, by = str(run.entry["as_of"]), run.envelope
    return LastRun(
        number=run.number,
        kind=str(run.entry["kind"]),
        as_of=as_of,
        recorded_at=str(by["recorded_at"]),
        evaluator=str(by["evaluator"]),
        age_days=(day - dt.date.fromisoformat(as_of)).days,
    )
