"""What a ledger says of who was told what: an entry for each message, sent or not."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.entry_errors import EntryError, document_of
from phasegate.audit.ledger.store import Row
from phasegate.records.reader import shape_fault
from phasegate.records.schema import ProjectEntry
from phasegate.rules.model.notification import Notification

if TYPE_CHECKING:
    from phasegate.audit.ledger.store import Finding

NOTIFIED = "notified"
"""The kind of such entries."""
Outcome = Literal["began", "sent", "failed", "given up", "nothing"]
"""``began``: the first look, after which only changes are told; ``nothing``: there was none for long."""


class _Envelope(TypedDict):
    recorded_at: str
    evaluator: str
    fingerprint: str
    reference: str | None


class _Entry(TypedDict):
    project: str | ProjectEntry
    subject: str
    outcome: Outcome
    about: int
    reach: str
    tries: int
    reason: str | None
    message: str | None
    envelope: _Envelope


@dataclass(frozen=True, slots=True)
class Told:
    """One entry.

    Attributes:
        to: the name of the notification.
        outcome: what came of it.
        run: the run that it is about, 0 for none.
        at: when.
        reach: of what somebody was told then, in short.
        tries: how often it was tried.
        reason: why it did not arrive.
        message: the digest of what was sent.
    """

    to: str
    outcome: Outcome
    run: int
    at: dt.datetime
    reach: str = ""
    tries: int = 0
    reason: str | None = None
    message: str | None = None

    def draft(self, project: str, envelope: Mapping[str, Any]) -> Draft:
        """The entry to be appended.

        Args:
            project: the title of the project, by which its entries are told from those of another where it
                has no id.
            envelope: who recorded it, and when.
        """
        document = {
            "project": project,
            "outcome": self.outcome,
            "about": self.run,
            "reach": self.reach,
            "tries": self.tries,
            "reason": self.reason,
            "message": self.message,
            "envelope": dict(envelope),
        }
        return Draft(NOTIFIED, None, self.to, document)


def reach_of(notification: Notification) -> str:
    """What somebody is told of, in eight digits: whoever is told of more knows less."""
    said = (notification.areas, notification.roles, notification.about, notification.days)
    return hashlib.sha256(repr(said).encode("utf-8")).hexdigest()[:8]


def told(log: Finding, project: str, to: str) -> list[Told]:
    """What somebody was told, the oldest first.

    Args:
        log: the ledger.
        project: the title of the project.
        to: the name of the notification.

    Raises:
        EntryError: if an entry can not be read.
    """
    found = [_told(row) for row in log.find((NOTIFIED,), subject=to)]
    return [each for title, each in found if title in (None, project)]


def given_up(log: Finding) -> dict[int, list[Told]]:
    """The messages that will never be sent, by the runs that they are about; of entries that can be read.

    Args:
        log: the ledger.
    """
    found: dict[int, list[Told]] = {}
    for row in log.find((NOTIFIED,)):
        with suppress(EntryError):
            _, each = _told(row)
            if each.outcome == "given up":
                found.setdefault(each.run, []).append(each)
    return found


def entry_fault(document: Mapping[str, Any]) -> str | None:
    """What is wrong with such an entry; None if nothing is."""
    if fault := shape_fault(document, _Entry):
        return fault
    if min(document["about"], document["tries"]) < 0:
        return "it names a number below 0"
    try:
        zone = dt.datetime.fromisoformat(document["envelope"]["recorded_at"]).utcoffset()
    except ValueError:
        zone = None
    return "its moment can not be read" if zone is None else None


def _told(row: Row) -> tuple[str | None, Told]:
    """An entry, and the title by which it is told whose it is where it names no id."""
    entry = document_of(row)
    if fault := entry_fault(entry):
        raise EntryError(row, f"can not be read as a message that was sent or not: {fault}")
    at = dt.datetime.fromisoformat(entry["envelope"]["recorded_at"])
    of = entry["about"], at, entry["reach"], entry["tries"], entry["reason"], entry["message"]
    title = entry["project"] if isinstance(entry["project"], str) else None
    return title, Told(row.subject, entry["outcome"], *of)
