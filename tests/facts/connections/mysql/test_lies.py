"""A server that lies: whatever it sends, there are no rows, no file is read, no memory or time is taken."""

from __future__ import annotations

import datetime as dt
import ssl
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lying_mysql import GREETING, USUAL, LyingServer, Talk, end, error, long, lying, okay

from phasegate.facts.connections import tables
from phasegate.facts.connections.mysql import wire
from phasegate.facts.connections.stage import TablePart
from phasegate.facts.connections.tables import read_tables
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

PASSWORD = "s3cret-w0rd"
INFER = Contract(title="t", infer=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is waited for, and the certificates of the machine are not read for each connection."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setattr(tables, "_PAUSE", 0)
    monkeypatch.setattr(wire, "CONNECT_TIMEOUT", 2.0)
    monkeypatch.setattr(wire, "GRACE", 0.5)


def read(server: LyingServer, **keys: Any) -> TablePart | SourceError:
    address = f"mysql://ada:{PASSWORD}@127.0.0.1:{server.port}/erp"
    source = SourceFile.model_validate({"from": "erp", "table": "erp.t"})
    given = {"mysql": "env:ERP_URL", "tls": "off", "timeout": "1 seconds", **keys}
    connections = {"erp": Connection.model_validate(given)}
    return read_tables({"one": (source, INFER)}, connections, {"ERP_URL": address})["one"]


def refused(server: LyingServer, **keys: Any) -> str:
    found = read(server, **keys)
    assert isinstance(found, SourceError), "it was read"
    told = found.sentence
    for secret in (PASSWORD, "127.0.0.1", str(server.port), "ada"):
        assert secret not in told
    return told


def to(part: str, act: Callable[[Talk], None]) -> Callable[[str, Talk], bool]:
    """Answers statements with a part."""

    def answer(statement: str, talk: Talk) -> bool:
        if part in statement:
            act(talk)
        return part in statement

    return answer


def test_an_honest_one_is_read() -> None:
    with lying() as server:
        found = read(server)
    assert isinstance(found, TablePart), found
    assert found.table is not None
    assert found.table.server == "MySQL 8.0.36"
    assert found.table.snapshot == "3E11FA47:1-5"
    assert pl.read_parquet(_bytes(found)).rows() == [(1, "a"), (2, "b")]
    (settings,) = [each for each in server.heard if each.startswith("SET SESSION sql_mode")]
    assert "max_execution_time = 1000" in settings


def _bytes(part: TablePart) -> bytes:
    held: Any = part.file.held
    held._file.seek(0)
    found: bytes = held._file.read()
    return found


FILE = b"\xfb/etc/passwd"
LINE = (b"1\ta\n",)
SHAPES: dict[str, Callable[[Talk], None]] = {
    "asks for a file": lambda talk: talk.send(FILE),
    "asks for a file in mid-table": lambda talk: talk.send(b"\x01", *Talk.heading(1), Talk.row(LINE), FILE),
    "says it is done": lambda talk: talk.send(okay()),
    "two columns": lambda talk: talk.table((b"1", b"a")),
    "no column": lambda talk: talk.send(b"\0", end()),
    "too many columns": lambda talk: talk.send(b"\xfd\xff\xff\xff", *Talk.heading(3)),
    "a value more in a line": lambda talk: talk.table((b"1\ta\tb\n",)),
    "a value less in a line": lambda talk: talk.table((b"1\n",)),
    "half a line": lambda talk: talk.table((b"1\ta",)),
    "two lines in one": lambda talk: talk.table((b"1\ta\n2\tb\n",)),
    "an empty line": lambda talk: talk.table((b"",)),
    "a missing line": lambda talk: talk.table((None,)),
    "a text where a number is": lambda talk: talk.table((b"x\ta\n",)),
    "no UTF-8": lambda talk: talk.table((b"1\t\xff\n",)),
    "a row that is longer than it says": lambda talk: talk.send(
        b"\x01", *Talk.heading(1), b"\x041\ta\nx", end()
    ),
    "a row that is shorter than it says": lambda talk: talk.send(
        b"\x01", *Talk.heading(1), b"\x091\ta\n", end()
    ),
    "an empty packet": lambda talk: talk.send(b"\x01", *Talk.heading(1), b"", end()),
    "a length that is none": lambda talk: talk.send(b"\x01", *Talk.heading(1), b"\xfe\x01", b"\xfd", end()),
    "no heading": lambda talk: talk.send(b"\x01", Talk.row(LINE), Talk.row(LINE), end()),
    "a wrong number of a packet": lambda talk: (
        setattr(talk, "number", 9),
        talk.send(b"\x01", *Talk.heading(1), end()),
    )[1],
    "a wrong number in mid-table": lambda talk: (
        talk.send(b"\x01", *Talk.heading(1), Talk.row(LINE)),
        setattr(talk, "number", 200),
        talk.send(Talk.row(LINE), end()),
    )[2],
    "warnings": lambda talk: talk.send(b"\x01", *Talk.heading(1), Talk.row(LINE), end(warnings=3)),
    "no transaction any more": lambda talk: talk.send(
        b"\x01", *Talk.heading(1), Talk.row(LINE), end(status=2)
    ),
    "one that can write": lambda talk: talk.send(b"\x01", *Talk.heading(1), Talk.row(LINE), end(status=3)),
    "an error in mid-table": lambda talk: talk.send(
        b"\x01", *Talk.heading(1), Talk.row(LINE), error(1366, f"Incorrect value 'ada' {PASSWORD}")
    ),
    "an end in mid-row": lambda talk: (
        talk.send(b"\x01", *Talk.heading(1)),
        talk.raw(struct.pack("<I", 100)[:3] + b"\x03" + long(b"1\ta")),
        talk.close(),
    )[2],
    "an end without an end": lambda talk: (
        talk.send(b"\x01", *Talk.heading(1), Talk.row(LINE)),
        talk.close(),
    )[1],
    "silence": lambda talk: None,
    "silence in mid-row": lambda talk: (talk.send(b"\x01", *Talk.heading(1)), talk.raw(b"\x64\0\0\x03xx"))[1],
}


@pytest.mark.sampled(every=9, whole=True)
@pytest.mark.parametrize("lie", SHAPES)
def test_rows_of_another_form_are_no_rows(lie: str) -> None:
    with lying(to("SELECT CONCAT", SHAPES[lie])) as server:
        told = refused(server)
    assert "root:" not in repr(server.sent), "no file was sent"
    assert server.connections <= 6, "three times, each with one that ends it"
    assert told


@pytest.mark.sampled(every=10, whole=True)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT VERSION()", "SHOW GRANTS", "SET SESSION", "START TRANSACTION", "SHOW SESSION VARIABLES",
        "lower_case_table_names", "gtid_executed", "FROM information_schema.tables", "LIMIT 0",
        "FROM information_schema.columns", "SAVEPOINT",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "lie",
    ["asks for a file", "too many columns", "a wrong number of a packet", "no heading", "an end in mid-row"],
)
def test_answers_of_another_form_are_none(statement: str, lie: str) -> None:
    with lying(to(statement, SHAPES[lie])) as server:
        told = refused(server)
    assert "another form" in told or "was lost" in told, told
    assert "root:" not in repr(server.sent)


