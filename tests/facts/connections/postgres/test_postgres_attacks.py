"""Whoever owns what is read, or sits between, makes no rows of other rows, and no role of another role."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from erp_database import SECRET, Erp

from phasegate.facts.connections import tables
from phasegate.facts.connections.postgres import copy as postgres_copy
from phasegate.facts.connections.postgres import database as postgres
from phasegate.rules.model.contract import Contract

pytestmark = pytest.mark.slow
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 0.05)


@pytest.fixture
def afterwards(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Runs statements of the owner once the moment that is read stands, and before any row of it is."""

    def prepared(*statements: str, times: int = 1) -> list[int]:
        open_, opened = postgres.PostgresSnapshot.open, list[int]()

        def and_then(snapshot: postgres.PostgresSnapshot, privileged: bool) -> None:
            open_(snapshot, privileged)
            opened.append(1)
            if len(opened) <= times:
                with psycopg.connect(erp.server.url(erp.name), autocommit=len(statements) == 1) as owner:
                    for statement in statements:
                        owner.execute(statement)  # type: ignore[call-overload]

        monkeypatch.setattr(postgres.PostgresSnapshot, "open", and_then)
        return opened

    return prepared


FILLED = "INSERT INTO finance.t SELECT generate_series(1, 7)"
EXCHANGED = {
    "emptied and filled": ("TABLE", ["TRUNCATE finance.t", FILLED], 7),
    "emptied": ("TABLE", ["TRUNCATE finance.t"], 0),
    "written anew": ("TABLE", ["ALTER TABLE finance.t ALTER i TYPE bigint"], 7),
    "another of its name": (
        "TABLE",
        ["CREATE TABLE finance.u AS SELECT 1 AS i", "DROP TABLE finance.t",
         "ALTER TABLE finance.u RENAME TO t"],
        1,
    ),
    "refreshed": ("MATERIALIZED VIEW", ["REFRESH MATERIALIZED VIEW finance.t"], 7),
    "another view": (
        "VIEW",
        ["CREATE TABLE finance.u AS SELECT generate_series(1, 3) AS i",
         "CREATE OR REPLACE VIEW finance.t AS SELECT i FROM finance.u"],
        3,
    ),
    "emptied behind two views": ("VIEW", ["TRUNCATE finance.base", "INSERT INTO finance.base VALUES (1)"], 1),
    "emptied behind a function": (
        "FUNCTION", ["TRUNCATE finance.base", "INSERT INTO finance.base VALUES (1)"], 1),
    "a part is emptied": ("PARTS", ["TRUNCATE finance.low"], 4),
    "a part is taken off": ("PARTS", ["ALTER TABLE finance.t DETACH PARTITION finance.low"], 4),
    "a child is taken off": ("PARENT", ["ALTER TABLE finance.child NO INHERIT finance.t"], 0),
}  # fmt: skip
MADE = {
    "TABLE": ["CREATE TABLE finance.t AS SELECT generate_series(1, 7) AS i"],
    "MATERIALIZED VIEW": ["CREATE MATERIALIZED VIEW finance.t AS SELECT generate_series(1, 7) AS i"],
    "VIEW": [
        "CREATE TABLE finance.base AS SELECT generate_series(1, 7) AS i",
        "CREATE VIEW finance.inner AS SELECT i FROM finance.base",
        "CREATE VIEW finance.t AS SELECT i FROM finance.inner",
    ],
    "FUNCTION": [
        "CREATE TABLE finance.base AS SELECT generate_series(1, 7) AS i",
        (
            "CREATE FUNCTION finance.f() RETURNS SETOF int LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN QUERY EXECUTE 'SELECT i FROM finance.base'; END $$"
        ),
        "CREATE VIEW finance.t AS SELECT f AS i FROM finance.f()",
    ],
    "PARTS": [
        "CREATE TABLE finance.t (i int) PARTITION BY RANGE (i)",
        "CREATE TABLE finance.low PARTITION OF finance.t FOR VALUES FROM (0) TO (4)",
        "CREATE TABLE finance.high PARTITION OF finance.t FOR VALUES FROM (4) TO (99)",
        FILLED,
    ],
    "PARENT": [
        "CREATE TABLE finance.t (i int)",
        "CREATE TABLE finance.child () INHERITS (finance.t)",
        "INSERT INTO finance.child SELECT generate_series(1, 7)",
    ],
}


