"""MySQL and MariaDB: one read-only snapshot, whose tables come as lines that the server writes.

A role that may write is refused unless the project lets it. Tables of engines that show no moment (MyISAM,
Aria, CSV, MEMORY and others) are refused: what is written meanwhile would be seen in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from phasegate.facts.connections.base import Database, PassingFaultError, Snapshot, Table, TableColumn
from phasegate.facts.connections.digits import exact_decimal
from phasegate.facts.connections.mysql import catalogue
from phasegate.facts.connections.mysql.address import Address, parsed, security
from phasegate.facts.connections.mysql.catalogue import Form, column, quoted
from phasegate.facts.connections.mysql.faults import changed_on_the_way
from phasegate.facts.connections.mysql.floats import rewritten
from phasegate.facts.connections.mysql.session import FAULTS, Session, understood
from phasegate.facts.connections.mysql.wire import (
    Wire,
    cancelled,
    numbers,
)
from phasegate.facts.sources.files import SourceError
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.connection import Connection, Tls

_BENEATH = re.compile(r"`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`")


class MySqlSnapshot(Session, Snapshot):
    """A transaction that sees one moment, and can write nothing."""

    def __init__(self, name: str, again: Callable[[], Wire], connection: Connection) -> None:
        super().__init__(name, again, connection)
        self._forms: dict[tuple[str, str, str], Form] = {}

    @understood
    def tables(self) -> list[str]:
        """The tables and views that can be read, each with its schema."""
        readable = {(str(schema), str(name)) for schema, name in self._all(catalogue.READABLE)}
        found = sorted((row[0], row[1]) for row in self._all(catalogue.TABLES) if catalogue.is_read(row))
        return [f"{schema}.{name}" for schema, name in found if (schema, name) in readable]

    @understood
    def table(self, written: str) -> Table:
        """The table of a name, as the catalogue has it."""
        shown = f"{self._name}:{written}"
        found = [row for parts in _splits(written) for row in self._named(*parts, shown)]
        if not found:
            # Of tables that the role may not read nothing is said.
            raise SourceError(f"{shown} does not exist", suggest(written, self.tables(), of="tables"))
        if len(found) > 1:
            raise SourceError(f"{shown} may be two tables: names with a dot in them can not be told apart")
        schema, name = found[0][:2]
        for part in self._made_of(found[0], shown, set()):
            if part[2] != catalogue.VIEW:
                own = part[:2] == found[0][:2]
                what = "it" if own else f"{part[0]}.{part[1]}, of which it is a view,"
                _refuse_engine(shown, what, part[3])
        columns = self._columns(schema, name, shown)
        if not columns:
            hint = "a view with functions tells them to a role that may EXECUTE these"
            raise SourceError(f"{shown} can not be read: the server does not tell its columns", hint)
        return Table(schema, name, tuple(columns))

    def _named(self, schema: str, name: str, shown: str) -> list[tuple[Any, ...]]:
        """The tables of a name; the server compares without case and accents, we do not."""
        alike: Callable[[str], str] = str if self._own_case else str.lower
        return [
            row
            for row in self._all(catalogue.NAMED, schema, name, shown=shown)
            if catalogue.is_read(row) and [*map(alike, row[:2])] == [alike(schema), alike(name)]
        ]

    def _columns(self, schema: str, name: str, shown: str) -> list[TableColumn]:
        columns = []
        for row in self._all(catalogue.COLUMNS, schema, name, shown=shown):
            each, self._forms[schema, name, str(row[0])] = column(*row)
            columns.append(each)
        return columns

    def _made_of(
        self, row: tuple[Any, ...], shown: str, seen: set[tuple[str, str]]
    ) -> Iterator[tuple[Any, ...]]:
        """A table or view, and what a view is of, as far as the role may see that."""
        seen.add((row[0], row[1]))
        yield row
        if row[2] != catalogue.VIEW:
            return
        named = {
            (first.replace("``", "`"), second.replace("``", "`"))
            for told in self._all(catalogue.DEFINITION, row[0], row[1], shown=shown)
            for first, second in _BENEATH.findall(str(told[2] or ""))
        }
        for each in sorted({first for first, _ in named}):
            for beneath in self._all(catalogue.OF_SCHEMA, each, shown=shown):
                if (beneath[0], beneath[1]) in named - seen and catalogue.is_read(beneath):
                    yield from self._made_of(beneath, shown, seen)

    def _is_of_the_moment(self, table: Table, shown: str) -> bool:
        """Whether a table that is held, and all that it is made of, is what it was before the moment."""
        key = (table.schema, table.name)
        rows = [row for row in self._all(catalogue.NAMED, *key, shown=shown) if (row[0], row[1]) == key]
        parts = [part for row in rows for part in self._made_of(row, shown, set())]
        return bool(parts) and all(self._is_as_before(part, shown) for part in parts)

    def _is_as_before(self, part: tuple[Any, ...], shown: str) -> bool:
        key = (part[0], part[1])
        if part[2] == catalogue.VIEW:
            views = self._all(catalogue.DEFINITION, *key, shown=shown)
            return [told for *found, told in views if tuple(found) == key] == [self._views.get(key)]
        ages = self._all(catalogue.OLDER, self._before, *key, shown=shown)
        return [str(older) for *found, older in ages if tuple(found) == key] == ["1"]

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A savepoint."""
        self._all("SAVEPOINT apart")
        try:
            yield
        except SourceError:
            if self._wire.open:
                self._all("ROLLBACK TO SAVEPOINT apart")
            raise

    @understood
    def exact(self, table: Table, columns: Sequence[TableColumn]) -> list[TableColumn]:
        """The same columns; those of numbers of more digits than are exact as their rows have them.

        From here on nobody changes what the table is: it was looked at once, which holds it, and what a view
        is of, for the time of the transaction, and is then found to be as it was before the moment.
        """
        shown = self._shown(table)
        named = quoted(table.schema, table.name)
        self._all(f"SELECT 1 FROM {named} LIMIT 0", shown=shown)  # noqa: S608 - a name of the catalogue
        if tuple(self._columns(table.schema, table.name, shown)) != table.columns:
            raise PassingFaultError(f"{shown} was altered while it was looked at", "run again")
        if not self._is_of_the_moment(table, shown):
            # To rows of the moment, a column that came later holds its default.
            hint = "run again once nobody creates or alters it, or a table of which it is a view"
            raise PassingFaultError(f"{shown} was altered since, or just before, the snapshot", hint)
        asked = [each for each in columns if self._form(table, each).scale is not None and not each.why]
        if not asked:
            return list(columns)
        answers = ", ".join(_digits(each.name, self._form(table, each).scale or 0) for each in asked)
        (found,) = self._all(f"SELECT {answers} FROM {named}", shown=shown)  # noqa: S608 - likewise
        exact = {
            each.name: exact_decimal(each, int(found[2 * place]), str(found[2 * place + 1]))
            for place, each in enumerate(asked)
        }
        return [exact.get(each.name, each) for each in columns]

    def rows(self, table: Table, columns: Sequence[TableColumn]) -> Generator[list[bytes], None, None]:
        """The rows, each a line that the server writes."""
        shown = self._shown(table)
        line = catalogue.line_of([self._form(table, each).of(each.name) for each in columns])
        query = f"SELECT {line} FROM {quoted(table.schema, table.name)}"  # noqa: S608 - likewise
        try:
            blocks = self._wire.rows(query, self._seconds)
            while True:
                try:
                    lines = next(blocks)
                except StopIteration as end:
                    warnings, status = end.value
                    break
                yield rewritten(lines, columns)
        except FAULTS as error:
            found = self._fault(shown, error)
        else:
            self._refuse_warnings(shown, warnings)
            self._refuse_another_state(status)
            return
        finally:
            if self._wire.asking and self._wire.open:
                cancelled(self._wire, self._again)
        raise found

    def _refuse_warnings(self, shown: str, warnings: int) -> None:
        if warnings:
            raise changed_on_the_way(shown, warnings, numbers(self._all("SHOW WARNINGS", shown=shown)))

    def _form(self, table: Table, each: TableColumn) -> Form:
        return self._forms[table.schema, table.name, each.name]

    def _shown(self, table: Table) -> str:
        return f"{self._name}:{table.shown}"