WRONG_ROWS: list[list[tuple[bytes | None, ...]]] = [
    [],
    [(b"x",)],
    [(None,)],
    [(None, None)],
    [(b"x", b"x")],
    [(b"erp", b"t", b"BASE TABLE")],
    [(b"i", b"int", b"int", None, b"ten", b"0", None, b"NO", b"1")],
    [(b"s", b"s", b"s", b"s", b"s", b"s", b"s", b"s", b"s", b"s")],
]


@pytest.mark.sampled(every=12, whole=True)
@pytest.mark.parametrize("statement", USUAL)
@pytest.mark.parametrize("rows", range(len(WRONG_ROWS)))
def test_rows_that_nobody_asked_for_are_none(statement: str, rows: int) -> None:
    """A fault of ours would be told with all that led to it."""
    answer = to(statement, lambda talk: talk.table(*WRONG_ROWS[rows]))
    with lying(answer) as server:
        found = read(server)
    if isinstance(found, TablePart):  # there may be no row, no binary log, and no case
        empty = statement == "SELECT CONCAT" and not WRONG_ROWS[rows]
        assert empty or "gtid" in statement or "case" in statement


def test_another_value_than_was_asked_for_is_none() -> None:
    for part, rows in {
        "SHOW SESSION VARIABLES": [(b"time_zone", b"SYSTEM")],
        "SELECT VERSION()": [(b"5.7.44",)],
        "SHOW GRANTS": [(b"GRANT INSERT ON `erp`.* TO `ada`@`%`",)],
        "FROM information_schema.tables": [(b"erp", b"t", b"BASE TABLE", b"MyISAM")],
    }.items():
        with lying(to(part, lambda talk, rows=rows: talk.table(*rows))) as server:
            refused(server)
            assert not any("SELECT CONCAT" in each for each in server.heard)


