"""A project that is decided every day, and those who are told of it, for the tests of notifications."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.notification_entries import Told, told
from phasegate.audit.trail.trail import Trail
from phasegate.audit.verification.ledger import Asked, verify
from phasegate.monitoring.notifications.delivery import Delivery
from phasegate.monitoring.notifications.journal import Journal
from phasegate.monitoring.notifications.notifier import Delivered, Notifier
from phasegate.monitoring.notifications.transport import Message
from phasegate.monitoring.schedules.scheduler import Ran, Scheduler
from phasegate.reports.views.notification import notice
from phasegate.rules.loading.project import LoadedProject, load_project

PACK = """\
pack: map
title: Map
areas:
  a: {title: Area A, success: {name: Rows, measure: invoices.any, bound: ">= 1"}}
  b: {title: Area B, success: {name: Rows, measure: reviews.any, bound: ">= 1"}}
points:
  a.1:
    title: Invoices
    area: a
    criteria:
      - {id: reconciled, text: Invoices are reconciled, enforcement: soft, function: finance,
         require: {invoices.reconciled: ">= 90 %"}}
  b.1:
    title: Reviews
    area: b
    criteria:
      - {id: reviewed, text: The review is recent, require: {review.passed: true}}
      - {id: said, text: The auditor says so, require: {said: true}, enforcement: advisory}
phases:
  "1": {title: First, points: [a.1]}
  "2": {title: Second, points: [b.1], after: none}
sources:
  invoices: {title: one invoice, columns: {status: {type: string}}}
  reviews:
    title: one review
    event: day
    columns: {day: {type: date}, passed: {type: boolean}}
measures:
  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
  invoices.any: {title: Invoices, from: invoices, count: "true"}
  reviews.any: {title: Reviews, from: reviews, count: "true"}
  review: {title: The latest review, from: reviews, latest: {passed: passed}, max_age: 30 days}
  said: {title: What the auditor says, attested: {by: auditor}}
"""
PROJECT = """\
phasegate: 1
title: Programme
pack: pack
sources: {{invoices: {{path: invoices.csv}}, reviews: {{path: reviews.csv}}}}
schedules: {{daily: {{cron: "0 6 * * *"}}}}
notifications:
{notifications}
"""
ALL = "  all: {to: env:ALL}"


class _Nobody(Notifier):
    """Tells nobody."""

    def __init__(self) -> None: ...

    def deliver(self, loaded: LoadedProject) -> None: ...


QUIET = _Nobody()


@dataclass
class World:
    """A project that is decided every day, and a service that takes messages, or does not."""

    folder: Path
    now: dt.datetime = dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC)
    environ: dict[str, str] = field(default_factory=lambda: {"ALL": "all", "A": "a", "B": "b"})
    took: list[tuple[str, str]] = field(default_factory=list)
    texts: list[Message] = field(default_factory=list)
    tried: int = 0
    waited: list[float] = field(default_factory=list)
    told: list[Delivered] = field(default_factory=list)
    ran: list[Ran] = field(default_factory=list)
    answer: Callable[[str], str | None] = lambda _: None
    stop: bool = False
    server: str | None = None

    def write(self, notifications: str = ALL) -> None:
        (self.folder / "pack").mkdir(exist_ok=True)
        (self.folder / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
        text = PROJECT.format(notifications=notifications)
        if self.server is not None:
            self.environ["LEDGER"] = self.server
            text += "ledger: env:LEDGER\n"
        (self.folder / "phasegate.yaml").write_text(text, encoding="utf-8")

    def invoices(self, status: str) -> None:
        (self.folder / "invoices.csv").write_text(f"status\n{status}\n", encoding="utf-8")

    def review(self, day: str, passed: str = "true") -> None:
        (self.folder / "reviews.csv").write_text(f"day,passed\n{day},{passed}\n", encoding="utf-8")

    def bring(self, address: str, message: Message, _: Callable[[], bool]) -> str | None:
        self.tried += 1
        if (reason := self.answer(address)) is None:
            self.took.append((address, message.title.removeprefix("Programme: ")))
            self.texts.append(message)
        return reason

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.now += dt.timedelta(seconds=seconds)
        return self.stop

    def pause(self, seconds: float) -> bool:
        """Waits; who only asks whether it is to stop waits for nothing."""
        return self.wait(seconds) if seconds else False

    def post(self) -> Notifier:
        return Notifier(
            Delivery(self.environ, self.pause, self.bring),
            Journal(None, lambda: self.now, self.environ),
            lambda: self.now,
            notice,
            self.told.append,
        )

    def scheduler(self, post: Notifier | None = None) -> Scheduler:
        """A scheduler of its own process; with a given post, the one that goes on for days."""

        deliver = (post or self.post()).deliver
        return Scheduler(
            self.folder, self.environ, lambda: self.now, self.pause, self.ran.append, post=deliver, retries=()
        )

    def day(self, day: str, post: Notifier | None = None) -> list[tuple[str, str]]:
        """Decides up to a day, and gives what was sent on it."""
        self.now = dt.datetime.fromisoformat(f"{day}T06:00").replace(tzinfo=dt.UTC)
        before = len(self.took)
        self.scheduler(post).run_due()
        return self.took[before:]

    def entries(self, name: str = "all") -> list[Told]:
        with Ledger.open(self.server or self.folder / "phasegate.db") as ledger:
            return told(ledger, "Programme", name)

    def outcomes(self, name: str = "all") -> list[tuple[str, int]]:
        return [(each.outcome, each.run) for each in self.entries(name)]


def forged(world: World, draft: Draft) -> None:
    """Puts an entry into the ledger, signed as all others are."""
    loaded = load_project(world.folder / "phasegate.yaml")
    Trail.of(loaded, None, world.now, world.environ).append(lambda _: [draft])


def verified(world: World) -> list[str]:
    """Where `verify` finds something wrong."""
    with Ledger.open(world.folder / "phasegate.db") as ledger:
        return [each.place for each in verify(ledger, Asked()).faults]
