"""A session as tables are read of it: what goes wrong is told in sentences, without what a server quotes."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

import polars as pl

from phasegate.facts.connections.base import PassingFaultError, TableColumn
from phasegate.facts.connections.faults import lost
from phasegate.facts.connections.spark_connect.client import Client
from phasegate.facts.connections.spark_connect.columns import column, frame_of, untyped
from phasegate.facts.connections.spark_connect.faults import BrokenOffError, fault, login_fault
from phasegate.facts.connections.spark_connect.quiet import grpc
from phasegate.facts.sources.files import SourceError

_ROWS = 1 << 16
"""So many rows are handed on at a time: the batches of a server are small."""


class Session:
    """A session of a connection.

    Args:
        name: of the connection.
        client: what speaks with the server.
        timeout: how long one table may take, in words and in seconds.
    """

    def __init__(self, name: str, client: Client, timeout: tuple[str, float]) -> None:
        self._client, self._timeout, self._seconds = client, timeout[0], timeout[1]
        self.name = name
        self.shown = f"the connection {name!r}"

    def set_up(self, settings: Mapping[str, str]) -> None:
        """Makes settings, before anything else is asked.

        Raises:
            SourceError: if there is no session, or the server does not let them be made.
        """
        try:
            made = self._client.set_up(settings)
        except grpc.RpcError as error:
            raise login_fault(self.name, error, self._timeout) from None
        except BrokenOffError:
            raise lost(self.name) from None
        for key, value in settings.items():
            if made.get(key, "").lower() != value.lower():
                raise SourceError(f"{self.shown}: the server does not let {key} be {value!r}")

    def columns(self, query: str, shown: str) -> tuple[TableColumn, ...]:
        """The columns of a query."""
        with self._told(shown):
            return tuple(column(each) for each in self._client.schema(query))

    def files(self, query: str, shown: str) -> list[str]:
        """The names of the files that a query reads, none where it reads none."""
        with self._told(shown):
            return sorted(self._client.files(query))

    def all(self, query: str, shown: str | None = None) -> pl.DataFrame:
        """A short answer."""
        shown = shown or self.shown
        with self._told(shown):
            answers = list(self._client.rows(query, self._seconds))
            if not answers:
                raise BrokenOffError
            return pl.concat([untyped(arrow, rows, shown) for arrow, rows in answers])

    def understood(self, statement: str) -> bool:
        """Runs a statement that gives no rows; whether the server knows it."""
        try:
            with self._told(self.shown):
                self._client.command(statement, self._seconds)
        except SourceError as error:
            if isinstance(error, PassingFaultError):
                raise
            return False
        return True

    def rows(
        self, query: str, columns: Sequence[TableColumn], shown: str
    ) -> Generator[pl.DataFrame, None, None]:
        """The rows of a query, many at a time."""
        held, height = list[pl.DataFrame](), 0
        with self._told(shown):
            for arrow, rows in self._client.rows(query, self._seconds):
                held.append(frame_of(arrow, rows, columns, shown))
                height += rows
                if height >= _ROWS:
                    yield pl.concat(held)
                    held, height = [], 0
            if held:
                yield pl.concat(held)

    @contextmanager
    def _told(self, shown: str) -> Iterator[None]:
        try:
            yield
        except grpc.RpcError as error:
            raise fault(self.name, shown, self._timeout, error) from None
        except BrokenOffError:
            raise lost(self.name) from None