def test_a_server_that_holds_no_snapshot_is_refused() -> None:
    """As one behind a proxy that gives each statement another session."""
    with lying(to("START TRANSACTION", lambda talk: talk.send(okay(2)))) as server:
        assert "the server holds no snapshot" in refused(server)


def test_roles_of_mysql_are_looked_at() -> None:
    def answer(statement: str, talk: Talk) -> bool:
        if statement == "SHOW GRANTS":
            talk.table((b"GRANT USAGE ON *.* TO `ada`@`%`",), (b"GRANT `w`@`%`,`x`@`h` TO `ada`@`%`",))
        elif "USING" in statement:
            assert statement.endswith("USING `w`@`%`, `x`@`h`")
            talk.table((b"GRANT SELECT, INSERT ON `erp`.* TO `ada`@`%`",))
        else:
            return False
        return True

    with lying(answer) as server:
        assert "INSERT on `erp`.*" in refused(server)


def endless(talk: Talk) -> None:
    talk.send(b"\x01", *Talk.heading(1))
    for _ in range(100_000):
        talk.send(*[Talk.row(LINE)] * 256)


def one_endless_row(talk: Talk) -> None:
    talk.send(b"\x01", *Talk.heading(1))
    part = b"\xfe" + struct.pack("<Q", 1 << 40) + b"x" * (0xFFFFFF - 9)
    for _ in range(1_000):
        talk.send(part)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lie", "timeout", "said"),
    [(endless, "1 seconds", "took longer than 1 seconds"), (one_endless_row, "60 seconds", "is longer than")],
)
def test_rows_without_an_end_take_neither_time_nor_memory(
    lie: Callable[[Talk], None], timeout: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_ANSWER", 1 << 25)
    with lying(to("SELECT CONCAT", lie)) as server:
        tracemalloc.start()
        before = time.monotonic()
        told = refused(server, timeout=timeout)
        took = time.monotonic() - before
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert said in told
    assert took < 12
    assert peak < 200 << 20


def test_an_answer_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_ANSWER", 1 << 16)

    def answer(talk: Talk) -> None:
        talk.send(b"\x01", *Talk.heading(1))
        for _ in range(10_000):
            talk.send(Talk.row((b"x" * 100,)))

    with lying(to("SELECT VERSION()", answer)) as server:
        assert "is longer than" in refused(server)


def dribble(talk: Talk) -> None:
    for sign in struct.pack("<I", 50)[:3] + b"\0" + b"\x0a" * 50:
        talk.raw(bytes([sign]))
        time.sleep(0.3)


def of_protocol_nine(talk: Talk) -> None:
    talk.send(b"\x09" + GREETING[1:])


def no_room(talk: Talk) -> None:
    talk.send(error(1040, "Too many connections from 10.1.2.3"))


def locked_out(talk: Talk) -> None:
    talk.send(error(1129, "Host 10.1.2.3 is blocked"))


def web(talk: Talk) -> None:
    talk.raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def plain_password(plugin: bytes) -> Callable[[Talk], None]:
    def greet(talk: Talk) -> None:
        talk.send(GREETING)
        talk.hear()
        talk.send(b"\xfe" + plugin + b"\0" + b"\x05Password: ")

    return greet


GREETINGS: dict[str, tuple[Callable[[Talk], None], str]] = {
    "silence": (lambda talk: time.sleep(3), "can not be reached"),
    "byte by byte": (dribble, "can not be reached"),
    "nothing": (lambda talk: talk.close(), "can not be reached"),
    "the web": (web, ""),
    "an old protocol": (of_protocol_nine, ""),
    "too many": (no_room, "can not be reached"),
    "blocked": (locked_out, "is refused by the server"),
    "wants the password itself": (plain_password(b"mysql_clear_password"), "wants the password itself"),
    "wants it in a dialog": (plain_password(b"dialog"), "wants the password itself"),
    "wants it weakly": (plain_password(b"mysql_old_password"), "wants the password itself"),
    "knows a way that nobody knows": (plain_password(b"authentication_windows_client"), "is refused"),
}


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize("lie", GREETINGS)
def test_a_greeting_may_be_anything(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CONNECT_TIMEOUT", 0.7)
    greet, said = GREETINGS[lie]
    with lying(greeting=greet) as server:
        told = refused(server)
        time.sleep(0.05)
    assert said in told
    assert "10.1.2.3" not in told
    assert PASSWORD.encode() not in b"".join(server.sent)


@pytest.mark.parametrize("tls", ["verify-full", "verify-ca", "require"])
def test_without_tls_not_even_the_name_of_the_role_is_sent(tls: str) -> None:
    with lying() as server:
        assert "no TLS as it is asked for" in refused(server, tls=tls)
        time.sleep(0.05)
    assert b"".join(server.sent) == b""


def test_without_tls_nothing_is_sent_whatever_the_driver_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 1.2 it went on without TLS where a server said that it has none."""
    monkeypatch.setattr(wire.Wire, "_ssl_required", property(lambda _: False, lambda *_: None), raising=False)
    with lying() as server:
        assert "no TLS as it is asked for" in refused(server, tls="require")
        time.sleep(0.05)
    assert b"".join(server.sent) == b""


def test_what_was_said_before_it_was_encrypted_does_not_count(tmp_path: Path) -> None:
    """A greeting with TLS, and behind it, from somebody in between, that the login went well."""
    (tmp_path / "server.pem").write_bytes(self_signed())
    security = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    security.load_cert_chain(tmp_path / "server.pem")
    with_tls = GREETING.replace(struct.pack("<H", 0xF7FF), struct.pack("<H", 0xFFFF), 1)
    forged: list[bytes] = []
    afterwards: list[bytes] = []

    def greet(talk: Talk) -> None:
        talk.send(with_tls)
        if forged:
            talk.number = 3
            talk.send(*forged)
        talk.hear()
        talk.encrypted(security)
        talk.hear()
        if not forged:
            talk.send(error(1045, "no"))
        afterwards.append(talk.hear())

    with lying(greeting=greet) as server:
        assert "is refused by the server" in refused(server, tls="require")
        forged.append(okay(2))
        told = refused(server, tls="require")
        # What is read with the greeting is of another form; what comes a moment later is no TLS.
        assert "another form" in told or "no TLS as it is asked for" in told
        time.sleep(0.1)
    assert b"".join(afterwards) == b"", "it did not go on as if it had been let in"


def self_signed() -> bytes:
    """A key, and a certificate for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    return key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)


def test_what_is_said_of_a_statement_is_not_told() -> None:
    for part in USUAL:
        with lying(to(part, lambda talk: talk.send(error(1105, f"ada@10.1.2.3 {PASSWORD}")))) as server:
            told = refused(server)
        assert "1105" in told
        assert "10.1.2.3" not in told
