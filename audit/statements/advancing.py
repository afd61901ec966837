"""Decisions to advance: a person's signature under the entry of an open gate."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.canonical import read_canonical
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import Row
from phasegate.audit.signed.signers import Signer
from phasegate.audit.signed.statement import ADVANCE, Statement, Subject
from phasegate.audit.statements.log import to_the_second

OPEN = ("open", "open_with_waivers")


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


def open_gate(ledger: Ledger, gate: str, today: dt.date) -> OpenGate:
    """The newest decision about a gate, if it lets the programme pass today.

    Raises:
        NotOpenError: if the gate was never decided, its newest decision is not open, or it is of
            another day: a gate is decided for a day, and so is the step through it.
    """
    decisions = [OpenGate(row, read_canonical(row.body)) for row in ledger.find(("gate",), subject=gate)]
    # A gate before the one asked for is decided too; only what was asked for is a decision.
    decisions = [each for each in decisions if each.entry["kind"] == "gate" and each.entry["asked"] == gate]
    command = f"phasegate gate {gate}"
    if not decisions:
        raise NotOpenError(f"gate {gate} has not been decided yet", f"'{command}' decides it")
    newest = decisions[-1]
    state, run = newest.entry["state"], newest.entry["run"]
    if state not in OPEN:
        raise NotOpenError(
            f"gate {gate} is {state}, as run {run} decided", f"'phasegate explain {gate}' says why"
        )
    if newest.entry["as_of"] != today.isoformat():
        raise NotOpenError(
            f"gate {gate} was open on {newest.entry['as_of']}, as run {run} decided, and today is {today}",
            f"'{command}' decides it for today",
        )
    return newest


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
    digest = f"sha256:{hashlib.sha256(gate.row.body).hexdigest()}"
    return Statement(ADVANCE, [Subject(f"gate {gate.entry['id']}, entry {gate.row.seq}", digest)], predicate)
