"""What COPY sends, row by row, over libpq itself: psycopg would wait anew for each row, which costs more."""

from __future__ import annotations

import select
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import pq

_BLOCK = 1 << 23
"""So many bytes of rows come at a time."""
_GRACE = 30.0
"""Seconds after the server's own timeout until it is given up."""


class LateError(Exception):
    """The server did not answer in time."""


class BrokenOffError(Exception):
    """There are not as many rows as the server says, or it says nothing at all."""


def within(answer: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """What psycopg waits for, given up after some time.

    Raises:
        LateError: if it has not come by then.
    """
    end = time.monotonic() + seconds + _GRACE
    try:
        wanted = next(answer)
        while True:
            ready = yield wanted
            if time.monotonic() > end:
                raise LateError
            wanted = answer.send(ready)
    except StopIteration as ended:
        return ended.value


class Copy:
    """One COPY ... TO STDOUT.

    Args:
        connection: what it is asked over.
        seconds: how long it may take.
    """

    def __init__(self, connection: psycopg.Connection, seconds: float) -> None:
        self._driver = connection.pgconn
        self._end = time.monotonic() + seconds + _GRACE
        self._poll = select.poll()
        self._poll.register(self._driver.socket, select.POLLIN)

    def rows(self, query: bytes) -> Generator[list[bytes], None, None]:
        """The rows, some at a time; where nobody asks for more it is cancelled.

        Raises:
            psycopg.Error: what the server says.
            LateError: if it says nothing in time.
            BrokenOffError: if there are not as many rows as it says.
        """
        whole = False
        try:
            self._driver.send_query(query)
            while self._driver.flush():
                time.sleep(0.001)
            self._expect(pq.ExecStatus.COPY_OUT)
            rows = 0
            for lines in self._blocks():
                rows += len(lines)
                yield lines
            if self._expect(pq.ExecStatus.COMMAND_OK).command_tuples != rows:
                raise BrokenOffError
            whole = self._result() is None
        except (LateError, BrokenOffError):
            whole = True  # who says nothing, or what is not so, is not asked to stop: it is closed
            raise
        finally:
            if not whole:
                self._cancel()

    def _blocks(self) -> Generator[list[bytes], None, None]:
        read, lines, held = self._driver.get_copy_data, list[bytes](), 0
        while True:
            size, line = read(1)
            if size > 0:
                lines.append(bytes(line))  # hashing a view of it costs far more
                held += size
                if held < _BLOCK:
                    continue
            elif size == 0:
                self._more()
                continue
            if lines:
                yield lines
                lines, held = [], 0
            if size < 0:
                return

    def _expect(self, status: pq.ExecStatus) -> pq.abc.PGresult:
        found = self._result()
        if found is None:
            raise BrokenOffError
        if found.status != status:
            raise psycopg.errors.error_from_result(found)
        return found

    def _result(self) -> pq.abc.PGresult | None:
        while self._driver.is_busy():
            self._more()
        return self._driver.get_result()

    def _more(self) -> None:
        left = self._end - time.monotonic()
        if left <= 0 or not self._poll.poll(left * 1_000):
            raise LateError
        self._driver.consume_input()

    def _cancel(self) -> None:
        """Ends it, so that the connection takes the next statement; one that broke is left as it is."""
        with suppress(psycopg.Error, LateError):
            if self._driver.transaction_status == pq.TransactionStatus.ACTIVE:
                self._driver.get_cancel().cancel()
            while (found := self._result()) is not None:
                while found.status == pq.ExecStatus.COPY_OUT and self._driver.get_copy_data(0)[0] > 0:
                    pass
