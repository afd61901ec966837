"""What goes wrong with any kind of database, in the words that all of them share.

Told is which connection or table it is and what kind of fault; nothing that a server says, or an address has.
"""

from __future__ import annotations

from phasegate.facts.connections.base import PassingFaultError
from phasegate.facts.sources.files import SourceError


class ServerFaultError(SourceError):
    """What the server says went wrong, told by its own code for it.

    Attributes:
        code: that code: an SQLSTATE, or the class of an error.
    """

    def __init__(self, shown: str, code: str, told: str = "") -> None:
        self.code = code
        super().__init__(f"{shown} can not be read: {told or f'the server says {code}'}")


_LOCKED = "is it locked? If it is only large, set 'timeout' of the connection"


def no_address(name: str, hint: str) -> SourceError:
    """That a variable holds something else than an address; the hint says how they are written."""
    return SourceError(f"the connection {name!r}: what its variable holds is no address", hint)


def unreachable(name: str) -> PassingFaultError:
    """That no server answers."""
    hint = "see that the server runs, and that host and port of its address are right"
    return PassingFaultError(f"the connection {name!r}: the server can not be reached", hint)


def no_tls(name: str, hint: str) -> SourceError:
    """That nobody knows who the server is; the hint says what it must have."""
    return SourceError(f"the connection {name!r} is refused: no TLS as it is asked for", hint)


def no_login(name: str) -> SourceError:
    """That the server does not let the role in."""
    hint = "see that user, password and database are right, and that the server lets them in"
    return SourceError(f"the connection {name!r} is refused by the server", hint)


def lost(name: str) -> PassingFaultError:
    """That a connection, or the server's session, ended."""
    return PassingFaultError(f"the connection {name!r} was lost", "run again once the server is well")


def broke_off(shown: str, told: str) -> PassingFaultError:
    """That the server gave up, with its own word for why."""
    return PassingFaultError(f"{shown}: the server broke off ({told})", "run again once it is well")


def late(shown: str, timeout: str, hint: str = _LOCKED) -> SourceError:
    """That it took too long."""
    return SourceError(f"{shown}: the server took longer than {timeout}", hint)
