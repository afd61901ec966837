"""One connection to a MySQL or MariaDB server: by PyMySQL, in bounded time and memory whatever it sends.

PyMySQL logs in, encrypts and asks. What comes is read here: each answer has an end in time and a most of
bytes, for a server that lies would else be listened to forever; and rows, each of which is one value, are
taken from the bytes as they come, which costs a third of what PyMySQL takes for that.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from typing import Any

from pymysql import err
from pymysql.connections import Connection
from pymysql.constants import CLIENT, COMMAND, CR

from phasegate.facts.connections.mysql.address import Address

CONNECT_TIMEOUT = 10.0
GRACE = 30.0
"""Seconds after the server's own timeout until it is given up."""
GARBLED = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError),
    struct.error,
)
"""What PyMySQL raises when an answer is none: it looks for little of that itself."""
_CHUNK = 1 << 18
_BLOCK = 1 << 23
"""So many bytes of rows come at a time."""
_ANSWER = 1 << 26
"""So many bytes an answer that is no table may have, and a row."""
_NULL, _TWO, _THREE, _EIGHT, _ERROR = 0xFB, 0xFC, 0xFD, 0xFE, 0xFF
_END_SIZE = 9
"""An end has fewer bytes; a row that begins like one has more."""
IN_TRANSACTION, READ_ONLY = 0x0001, 0x2000
_PLAIN_PASSWORD = ("mysql_clear_password", "dialog", "mysql_old_password")


class LateError(Exception):
    """The server did not answer in time."""


class TooLongError(Exception):
    """An answer, or a row, is longer than any that is read."""


class RefusedLoginError(Exception):
    """The server wants the password itself, and nobody knows who it is."""


class _Refused:
    """A way of logging in that is not gone."""

    def __init__(self, connection: Any) -> None: ...

    def authenticate(self, packet: Any) -> None:
        """Nothing is sent."""
        raise RefusedLoginError


class Wire(Connection):  # type: ignore[misc]  # PyMySQL has no types
    """A connection.

    Args:
        address: where the server is, and as whom it is asked.
        security: how its certificate is looked at; None where it is not.
        optional: whether one without TLS is taken too.
        known: whether it is known who the server is.

    Raises:
        Exception: what PyMySQL raises, a LateError, or one of `GARBLED`.
    """

    def __init__(self, address: Address, security: Any, *, optional: bool, known: bool) -> None:
        self._received, self._at, self._stream = b"", 0, None
        self._next_seq_id = 0
        self._until, self._left = time.monotonic() + CONNECT_TIMEOUT, _ANSWER
        self.asking = False
        super().__init__(
            user=address.user,
            password=address.password,
            host=address.host,
            port=address.port,
            unix_socket=address.socket,
            database=address.database,
            charset="utf8mb4",
            autocommit=None,
            conv={},
            local_infile=False,
            program_name="phasegate",
            auth_plugin_map={} if known else dict.fromkeys(_PLAIN_PASSWORD, _Refused),
            ssl=security,
            ssl_disabled=security is None,
            defer_connect=True,
        )
        self._plain = optional or security is None
        if optional:
            self._ssl_required = False
            self.client_flag &= ~CLIENT.SSL
        self._secure = address.socket is not None
        self.connect(_socket(address))

    def _request_authentication(self) -> None:
        if not self._plain and not self.server_capabilities & CLIENT.SSL:
            raise err.OperationalError(CR.CR_SSL_CONNECTION_ERROR, "no TLS")
        super()._request_authentication()

    def ask(self, query: str, *values: str, seconds: float) -> list[tuple[Any, ...]]:
        """All rows of a statement, which are few.

        Args:
            query: with ``%s`` for each value.
            values: what stands there.
            seconds: how long it may take.
        """
        self._until, self._left = time.monotonic() + seconds + GRACE, _ANSWER
        self.query(query % tuple(self.escape(value) for value in values) if values else query)
        return list(self._result.rows or ())

    def rows(self, query: str, seconds: float) -> Generator[list[bytes], None, tuple[int, int]]:
        """Rows of one value each, some at a time.

        Returns:
            How many warnings there were, and how the transaction stands.

        Raises:
            Exception: as above.
        """
        self._until, self._left = time.monotonic() + seconds + GRACE, _ANSWER
        self._execute_command(COMMAND.COM_QUERY, query)
        heading = self._packet(), self._packet(), self._packet()
        if heading[0] != b"\x01" or not _is_end(heading[2]):  # it may as well ask for a file of ours
            raise AssertionError
        self.asking = True
        lines, held = list[bytes](), 0
        while True:
            try:
                found, end = self._lines()
            except err.Error:
                self.asking = False
                raise
            self.asking = end is None
            lines += found
            held += sum(map(len, found))
            if lines and (held >= _BLOCK or end is not None):
                yield lines
                lines, held = [], 0
            if end is not None:
                warnings, status = struct.unpack_from("<HH", end, 1)
                return warnings, status

    def drain(self) -> None:
        """Takes the rest of the rows, once the server was told to end."""
        self._until = time.monotonic() + CONNECT_TIMEOUT
        with suppress(err.Error):
            while self._lines()[1] is None:
                pass
        self.asking = False

    def _lines(self) -> tuple[list[bytes], bytes | None]:
        """The rows that are there, or the next one, and the packet that ends them if it is."""
        lines = list[bytes]()
        data, at, number = self._received, self._at, self._next_seq_id
        size = len(data)
        while at + 5 <= size:
            end = at + 4 + (data[at] | data[at + 1] << 8 | data[at + 2] << 16)
            first = data[at + 4]
            if end > size or data[at + 3] != number:
                break
            if first < _NULL:
                line = data[at + 5 : end]
                if len(line) != first:
                    raise AssertionError
            elif first == _TWO:
                line = data[at + 7 : end]
                if len(line) != data[at + 5] | data[at + 6] << 8:
                    raise AssertionError
            else:
                break
            lines.append(line)
            at, number = end, (number + 1) & 0xFF
        self._at, self._next_seq_id = at, number
        if lines:
            return lines, None
        packet = self._packet()  # what is longer, the end, or an error
        if _is_end(packet):
            return [], packet
        return [_value(packet)], None

    def _packet(self) -> bytes:
        self._left = _ANSWER
        found: bytes = self._read_packet().get_all_data()
        return found

    def _read_bytes(self, num_bytes: int) -> bytes:
        """The next bytes, for PyMySQL too: in time, and not more of them than an answer may have."""
        if self._rfile is not self._stream:
            if self._at < len(self._received):  # said before it was encrypted
                self._force_close()
                raise AssertionError
            self._received, self._at, self._stream = b"", 0, self._rfile
        self._left -= num_bytes
        if self._left < 0:
            self._force_close()
            raise TooLongError
        missing = num_bytes - (len(self._received) - self._at)
        if missing > 0:
            pieces = [self._received[self._at :]]
            self._at = 0
            while missing > 0:
                pieces.append(self._more())
                missing -= len(pieces[-1])
            self._received = b"".join(pieces)
        found = self._received[self._at : self._at + num_bytes]
        self._at += num_bytes
        return found

    def _more(self) -> bytes:
        left = self._until - time.monotonic()
        try:
            if left > 0:
                self._sock.settimeout(left)
                found: bytes = self._rfile.read1(_CHUNK)
                if found:
                    return found
        except TimeoutError:
            left = 0
        except OSError:
            pass
        self._force_close()
        if left <= 0:
            raise LateError
        raise err.OperationalError(CR.CR_SERVER_LOST, "lost")


