"""What a Spark Connect server says went wrong, told without anything that it quotes.

Its own words may quote values and places. Told is therefore which connection or table it is, and the class
of the fault, which Spark writes in brackets where its words begin.
"""

from __future__ import annotations

import re

from phasegate.facts.connections.faults import ServerFaultError, late, lost, no_tls, unreachable
from phasegate.facts.connections.spark_connect.quiet import grpc
from phasegate.facts.sources.files import SourceError

_CLASS = re.compile(r"(?:^\s*|Exception: |Error: )\[([A-Z][A-Z0-9]*(?:[._][A-Z0-9]+)*)\]")
_OURS = re.compile(r"\[(PHASEGATE_[A-Z_]+)\]")
"""What a query of ours raises by itself; Spark writes its own class before it."""
_JAVA = re.compile(r"\(?((?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error))\b")
_TLS = ("ssl", "tls", "certificate", "handshake")
_GONE = ("INVALID_HANDLE", "INVALID_CURSOR")
"""Beginnings of classes that tell of a session, or a query, that the server has no more."""
_NO_LOGIN = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
_LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED)
_BUSY = "is the server busy? If the table is only large, set 'timeout' of the connection"
_BROKEN = ("RST_STREAM", "Stream removed")


class BrokenOffError(Exception):
    """There are not as many rows as the server says, or it did not say that these are all."""


def login_fault(name: str, error: grpc.RpcError, timeout: str) -> SourceError:
    """Why no session came about."""
    said = _said(error).lower()
    if error.code() == grpc.StatusCode.UNAVAILABLE and any(word in said for word in _TLS):
        hint = (
            "the server must speak TLS, with a certificate for the name in its address that is signed by a "
            "known root; GRPC_DEFAULT_SSL_ROOTS_FILE_PATH names a file of other roots"
        )
        return no_tls(name, hint)
    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return unreachable(name)
    if error.code() == grpc.StatusCode.UNIMPLEMENTED:
        return SourceError(f"the connection {name!r}: what answers is no Spark Connect server")
    return fault(name, f"the connection {name!r}", timeout, error)


def fault(name: str, shown: str, timeout: str, error: grpc.RpcError) -> SourceError:
    """What an error of the server means.

    Args:
        name: of the connection.
        shown: what was read.
        timeout: how long it may take.
        error: what gRPC raised.
    """
    code, said = error.code(), _said(error)
    kind = fault_class(error)
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return late(shown, timeout, _BUSY)
    if code in _NO_LOGIN:
        hint = "see that the token of its address is right, and what it may read"
        return SourceError(f"{shown} is refused by the server", hint)
    if code in _LOST or kind.startswith(_GONE) or any(word in said for word in _BROKEN):
        return lost(name)
    if "maxResultSize" in said:
        hint = "set spark.driver.maxResultSize of the server higher, or read a smaller view"
        return SourceError(f"{shown} can not be read: the server's driver does not hold that many rows", hint)
    return ServerFaultError(shown, kind)


def fault_class(error: grpc.RpcError) -> str:
    """The class of a fault, as the server calls it; never its words."""
    said = _said(error)
    found = _OURS.search(said) or _CLASS.search(said) or _JAVA.match(said)
    return found.group(1) if found is not None else str(error.code().name)


def _said(error: grpc.RpcError) -> str:
    return error.details() or ""
