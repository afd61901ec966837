"""A session of a MySQL or MariaDB server that can only read, and sees one moment."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pymysql import err

from phasegate.facts.connections.base import PassingFaultError
from phasegate.facts.connections.mysql import catalogue, grants
from phasegate.facts.connections.mysql.catalogue import quoted
from phasegate.facts.connections.mysql.faults import fault, garbled, login_fault
from phasegate.facts.connections.mysql.wire import (
    GARBLED,
    IN_TRANSACTION,
    READ_ONLY,
    LateError,
    RefusedLoginError,
    TooLongError,
    Wire,
)
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import Connection

FAULTS = (err.Error, LateError, TooLongError, RefusedLoginError, *GARBLED)
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
    "MySQL": {"use_secondary_engine": "OFF", "information_schema_stats_expiry": "0"},
}
_HELD = {
    "isolation": "REPEATABLE-READ",
    "time_zone": "+00:00",
    "sql_select_limit": "18446744073709551615",
    "character_set_results": "utf8mb4",
    "sql_mode": "STRICT_ALL_TABLES",
}


_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")
_Self = TypeVar("_Self", bound="Session")


def understood(
    asked: Callable[Concatenate[_Self, _Given], _Found],
) -> Callable[Concatenate[_Self, _Given], _Found]:
    """What asks a server and takes its answers apart: one of another form is told as that."""

    @wraps(asked)
    def told(self: _Self, /, *given: _Given.args, **more: _Given.kwargs) -> _Found:
        try:
            return asked(self, *given, **more)
        except SourceError:
            raise
        except (LookupError, TypeError, ValueError):
            found = garbled(self._name)
        raise found

    return told


class Session:
    """A transaction of one moment.

    Args:
        name: of the connection, by which messages name it.
        again: makes a connection.
        connection: what the project says of it.

    Attributes:
        server: what it is, with its version.
        moment: by which the server tells this moment from others.
    """

    server: str
    moment: str

    def __init__(self, name: str, again: Callable[[], Wire], connection: Connection) -> None:
        self._name, self._again, self._wire = name, again, _connected(name, again)
        self._timeout, self._seconds = connection.timeout, connection.seconds
        self._own_case = True
        self._views: dict[tuple[str, str], str | None] = {}
        self._before = ""

    @understood
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
        self._all("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        settings = _SESSION | _OWN[kind] | self._limits(kind)
        self._all(f"SET SESSION {', '.join(f'{key} = {value}' for key, value in settings.items())}")
        self._views = {(schema, view): told for schema, view, told in self._all(catalogue.VIEWS)}
        ((now,),) = self._all(catalogue.NOW)
        self._before = str(dt.datetime.fromisoformat(now))
        self._all("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        self._refuse_another_state(self._wire.server_status)
        self._refuse_other_settings()
        if not privileged:  # told with backquotes, whatever the server's own sql_mode is
            self._refuse_powers(kind)
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
        if not lines:  # each role has one that gives nothing
            raise garbled(self._name)
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

    @property
    def _connection(self) -> str:
        return f"the connection {self._name!r}"

    def _all(self, query: str, *values: str, shown: str = "") -> list[tuple[Any, ...]]:
        try:
            return self._wire.ask(query, *values, seconds=self._seconds)
        except FAULTS as error:
            found = self._fault(shown or self._connection, error)
        # Raised out here, so that the driver's own error, which may quote values, is not told with it.
        raise found

    def _fault(self, shown: str, error: Exception) -> SourceError:
        if not isinstance(error, err.Error):  # nobody knows what comes next
            self._wire._force_close()
        return fault(self._name, shown, self._timeout, error)


def _connected(name: str, again: Callable[[], Wire]) -> Wire:
    try:
        return again()
    except FAULTS as error:
        found = login_fault(name, error)
    raise found
