"""The command that tells people what changed, for those who have another scheduler."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import say, screen, tell, write
from phasegate.commands.options import KEY, PROJECT

if TYPE_CHECKING:
    from phasegate.monitoring.notifications.delivery import Delivery
    from phasegate.monitoring.notifications.notifier import Delivered
    from phasegate.monitoring.notifications.transport import Message
    from phasegate.rules.loading.project import LoadedProject

UNTOLD = 2
"""The exit code where somebody could not be told."""


@click.command(short_help="Tell people what changed since they were told last.")
@click.option("--show", is_flag=True, help="Show what would be sent; nothing is sent or noted.")
@click.option("--test", "name", metavar="NAME", help="Send a message to this one to see whether it arrives.")
@KEY
@PROJECT
@click.pass_context
def notify(ctx: click.Context, show: bool, name: str | None, key: Path | None, project: Path) -> int:
    """Tell those in 'notifications' what changed since they were told last, each thing once.

    'phasegate schedule run' does so by itself after each run; this is for pipelines that decide by 'check'
    or 'gate'. It ends with 2 where a message did not arrive; it is sent another time.
    """
    from phasegate.monitoring.notifications.delivery import Delivery, DryRun
    from phasegate.monitoring.notifications.journal import DryJournal, Journal
    from phasegate.monitoring.notifications.notifier import Notifier
    from phasegate.monitoring.schedules.lock import one_at_a_time
    from phasegate.reports.views.notification import notice
    from phasegate.reports.views.schedules import delivered_text
    from phasegate.rules.values.ledger_address import ledger_address
    from phasegate.runs.preflight import ready_project

    loaded = ready_project(project)
    _refuse_unknown(loaded, name)
    wait = Event().wait
    if name is not None:
        return _test(name, loaded, Delivery(os.environ, wait))
    clock: Callable[[], dt.datetime] = ctx.meta["phasegate.clock"]
    found: list[Delivered] = []
    shown: list[Message] = []

    def heard(each: Delivered) -> None:
        found.append(each)
        if shown:
            message = shown.pop()
            write(f"To {each.to}: {message.title}\n\n{message.body}\n\n", None)
        else:
            say(delivered_text(each, **screen()).rstrip())

    if show:
        dry_run = DryRun(os.environ, wait, show=shown.append)
        dry_journal = DryJournal(key, clock, os.environ)
        Notifier(dry_run, dry_journal, clock, notice, heard, at_once=True).deliver(loaded)
    else:
        with one_at_a_time(ledger_address(loaded.project.ledger, loaded.root, os.environ)) as free:
            if not free:
                tell("A scheduler of this ledger is at it.")
                return 0
            journal = Journal(key, clock, os.environ)
            Notifier(Delivery(os.environ, wait), journal, clock, notice, heard, at_once=True).deliver(loaded)
    if not found:
        tell("There is nothing new to tell.")
    return UNTOLD if any(each.reason for each in found) else 0


def _refuse_unknown(loaded: LoadedProject, name: str | None) -> None:
    from phasegate.rules.diagnostics.suggestions import suggest

    named = loaded.project.notifications
    if not named:
        raise click.UsageError("the project has no 'notifications': nobody is to be told of anything")
    if name is not None and name not in named:
        hint = suggest(name, named, of="notifications")
        raise click.UsageError(f"the project has no notification {name!r}" + (f": {hint}" if hint else ""))


def _test(name: str, loaded: LoadedProject, delivery: Delivery) -> int:
    from phasegate.audit.trail.project import title_of
    from phasegate.monitoring.notifications.transport import Message

    text = f"'phasegate notify --test {name}' sent this to see whether it arrives. Nothing has changed."
    message = Message(f"{title_of(loaded)}: a test", text)
    sent = delivery.attempt(loaded.project.notifications[name], loaded.root, message)
    if sent.reason is not None:
        tell(f"{name}: the message did not arrive: {sent.reason}", err=True)
        return UNTOLD
    say(f"{name}: the message was taken.")
    return 0