def _socket(address: Address) -> socket.socket:
    """A connection to where the server is; PyMySQL would leave one open that it could not use."""
    try:
        if address.socket is None:
            found = socket.create_connection((address.host, address.port), CONNECT_TIMEOUT)
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            return found
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            found.settimeout(CONNECT_TIMEOUT)
            found.connect(address.socket)
        except BaseException:
            found.close()
            raise
        return found
    except OSError as error:
        raise err.OperationalError(CR.CR_CONN_HOST_ERROR, "not there") from error


def _is_end(packet: bytes) -> bool:
    return packet[:1] == bytes([_EIGHT]) and len(packet) < _END_SIZE


def _value(packet: bytes) -> bytes:
    """The one value of a row."""
    first = packet[0]
    width = {_TWO: 2, _THREE: 3, _EIGHT: 8}.get(first, 0)
    start = 1 + width
    size = int.from_bytes(packet[1:start], "little") if width else first
    if first == _NULL:
        raise TooLongError
    if first == _ERROR or len(packet) - start != size:
        raise AssertionError
    return packet[start:]


def cancelled(wire: Wire, again: Callable[[], Wire]) -> None:
    """Ends what a connection is asked for, so that it takes the next statement; if that fails it is closed.

    Args:
        wire: the connection.
        again: makes another one, for the server hears nothing on this one.
    """
    try:
        other = again()
        try:
            other.ask(f"KILL QUERY {wire.thread_id():d}", seconds=CONNECT_TIMEOUT)
        finally:
            other.close()
        wire.drain()
        with suppress(err.OperationalError):  # where it had ended by itself, the next one is ended
            wire.ask("DO 0", seconds=CONNECT_TIMEOUT)
    except (err.Error, LateError, TooLongError, RefusedLoginError, *GARBLED):
        wire._force_close()


def numbers(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """The kinds of warnings, of the rows of SHOW WARNINGS."""
    return sorted({int(row[1]) for row in rows})
