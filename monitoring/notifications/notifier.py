"""Tells people what changed: each thing once, and whatever comes of it, no run fails by it.

Who was told what stands in the ledger, so that whoever goes on after another tells nothing twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from phasegate.audit.signing.canonical_json import digest_of
from phasegate.audit.statements.project_ledger import ledger_of
from phasegate.audit.trail.notification_entries import Outcome, Told, reach_of, told
from phasegate.audit.trail.project import title_of
from phasegate.monitoring.notifications.changes import NOBODY_KNOWS, Changes, Known, changes_since, then_known
from phasegate.monitoring.notifications.delivery import Delivery, Sent
from phasegate.monitoring.notifications.journal import Journal
from phasegate.monitoring.notifications.run_history import RunHistory
from phasegate.monitoring.notifications.transport import WRONG, Message
from phasegate.rules.diagnostics.diagnostic import failure
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.audience import concern
from phasegate.rules.model.notification import Notification

LATER = tuple(dt.timedelta(hours=hours) for hours in (1 / 6, 1, 6, 24))
"""How long a service is left alone that did not take a message, the longer the more often it did not."""
ROUNDS = len(LATER) + 1
"""After so many rounds on end in which a service says that a message is wrong, it is given up."""
MARKED = 50
"""After so many runs without news it is noted how far was looked, so that nobody looks through them again."""
_FAST = dt.timedelta(hours=1)
"""An entry that is further ahead was dated by a clock that ran fast: nobody waits for it."""
_REMEMBERED = 10
"""So many messages are gone back for what was told to be due."""
_UNTRIED = Sent(0, None)


class Delivered(NamedTuple):
    """What came of a message.

    Attributes:
        to: the name of the notification; None where it concerns all of them.
        run: the run that it tells of; 0 where it is not about one.
        reason: why it did not arrive; None if it did.
        given_up: whether it will not be tried again.
    """

    to: str | None
    run: int
    reason: str | None = None
    given_up: bool = False


@dataclass
class Notifier:
    """Tells people what changed in the runs of a project.

    Attributes:
        delivery: delivers messages.
        journal: notes what came of them.
        clock: tells this moment, in UTC.
        write: puts news into words.
        tell: hears of each message what came of it.
        at_once: whether a service that did not take a message is tried now, however often it failed.
    """

    delivery: Delivery
    journal: Journal
    clock: Callable[[], dt.datetime]
    write: Callable[[Changes, Notification, str], Message]
    tell: Callable[[Delivered], None]
    at_once: bool = False
    _known: dict[str, tuple[int, str, Known]] = field(default_factory=dict)
    _seen: tuple[int, tuple[tuple[str, str], ...]] | None = None

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
        ledger = ledger_of(loaded, self.delivery.environ) if named else None
        if ledger is None:
            return
        with ledger:
            looked_at = ledger.size(), tuple((name, reach_of(each)) for name, each in named.items())
            if looked_at == self._seen:
                return
            title = title_of(loaded)
            history = RunHistory(ledger, title)
            done = [self._told(name, loaded, history, partial(told, ledger, title, name)) for name in named]
            self._seen = looked_at if all(done) else None

    def _told(
        self, name: str, loaded: LoadedProject, history: RunHistory, entries: Callable[[], list[Told]]
    ) -> bool:
        """Tells somebody what is new; whether all of it was told. What goes wrong is nobody else's loss."""
        try:
            if self.journal.catch_up(loaded, name):
                return False  # which the ledger as it was opened may not know
            return self._tell_one(name, loaded, history, entries())
        except PhasegateError as error:
            self.tell(Delivered(name, 0, failure(error)))
        except Exception as error:  # noqa: BLE001 - the run is kept, and telling of it may not end the next one
            self.tell(Delivered(name, 0, f"unexpected {type(error).__name__}"))
        return False

    def _tell_one(self, name: str, loaded: LoadedProject, history: RunHistory, entries: list[Told]) -> bool:
        notification = loaded.project.notifications[name]
        settled = [each for each in entries if each.outcome != "failed"]
        failed: list[Told] = []
        if settled:
            failed = entries[entries.index(settled[-1]) + 1 :]
        else:
            settled = [self._note(name, loaded, "began", history.newest())]
        if not self.at_once and self.clock() < _not_before(failed, self.clock()):
            return False
        for each in self._unread(name, notification, settled, loaded, history):
            if self.delivery.stopped():
                return False
            run = each.run.number
            if each.none:
                self._note(name, loaded, "nothing", run)
                continue
            message = self.write(each, notification, title_of(loaded))
            self.journal.ready(loaded)
            sent = self.delivery.attempt(notification, loaded.root, message)
            if sent.stopped:
                return False
            outcome = _outcome(sent, [one for one in failed if one.run == run])
            digest = digest_of(f"{message.title}\n{message.body}".encode())
            self._note(name, loaded, outcome, run, sent, digest)
            self.tell(Delivered(name, run, sent.reason, outcome == "given up"))
            if outcome == "failed":
                return False
        return True

    def _unread(
        self,
        name: str,
        notification: Notification,
        settled: list[Told],
        loaded: LoadedProject,
        history: RunHistory,
    ) -> Iterator[Changes]:
        """What somebody was not told of, run by run; whoever asks for the next has told the one before.

        Of many runs without news, one without any comes now and then, so that it is noted.
        """
        reach, concerned = reach_of(notification), concern(loaded.pack.pack, notification)
        known, marked = self._known_to(name, notification, settled, history), settled[-1].run
        # What is due when somebody is first told of it is news, and no verdict of then is.
        begins = settled[-1].outcome == "began" and not known.due
        for run in history.after(max(known.run - 1, 0) if begins else known.run):
            record = history.record(run.number)
            if history.made_up_for(run) and record["as_of"] < known.as_of:
                continue  # it tells how things stood before what is known already
            due = history.coming(run, notification.days)
            own = changes_since(known, run, record, due, history.changes).of(notification, concerned)
            if not own.none or run.number - marked >= MARKED:
                yield own
                marked = run.number
            known = then_known(known, run, record, due)
            self._known[name] = (marked, reach, known)

    def _known_to(
        self, name: str, notification: Notification, settled: list[Told], history: RunHistory
    ) -> Known:
        base, reach = settled[-1], reach_of(notification)
        held = self._known.get(name)
        if held is not None and held[:2] == (base.run, reach):
            return held[2]
        # Whoever is told of other things than before has not been told what of these is due.
        same = base.outcome != "began" and base.reach == reach
        earlier = [each.run for each in settled[-_REMEMBERED:-1] if each.reach == reach] if same else []
        return history.known_after(base.run, notification.days if same else None, earlier) or NOBODY_KNOWS

    def _note(
        self,
        name: str,
        loaded: LoadedProject,
        outcome: Outcome,
        run: int,
        sent: Sent = _UNTRIED,
        message: str | None = None,
    ) -> Told:
        reach = reach_of(loaded.project.notifications[name])
        entry = Told(name, outcome, run, self.clock(), reach, sent.tries, sent.reason, message)
        self.journal.note(loaded, entry)
        return entry


def _outcome(sent: Sent, failed: Sequence[Told]) -> Outcome:
    if sent.reason is None:
        return "sent"
    before = takewhile(lambda each: each.reason in WRONG, reversed(failed))
    return "given up" if sent.wrong and len(list(before)) + 1 >= ROUNDS else "failed"


def _not_before(failed: Sequence[Told], now: dt.datetime) -> dt.datetime:
    """When a service is tried again that failed so often."""
    if not failed or failed[-1].at > now + _FAST:
        return now
    return failed[-1].at + LATER[min(len(failed), len(LATER)) - 1]
