"""Brings one message to a service, in a process of its own that is ended where it takes too long.

A service may hang in any of a hundred ways, and whatever it says may hold the address, which is a secret:
so the process gets the address on its standard input, and of what it says only a word is believed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

COMMAND = [sys.executable, "-P", "-m", "phasegate.monitoring.notifications.apprise_worker"]
"""With ``-P`` nothing that lies in the folder of a project is taken for a module."""
PATIENCE = 30.0
"""Seconds that a service has for one message."""
GRACE = 5.0
"""Seconds that it still has when everything is to stop."""
_LOOK = 0.25
"""So often it is looked whether everything is to stop, in seconds."""
REFUSED = "the service did not take it"
HUNG = f"the service did not answer within {PATIENCE:.0f} seconds"
NO_ADDRESS = "what is there is no address that Apprise knows"
MISSING = "Apprise is not installed: pip install 'phasegate[notify]'"
BROKEN = "the process that was to bring it ended without a word"


class Message(NamedTuple):
    """What is sent."""

    title: str
    body: str


def _never() -> bool:
    """Nothing stops."""
    return False


def bring(
    address: str, message: Message, stopped: Callable[[], bool] = _never, patience: float = PATIENCE
) -> str | None:
    """Brings a message to a service.

    Args:
        address: the service's, as Apprise has it.
        message: what is sent.
        stopped: whether everything is to stop; then the service has `GRACE` left.
        patience: seconds that it may take.

    Returns:
        Why it did not arrive, without any of the address; None if it did.
    """
    told = json.dumps({"address": address, "title": message.title, "body": message.body})
    try:
        process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        return f"no process could be started for it: {error.strerror}"
    with process:
        end = time.monotonic() + patience
        given: bytes | None = told.encode()
        while True:
            with suppress(subprocess.TimeoutExpired):
                said, _ = process.communicate(given, timeout=_LOOK)
                return _WORDS.get(said.decode("ascii", "replace").strip(), BROKEN)
            given = None
            if stopped():
                end, stopped = min(end, time.monotonic() + GRACE), _never
            if time.monotonic() >= end:
                process.kill()
                return HUNG


_ANSWERED = {code: f"{REFUSED}: it answered {code}" for code in range(100, 600)}
WRONG = frozenset(_ANSWERED[code] for code in (400, 413, 422))
"""What a service answers to a message that it will never take."""
_WORDS: dict[str, str | None] = {
    "sent": None,
    "refused": REFUSED,
    "address": NO_ADDRESS,
    "missing": MISSING,
    **{f"http {code}": said for code, said in _ANSWERED.items()},
}
