"""How what stays is told to end."""

from __future__ import annotations

import os
import signal
from threading import Event, Thread


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
