"""What a server says of a login or an error is told by its kind alone: which connection, and what to do."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from pymysql import err

from phasegate.facts.connections.base import PassingFaultError
from phasegate.facts.connections.mysql.catalogue import column, quoted
from phasegate.facts.connections.mysql.faults import fault, login_fault
from phasegate.facts.connections.mysql.wire import LateError, RefusedLoginError, TooLongError


def unverified() -> err.OperationalError:
    found: Any = err.OperationalError(2003, "Can't connect to 'db.secret.example'")
    found.original_exception = ssl.SSLCertVerificationError("db.secret.example")
    return found


SAID = "Access denied for 'ada'@'10.1.2.3' to db.secret.example"


@pytest.mark.parametrize(
    ("error", "told", "passing"),
    [
        (err.OperationalError(1045, SAID), "is refused by the server", False),
        (err.OperationalError(1044, SAID), "is refused by the server", False),
        (err.OperationalError(1049, SAID), "is refused by the server", False),
        (err.OperationalError(1130, SAID), "is refused by the server", False),
        (err.OperationalError(4151, SAID), "is refused by the server", False),
        (err.OperationalError(1040, SAID), "can not be reached", True),
        (err.OperationalError(2003, SAID), "can not be reached", True),
        (err.OperationalError(2013, SAID), "can not be reached", True),
        (LateError(), "can not be reached", True),
        (err.OperationalError(2026, SAID), "no TLS as it is asked for", False),
        (unverified(), "no TLS as it is asked for", False),
        (RefusedLoginError(), "wants the password itself", False),
        (
            RuntimeError("'cryptography' package is required for sha256_password"),
            "logs in is not known",
            False,
        ),
        (AssertionError("b'10.1.2.3'"), "answers of another form", False),
        (err.InternalError("Packet sequence number wrong"), "answers of another form", False),
    ],
)
def test_a_failed_login(error: Exception, told: str, passing: bool) -> None:
    found = login_fault("erp", error)
    assert isinstance(found, PassingFaultError) is passing
    assert told in found.message
    assert "'erp'" in found.message
    for secret in ("secret", "10.1.2.3", "ada"):
        assert secret not in str(found)


@pytest.mark.parametrize(
    ("error", "told", "passing"),
    [
        (err.OperationalError(2013, SAID), "the connection 'erp' was lost", True),
        (err.InterfaceError(0, ""), "the connection 'erp' was lost", True),
        (err.OperationalError(1053, SAID), "the server broke off (1053, SERVER_SHUTDOWN)", True),
        (err.OperationalError(1213, SAID), "the server broke off (1213, LOCK_DEADLOCK)", True),
        (err.OperationalError(1412, SAID), "the server broke off (1412, TABLE_DEF_CHANGED)", True),
        (err.OperationalError(1927, SAID), "the server broke off (1927)", True),
        (err.OperationalError(1205, SAID), "took longer than 10 minutes", False),
        (err.OperationalError(1969, SAID), "took longer than 10 minutes", False),
        (err.OperationalError(3024, SAID), "took longer than 10 minutes", False),
        (LateError(), "took longer than 10 minutes", False),
        (TooLongError(), "has a row that is longer", False),
        (err.OperationalError(1317, SAID), "somebody ended it at the server", False),
        (err.OperationalError(1142, SAID), "its role may not (1142, TABLEACCESS_DENIED_ERROR)", False),
        (err.ProgrammingError(1146, SAID), "does not exist (1146, NO_SUCH_TABLE)", False),
        (err.OperationalError(1792, SAID), "to read it is to write", False),
        (err.OperationalError(1030, SAID), "the server says 1030", False),
        (err.InternalError("Packet sequence number wrong"), "answers of another form", False),
        (AssertionError(), "answers of another form", False),
    ],
)
def test_an_error_of_the_server(error: Exception, told: str, passing: bool) -> None:
    found = fault("erp", "erp:finance.t", "10 minutes", error)
    assert isinstance(found, PassingFaultError) is passing
    assert told in found.sentence
    for secret in ("secret", "10.1.2.3", "ada"):
        assert secret not in found.sentence


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (("decimal", "decimal(38,2)", None, "38", "2", None), "Decimal(precision=38, scale=2)"),
        (("decimal", "decimal(39,2)", None, 39, 2, None), "None"),
        (("int", "int", None, None, None, None), "Int64"),
        (("varchar", "varchar(9)", "utf8mb4", None, None, None), "String"),
        (("varchar", "varchar(9)", None, None, None, None), "None"),
        (("json", "json", None, None, None, None), "String"),
        (("vector", "vector(9)", None, None, None, None), "None"),
        (("", "", None, None, None, None), "None"),
    ],
)
def test_a_type_that_nobody_knows_is_not_read(row: tuple[Any, ...], kind: str) -> None:
    found, _ = column("c", *row, "YES", "1")
    assert str(found.kind) == kind
    denied, _ = column("c", *row, "NO", "0")
    assert denied.kind is None
    assert denied.left_out == "the role may not read it"


def test_a_name_ends_where_it_ends() -> None:
    assert quoted("a`; DROP TABLE t; --", "b") == "`a``; DROP TABLE t; --`.`b`"