@pytest.mark.parametrize("case", EXCHANGED)
def test_what_was_exchanged_since_is_no_empty_table(
    erp: Erp, afterwards: Callable[..., list[int]], case: str
) -> None:
    """A moment keeps no rows of a table that was emptied: it would seem to have none, and no risk is open."""
    kind, statements, rows = EXCHANGED[case]
    erp.run(*MADE[kind])
    opened = afterwards(*statements)
    found = erp.state("finance.t", WHOLE)
    assert (found.status, found.rows, len(opened)) == ("ok", rows, 2), (
        "it is read anew, of a moment after that"
    )


INSTEAD = [
    "ALTER TABLE finance.{0} ADD fresh int DEFAULT 0",
    "UPDATE finance.{0} SET fresh = i",
    "ALTER TABLE finance.{0} RENAME i TO old",
    "ALTER TABLE finance.{0} RENAME fresh TO i",
]
ALTERED = {
    "another column of its name": ("TABLE", [each.format("t") for each in INSTEAD], 2),
    "dropped and there again": (
        "TABLE",
        [INSTEAD[0].format("t"), INSTEAD[1].format("t"), "ALTER TABLE finance.t DROP i",
         INSTEAD[3].format("t")],
        2,
    ),
    "another column behind two views": (
        "VIEW",
        [INSTEAD[0].format("base"), INSTEAD[1].format("base"),
         "CREATE OR REPLACE VIEW finance.inner AS SELECT fresh AS i FROM finance.base"],
        2,
    ),
    "another column of all parts": ("PARTS", [each.format("t") for each in INSTEAD], 2),
    "another column of a child": ("PARENT", [each.format("t") for each in INSTEAD], 2),
    "nothing": ("TABLE", ["CREATE TABLE finance.other (i int)", "ALTER TABLE finance.other ADD j int"], 1),
}  # fmt: skip


@pytest.mark.parametrize("case", ALTERED)
def test_a_column_that_was_added_since_is_not_read_as_its_default(
    erp: Erp, afterwards: Callable[..., list[int]], case: str
) -> None:
    """A name means what it means now, and rows of a moment before that have nothing there but the default."""
    kind, statements, times = ALTERED[case]
    erp.run(*MADE[kind])
    opened = afterwards(*statements)
    each_once = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer", "unique": True}}})
    found = erp.state("finance.t", each_once)
    assert (found.status, found.rows, len(opened)) == ("ok", 7, times)


@pytest.mark.parametrize("column", ['"Odd""x, y.z"', "gone", '"select"'])
def test_names_that_are_quoted_are_no_others(
    erp: Erp, afterwards: Callable[..., list[int]], column: str
) -> None:
    erp.run(
        f'CREATE TABLE finance."T 1" (i int, {column} int, last int)',
        'INSERT INTO finance."T 1" VALUES (1, 2, 3)',
        *(['ALTER TABLE finance."T 1" DROP gone'] if column == "gone" else []),
    )
    opened = afterwards("SELECT 1")
    assert (erp.state("finance.T 1", WHOLE).status, len(opened)) == ("ok", 1)


def test_what_is_exchanged_each_time_is_an_error(erp: Erp, afterwards: Callable[..., list[int]]) -> None:
    erp.run(*MADE["TABLE"])
    opened = afterwards("TRUNCATE finance.t", times=99)
    found = erp.state("finance.t", WHOLE)
    assert (found.status, found.rows, len(opened)) == ("error", 0, 3)
    assert "was emptied, filled anew, altered or exchanged while it was read" in found.reason


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO finance.t VALUES (8)", "DELETE FROM finance.t", "VACUUM finance.t", "ANALYZE finance.t",
     "ALTER TABLE finance.t ADD note text", "CREATE TABLE finance.other (i int)"],
)  # fmt: skip
def test_what_a_moment_keeps_is_read_at_once(
    erp: Erp, afterwards: Callable[..., list[int]], statement: str
) -> None:
    erp.run(*MADE["TABLE"])
    opened = afterwards(statement)
    found = erp.state("finance.t", WHOLE)
    assert (found.status, found.rows, len(opened)) == ("ok", 7, 1)


