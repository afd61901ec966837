"""Tells people what changed: each thing once, and whatever comes of it, no run fails by it.

Who was told what stands in the ledger, so that whoever goes on after another tells nothing twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from phasegate.audit.kept.trail import Trail, reading
from phasegate.audit.ledger.canonical import digest_of
from phasegate.audit.notifications.chronicle import Chronicle
from phasegate.audit.notifications.courier import Message
from phasegate.audit.notifications.delivery import Delivery, Sent
from phasegate.audit.notifications.news import NOBODY_KNOWS, Known, News, news, then_known
from phasegate.audit.notifications.told import Outcome, Told, told
from phasegate.audit.schedules.pending import title_of
from phasegate.rules.concern import concern
from phasegate.rules.diagnostics import failure
from phasegate.rules.errors import PhasegateError
from phasegate.rules.ledger_address import ledger_address
from phasegate.rules.notification import Notification
from phasegate.rules.project_file import LoadedProject

LATER = tuple(dt.timedelta(hours=hours) for hours in (1 / 6, 1, 6, 24))
"""How long a service is left alone that did not take a message, the longer the more often it did not."""
MARKED = 50
"""After so many runs without news it is noted how far was looked, so that nobody looks through them again."""
_UNTRIED = Sent(0, None)


class Delivered(NamedTuple):
    """What came of a message.

    Attributes:
        to: the name of the notification; None where it concerns all of them.
        run: the run that it tells of.
        reason: why it did not arrive; None if it did.
    """

    to: str | None
    run: int
    reason: str | None = None


@dataclass
class Post:
    """Tells people what changed in the runs of a project.

    Attributes:
        delivery: delivers messages.
        clock: tells this moment, in UTC.
        write: puts news into words.
        tell: hears of each message what came of it.
        key: the file of the key that signs the ledger.
        at_once: whether a service that did not take a message is tried now, however often it failed.
        noted: whether the ledger gets an entry of each message; without, it is none the wiser.
    """

    delivery: Delivery
    clock: Callable[[], dt.datetime]
    write: Callable[[News, Notification, str], Message]
    tell: Callable[[Delivered], None]
    key: Path | None = None
    at_once: bool = False
    noted: bool = True
    _known: dict[str, tuple[int, Known]] = field(default_factory=dict)
    _seen: int = -1
    _open: bool = False

    def deliver(self, loaded: LoadedProject) -> None:
        """Tells everybody what is new; what stands in the way is told, and tried again another time.

        Args:
            loaded: the project.
        """
        try:
            self._deliver(loaded)
        except PhasegateError as error:
            self.tell(Delivered(None, 0, failure(error)))

    def _deliver(self, loaded: LoadedProject) -> None:
        named = loaded.project.notifications
        address = ledger_address(loaded.project.ledger, loaded.root, self.delivery.environ)
        ledger = reading(address) if named else None
        if ledger is None:
            return
        with ledger:
            size = ledger.size()
            if size == self._seen and not self._open:
                return
            chronicle = Chronicle(ledger, title_of(loaded))
            done = [
                self._tell_one(name, loaded, chronicle, told(ledger, title_of(loaded), name))
                for name in named
            ]
            self._seen, self._open = size, not all(done)

    def _tell_one(self, name: str, loaded: LoadedProject, chronicle: Chronicle, entries: list[Told]) -> bool:
        """Tells somebody what is new; whether all of it was told."""
        notification = loaded.project.notifications[name]
        if not entries:
            entries = [self._note(name, loaded, "began", chronicle.newest())]
        base = next(each for each in reversed(entries) if each.outcome != "failed")
        if not self.at_once and self.clock() < _not_before(entries[entries.index(base) + 1 :]):
            return False
        for each in self._unread(name, notification, base, loaded, chronicle):
            if each.none:
                self._note(name, loaded, "nothing", each.run.number)
                continue
            message = self.write(each, notification, title_of(loaded))
            sent = self.delivery.attempt(notification, loaded.root, message)
            if sent.stopped:
                return False
            outcome: Outcome = "failed" if sent.reason else "sent"
            digest = digest_of(f"{message.title}\n{message.body}".encode())
            self._note(name, loaded, outcome, each.run.number, sent, digest)
            self.tell(Delivered(name, each.run.number, sent.reason))
            if sent.reason:
                return False
        return True

    def _unread(
        self, name: str, notification: Notification, base: Told, loaded: LoadedProject, chronicle: Chronicle
    ) -> Iterator[News]:
        """What somebody was not told of, run by run; whoever asks for the next has told the one before.

        Of many runs without news, one without any comes now and then, so that it is noted.
        """
        days, concerned = notification.days, concern(loaded.pack.pack, notification)
        known, marked = self._known_to(name, base, days, chronicle), base.run
        # What is due when somebody is first told of a programme is news, and no verdict of then is.
        begins = base.outcome == "began" and not known.due
        for run in chronicle.after(known.run - 1 if begins else known.run):
            record = chronicle.record(run.number)
            if record["as_of"] < known.as_of:
                continue
            due = chronicle.coming(run, days)
            own = news(known, run, record, due, chronicle.changes).of(notification, concerned)
            if not own.none or run.number - marked >= MARKED:
                yield own
                marked = run.number
            known = then_known(known, run.number, record, due)
            self._known[name] = (marked, known)

    def _known_to(self, name: str, base: Told, days: int, chronicle: Chronicle) -> Known:
        held = self._known.get(name)
        if held is not None and held[0] == base.run:
            return held[1]
        return chronicle.known_after(base.run, None if base.outcome == "began" else days) or NOBODY_KNOWS

    def _note(
        self,
        name: str,
        loaded: LoadedProject,
        outcome: Outcome,
        run: int,
        sent: Sent = _UNTRIED,
        message: str | None = None,
    ) -> Told:
        now = self.clock()
        entry = Told(name, outcome, run, now, sent.tries, sent.reason, message)
        if not self.noted:
            return entry
        trail = Trail.of(loaded, self.key, now, self.delivery.environ)
        trail.append(lambda _: [entry.draft(title_of(loaded), trail.envelope.document())])
        return entry


def _not_before(failed: Sequence[Told]) -> dt.datetime:
    """When a service is tried again that failed so often."""
    return (
        failed[-1].at + LATER[min(len(failed), len(LATER)) - 1]
        if failed
        else dt.datetime.min.replace(tzinfo=dt.UTC)
    )
