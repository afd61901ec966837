"""A real PostgreSQL server: rows are exact and of one moment, or there are none; no secret is shown."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from erp_database import SECRET, Erp

from phasegate.facts.connections import tables
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.passes import Reading
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

pytestmark = pytest.mark.slow
SLOW_VIEW = (
    "CREATE VIEW finance.slow AS SELECT i FROM generate_series(1, 40000) i "
    "WHERE pg_sleep(CASE WHEN i % 400 = 0 THEN 0.02 ELSE 0 END) IS NOT NULL"
)
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 0.05)


@contextmanager
def meanwhile(erp: Erp, act: Callable[[Any], None], times: int = 1) -> Iterator[list[int]]:
    """Acts on backends of the role that are in the middle of a COPY, each once, from another connection."""
    import psycopg

    done: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        with psycopg.connect(erp.server.url(erp.name), autocommit=True) as connection:
            while not ended.is_set() and len(done) < times:
                found = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE usename = 'reader' AND datname = %s "
                    "AND query LIKE 'COPY%%' AND state = 'active' AND query_start < now() - interval '0.2 s'",
                    (erp.name,),
                ).fetchall()
                for (pid,) in found:
                    if pid not in done:
                        done.append(pid)
                        act((connection, pid))
                time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield done
    finally:
        ended.set()
        thread.join()


def kill(of: Any) -> None:
    connection, pid = of
    connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


COLUMNS = {
    "id": ("int8", "integer"), "small": ("int2", "integer"), "amount": ("numeric(12,2)", "decimal"),
    "long": ("numeric(38,6)", "decimal"), "free": ("numeric", "decimal"), "rate": ("float8", "float"),
    "single": ("float4", "float"), "day": ("date", "date"), "at": ("timestamptz", "datetime"),
    "plain": ("timestamp", "datetime"), "ok": ("bool", "boolean"), "name": ("text", "string"),
    "code": ("char(6)", "string"), "short": ("varchar(10)", "string"), "state": ("finance.state", "string"),
    "paid": ("finance.positive", "decimal"), "doc": ("jsonb", "string"),
}  # fmt: skip
ROWS = [
    (
        "(1, 1, 0.1, 1, 1.5, 0.1, 0.1, '2026-01-31', '2026-01-31 23:30:00-08', '2026-01-31 23:30:00.123456', "
        "true, 'plain', 'ab', 'x', 'open', 1.25, '{\"a\": [1]}')"
    ),
    (
        "(9223372036854775807, -32768, -9999999999.99, 99999999999999999999999999999999.999999, "
        "123456789012345678.123456, 1e-12, 16777216, '1000-01-01', '1999-12-31 23:59:59.999999+00', "
        "'9999-12-31 00:00:00', false, E'tab\\there\\nline \\\\N \\\\\\\\ \"quotes\", commas; é ✓', '', '', "
        "'closed', 0.01, '\"\\\\u00e9\"')"
    ),
    "(3" + ", NULL" * 16 + ")",
    (
        "(4, 0, 0.00, 0, 0.000, -0.0, 1, '9999-12-31', '2026-03-29 01:30:00+00', '2026-03-29 02:30:00', "
        "NULL, '\\N', 'abcdef', '0123456789', 'open', 100.00, 'null')"
    ),
]
SCALES = {"amount": 2, "long": 6, "free": 6, "paid": 2}


def corpus(erp: Erp) -> Contract:
    """A table with all that is read, and its contract."""
    erp.run(
        "CREATE TYPE finance.state AS ENUM ('open', 'closed')",
        "CREATE DOMAIN finance.positive AS numeric(8,2) CHECK (VALUE > 0)",
        f"CREATE TABLE finance.all ({', '.join(f'{name} {of}' for name, (of, _) in COLUMNS.items())})",
        f"INSERT INTO finance.all VALUES {', '.join(ROWS)}",
    )
    columns = {name: {"type": kind, "nullable": True} for name, (_, kind) in COLUMNS.items()}
    for name, scale in SCALES.items():
        columns[name]["scale"] = scale  # type: ignore[assignment]
    return Contract.model_validate({"title": "all", "columns": columns})


def of_file(erp: Erp, contract: Contract, path: str) -> pl.DataFrame:
    opened = {"one": open_source("one", contract, SourceFile(path=path), erp.folder, dt.date(2026, 6, 1))}
    reading = Reading(opened, opened)
    reading.read_small()
    assert reading.states["one"].status == "ok", reading.states["one"].reason
    return reading.frames["one"].collect()


def test_rows_are_those_that_the_server_itself_writes_as_csv(erp: Erp) -> None:
    import psycopg

    contract = corpus(erp)
    with psycopg.connect(erp.server.url(erp.name)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        with (
            (erp.folder / "all.csv").open("wb") as file,
            connection.cursor().copy(
                "COPY (SELECT id, small, amount, long, free, rate, single, day, at, plain, ok::int AS ok, "
                "name, code::text AS code, short, state, paid, doc FROM finance.all) "
                "TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE (name, code, short))"
            ) as copy,
        ):
            for piece in copy:
                file.write(piece)
    reading = erp.read(contract, one="finance.all")
    assert reading.states["one"].status == "ok", reading.states["one"].reason
    found = reading.frames["one"].collect()
    assert found.height == len(ROWS)
    assert found.to_dicts() == of_file(erp, contract, "all.csv").to_dicts()
    found.write_parquet(erp.folder / "all.parquet")
    assert found.equals(of_file(erp, contract, "all.parquet"))


def test_what_a_role_or_a_database_is_set_up_with_changes_nothing(erp: Erp) -> None:
    contract = corpus(erp)
    first = erp.read(contract, one="finance.all")
    settings = {
        "DateStyle": "'German'", "TimeZone": "'Asia/Tokyo'", "extra_float_digits": "-5", "row_security": "on",
        "search_path": "'finance, pg_catalog'", "client_encoding": "'LATIN1'", "bytea_output": "'escape'",
        "default_transaction_isolation": "'read committed'", "lc_numeric": "'C'",
    }  # fmt: skip
    erp.run(
        *(f"ALTER DATABASE {erp.name} SET {key} = {value}" for key, value in settings.items()),
        "CREATE FUNCTION finance.trim_scale(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0'",
    )
    other = erp.read(contract, one="finance.all")
    assert other.states["one"].digest == first.states["one"].digest
    assert other.frames["one"].collect().equals(first.frames["one"].collect())


@pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW", "PARTITIONED TABLE", "PARENT"])
def test_whatever_has_rows_can_be_read(erp: Erp, kind: str) -> None:
    made = {
        "PARTITIONED TABLE": [
            "CREATE TABLE finance.kept (i int) PARTITION BY RANGE (i)",
            "CREATE TABLE finance.low PARTITION OF finance.kept FOR VALUES FROM (0) TO (5)",
            "CREATE TABLE finance.high PARTITION OF finance.kept FOR VALUES FROM (5) TO (100)",
            "INSERT INTO finance.kept SELECT generate_series(1, 9)",
        ],
        "PARENT": [
            "CREATE TABLE finance.kept (i int)",
            "CREATE TABLE finance.child () INHERITS (finance.kept)",
            "INSERT INTO finance.kept VALUES (1)",
            "INSERT INTO finance.child SELECT generate_series(2, 9)",
        ],
    }
    erp.run(*made.get(kind, [f"CREATE {kind} finance.kept AS SELECT generate_series(1, 9) AS i"]))
    assert (erp.state("finance.kept", WHOLE).status, erp.state("finance.kept", WHOLE).rows) == ("ok", 9)


@pytest.mark.parametrize(
    ("of", "value", "said"),
    [
        ("point", "point(1, 2)", "of the type point, of which nothing is measured"),
        ("int[]", "'{1}'", "of the type integer[]"),
        ("money", "12", "of the type money"),
        ("interval", "'1 day'", "of the type interval"),
        ("bytea", "'x'", "of the type bytea"),
        ("time", "'10:00'", "of the type time without time zone"),
        ("numeric", "'NaN'", "NaN or infinity"),
        ("numeric", "'Infinity'", "NaN or infinity"),
        ("numeric", "1e30 + 1e-20", "its numbers need 51 digits, and 38 are exact"),
        ("numeric(50,2)", "1e40", "its numbers need 41 digits, and 38 are exact"),
        ("numeric(6,2)", "'NaN'", "NaN or infinity"),
        ("date", "'infinity'", "infinity, or days before the year 1 or after 9999"),
        ("date", "'0044-03-15 BC'", "infinity, or days before the year 1 or after 9999"),
        ("timestamptz", "'20000-01-01'", "infinity, or days before the year 1 or after 9999"),
    ],
)
def test_what_is_not_exact_is_refused_by_name(erp: Erp, of: str, value: str, said: str) -> None:
    erp.run(f"CREATE TABLE finance.odd (i int, odd {of})", f"INSERT INTO finance.odd VALUES (1, {value})")
    odd = Contract.model_validate(
        {"title": "t", "columns": {"odd": {"type": "string"}, "i": {"type": "integer"}}}
    )
    found = erp.state("finance.odd", odd)
    assert found.status == "error"
    assert "'odd'" in found.reason
    assert said in found.reason
    assert erp.state("finance.odd", WHOLE).status == "ok", "what nobody asks for hinders nobody"


@pytest.mark.parametrize("value", ["'NaN'", "'Infinity'"])
def test_a_float_that_is_no_number_breaks_its_contract(erp: Erp, value: str) -> None:
    erp.run("CREATE TABLE finance.f (f float8)", f"INSERT INTO finance.f VALUES (1), ({value})")
    contract = Contract.model_validate({"title": "t", "columns": {"f": {"type": "float", "nullable": True}}})
    assert erp.state("finance.f", contract).status == "error"


def test_texts_that_are_not_utf_8_are_refused(erp: Erp) -> None:
    name = f"{erp.name}_bytes"
    erp.server.execute(
        "postgres",
        f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    erp.name = name
    erp.run(
        "CREATE SCHEMA finance", "GRANT USAGE ON SCHEMA finance TO reader",
        "CREATE TABLE finance.t (i int, note text)", "GRANT SELECT ON finance.t TO reader",
        r"INSERT INTO finance.t VALUES (1, E'M\xfcller')",
    )  # fmt: skip
    erp.as_role("reader")
    contract = Contract.model_validate({"title": "t", "columns": {"note": {"type": "string"}}})
    assert "has texts that are not UTF-8" in erp.state("finance.t", contract).reason


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ('finance.I "quoted"; DROP TABLE finance.t; --', "ok"),
        ("finance.Invoices", "ok"),
        ("finance.invoices", "error"),
        ("FINANCE.Invoices", "error"),
        ("finance.t; DROP TABLE finance.t", "error"),
        ("finance.t WHERE false", "error"),
        ("pg_catalog.pg_authid", "error"),
    ],
)
def test_a_table_is_the_one_that_the_catalogue_has(erp: Erp, written: str, status: str) -> None:
    erp.run(
        "CREATE TABLE finance.t (i int)",
        'CREATE TABLE finance."Invoices" (i int)',
        'CREATE TABLE finance."I ""quoted""; DROP TABLE finance.t; --" ("i" int, "odd "" name" int)',
    )
    assert erp.state(written, WHOLE).status == status
    assert erp.state("finance.t", WHOLE).status == "ok"


def test_columns_have_any_name(erp: Erp) -> None:
    erp.run("""CREATE TABLE finance.t ("a ""b"" {0} %s" int)""", "INSERT INTO finance.t VALUES (7)")
    found = erp.read(Contract(title="t", infer=True), one="finance.t")
    assert found.frames["one"].collect().to_dicts() == [{'a "b" {0} %s': 7}]


def test_a_table_may_be_granted_by_column(erp: Erp) -> None:
    erp.run(
        "CREATE TABLE finance.t (i int, salary int)", "REVOKE ALL ON finance.t FROM reader",
        "GRANT SELECT (i) ON finance.t TO reader", "INSERT INTO finance.t VALUES (1, 9)",
    )  # fmt: skip
    assert erp.state("finance.t", WHOLE).status == "ok"
    both = Contract.model_validate({"title": "t", "columns": {"salary": {"type": "integer"}}})
    assert "can not be read: permission denied" in erp.state("finance.t", both).reason


def test_one_table_that_is_refused_leaves_the_others(erp: Erp) -> None:
    erp.run(
        "CREATE TABLE finance.a (i int)",
        "CREATE TABLE finance.b (i int)",
        "REVOKE ALL ON finance.a FROM reader",
    )
    found = erp.states(WHOLE, a="finance.a", b="finance.b", c="finance.gone")
    assert {name: each.status for name, each in found.items()} == {"a": "error", "b": "ok", "c": "error"}
    assert "did you mean" in found["c"].reason or "the tables are" in found["c"].reason


POLICY = (
    "CREATE TABLE finance.t (i int, owner text)",
    "INSERT INTO finance.t VALUES (1, 'reader'), (2, 'somebody')",
    "ALTER TABLE finance.t ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON finance.t USING (owner = current_user)",
)


def test_where_a_policy_hides_rows_there_are_none(erp: Erp) -> None:
    erp.run(*POLICY)
    found = erp.state("finance.t", WHOLE)
    assert found.status == "error"
    assert "row-level security" in found.reason


def test_a_role_that_no_policy_binds_sees_all_rows(erp: Erp) -> None:
    erp.run(*POLICY, f"CREATE ROLE r{erp.name} LOGIN BYPASSRLS PASSWORD '{SECRET}' IN ROLE reader")
    erp.as_role(f"r{erp.name}")
    assert erp.state("finance.t", WHOLE).rows == 2


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        ("ALTER ROLE {role} SUPERUSER", "its role is a superuser"),
        ("ALTER ROLE {role} CREATEROLE", "can grant itself anything"),
        ("GRANT pg_write_server_files TO {role}", "or write files"),
        ("GRANT pg_write_all_data TO {role}", "its role may write finance.other"),
        ("GRANT INSERT ON finance.t TO {role}", "its role may write finance.t"),
        ("GRANT UPDATE (i) ON finance.t TO {role}", "its role may write finance.t"),
        ("GRANT TRUNCATE ON finance.other TO {role}", "its role may write finance.other"),
        ("ALTER TABLE finance.other OWNER TO {role}", "its role may write finance.other"),
    ],
)
def test_a_role_that_may_write_is_refused_unless_the_project_says_so(erp: Erp, grant: str, said: str) -> None:
    role = f"w{erp.name}"
    erp.run(
        "CREATE TABLE finance.t (i int)", "CREATE TABLE finance.other (i int)",
        f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}' IN ROLE reader", grant.format(role=role),
    )  # fmt: skip
    erp.as_role(role)
    assert said in erp.state("finance.t", WHOLE).reason
    erp.as_role(role, privileged=True)
    assert erp.state("finance.t", WHOLE).status == "ok"


def test_nothing_can_be_written_even_where_the_role_may(erp: Erp) -> None:
    erp.run(
        "CREATE TABLE finance.log (i int)",
        "CREATE FUNCTION finance.noted() RETURNS int LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO finance.log VALUES (1); RETURN 1; END $$",
        "CREATE VIEW finance.v AS SELECT finance.noted() AS i",
    )
    erp.as_role(erp.server.user, erp.server.password, privileged=True)
    assert "ReadOnlySqlTransaction" in erp.state("finance.v", WHOLE).reason
    assert erp.state("finance.log", WHOLE).rows == 0


def test_a_lost_connection_begins_the_whole_snapshot_anew(erp: Erp) -> None:
    erp.run(SLOW_VIEW)
    with meanwhile(erp, kill) as killed:
        found = erp.state("finance.slow", WHOLE)
    assert (found.status, found.rows, len(killed)) == ("ok", 40_000, 1)


def test_a_connection_that_is_lost_again_and_again_is_an_error(erp: Erp) -> None:
    erp.run(SLOW_VIEW, "CREATE TABLE finance.t (i int)")
    with meanwhile(erp, kill, times=5) as killed:
        found = erp.states(WHOLE, slow="finance.slow", other="finance.t")
    assert len(killed) == 3
    assert {each.status for each in found.values()} == {"error"}
    assert "the server broke off (57P01, AdminShutdown)" in found["slow"].reason


def test_what_is_written_during_the_run_is_not_seen(erp: Erp) -> None:
    erp.run(
        SLOW_VIEW, "CREATE TABLE finance.t (i int)", "INSERT INTO finance.t VALUES (1)",
        "CREATE TABLE finance.gone (i int)", "INSERT INTO finance.gone VALUES (1)",
    )  # fmt: skip

    def write(of: Any) -> None:
        connection, _ = of
        connection.execute("INSERT INTO finance.t SELECT generate_series(2, 1000)")
        connection.execute("DELETE FROM finance.gone")

    with meanwhile(erp, write) as written:
        found = erp.states(WHOLE, slow="finance.slow", t="finance.t", gone="finance.gone")
    assert len(written) == 1
    assert {name: each.rows for name, each in found.items()} == {"slow": 40_000, "t": 1, "gone": 1}
    assert erp.state("finance.t", WHOLE).rows == 1_000


@pytest.mark.parametrize("change", ["DROP TABLE finance.t", "ALTER TABLE finance.t RENAME TO u"])
def test_a_table_that_goes_during_the_run_is_an_error(erp: Erp, change: str) -> None:
    erp.run(SLOW_VIEW, "CREATE TABLE finance.t (i int)")
    with meanwhile(erp, lambda of: of[0].execute(change)) as changed:
        found = erp.states(WHOLE, slow="finance.slow", t="finance.t")
    assert len(changed) == 1
    assert (found["slow"].status, found["t"].status) == ("ok", "error")


def test_what_takes_too_long_is_an_error(erp: Erp) -> None:
    erp.run("CREATE VIEW finance.v AS SELECT 1 AS i FROM pg_sleep(30)")
    erp.as_role("reader", timeout="1 seconds")
    before = time.monotonic()
    assert "the server took longer than 1 seconds" in erp.state("finance.v", WHOLE).reason
    assert time.monotonic() - before < 10, "and is not tried again"


def test_a_table_that_somebody_locks_is_waited_for_no_longer_than_that(erp: Erp) -> None:
    import psycopg

    erp.run("CREATE TABLE finance.t (i int)")
    erp.as_role("reader", timeout="1 seconds")
    with psycopg.connect(erp.server.url(erp.name)) as other:
        other.execute("LOCK TABLE finance.t IN ACCESS EXCLUSIVE MODE")
        assert "is it locked?" in erp.state("finance.t", WHOLE).reason
    assert erp.state("finance.t", WHOLE).status == "ok"


def test_a_value_in_an_error_of_the_server_is_not_told(erp: Erp) -> None:
    erp.run("CREATE VIEW finance.v AS SELECT x::int AS i FROM (VALUES ('ada@example.org')) AS t(x)")
    found = erp.state("finance.v", WHOLE)
    assert "22P02, InvalidTextRepresentation" in found.reason
    assert "ada" not in repr(found)


def without_tls() -> tuple[str, list[bytes]]:
    """A server that says it has no TLS; its address, and what it was sent afterwards."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        with listening:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(5)
                connection.recv(8)
                connection.sendall(b"N")
                heard.append(connection.recv(4_096))

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listening.getsockname()[1]}", heard