def test_what_a_view_sets_does_not_outlive_it(erp: Erp) -> None:
    """A function of one owner must not hide the rows of another's table, or round them."""
    settings = {
        "row_security": "on",
        "extra_float_digits": "-10",
        "search_path": "finance",
        "DateStyle": "German",
    }
    sets = "; ".join(
        f"PERFORM set_config('{name}', '{value}', {local})"
        for name, value in settings.items()
        for local in ("true", "false")
    )
    erp.run(
        f"CREATE FUNCTION finance.sly() RETURNS int LANGUAGE plpgsql AS $$ BEGIN {sets}; RETURN 1; END $$",
        "CREATE VIEW finance.v AS SELECT finance.sly() AS i",
        "CREATE TABLE finance.t (i int, owner text, rate float8, day date)",
        "INSERT INTO finance.t VALUES (1, 'reader', 0.123456789012345, '2026-01-31'), (2, 'x', 1, NULL)",
        "ALTER TABLE finance.t ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON finance.t USING (owner = current_user)",
        "CREATE TABLE finance.z AS TABLE finance.t",
    )
    found = erp.read(None, a="finance.v", b="finance.t", c="finance.z")
    assert "row-level security" in found.states["b"].reason
    rows = found.frames["c"].collect()
    assert [str(value) for value in rows["rate"]] == ["0.123456789012345", "1.000000000000000"]
    assert str(rows["day"][0]) == "2026-01-31"


GAINED = {
    "a superuser": "CREATE ROLE {above} SUPERUSER",
    "one that makes roles": "CREATE ROLE {above} CREATEROLE",
    "one that writes files": "CREATE ROLE {above} IN ROLE pg_write_server_files",
    "one that runs programs": "CREATE ROLE {above} IN ROLE pg_execute_server_program",
    "one that writes a table": "CREATE ROLE {above}; GRANT INSERT ON finance.t TO {above}",
    "the owner of a table": "CREATE ROLE {above}; ALTER TABLE finance.t OWNER TO {above}",
}


@pytest.mark.parametrize("inherits", ["INHERIT", "NOINHERIT"])
@pytest.mark.parametrize("case", GAINED)
def test_a_role_is_what_it_can_become(erp: Erp, case: str, inherits: str) -> None:
    """A function of a view can say SET ROLE as well as anybody."""
    role, between, above = f"r{erp.name}", f"b{erp.name}", f"a{erp.name}"
    erp.run(
        "CREATE TABLE finance.t (i int)",
        *GAINED[case].format(above=above).split("; "),
        f"CREATE ROLE {between} {inherits}",
        f"GRANT {above} TO {between}",
        f"CREATE ROLE {role} LOGIN {inherits} PASSWORD '{SECRET}' IN ROLE reader",
        f"GRANT {between} TO {role}",
    )
    erp.as_role(role)
    assert "the connection 'erp' is refused: its role" in erp.state("finance.t", WHOLE).reason


def test_a_role_that_stands_in_the_address_hides_none_behind_it(erp: Erp, monkeypatch: Any) -> None:
    role = f"r{erp.name}"
    erp.run(
        "CREATE TABLE finance.t (i int)",
        f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{SECRET}'",
    )
    erp.as_role(role)
    url = f"{erp.server.url(erp.name, role, SECRET)}&options={quote('-c role=reader')}"
    monkeypatch.setenv("ERP_URL", url)
    assert "its role is a superuser" in erp.state("finance.t", WHOLE).reason


