"""What a PostgreSQL server says went wrong, told without anything that it quotes.

Its own words may quote values, and those of a failed login the address. Told is therefore which connection
it is, what kind of fault, and the server's words only where they name nothing but tables and columns.
"""

from __future__ import annotations

import psycopg
from psycopg import errors

from phasegate.facts.connections.faults import (
    ServerFaultError,
    broke_off,
    late,
    lost,
    no_address,
    no_login,
    no_tls,
    unreachable,
)
from phasegate.facts.sources.files import SourceError

_PASSING = ("08", "57P01", "57P02", "57P03", "40001", "40P01", "53300")
"""Beginnings of SQLSTATE that are gone, as likely as not, when all is read once more."""
_NAMES_ONLY = ("42",)
_TLS = ("ssl", "tls", "certificate")
_STARTING = ("starting up", "shutting down", "recovery", "too many")
_SHOWN = 300


def login_fault(name: str, error: Exception) -> SourceError:
    """Why no connection came about.

    libpq tells it in words alone, which may be of any language: where they are not known, what is likely.
    """
    said = str(error).lower()
    if isinstance(error, psycopg.ProgrammingError | UnicodeError | ValueError):
        hint = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, special characters percent-encoded"
        return no_address(name, hint)
    if "fatal" in said and not any(word in said for word in _STARTING):
        return no_login(name)
    if any(word in said for word in _TLS):
        hint = (
            "the server must have a certificate for the name in its address that is signed by a root in "
            "~/.postgresql/root.crt; add sslrootcert=PATH or sslrootcert=system to the address, or set 'tls'"
        )
        return no_tls(name, hint)
    return unreachable(name)


def fault(name: str, shown: str, timeout: str, error: psycopg.Error) -> SourceError:
    """What an error of the server means.

    Args:
        name: of the connection.
        shown: what was read.
        timeout: how long it may take.
        error: what psycopg raised.
    """
    state = error.sqlstate
    if state is None:
        return lost(name)
    if state.startswith(_PASSING):
        return broke_off(shown, _kind(state))
    if isinstance(error, errors.QueryCanceled | errors.LockNotAvailable):
        return late(shown, timeout)
    if isinstance(error, errors.CharacterNotInRepertoire | errors.UntranslatableCharacter):
        what = f"{shown} has texts that are not UTF-8, and can not be told in it"
        return SourceError(what, "mend them in the database, or leave their column out")
    if error.diag.context is not None:  # said by a function, which may quote what it likes
        return SourceError(f"{shown} can not be read: a function of it says {_kind(state)}")
    said = " ".join((error.diag.message_primary or "").split())[:_SHOWN]
    if isinstance(error, errors.InsufficientPrivilege):
        hint = (
            "grant the role SELECT; where a policy would hide rows, BYPASSRLS, or a view of the table's owner"
        )
        return SourceError(f"{shown} can not be read: {said}", hint)
    if state.startswith(_NAMES_ONLY):
        return SourceError(f"{shown} can not be read: {said}")
    return ServerFaultError(shown, state, f"the server says {_kind(state)}")


def _kind(state: str) -> str:
    try:
        return f"{state}, {errors.lookup(state).__name__}"
    except KeyError:
        return state
