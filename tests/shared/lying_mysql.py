"""A server that speaks as MySQL does, and answers what a test says: it may lie in any way."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

GREETING = (
    b"\x0a8.0.36\0" + struct.pack("<I", 7) + b"saltsalt\0" + struct.pack("<H", 0xF7FF) + b"\x2d"
    + struct.pack("<HHB", 2, 0x000F, 21) + b"\0" * 10 + b"saltsaltsalt\0" + b"mysql_native_password\0"
)  # fmt: skip
"""Without TLS; version 8.0.36."""
IN_TRANSACTION = 0x2003

Answer = Callable[[str, "Talk"], bool]
"""Answers a statement; False where another answer is looked for."""


def long(value: bytes) -> bytes:
    """A text with its length before it."""
    if len(value) < 251:
        return bytes([len(value)]) + value
    return b"\xfc" + struct.pack("<H", len(value)) + value


def okay(status: int = IN_TRANSACTION) -> bytes:
    return b"\0\0\0" + struct.pack("<HH", status, 0)


def end(warnings: int = 0, status: int = IN_TRANSACTION) -> bytes:
    return b"\xfe" + struct.pack("<HH", warnings, status)


def error(number: int, said: str) -> bytes:
    return b"\xff" + struct.pack("<H", number) + b"#HY000" + said.encode()


class Talk:
    """One connection, from the server's side."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self.number = connection, 0

    def send(self, *packets: bytes) -> None:
        for packet in packets:
            head = struct.pack("<I", len(packet))[:3] + bytes([self.number])
            self._connection.sendall(head + packet)
            self.number = (self.number + 1) & 0xFF

    def encrypted(self, by: ssl.SSLContext) -> None:
        # Kept before they shake hands, so that it is closed where they do not.
        self._connection = found = by.wrap_socket(self._connection, True, do_handshake_on_connect=False)
        found.do_handshake()

    def close(self) -> None:
        self._connection.close()

    def raw(self, data: bytes) -> None:
        self._connection.sendall(data)

    def table(self, *rows: tuple[bytes | None, ...], columns: int | None = None) -> None:
        """A whole answer."""
        width = columns if columns is not None else (len(rows[0]) if rows else 1)
        self.send(bytes([width]), *self.heading(width))
        self.send(*(self.row(row) for row in rows), end())

    @staticmethod
    def heading(width: int) -> list[bytes]:
        about = long(b"def") + long(b"") * 3 + long(b"c") * 2
        fixed = struct.pack("<BHIBHBH", 12, 45, 1024, 0xFD, 0, 0, 0)
        return [about + fixed] * width + [end()]

    @staticmethod
    def row(values: tuple[bytes | None, ...]) -> bytes:
        return b"".join(b"\xfb" if value is None else long(value) for value in values)

    def hear(self) -> bytes:
        """The next packet of the client; empty where it is gone."""
        head = self._exactly(4)
        if not head:
            return b""
        self.number = (head[3] + 1) & 0xFF
        return self._exactly(int.from_bytes(head[:3], "little"))

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = self._connection.recv(size - len(found))
            if not more:
                return b""
            found += more
        return found


USUAL: dict[str, list[tuple[bytes | None, ...]]] = {
    "SELECT VERSION()": [(b"8.0.36",)],
    "SHOW GRANTS": [(b"GRANT SELECT ON `erp`.* TO `ada`@`%`",)],
    "SHOW SESSION VARIABLES": [
        (b"transaction_isolation", b"REPEATABLE-READ"), (b"time_zone", b"+00:00"),
        (b"sql_mode", b"STRICT_ALL_TABLES"),
        (b"sql_select_limit", b"18446744073709551615"), (b"character_set_results", b"utf8mb4"),
    ],
    "SELECT @@lower_case_table_names": [(b"0",)],
    "SELECT @@GLOBAL.gtid_executed": [(b"3E11FA47:1-5",)],
    "SELECT SYSDATE(6)": [(b"2026-03-31 12:00:00.000000",)],
    "create_time <= ": [(b"erp", b"t", b"1")],
    "FROM information_schema.tables": [(b"erp", b"t", b"BASE TABLE", b"InnoDB")],
    "FROM information_schema.columns": [
        (b"i", b"int", b"int", None, b"10", b"0", None, b"NO", b"1"),
        (b"s", b"varchar", b"varchar(9)", b"utf8mb4", None, None, None, b"YES", b"1"),
    ],
    "SELECT CONCAT": [(b"1\ta\n",), (b"2\tb\n",)],
}  # fmt: skip
"""What an honest one answers, by a part of the statement."""


class LyingServer:
    """A server on a port of this machine.

    Args:
        answer: what it answers itself; the usual else.
        greeting: what it says first.

    Attributes:
        heard: the statements that it was sent.
        sent: whatever else it was sent, as bytes.
    """

    def __init__(self, answer: Answer, greeting: bytes | Callable[[Talk], None] = GREETING) -> None:
        self._answer, self._greeting = answer, greeting
        self.heard: list[str] = []
        self.sent: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            # A packet need not wait until the one before it was acknowledged.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        talk = Talk(connection)
        with suppress(OSError):  # the other end does not listen any more
            self._session(talk)
        talk.close()

    def _session(self, talk: Talk) -> None:
        if not isinstance(self._greeting, bytes):
            self._greeting(talk)
            while packet := talk.hear():
                self.sent.append(packet)
            return
        talk.send(self._greeting)
        self.sent.append(talk.hear())
        talk.send(okay(2))
        while packet := talk.hear():
            if packet[:1] != b"\x03":
                self.sent.append(packet)
                continue
            statement = packet[1:].decode()
            self.heard.append(statement)
            if self._answer(statement, talk):
                continue
            rows = next((rows for part, rows in USUAL.items() if part in statement), None)
            if rows is None:
                talk.send(okay())
            else:
                talk.table(*rows)


@contextmanager
def lying(
    answer: Answer = lambda statement, talk: False, greeting: bytes | Callable[[Talk], None] = GREETING
) -> Iterator[LyingServer]:
    server = LyingServer(answer, greeting)
    try:
        yield server
    finally:
        server.close()
