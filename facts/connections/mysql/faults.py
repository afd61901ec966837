"""What a MySQL or MariaDB server says went wrong, told without anything that it quotes.

Its own words quote values, names of users and addresses. Told are therefore which connection or table it
is, what kind of fault, and the server's number for it.
"""

from __future__ import annotations

import ssl

from pymysql import err
from pymysql.constants import ER

from phasegate.facts.connections.faults import broke_off, late, lost, no_login, no_tls, unreachable
from phasegate.facts.connections.mysql.wire import LateError, RefusedLoginError, TooLongError
from phasegate.facts.sources.files import SourceError

_PASSING = frozenset({
    1040,  # too many connections
    1053,  # the server shuts down
    1158, 1159, 1160, 1161,  # packets that did not arrive
    1184,  # a connection that was ended
    1203,  # too many connections of the user
    1213,  # a deadlock
    1020, 1412,  # a row, or the definition of the table, is another one since the snapshot
    1927,  # a connection that was killed
    4031,  # a session that was idle too long
})  # fmt: skip
"""Numbers of what is gone, as likely as not, when all is read once more."""
_LOST = frozenset({0, 2006, 2013, 2055})
_LATE = frozenset({1205, 1969, 3024})
_UNREACHABLE = frozenset({2002, 2003, 2005})
_TLS = 2026
_STOPPED = frozenset({1317})
_GRANTS = frozenset({1044, 1142, 1143, 1227, 1345, 1370, 1449})
_GONE = frozenset({1049, 1051, 1054, 1109, 1146, 1356, 1932})
_WRITES = frozenset({1290, 1792, 1836})


def login_fault(name: str, error: Exception) -> SourceError:
    """Why no connection came about."""
    shown = f"the connection {name!r}"
    number = _number(error)
    if isinstance(getattr(error, "original_exception", None), ssl.SSLError) or number == _TLS:
        hint = (
            "the server must have a certificate for the name in its address that is signed by a root of this "
            "machine; add ssl_ca=PATH to the address for another root, or set 'tls'"
        )
        return no_tls(name, hint)
    if isinstance(error, RefusedLoginError):
        hint = "set 'tls' to verify-full or verify-ca, or let the role log in in another way"
        what = f"{shown} is refused: the server wants the password itself, and may be any server"
        return SourceError(what, hint)
    if isinstance(error, RuntimeError) and "package is required" in str(error):
        hint = "let the role log in by mysql_native_password, or by caching_sha2_password over TLS"
        return SourceError(f"{shown}: the way in which its role logs in is not known here", hint)
    if isinstance(error, LateError) or number in _UNREACHABLE | _LOST | _PASSING:
        return unreachable(name)
    if number is not None and isinstance(error, err.Error):
        return no_login(name)
    return garbled(name)


def garbled(name: str) -> SourceError:
    """That what answers is no such server, or lies."""
    hint = "see that host and port of its address are those of a MySQL or MariaDB server"
    what = f"the connection {name!r}: the server gave answers of another form than was asked for"
    return SourceError(what, hint)


def fault(name: str, shown: str, timeout: str, error: Exception) -> SourceError:
    """What went wrong with a statement.

    Args:
        name: of the connection.
        shown: what was read.
        timeout: how long it may take.
        error: what the driver raised.
    """
    number = _number(error)
    if isinstance(error, LateError) or number in _LATE:
        return late(shown, timeout)
    if isinstance(error, TooLongError):
        what = f"{shown} has a row that is longer than 64 MB or the server's max_allowed_packet"
        return SourceError(what, "leave long texts out of the contract")
    if number in _LOST:
        return lost(name)
    if number is None:
        return garbled(name)
    told = f"{number}{_word(number)}"
    if number in _PASSING:
        return broke_off(shown, told)
    if number in _STOPPED:
        return SourceError(f"{shown}: somebody ended it at the server ({told})", "run again")
    if number in _GRANTS:
        return SourceError(f"{shown} can not be read: its role may not ({told})", "grant the role SELECT")
    if number in _GONE:
        what = f"{shown} can not be read: it, or what it needs, does not exist ({told})"
        return SourceError(what, "was it changed meanwhile? Is it a view of a table that is gone?")
    if number in _WRITES:
        return SourceError(f"{shown} can not be read: to read it is to write ({told})")
    return SourceError(f"{shown} can not be read: the server says {told}")


def changed_on_the_way(shown: str, warnings: int, numbers: list[int]) -> SourceError:
    """That the server itself says that values are not what they were.

    Args:
        shown: what was read.
        warnings: how many warnings there were.
        numbers: of which kinds, those that are known.
    """
    kinds = ", ".join(f"{number}{_word(number)}" for number in numbers)
    what = f"{shown}: the server warns {warnings:,} times that values were cut or changed ({kinds or '?'})"
    return SourceError(what, "mend them in the database, or leave their column out")


def _number(error: Exception) -> int | None:
    found = error.args[0] if isinstance(error, err.Error) and error.args else None
    return found if isinstance(found, int) else None


def _word(number: int) -> str:
    """The name of a number, where the driver has one."""
    return next((f", {name}" for name, value in vars(ER).items() if value == number and name.isupper()), "")
