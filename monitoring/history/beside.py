"""What a ledger knows beside one run: the runs before it, what changed since, and who signed what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.signers import Signers, functions
from phasegate.audit.statements.reader import Said, said
from phasegate.audit.trail.runs import KeptRun, content_of, record_of
from phasegate.audit.trail.standing_runs import by_day, same_scope
from phasegate.audit.verification.statement_rules import not_through, unmade
from phasegate.monitoring.history.load import Compared, Told, compare, everything
from phasegate.records.overdue import weeks, weeks_recorded
from phasegate.records.schema import Record, Score
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.role import APPROVER

MOST_RUNS = 500
"""So many runs before one are told."""
LOOKED_AT = 5_000
"""So many are gone back at most."""


@dataclass(frozen=True, slots=True)
class RunOn:
    """A run on its day, as its entry tells it.

    Attributes:
        run: its number.
        as_of: the day that it decided.
        alike: whether it decided what the run at hand did: everything, the same gate, or the same ids.
        outcome: what came of it.
        score: of all that it decided.
        gates: the states of gates by id.
    """

    run: int
    as_of: str
    alike: bool
    outcome: str
    score: Score
    gates: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Advanced:
    """One signature under the decision to go through a gate.

    Attributes:
        gate: the gate.
        run: the run that decided it.
        as_of: the day for which it was decided.
        by: the signer.
        fingerprint: of the key.
        functions: those that the signer approves for, sorted.
        signed: when it was signed.
    """

    gate: str
    run: int
    as_of: str
    by: str
    fingerprint: str
    functions: tuple[str, ...]
    signed: dt.datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """What a ledger knows beside a run.

    Attributes:
        runs: those before it by their days, of the same cycle where it has one, the oldest first.
        compared: what it decided otherwise than the last one that decided the same; None where there is none.
        earlier: the record of that one.
        first: the record of the first one of the cycle that decided the same; None where there is none, or
            the run has no cycle.
        weeks: the first and the last week of each gate, by the rules of the run.
        advances: the signatures under decisions to go through a gate of this cycle, in their order.
        keys: the fingerprint of each signer's key, by the signer's name.
        unknown: what could not be read, a sentence each.
    """

    runs: tuple[RunOn, ...] = ()
    compared: Compared | None = None
    earlier: Record | None = None
    first: Record | None = None
    weeks: Mapping[str, tuple[int, int]] | None = None
    advances: tuple[Advanced, ...] = ()
    keys: Mapping[str, str] | None = None
    unknown: tuple[str, ...] = ()


def beside(ledger: Ledger, run: KeptRun, record: Record, told: Told = everything) -> Beside:
    """Reads it. What can not be read is left out and said: a report of one run does not fail for another.

    Args:
        ledger: where the run is kept.
        run: the run.
        record: what it decided.
        told: what may be told of the records of other runs.
    """
    unknown: list[str] = []
    runs: list[KeptRun] = []
    try:
        runs = list(_before(ledger, run))
    except PhasegateError as error:
        unknown.append(f"The runs before it can not be read: {error.message}.")
    alike = [each for each in runs if same_scope(each, run)]
    compared, earlier = None, None
    if alike:
        try:
            compared = compare(ledger, str(alike[0].number), str(run.number), rows=False, told=told)
            earlier = told(record_of(ledger, alike[0]))
        except PhasegateError as error:
            unknown.append(f"What changed since run {alike[0].number} can not be told: {error.message}.")
    cycle = _cycle(run.entry)
    own = [each for each in runs if _cycle(each.entry) == cycle]
    first = _first(ledger, [each for each in own if same_scope(each, run)]) if cycle is not None else None
    first = told(first) if first is not None else None
    signers = Signers(())
    advances: tuple[Advanced, ...] = ()
    try:
        signers = Listed.of(ledger.find(("key",))).newest or signers
        advances = tuple(_advances(ledger, signers, str((record["cycle"] or {}).get("start", ""))))
    except PhasegateError as error:
        unknown.append(f"Who advanced can not be read: {error.message}.")
    return Beside(
        tuple(_run_on(each, run) for each in reversed(own)),
        compared,
        earlier,
        first,
        weeks_recorded(record) or weeks_of(ledger, run),
        advances,
        {each.name: each.public.fingerprint for each in signers},
        tuple(unknown),
    )


def _before(ledger: Ledger, run: KeptRun) -> Iterator[KeptRun]:
    """The runs that stand for their days and come before one, the newest first."""
    place = str(run.entry["as_of"]), run.number

    def wanted(each: KeptRun) -> bool:
        return (str(each.entry["as_of"]), each.number) < place

    return islice(by_day(ledger, wanted, place[0], LOOKED_AT), MOST_RUNS)


def _cycle(entry: Mapping[str, Any]) -> object:
    cycle = entry.get("cycle")
    return cycle.get("id") if isinstance(cycle, dict) else None


def _run_on(run: KeptRun, other: KeptRun) -> RunOn:
    entry = run.entry
    gates = entry.get("gates")
    states = gates if isinstance(gates, dict) else {}
    told = {name: state for name, state in states.items() if isinstance(state, str)}
    return RunOn(run.number, entry["as_of"], same_scope(run, other), entry["outcome"], entry["score"], told)


def _first(ledger: Ledger, runs: Sequence[KeptRun]) -> Record | None:
    with suppress(PhasegateError):
        return record_of(ledger, runs[-1]) if runs else None
    return None


def weeks_of(ledger: Ledger, run: KeptRun) -> dict[str, tuple[int, int]]:
    """The weeks of each phase and of the cycle, by the rules that were kept with a run.

    Nothing is known where these can not be read.
    """
    from phasegate.audit.trail.pack_snapshot import rules_of

    try:
        pack = rules_of(content_of(ledger, str(run.entry["rules"]))).pack
    except PhasegateError:
        return {}
    return weeks(pack)


def _advances(ledger: Ledger, signers: Signers, start: str) -> Iterator[Advanced]:
    """The signatures that go through a gate which was open then, as the ledger has it."""
    for each in said(ledger, signers, None, "advance"):
        if each.refused is not None or unmade(each) is not None or not _approves(each):
            continue
        found = _advance(each)
        if found is None or found.as_of < start or not_through(each, _Until(ledger, each.seq)) is not None:
            continue
        yield found


def _approves(each: Said) -> bool:
    """Whether the signer approves for some function, and did so when it came into the ledger."""
    return all(one is not None and one.has(APPROVER) for one in (each.signer, each.then))


def _advance(each: Said) -> Advanced | None:
    told = each.predicate
    gate, run, as_of = (told.get(key) for key in ("gate", "run", "as_of"))
    if each.signer is None or each.signed is None or type(gate) is not str or type(as_of) is not str:
        return None
    if type(run) is not int:
        return None
    own = functions([each.signer])
    return Advanced(gate, run, as_of, each.signer.name, each.signer.public.fingerprint, own, each.signed)


class _Until:
    """What stands in a ledger before an entry.

    Args:
        ledger: the ledger.
        end: the number of that entry.
    """

    def __init__(self, ledger: Ledger, end: int) -> None:
        self._ledger = ledger
        self._end = end

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order."""
        return [row for row in self._ledger.find(kinds, run, subject) if row.seq < self._end]
