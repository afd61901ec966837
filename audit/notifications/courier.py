"""Brings one message to a service, in a process of its own that is ended where it takes too long.

A service may hang in any of a hundred ways, and whatever it says may hold the address, which is a secret:
so the process gets the address on its standard input, and of what it says only a word is believed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import NamedTuple

COMMAND = [sys.executable, "-m", "phasegate.audit.notifications.apprised"]
PATIENCE = 30.0
"""Seconds that a service has for one message."""
REFUSED = "the service did not take it"
HUNG = f"the service did not answer within {PATIENCE:.0f} seconds"
NO_ADDRESS = "what is there is no address that Apprise knows"
MISSING = "Apprise is not installed: pip install 'phasegate[notify]'"
BROKEN = "the process that was to bring it ended without a word"


class Message(NamedTuple):
    """What is sent."""

    title: str
    body: str


def bring(address: str, message: Message, patience: float = PATIENCE) -> str | None:
    """Brings a message to a service.

    Args:
        address: the service's, as Apprise has it.
        message: what is sent.
        patience: seconds that it may take.

    Returns:
        Why it did not arrive, without any of the address; None if it did.
    """
    told = json.dumps({"address": address, "title": message.title, "body": message.body})
    try:
        done = subprocess.run(
            COMMAND, input=told.encode(), capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return HUNG
    except OSError as error:
        return f"no process could be started for it: {error.strerror}"
    return _WORDS.get(done.stdout.decode("ascii", "replace").strip(), BROKEN)


def _words() -> dict[str, str | None]:
    codes = {f"http {code}": f"{REFUSED}: it answered {code}" for code in range(100, 600)}
    return {"sent": None, "refused": REFUSED, "address": NO_ADDRESS, "missing": MISSING, **codes}


_WORDS = _words()
