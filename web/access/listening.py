"""Where a server listens, and who can reach it there."""

from __future__ import annotations

import ipaddress
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phasegate.rules.errors import PhasegateError

UVICORN: dict[str, Any] = {
    # Whom a request comes from is asked of the connection; what a header says of it is the guard's to judge.
    "proxy_headers": False,
    "server_header": False,
    "ws": "none",
}
"""How uvicorn is configured for the guard."""


class ListenError(PhasegateError):
    """A place where nothing can be listened to."""


@dataclass(frozen=True)
class Listening:
    """An address with a port, or a socket of the file system.

    Attributes:
        host: an IP address, or ``localhost``; empty where it is a socket of the file system.
        port: its port.
        unix: the path of the socket.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    unix: Path | None = None

    @property
    def loopback(self) -> bool:
        """Whether nobody but who is on this machine can reach it over the network."""
        if self.unix is not None:
            return False
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:  # another name may be any address
            return False

    def bind(self) -> socket.socket:
        """The bound socket. One of the file system is its owner's and its group's alone.

        Raises:
            ListenError: if nothing can listen there.
        """
        try:
            return self._bound_file(self.unix) if self.unix is not None else self._bound_address()
        except (OSError, OverflowError) as error:
            place = self.unix or f"{self.host}:{self.port}"
            raise ListenError(f"nothing can listen on {place}: {error}", "name another port") from error

    def _bound_address(self) -> socket.socket:
        host = "127.0.0.1" if self.host == "localhost" else self.host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Named, for asyncio sends at once only on what says that it is TCP.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, self.port))
        except BaseException:
            bound.close()
            raise
        bound.set_inheritable(True)
        return bound

    def _bound_file(self, path: Path) -> socket.socket:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()  # of a server that is gone
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            bound.bind(str(path))
            path.chmod(0o660)  # nothing listens yet, so that nobody has come in before
        except BaseException:
            bound.close()
            raise
        bound.set_inheritable(True)
        return bound