@pytest.mark.parametrize("tls", ["verify-full", "verify-ca", "require"])
@pytest.mark.parametrize("told", ["", "?sslmode=disable"], ids=["plain", "disabled in the address"])
def test_a_server_without_tls_is_refused_whatever_the_address_says(
    erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, tls: str, told: str
) -> None:
    place, heard = without_tls()
    (tmp_path / "root.crt").write_text("")
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "root.crt"))
    erp.as_role("reader", tls=tls)
    monkeypatch.setenv("ERP_URL", f"postgresql://reader:{quote(SECRET, safe='')}@{place}/erp{told}")
    found = erp.state("finance.t", WHOLE)
    assert "the connection 'erp' is refused: no TLS as it is asked for" in found.reason
    assert b"".join(heard) == b"", "not even the name of the role was sent"
    assert "127.0.0.1" not in repr(found)


ADDRESSES = {
    "wrong password": "postgresql://reader:wr0ng-one@/{name}?host={host}",
    "no such role": "postgresql://nobody:wr0ng-one@/{name}?host={host}",
    "no such database": "postgresql://reader:{secret}@/none?host={host}",
    "nobody there": "postgresql://reader:{secret}@/none?host=/nowhere",
    "no port": "postgresql://reader:{secret}@localhost:1/none",
    "no address": "reader:{secret}",
    "not encoded": "postgresql://reader:pa/ss@wr0ng-one/none",
    "settings": "host={host} user=reader password=wr0ng-one",
    "not to be read": "postgresql://reader:wr0ng-one@[/none",
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_no_failure_shows_an_address_or_a_password(
    erp: Erp, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    host = quote(erp.server.host, safe="/")
    address = ADDRESSES[case].format(name=erp.name, host=host, secret=quote(SECRET, safe=""))
    monkeypatch.setenv("ERP_URL", address)
    found = erp.state("finance.t", WHOLE)
    assert found.status == "error"
    assert "erp" in found.reason
    told = repr(found) + "".join(capfd.readouterr())
    for secret in (SECRET, quote(SECRET, safe=""), "wr0ng-one", erp.server.host, "localhost", address):
        assert secret not in told


def test_a_wrong_password_is_tried_once(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times would lock accounts."""
    import psycopg

    tries = []
    connect = psycopg.Connection.connect.__func__
    counted = classmethod(lambda *a, **k: (tries.append(1), connect(*a, **k))[1])
    monkeypatch.setattr(psycopg.Connection, "connect", counted)
    erp.as_role("reader", "wrong")
    assert "is refused by the server" in erp.state("finance.t", WHOLE).reason
    assert len(tries) == 1


def test_a_moment_and_a_server_are_in_the_state(erp: Erp) -> None:
    erp.run("CREATE TABLE finance.t (i int)", "INSERT INTO finance.t VALUES (1)")
    first = erp.state("finance.t", WHOLE)
    assert first.table is not None
    assert first.table.server.startswith("PostgreSQL ")
    assert first.table.types == {"i": "integer"}
    assert erp.state("finance.t", WHOLE) == first, "nobody wrote"
    erp.run("DELETE FROM finance.t", "INSERT INTO finance.t VALUES (1)")
    other = erp.state("finance.t", WHOLE)
    assert other.table is not None
    assert (other.digest, other.table.rows) == (first.digest, first.table.rows)
    assert other.table.snapshot != first.table.snapshot


def test_the_settings_hold_where_a_pool_gives_each_statement_another_session(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the beginning of the transaction is said outside of it."""
    import psycopg

    outside: list[str] = []
    execute = psycopg.Connection.execute

    def heard(connection: Any, query: Any, *given: Any, **more: Any) -> Any:
        if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            outside.append(str(query))
        return execute(connection, query, *given, **more)

    erp.run("CREATE TABLE finance.t (i int)")
    monkeypatch.setattr(psycopg.Connection, "execute", heard)
    assert erp.state("finance.t", WHOLE).status == "ok"
    assert outside == ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"]