class MySql(Database):
    """MySQL and MariaDB, by PyMySQL."""

    @contextmanager
    def snapshot(self, name: str, address: str, connection: Connection) -> Iterator[MySqlSnapshot]:
        """A transaction over a connection of its own."""
        place = parsed(name, address)

        def again() -> Wire:
            return _wire(name, place, connection.tls)

        found = MySqlSnapshot(name, again, connection)
        try:
            found.open(connection.privileged)
            yield found
        finally:
            found.close()


def _wire(name: str, place: Address, tls: Tls) -> Wire:
    context = security(name, place, tls)
    known = context is None or tls in {"verify-full", "verify-ca"}
    return Wire(place, context, optional=tls == "off", known=known)


def _refuse_engine(shown: str, what: str, engine: str | None) -> None:
    if (engine or "").lower() not in catalogue.SNAPSHOTS:
        said = (
            f"{shown} can not be read: {what} is of the engine {engine or 'unknown'}, which shows no moment"
        )
        raise SourceError(said, "move it to InnoDB, or export it: what is written meanwhile would be seen")


def _splits(written: str) -> Iterator[tuple[str, str]]:
    """Where the schema may end."""
    for place, sign in enumerate(written):
        if sign == ".":
            yield written[:place], written[place + 1 :]


def _digits(name: str, scale: int) -> str:
    """The most digits that a column's numbers have after the point, and the greatest number before it."""
    value = quoted(name)
    fraction = f"CHAR_LENGTH(TRIM(TRAILING '0' FROM SUBSTRING_INDEX(CAST({value} AS CHAR), '.', -1)))"
    after = f"COALESCE(MAX({fraction}), 0)" if scale else "0"
    return f"{after}, CAST(COALESCE(MAX(ABS(TRUNCATE({value}, 0))), 0) AS CHAR)"


DATABASE = MySql()
