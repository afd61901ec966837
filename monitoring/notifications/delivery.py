"""Delivers one message: finds the address, tries, and tries again."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from phasegate.monitoring.notifications.transport import MISSING, NO_ADDRESS, WRONG, Message, bring
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.notification import Notification

AGAIN = (5.0, 30.0)
"""Seconds that are waited before a message is tried again at once."""
_LASTING = (MISSING, NO_ADDRESS)
_LONGEST_ADDRESS = 20_000
_FURTHER = re.compile(r"[\s,;]+[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class AddressError(PhasegateError):
    """Where an address should stand, there is none."""


class Sent(NamedTuple):
    """What came of trying to deliver a message.

    Attributes:
        tries: how often it was tried.
        reason: why it did not arrive, without any of the address; None if it did.
        stopped: whether there was no time to try again.
    """

    tries: int
    reason: str | None
    stopped: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the service said at each try that the message is wrong, which no waiting mends."""
        return self.reason in WRONG


@dataclass(frozen=True)
class Delivery:
    """Delivers messages for a project.

    Attributes:
        environ: the environment.
        wait: waits for some seconds; True as soon as it is to stop.
        bring: brings a message to an address, unless it is to stop; why it did not arrive.
    """

    environ: Mapping[str, str]
    wait: Callable[[float], bool]
    bring: Callable[[str, Message, Callable[[], bool]], str | None] = bring

    def attempt(self, notification: Notification, root: Path, message: Message) -> Sent:
        """Tries to deliver a message, several times if need be.

        Args:
            notification: to whom.
            root: the project's folder.
            message: what is sent.
        """
        try:
            address = address_of(notification, root, self.environ)
        except AddressError as error:
            return Sent(0, error.message)
        reasons = [self.bring(address, message, self.stopped)]
        for pause in AGAIN:
            if reasons[-1] is None or reasons[-1] in _LASTING:
                break
            if self.wait(pause):
                return Sent(len(reasons), reasons[-1], stopped=True)
            reasons.append(self.bring(address, message, self.stopped))
        return Sent(len(reasons), _why(reasons))

    def stopped(self) -> bool:
        """Whether everything is to stop."""
        return self.wait(0)


def _why(reasons: Sequence[str | None]) -> str | None:
    """Why a message did not arrive; None if the last try brought it.

    A service that calls the message wrong, and says something else at another try, is not sure of it.
    """
    if reasons[-1] is None:
        return None
    return next((each for each in reversed(reasons) if each not in WRONG), reasons[-1])


@dataclass(frozen=True)
class DryRun(Delivery):
    """Shows each message instead of delivering it.

    Attributes:
        show: is given what would be sent.
    """

    show: Callable[[Message], object] = print

    def attempt(self, notification: Notification, root: Path, message: Message) -> Sent:
        """Shows a message; the address is not even looked for."""
        self.show(message)
        return Sent(0, None)


def address_of(notification: Notification, root: Path, environ: Mapping[str, str]) -> str:
    """The address of a service, which is a secret.

    Args:
        notification: says where it stands.
        root: the project's folder.
        environ: the environment.

    Raises:
        AddressError: if there is none. No part of the address stands in its message.
    """
    file = notification.file(root)
    if file is None:
        found = environ.get(notification.variable, "").strip()
        if not found:
            raise AddressError(f"the variable {notification.variable} is not set")
        return _one(found)
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # one who waits for a pipe waits for ever
            raise AddressError(f"{notification.to} is no ordinary file")
        with file.open("rb") as opened:
            text = opened.read(_LONGEST_ADDRESS).decode("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise AddressError(f"{notification.to} can not be read: {why}") from error
    if not text:
        raise AddressError(f"{notification.to} is empty")
    return _one(text)


def _one(address: str) -> str:
    """Refuses several addresses: what one of them did not get, all would get again."""
    if _FURTHER.search(address):
        raise AddressError("there are several addresses, and a notification has one")
    return address
