"""MySQL and MariaDB: one read-only snapshot, whose tables come as lines that the server writes.

A role that may write is refused unless the project lets it. Tables of engines that show no moment (MyISAM,
Aria, CSV, MEMORY and others) are refused: what is written meanwhile would be seen in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pymysql import err

from phasegate.facts.connections.base import Database, PassingFaultError, Snapshot, Table, TableColumn
from phasegate.facts.connections.digits import exact_decimal
from phasegate.facts.connections.mysql import catalogue, grants
from phasegate.facts.connections.mysql.address import Address, parsed, security
from phasegate.facts.connections.mysql.catalogue import Form, column, quoted
from phasegate.facts.connections.mysql.faults import changed_on_the_way, fault, login_fault
from phasegate.facts.connections.mysql.floats import rewritten
from phasegate.facts.connections.mysql.wire import (
    GARBLED,
    IN_TRANSACTION,
    READ_ONLY,
    LateError,
    RefusedLoginError,
    TooLongError,
    Wire,
    cancelled,
    numbers,
)
from phasegate.facts.sources.files import SourceError
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.connection import Connection, Tls

_FAULTS = (err.Error, LateError, TooLongError, RefusedLoginError, *GARBLED)
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_OLDEST = {"MariaDB": (10, 5, 0), "MySQL": (8, 0, 17)}
_LONGEST = 31_536_000
_SESSION = {
    "sql_mode": "'STRICT_ALL_TABLES'",
    "time_zone": "'+00:00'",
    "sql_select_limit": "18446744073709551615",
    "sql_big_selects": "1",
    "sql_notes": "0",
    "sql_auto_is_null": "0",
    "net_write_timeout": str(_LONGEST),
    "wait_timeout": str(_LONGEST),
}
"""What comes then does not depend on what somebody set up for the server or the role."""
_OWN = {
    "MariaDB": {
        "idle_transaction_timeout": "0",
        "idle_readonly_transaction_timeout": "0",
        "system_versioning_asof": "DEFAULT",
    },
    "MySQL": {"use_secondary_engine": "OFF"},
}
_HELD = {
    "isolation": "REPEATABLE-READ",
    "time_zone": "+00:00",
    "sql_select_limit": "18446744073709551615",
    "character_set_results": "utf8mb4",
    "sql_mode": "STRICT_ALL_TABLES",
}
_BENEATH = re.compile(r"`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`")


class MySqlSnapshot(Snapshot):
    """A transaction that sees one moment, and can write nothing."""

    def __init__(self, name: str, again: Callable[[], Wire], connection: Connection) -> None:
        self._name, self._again, self._wire = name, again, _connected(name, again)
        self._timeout, self._seconds = connection.timeout, connection.seconds
        self._forms: dict[tuple[str, str, str], Form] = {}
        self._own_case = True

    def open(self, privileged: bool) -> None:
        """Begins the transaction, once the role is found to be one that may only read.

        Raises:
            SourceError: if it may not be read by this role.
        """
        shown = self._connection
        ((told,),) = self._all("SELECT VERSION()")
        kind = "MariaDB" if "mariadb" in str(told).lower() else "MySQL"
        version = _VERSION.match(str(told))
        self.server = f"{kind} {version[0] if version else 'of no known version'}"
        if version is None or tuple(map(int, version.groups())) < _OLDEST[kind]:
            oldest = ".".join(map(str, _OLDEST[kind]))
            raise SourceError(f"{shown} leads to {self.server}, and {oldest} or newer is read")
        if not privileged:
            self._refuse_powers(kind)
        self._all("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._all("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        self._refuse_another_state(self._wire.server_status)
        settings = _SESSION | _OWN[kind] | self._limits(kind)
        self._all(f"SET SESSION {', '.join(f'{key} = {value}' for key, value in settings.items())}")
        self._refuse_other_settings()
        ((case,),) = self._all("SELECT @@lower_case_table_names")
        self._own_case = str(case) == "0"
        self.moment = self._told_moment(kind)

    def close(self) -> None:
        """Ends the transaction with its connection."""
        self._wire.close()

    def _limits(self, kind: str) -> dict[str, str]:
        seconds = min(max(round(self._seconds), 1), _LONGEST)
        own = (
            {"max_statement_time": f"{self._seconds:.3f}"}
            if kind == "MariaDB"
            else {"max_execution_time": str(round(self._seconds * 1_000))}
        )
        return own | {"lock_wait_timeout": str(seconds), "innodb_lock_wait_timeout": str(seconds)}

    def _refuse_powers(self, kind: str) -> None:
        lines = [str(row[0]) for row in self._all("SHOW GRANTS")]
        found = grants.power(lines)
        others = grants.roles(lines)
        if found is None and others and kind == "MySQL":
            using = f"SHOW GRANTS FOR CURRENT_USER() USING {', '.join(others)}"
            found = grants.power(str(row[0]) for row in self._all(using))
        elif found is None and kind == "MariaDB":
            found = self._power_of_roles(others)
        if found is not None:
            hint = "give it a role that may only SELECT, or say 'privileged: true' for the connection"
            raise SourceError(f"{self._connection} is refused: its role may do more than read: {found}", hint)

    def _power_of_roles(self, others: Sequence[str]) -> str | None:
        """What the roles of a role may do: each is taken on, for of others nothing is told."""
        ((own,),) = self._all("SELECT CURRENT_ROLE()")
        for role in others:
            self._all(f"SET ROLE {role}")
            if found := grants.power(str(row[0]) for row in self._all("SHOW GRANTS")):
                return found
        self._all(f"SET ROLE {quoted(str(own)) if own is not None else 'NONE'}")
        return None

    def _refuse_another_state(self, status: int) -> None:
        """Raises an error unless the transaction is one that reads and lasts."""
        if not status & IN_TRANSACTION or not status & READ_ONLY:
            hint = "is there a proxy between, that gives each statement another session?"
            raise PassingFaultError(f"{self._connection}: the server holds no snapshot", hint)

    def _refuse_other_settings(self) -> None:
        rows = self._all("SHOW SESSION VARIABLES")
        told = {str(key).lower(): str(value) for key, value in rows}
        told["isolation"] = told.get("transaction_isolation", told.get("tx_isolation", ""))
        for key, value in _HELD.items():
            if told.get(key) != value:
                what = f"{self._connection}: the server keeps another {key} than it was told"
                raise SourceError(what, "is there a proxy between, that changes statements?")

    def _told_moment(self, kind: str) -> str:
        if kind == "MariaDB":
            told = {
                str(key).lower(): str(value)
                for key, value in self._all("SHOW STATUS LIKE 'binlog_snapshot_%'")
            }
            if file := told.get("binlog_snapshot_file"):
                return f"{file}:{told.get('binlog_snapshot_position', '')}"
        else:
            ((ids,),) = self._all("SELECT @@GLOBAL.gtid_executed")
            if ids:
                return "".join(str(ids).split())
        return "the server keeps no binary log"

    def tables(self) -> list[str]:
        """The tables and views that can be read, each with its schema."""
        readable = {(str(schema), str(name)) for schema, name in self._all(catalogue.READABLE)}
        found = sorted((row[0], row[1]) for row in self._all(catalogue.TABLES) if catalogue.is_read(row))
        return [f"{schema}.{name}" for schema, name in found if (schema, name) in readable]

    def table(self, written: str) -> Table:
        """The table of a name, as the catalogue has it."""
        shown = f"{self._name}:{written}"
        found = [row for parts in _splits(written) for row in self._named(*parts, shown)]
        if not found:
            # Of tables that the role may not read nothing is said.
            raise SourceError(f"{shown} does not exist", suggest(written, self.tables(), of="tables"))
        if len(found) > 1:
            raise SourceError(f"{shown} may be two tables: names with a dot in them can not be told apart")
        schema, name, kind, engine = found[0]
        if kind == catalogue.VIEW:
            self._refuse_beneath(schema, name, shown, set())
        else:
            _refuse_engine(shown, "it", engine)
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

    def _refuse_beneath(self, schema: str, name: str, shown: str, seen: set[tuple[str, str]]) -> None:
        """Refuses a view of a table that shows no moment, as far as the role may see what it is of."""
        seen.add((schema, name))
        rows = self._all(catalogue.DEFINITION, schema, name, shown=shown)
        named = {
            (first.replace("``", "`"), second.replace("``", "`"))
            for (definition,) in rows
            for first, second in _BENEATH.findall(str(definition or ""))
        }
        for each in sorted({first for first, _ in named}):
            for row in self._all(catalogue.OF_SCHEMA, each, shown=shown):
                beneath = (row[0], row[1])
                if beneath not in named - seen or not catalogue.is_read(row):
                    continue
                if row[2] == catalogue.VIEW:
                    self._refuse_beneath(*beneath, shown, seen)
                else:
                    _refuse_engine(shown, f"{row[0]}.{row[1]}, of which it is a view,", row[3])

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

    def exact(self, table: Table, columns: Sequence[TableColumn]) -> list[TableColumn]:
        """The same columns; those of numbers of more digits than are exact as their rows have them.

        From here on nobody changes what the table is: it was looked at once, which holds it for the time of
        the transaction, and is then found to be as it was.
        """
        shown = self._shown(table)
        named = quoted(table.schema, table.name)
        self._all(f"SELECT 1 FROM {named} LIMIT 0", shown=shown)  # noqa: S608 - a name of the catalogue
        if tuple(self._columns(table.schema, table.name, shown)) != table.columns:
            raise PassingFaultError(f"{shown} was altered while it was looked at", "run again")
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
        except _FAULTS as error:
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

    @property
    def _connection(self) -> str:
        return f"the connection {self._name!r}"

    def _all(self, query: str, *values: str, shown: str = "") -> list[tuple[Any, ...]]:
        try:
            return self._wire.ask(query, *values, seconds=self._seconds)
        except _FAULTS as error:
            found = self._fault(shown or self._connection, error)
        # Raised out here, so that the driver's own error, which may quote values, is not told with it.
        raise found

    def _fault(self, shown: str, error: Exception) -> SourceError:
        if not isinstance(error, err.Error):  # nobody knows what comes next
            self._wire._force_close()
        return fault(self._name, shown, self._timeout, error)


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


def _connected(name: str, again: Callable[[], Wire]) -> Wire:
    try:
        return again()
    except _FAULTS as error:
        found = login_fault(name, error)
    raise found


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
