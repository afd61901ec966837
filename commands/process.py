"""A command line as a process of its own: interrupted at any moment, it ends in order, in one sentence."""

from __future__ import annotations

import _thread
import os
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

Handler = Callable[..., None]
REFUSED = 2
"""The exit code of every run that came to no verdict."""
INTERRUPTED = "error: interrupted"
_BURST = 2.0
"""Seconds after an interruption in which further ones change nothing: what was begun is put in order."""
_ERRORS = 2
_PANIC = re.compile(rb"^\n?thread '[^\n]*' [^\n]*panicked at ", re.MULTILINE)


class Apart:
    """The error stream for Python alone, from now on; what libraries write to it is told at the end.

    Rust prints each panic, with a place in its own source, before anybody can catch it, and polars lets
    nobody change that. Where a file is damaged so that polars panics, phasegate tells which file that is, in
    one sentence; what Rust has to say would stand around it.

    Where the process is ended from within a library, as for lack of memory, what it said goes with it.
    """

    def __init__(self) -> None:
        self._kept: int | None = None
        with suppress(OSError, AttributeError, ValueError):  # no such stream, or another kind of system
            stream = sys.stderr
            if stream.fileno() != _ERRORS:
                return
            stream.flush()
            kept = _kept_aside()
            sys.stderr = os.fdopen(
                os.dup(_ERRORS), "w", buffering=1, encoding=stream.encoding, errors=stream.errors
            )
            os.dup2(kept, _ERRORS)
            self._kept = kept

    def tell(self) -> None:
        """Tells what was kept, up to a panic: what that came from is told already, by whoever caught it."""
        if self._kept is None:
            return
        with suppress(OSError, ValueError):  # there is nothing, or nobody hears it
            sys.stderr.flush()
            os.dup2(sys.stderr.fileno(), _ERRORS)
            os.lseek(self._kept, 0, os.SEEK_SET)
            with os.fdopen(self._kept, "rb") as kept:
                told = kept.read()
            panic = _PANIC.search(told)
            with os.fdopen(_ERRORS, "wb", closefd=False) as stream:
                stream.write(told[: panic.start()] if panic else told)


def _kept_aside() -> int:
    """A file that has no name, for as much as there is: a pipe that is full makes Rust panic, or wait."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("errors")
    from tempfile import TemporaryFile  # takes its time to load

    with TemporaryFile() as file:
        return os.dup(file.fileno())


def errors() -> int:
    """Where the error stream of the process goes."""
    with suppress(OSError, AttributeError, ValueError):
        return sys.stderr.fileno()
    return _ERRORS


class Interruption:
    """What ctrl-c does: the first time, whatever goes on is left, and tidied up undisturbed.

    Attributes:
        came: whether it came.
    """

    def __init__(self) -> None:
        self._first: float | None = None

    @property
    def came(self) -> bool:
        """Whether somebody interrupted."""
        return self._first is not None

    def listen(self, before: Handler) -> None:
        """Waits for interruptions from now on, unless whoever started the process ignores them.

        Args:
            before: what did so until now.
        """
        if signal.getsignal(signal.SIGINT) is before:
            signal.signal(signal.SIGINT, self._received)
            sys.unraisablehook = self._unraised

    def leave(self) -> None:
        """Ends the process at once, with one sentence."""
        os.write(errors(), f"{INTERRUPTED}\n".encode())
        os._exit(REFUSED)

    def _received(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
            raise KeyboardInterrupt
        if now - self._first > _BURST:  # whoever insists is not kept waiting
            self.leave()

    def _unraised(self, unraisable: sys.UnraisableHookArgs) -> None:
        """Nobody hears of an exception in a finalizer; where it is the interruption, it comes once more."""
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            sys.__unraisablehook__(unraisable)
            return
        self._first = None
        _thread.start_new_thread(_again, ())


def _again() -> None:
    time.sleep(0.005)  # by then the finalizer has ended
    _thread.interrupt_main()


INTERRUPTION = Interruption()


def _hold_closed_streams() -> None:
    """Puts nothing in the place of each standard stream that is closed.

    A report, or rows that are kept aside, would be opened there otherwise, and get what libraries tell on
    the error stream.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # of the lowest number that is free


def run(load: Callable[[], Callable[[], object]], before: Handler) -> NoReturn:
    """Loads the command line and runs it; whatever goes wrong meanwhile is one message and REFUSED.

    Args:
        load: imports the command line.
        before: what hears of interruptions until that is done.
    """
    _hold_closed_streams()
    try:
        if not sys.warnoptions:
            warnings.simplefilter("ignore")  # of one library to the programmer of another
        # No other package has a say in how rules are read, and none is looked for, which takes its time.
        os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
        command_line = load()
        INTERRUPTION.listen(before)
        command_line()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever keeps the command line from being loaded
        from phasegate.commands.withdrawal import withdrawn

        stale = withdrawn(sys.argv[1:])
        if not INTERRUPTION.came:
            from phasegate.reports.text.refusal import TRACEBACK, refusal
            from phasegate.reports.text.runner import on_a_runner

            told = f"{refusal(error, bool(os.environ.get(TRACEBACK)))}{stale}"
            os.write(errors(), f"{on_a_runner(told, os.environ)}\n".encode())
            os._exit(REFUSED)
    INTERRUPTION.leave()
    raise AssertionError("the process has ended")
