"""Who recorded a run, and whether that counts: a gate lets nobody through on a stranger's word."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from phasegate.audit.ledger.checkpoint import NoteError, read_checkpoint
from phasegate.audit.ledger.entry import Position
from phasegate.audit.ledger.entry_errors import EntryError, document_of, naming
from phasegate.audit.ledger.project_entries import TOLD_BY_ALL, owner_of
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.signers import Signer, Signers, UntrustedError
from phasegate.audit.statements.reader import DATED, SKEW, latest_told
from phasegate.audit.trail.revoked_keys import revoked_elsewhere, words_of
from phasegate.audit.trail.run_entries import Envelope
from phasegate.audit.trail.trust import signed_by
from phasegate.records.time_zone import zone_of
from phasegate.records.waivers import instant
from phasegate.rules.model.role import EVALUATOR
from phasegate.rules.values.time_zones import day_of

_KINDS = ("run", "point", "target", "gate")
_WITHIN = dt.timedelta(seconds=1) - dt.timedelta.resolution
"""An entry has the second in which it was made."""


def refuse_unrecorded(log: Position, run: int, day: str, signers: Signers) -> None:
    """Refuses a run that no evaluator of the project recorded.

    Args:
        log: the ledger, of which it is known that its index does not lie.
        run: the run's number.
        day: the day that it decided.
        signers: those whom the project lists.

    Raises:
        UntrustedError: if whoever recorded it is no evaluator of the project, or was none at that
            moment or at one that stood in the ledger already, or did not sign what covers it.
        EntryError: if its entries can not be read.
    """
    rows = log.find(_KINDS, run=run)
    entry = rows[0]
    with naming(entry):
        envelope = Envelope.of(document_of(entry)["envelope"])
    if entry.kind != "run" or any(row.kind == "run" for row in rows[1:]):
        raise EntryError(entry, f"is not the one entry of run {run}")
    signer = _evaluator(log, entry, envelope, signers)
    with naming(entry):
        zone = zone_of(document_of(entry))
    if day_of(envelope.recorded_at, zone).isoformat() != day:
        raise UntrustedError(f"it was recorded at {instant(envelope.recorded_at)}, and decides {day}")
    end = rows[-1].seq + 1
    note = log.note if end >= log.size else _note(Row(*log.entries(end, end + 1)[0], log.shown))
    try:
        checkpoint, signed = read_checkpoint(note or "")
    except NoteError as error:
        raise UntrustedError(f"no checkpoint covers it that can be read: {error.message}") from error
    if (checkpoint.origin, checkpoint.size) != (log.origin, end) or not signed_by(signed, [signer.public]):
        raise UntrustedError(f"{signer.name!r} has not signed the checkpoint at its end, over {end} entries")


def _evaluator(log: Position, entry: Row, envelope: Envelope, signers: Signers) -> Signer:
    """The evaluator who says that they recorded a run."""
    at = envelope.recorded_at
    signer = _who(envelope.fingerprint, at, signers)
    if not signer.has(EVALUATOR):
        raise UntrustedError(f"{signer.name!r} is no evaluator")
    words = words_of(log, before=entry.seq)
    if (why := revoked_elsewhere(words, envelope.fingerprint, owner_of(entry), signers)) is not None:
        raise UntrustedError(f"it came into the ledger after {why}")
    told = latest_told(log.find((*DATED, TOLD_BY_ALL)), before=entry.seq)
    if told is None or at + _WITHIN >= told[0]:
        return signer
    if at < told[0] - SKEW:
        raise UntrustedError(
            f"it is dated back: {instant(at)}, and entry {told[1]} before it had told {instant(told[0])}"
        )
    if why := signer.why_not(told[0]):
        raise UntrustedError(
            f"it came into the ledger after {instant(told[0])}, and the key of {signer.name!r} {why}"
        )
    return signer


def _who(fingerprint: str, at: dt.datetime, signers: Signers) -> Signer:
    """The signer who may sign within the second."""
    try:
        return signers.who(fingerprint, at)
    except UntrustedError as error:
        with suppress(UntrustedError):
            return signers.who(fingerprint, at + _WITHIN)
        raise error


def _note(row: Row) -> str | None:
    """The checkpoint over all entries before one, which is what stands there after an append."""
    note = document_of(row).get("note") if row.kind == "checkpoint" else None
    return note if isinstance(note, str) else None
