"""Decisions to advance: a person's signature under the entry of an open gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry import Position, entry_index
from phasegate.audit.ledger.entry_errors import document_of, naming
from phasegate.audit.ledger.project_entries import owner_of
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import Finding, Row
from phasegate.audit.signing.in_toto import ADVANCE, Statement
from phasegate.audit.signing.signers import Signer, Signers, UntrustedError
from phasegate.audit.statements import subjects
from phasegate.audit.statements.gate_recorder import refuse_unrecorded
from phasegate.audit.statements.reader import to_the_second
from phasegate.audit.trail.run_entries import Envelope
from phasegate.records.time_zone import zone_of
from phasegate.rules.model.verdict import OPEN_STATES
from phasegate.rules.values.time_zones import day_of

_SINCE = {"attestation": "attested", "adoption": "adopted"}
"""What would have had a gate decided otherwise, beside revocations, and may have come after it."""


class NotOpenError(TrailError):
    """A gate that nobody can pass."""


@dataclass(frozen=True, slots=True)
class OpenGate:
    """A gate that was decided to be open.

    Attributes:
        row: its entry in the ledger.
        entry: the same, read.
    """

    row: Row
    entry: Mapping[str, Any]

    def is_decision_of(self, gate: str) -> bool:
        """Whether the entry is one of a run, and the gate was what its run was asked for."""
        found = [self.entry.get(key) for key in ("entry", "id", "kind", "asked")]
        # `true` equals 1, and yet no index has it as a run: the entry would stand outside of run 1.
        return found == ["gate", gate, "gate", gate] and entry_index(self.entry)[1] is not None


def open_gate(log: Finding, gate: str, now: dt.datetime, pack_digest: str) -> OpenGate:
    """The newest decision about a gate, if it lets the programme pass now.

    Args:
        log: the ledger.
        gate: the gate's id.
        now: the moment; which day it falls on is told by the time zone of the decision.
        pack_digest: of the rules in force.

    Raises:
        NotOpenError: if the gate was never decided, its newest decision is not open, is of another
            day - a gate is decided for a day, and so is the step through it -, was made under other
            rules, or rests on something that may have been revoked since.
    """
    decisions = [OpenGate(row, document_of(row)) for row in log.find(("gate",), subject=gate)]
    # A gate before the one asked for is decided too; only what was asked for is a decision.
    decisions = [each for each in decisions if each.is_decision_of(gate)]
    command = f"phasegate gate {gate}"
    if not decisions:
        raise NotOpenError(f"gate {gate} has not been decided yet", f"'{command}' decides it")
    newest = decisions[-1]
    with naming(newest.row):
        state, run, day, pack = (newest.entry[key] for key in ("state", "run", "as_of", "pack"))
        today = day_of(now, zone_of(newest.entry))
    if state not in OPEN_STATES:
        raise NotOpenError(
            f"gate {gate} is {state}, as run {run} decided", f"'phasegate explain phase:{gate}' says why"
        )
    anew = f"'{command}' decides it anew"
    if day != today.isoformat():
        raise NotOpenError(f"gate {gate} was open on {day}, as run {run} decided, and today is {today}", anew)
    if pack != pack_digest:
        raise NotOpenError(f"gate {gate} was decided under other rules than those in force", anew)
    if any(row.seq > newest.row.seq for row in log.find(("revocation",))):
        raise NotOpenError(f"something was revoked since run {run} decided gate {gate}", anew)
    return newest


def recorded_gate(log: Position, gate: str, now: dt.datetime, pack_digest: str, signers: Signers) -> OpenGate:
    """The newest decision about a gate, if it lets the programme pass now and an evaluator recorded it.

    Args:
        log: the ledger, of which it is known that its index does not lie.
        gate: the gate's id.
        now: the moment.
        pack_digest: of the rules in force.
        signers: those whom the project lists.

    Raises:
        NotOpenError: if it does not let it pass, something was attested or adopted since, or nobody
            recorded it who is an evaluator of the project.
    """
    found = open_gate(log, gate, now, pack_digest)
    run = found.entry["run"]
    for kind, said in _SINCE.items():
        if any(row.seq > found.row.seq for row in log.find((kind,))):
            raise NotOpenError(
                f"something was {said} since run {run} decided gate {gate}",
                f"'phasegate gate {gate}' decides it anew",
            )
    try:
        refuse_unrecorded(log, run, found.entry["as_of"], signers)
    except UntrustedError as error:
        raise NotOpenError(
            f"run {run}, which decided gate {gate}, counts for nothing: {error.message}",
            f"'phasegate verify' tells what else is wrong; then 'phasegate gate {gate}' decides it anew",
        ) from error
    return found


def refuse_changed_signers(log: Position, gate: OpenGate, signers: Signers) -> None:
    """Refuses a gate that was decided while somebody counted of whom the project says otherwise by now.

    Args:
        log: the ledger, in which the project's own entries are found.
        gate: the decision, which an evaluator recorded.
        signers: those whom the project lists today; that it lists more, or ends one later, changes nothing.

    Raises:
        NotOpenError: if one of those who counted then is not listed any more, lacks a role, or did not
            count at that moment as it is listed today.
    """
    whose, name, run = owner_of(gate.row), gate.entry["id"], gate.entry["run"]
    lists = (row for row in log.find(("key",)) if row.seq < gate.row.seq and owner_of(row) == whose)
    entry = log.find(("run",), run=run)[0]
    with naming(entry):
        at = Envelope.of(document_of(entry)["envelope"]).recorded_at
    today = {each.public: each for each in signers}
    for then in Listed.of(lists).newest or ():
        now = today.get(then.public)
        if then.why_not(at) is None and (now is None or now.why_not(at) or {*then.roles} - {*now.roles}):
            raise NotOpenError(
                f"{then.name!r} is listed otherwise, or no longer, since run {run} decided gate {name}",
                f"'phasegate gate {name}' decides it anew",
            )


def advance_statement(gate: OpenGate, signer: Signer, moment: dt.datetime, comment: str | None) -> Statement:
    """The statement that the programme goes through an open gate."""
    predicate = {
        "gate": gate.entry["id"],
        "state": gate.entry["state"],
        "run": gate.entry["run"],
        "entry": gate.row.seq,
        "as_of": gate.entry["as_of"],
        "pack": gate.entry["pack"],
        "by": signer.name,
        "signed": to_the_second(moment),
        "comment": comment,
    }
    return Statement(ADVANCE, [subjects.gate(gate.entry["id"], gate.row.seq, gate.row.body)], predicate)
