"""What a ledger says of who was told what: an entry for each message, sent or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from phasegate.audit.ledger.draft import Draft
from phasegate.audit.ledger.named import EntryError, document_of
from phasegate.audit.ledger.store import Row
from phasegate.audit.statements.log import Finding

NOTIFIED = "notified"
"""The kind of such entries."""
Outcome = Literal["began", "sent", "failed", "nothing"]
"""``began``: the first look, after which only changes are told; ``nothing``: there was none for long."""


@dataclass(frozen=True, slots=True)
class Told:
    """One entry.

    Attributes:
        to: the name of the notification.
        outcome: what came of it.
        run: the run that it is about, 0 for none.
        at: when.
        tries: how often it was tried.
        reason: why it did not arrive.
        message: the digest of what was sent.
    """

    to: str
    outcome: Outcome
    run: int
    at: dt.datetime
    tries: int = 0
    reason: str | None = None
    message: str | None = None

    def draft(self, project: str, envelope: Mapping[str, Any]) -> Draft:
        """The entry to be appended.

        Args:
            project: the title of the project, by which its entries are told from those of another.
            envelope: who recorded it, and when.
        """
        document = {
            "project": project,
            "outcome": self.outcome,
            "about": self.run,
            "tries": self.tries,
            "reason": self.reason,
            "message": self.message,
            "envelope": dict(envelope),
        }
        return Draft(NOTIFIED, None, self.to, document)


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
    return [each for title, each in found if title == project]


def _told(row: Row) -> tuple[str, Told]:
    entry = document_of(row)
    try:
        at = dt.datetime.fromisoformat(entry["envelope"]["recorded_at"])
        if entry["outcome"] not in get_args(Outcome):
            raise ValueError(entry["outcome"])
        of = int(entry["about"]), at, int(entry["tries"]), entry["reason"], entry["message"]
        return entry["project"], Told(row.subject, entry["outcome"], *of)
    except (KeyError, TypeError, ValueError) as error:
        raise EntryError(row, "can not be read as a message that was sent or not") from error