def test_a_temporary_table_stands_for_no_catalogue(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another client of a pool may leave one behind."""
    erp.run(
        "CREATE TABLE finance.t (i int)",
        "INSERT INTO finance.t VALUES (1)",
        "GRANT INSERT ON finance.t TO reader",
    )
    connected = postgres._connected

    def pooled(*given: Any) -> Any:
        found = connected(*given)
        for name in ("pg_class", "pg_roles", "pg_namespace"):
            found.execute(f"CREATE TEMP TABLE {name} (LIKE pg_catalog.{name})")
        return found

    monkeypatch.setattr(postgres, "_connected", pooled)
    assert "its role may write finance.t" in erp.state("finance.t", WHOLE).reason


def test_rows_of_another_server_are_of_another_moment(erp: Erp) -> None:
    erp.run(
        "CREATE EXTENSION file_fdw",
        "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
        "CREATE FOREIGN TABLE finance.t (i int) SERVER files OPTIONS (filename '/dev/null')",
        "CREATE TABLE finance.p (i int) PARTITION BY RANGE (i)",
        "CREATE FOREIGN TABLE finance.part PARTITION OF finance.p FOR VALUES FROM (0) TO (9) "
        "SERVER files OPTIONS (filename '/dev/null')",
        "CREATE VIEW finance.v AS SELECT i FROM finance.t",
    )
    found = erp.states(WHOLE, t="finance.t", p="finance.p", v="finance.v")
    for name in ("t", "p"):
        assert "has rows of another server, which are of another moment" in found[name].reason
    assert found["v"].status == "ok", "its owner answers for that"


def test_digits_that_come_only_the_second_time_are_not_rounded_off(erp: Erp) -> None:
    erp.run(
        "CREATE FUNCTION finance.f() RETURNS numeric LANGUAGE sql VOLATILE AS "
        "$$ SELECT CASE WHEN current_query() LIKE 'COPY%' THEN 94.999 ELSE 95.0 END $$",
        "CREATE VIEW finance.v AS SELECT finance.f() AS odd",
    )
    odd = Contract.model_validate({"title": "t", "columns": {"odd": {"type": "decimal", "scale": 9}}})
    found = erp.state("finance.v", odd)
    assert found.status == "error"
    assert "column 'odd' has other numbers each time that it is read" in found.reason


def test_the_words_of_a_function_are_not_told(erp: Erp) -> None:
    erp.run(
        "CREATE FUNCTION finance.f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE NOTICE 'ada@example.org'; "
        "RAISE EXCEPTION 'ada@example.org' USING ERRCODE = '42501'; END $$",
        "CREATE VIEW finance.v AS SELECT finance.f() AS i",
    )
    found = erp.state("finance.v", WHOLE)
    assert found.status == "error"
    assert "42501" in found.reason
    assert "ada" not in repr(found)


TYPES = {
    "a domain over text": ("CREATE DOMAIN finance.d AS text", "'x'", "ok"),
    "a domain over a domain": (
        "CREATE DOMAIN finance.b AS numeric(6,2); CREATE DOMAIN finance.d AS finance.b", "1.25", "ok"),
    "a domain over an array": ("CREATE DOMAIN finance.d AS int[]", "'{1}'", "error"),
    "an enumeration with tabs": (
        "CREATE TYPE finance.d AS ENUM (E'a\\tb\\\\N\\n')", "E'a\\tb\\\\N\\n'", "ok"),
    "a row": ("CREATE TYPE finance.d AS (a int, b text)", "(1, 'x')", "error"),
    "a range": ("CREATE TYPE finance.d AS RANGE (subtype = int4)", "'[1,2)'", "error"),
    "an extension's": ("CREATE EXTENSION citext SCHEMA finance; CREATE DOMAIN finance.d AS finance.citext",
                       "'x'", "error"),
    "one called text": ('CREATE TYPE finance.text AS (a int); CREATE DOMAIN finance.d AS finance.text',
                        "(ROW(1))", "error"),
    "one called bool": (
        "CREATE TYPE finance.bool AS ENUM ('1.5'); CREATE DOMAIN finance.d AS finance.bool", "'1.5'", "ok"),
    "a thousand digits": ("CREATE DOMAIN finance.d AS numeric(1000, 500)", "1.5", "ok"),
    "a thousand digits, used": ("CREATE DOMAIN finance.d AS numeric(1000, 500)", "1e-40", "error"),
    "39 digits": ("CREATE DOMAIN finance.d AS numeric(39, 0)", "1e38", "error"),
    "more before than in all": ("CREATE DOMAIN finance.d AS numeric(39, 0)", "9e37", "ok"),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPES)
def test_a_type_is_what_the_catalogue_says_and_not_what_it_is_called(erp: Erp, case: str) -> None:
    made, value, status = TYPES[case]
    erp.run(
        *made.split("; "), "CREATE TABLE finance.t (odd finance.d)", f"INSERT INTO finance.t VALUES ({value})"
    )
    found = erp.read(Contract(title="t", infer=True), one="finance.t")
    assert found.states["one"].status == status, found.states["one"].reason
    if status == "ok":
        with psycopg.connect(erp.server.url(erp.name)) as owner:
            row = owner.execute("SELECT odd::pg_catalog.text FROM finance.t").fetchone()
        assert row is not None
        read = str(found.frames["one"].collect()["odd"][0])
        assert read.rstrip("0").rstrip(".") == row[0].rstrip("0").rstrip(".")


def test_a_scale_below_nothing_is_exact(erp: Erp) -> None:
    erp.run("CREATE TABLE finance.t (odd numeric(5, -2))", "INSERT INTO finance.t VALUES (1234567)")
    found = erp.read(Contract(title="t", infer=True), one="finance.t")
    assert [str(each) for each in found.frames["one"].collect()["odd"]] == ["1234600"]


@pytest.mark.parametrize(
    "written", ["finance.t\0", "finance.\0t", "finance.t'", "finance.%s", "finance.t\\", "..", "."]
)
def test_a_name_is_never_more_than_a_name(erp: Erp, written: str) -> None:
    erp.run("CREATE TABLE finance.t (i int)")
    found = erp.state(written, WHOLE)
    assert found.status == "error"
    assert "does not exist" in found.reason


class Between:
    """Sits between client and server, and does to what the server says what a test wants."""

    def __init__(self, erp: Erp, change: Callable[[bytes], bytes | None]) -> None:
        self._place = f"{erp.server.host}/.s.PGSQL.5432"
        self._change, self.connections = change, 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = erp.server.url(erp.name, "reader", SECRET).partition("@")[0] + (
            f"@127.0.0.1:{self._listening.getsockname()[1]}/{erp.name}"
        )
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._place)
            threading.Thread(target=self._pass, args=(client, server, lambda data: data), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, self._change), daemon=True).start()

    def _pass(
        self, one: socket.socket, other: socket.socket, change: Callable[[bytes], bytes | None]
    ) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                passed = change(data)
                if passed is None:
                    break
                other.sendall(passed)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        self._listening.close()


@contextmanager
def between(
    erp: Erp, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes | None]
) -> Iterator[Between]:
    made = Between(erp, change)
    erp.as_role("reader", tls="off")
    monkeypatch.setenv("ERP_URL", made.url)
    try:
        yield made
    finally:
        made.close()


ROWS = b"".join(b"d\x00\x00\x00\x06%d\n" % row for row in range(1, 10))
END = b"c\x00\x00\x00\x04C\x00\x00\x00\x0bCOPY 9\x00Z\x00\x00\x00\x05T"


def test_a_connection_that_is_cut_at_any_byte_of_the_end_is_an_error(erp: Erp, monkeypatch: Any) -> None:
    erp.run("CREATE TABLE finance.t AS SELECT generate_series(1, 9) AS i")
    whole: list[bytes] = []
    with between(erp, monkeypatch, lambda data: (whole.append(data), data)[1]):
        assert erp.state("finance.t", WHOLE).rows == 9
    assert any(ROWS + END in data for data in whole), "the end of the rows looks as it is cut below"
    for kept in range(len(END) + 1):
        with _cut_after(erp, monkeypatch, kept) as made:
            found = erp.state("finance.t", WHOLE)
        # Where nothing is lost but the answer whether it was of that moment, that is missing as well.
        assert (found.status, found.rows, made.connections) == ("error", 0, 3), kept
        assert "was lost" in found.reason


@contextmanager
def _cut_after(erp: Erp, monkeypatch: Any, kept: int) -> Iterator[Between]:
    class Cutting(Between):
        def _pass(self, one: socket.socket, other: socket.socket, change: Any) -> None:
            if change is not self._change:
                super()._pass(one, other, change)
                return

            def until(data: bytes) -> bytes | None:
                at = data.find(ROWS)
                if at < 0:
                    return data
                other.sendall(data[: at + len(ROWS) + kept])
                return None

            super()._pass(one, other, until)

    made = Cutting(erp, lambda data: data)
    erp.as_role("reader", tls="off")
    monkeypatch.setenv("ERP_URL", made.url)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"d\x00\x00\x00\x065\n", b""),
        (b"COPY 9", b"COPY 8"),
        (b"d\x00\x00\x00\x065\n", b"d\x00\x00\x00\x065\nd\x00\x00\x00\x065\n"),
    ],
    ids=["a row less", "another count", "a row twice"],
)
def test_rows_that_are_not_as_many_as_the_server_says_are_none(
    erp: Erp, monkeypatch: Any, was: bytes, becomes: bytes
) -> None:
    erp.run("CREATE TABLE finance.t AS SELECT generate_series(1, 9) AS i")
    with between(erp, monkeypatch, lambda data: data.replace(was, becomes) if ROWS in data else data):
        found = erp.state("finance.t", WHOLE)
    assert (found.status, found.rows) == ("error", 0)


def test_a_server_that_says_nothing_any_more_is_given_up(erp: Erp, monkeypatch: Any) -> None:
    erp.run("CREATE TABLE finance.t (i int)", "CREATE TABLE finance.u (i int)")
    monkeypatch.setattr(postgres_copy, "_GRACE", 0.5)
    with between(erp, monkeypatch, lambda data: b"" if b"BEGIN" in data else data) as made:
        erp.given = {"tls": "off", "timeout": "1 seconds"}
        before = time.monotonic()
        found = erp.states(WHOLE, t="finance.t", u="finance.u")
    assert time.monotonic() - before < 15
    assert made.connections == 1, "and is not asked again"
    for each in found.values():
        assert "the server took longer than 1 seconds" in each.reason
