"""What commands show: where a report goes, how wide it may be, who watches, and how it is told to end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from phasegate.facts.model.progress import Progress

DONE: list[str] = []
"""What a command line has done for good, in words: for whoever does not get to read its report."""


def done(what: str) -> None:
    """Notes something that stays, whatever comes after it."""
    DONE.append(what.strip())


def tell(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Prints something: the one way to the screen, on which no runner takes data for a command.

    Args:
        text: what is printed.
        err: whether it is for people alone, beside the output.
        nl: whether the line ends with it.
    """
    from phasegate.reports.text.runner import on_a_runner

    click.echo(on_a_runner(text, os.environ), err=err, nl=nl)  # noqa: TID251 - it has been seen to


def say(told: str) -> None:
    """Prints what was done, and tells it in any case."""
    done(told)
    tell(told)


def screen(output: Path | None = None) -> dict[str, Any]:
    """What a report is laid out for: the screen, or a file."""
    from phasegate.reports.output import screen_of

    return screen_of(sys.stdout, os.environ, output)._asdict()


def progress(quiet: bool = False) -> Progress | None:
    """A listener, only where somebody watches."""
    from phasegate.reports.output import watched
    from phasegate.reports.terminal.progress import ReadingLine

    return ReadingLine(sys.stderr) if not quiet and watched(sys.stderr, os.environ) else None


def write(content: str | bytes, output: Path | None, *, commands: bool = False) -> None:
    """Puts a report where it was asked for.

    Args:
        content: the report.
        output: the file that it goes to; None for the screen.
        commands: whether its lines are commands of a runner, in which all else is escaped already.
    """
    from phasegate.reports.output import deliver, opened
    from phasegate.reports.text.runner import on_a_runner

    context = click.get_current_context(silent=True)
    if output is not None and context is not None:
        from phasegate.runs.protect_inputs import spare_named

        spare_named(output, {"project": Path(), **context.params}, os.environ)
    shown = output is None or opened(output) is not None
    if shown and isinstance(content, str) and not commands:
        content = on_a_runner(content, os.environ)
    deliver(content, output, sys.stdout)


def counting(what: str, of: str) -> Callable[[int, int], None] | None:
    """A listener that counts, only where somebody watches."""
    from phasegate.reports.output import watched
    from phasegate.reports.terminal.progress import CountingLine

    return CountingLine(sys.stderr, what, of) if watched(sys.stderr, os.environ) else None


def stopped_by(*numbers: signal.Signals) -> Event:
    """An event that is set by signals, whichever thread the system gives them to.

    Python runs its handlers in the main thread alone, when that comes by. A signal that reaches another
    thread does not wake it, nor does one that comes just before it goes to sleep: it would sleep on for as
    long as it meant to. What Python writes into a pipe meanwhile is read at once.

    Args:
        numbers: the signals; nothing else is to have a handler of Python's.
    """
    stopped = Event()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, lambda *_: None)  # so that Python hears of it at all

    def listen() -> None:
        os.read(reader, 1)
        stopped.set()

    Thread(target=listen, name="signals", daemon=True).start()
    return stopped
