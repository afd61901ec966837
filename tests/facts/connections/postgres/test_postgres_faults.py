"""What a server says of a login or an error is told by its kind alone: which connection, and what to do."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from phasegate.facts.connections.base import PassingFaultError
from phasegate.facts.connections.digits import exact_decimal
from phasegate.facts.connections.postgres.catalogue import column
from phasegate.facts.connections.postgres.faults import fault, login_fault

AT = 'connection to server at "db.secret.example" (10.1.2.3), port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "told", "passing"),
    [
        (f'{AT}FATAL:  password authentication failed for user "ada"', "is refused by the server", False),
        (f'{AT}FATAL:  no pg_hba.conf entry for host "10.1.2.3", SSL off', "is refused by the server", False),
        (f'{AT}FATAL:  database "erp" does not exist', "is refused by the server", False),
        (f"{AT}FATAL:  the database system is starting up", "can not be reached", True),
        (f"{AT}FATAL:  sorry, too many clients already", "can not be reached", True),
        (f"{AT}Connection refused", "can not be reached", True),
        (f"{AT}timeout expired", "can not be reached", True),
        ('could not translate host name "db.secret.example" to address', "can not be reached", True),
        (f"{AT}server does not support SSL, but SSL was required", "no TLS as it is asked for", False),
        (f"{AT}SSL error: certificate verify failed", "no TLS as it is asked for", False),
        (f'{AT}server certificate for "a" does not match host name', "no TLS as it is asked for", False),
        (f"{AT}Verbindungsaufbau abgelehnt", "can not be reached", True),
    ],
)
def test_a_failed_login(said: str, told: str, passing: bool) -> None:
    found = login_fault("erp", psycopg.OperationalError(said))
    assert isinstance(found, PassingFaultError) is passing
    assert told in found.message
    assert "'erp'" in found.message
    for secret in ("secret", "10.1.2.3", "ada", "5432"):
        assert secret not in str(found)


@pytest.mark.parametrize(
    ("error", "told", "passing"),
    [
        (errors.AdminShutdown(), "the server broke off (57P01, AdminShutdown)", True),
        (errors.CrashShutdown(), "the server broke off (57P02, CrashShutdown)", True),
        (errors.ConnectionFailure(), "the server broke off (08006, ConnectionFailure)", True),
        (errors.SerializationFailure(), "the server broke off (40001, SerializationFailure)", True),
        (errors.DeadlockDetected(), "the server broke off (40P01, DeadlockDetected)", True),
        (psycopg.OperationalError("the connection is closed"), "the connection 'erp' was lost", True),
        (errors.QueryCanceled(), "took longer than 10 minutes", False),
        (errors.LockNotAvailable(), "took longer than 10 minutes", False),
        (errors.InsufficientPrivilege(), "can not be read", False),
        (errors.InvalidTextRepresentation("'ada@example.org'"), "22P02, InvalidTextRepresentation", False),
        (errors.DiskFull("/secret/path"), "the server says 53100, DiskFull", False),
    ],
)
def test_an_error_of_the_server(error: psycopg.Error, told: str, passing: bool) -> None:
    found = fault("erp", "erp:finance.t", "10 minutes", error)
    assert isinstance(found, PassingFaultError) is passing
    assert told in found.sentence
    assert "ada" not in found.sentence
    assert "/secret" not in found.sentence


@pytest.mark.parametrize(
    ("written", "modifier", "scale"),
    [
        ("numeric", -1, None),
        ("numeric(12,2)", (12 << 16 | 2) + 4, 2),
        ("numeric(38,38)", (38 << 16 | 38) + 4, 38),
        ("numeric(39,2)", (39 << 16 | 2) + 4, None),
        ("numeric(4,-2)", (4 << 16 | (-2 & 0x7FF)) + 4, None),
        ("numeric(2,4)", (2 << 16 | 4) + 4, None),
    ],
)
def test_a_decimal_is_known_by_its_modifier_or_by_its_rows(
    written: str, modifier: int, scale: int | None
) -> None:
    found, _ = column("amount", written, "numeric", modifier, "b", True, False)
    assert getattr(found.kind, "scale", None) == scale


@pytest.mark.parametrize(
    ("scale", "greatest", "why"),
    [
        (2, "999", None),
        (18, "9" * 20, None),
        (38, "0", None),
        (18, "9" * 21, "its numbers need 39 digits"),
        (39, "0", "its numbers need 39 digits"),
        (0, "NaN", "NaN or infinity"),
        (0, "Infinity", "NaN or infinity"),
    ],
)
def test_numbers_without_a_precision_have_the_digits_of_their_rows(
    scale: int, greatest: str, why: str | None
) -> None:
    given, _ = column("amount", "numeric", "numeric", -1, "b", True, False)
    found = exact_decimal(given, scale, greatest)
    assert getattr(found.kind, "scale", None) == (scale if why is None else None)
    assert (why or "") in found.why
