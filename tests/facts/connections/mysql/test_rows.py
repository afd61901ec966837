"""A real MariaDB server: every value of a table is read as it is, or none of them."""

from __future__ import annotations

import datetime as dt
import json
import struct
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from erp_database import SECRET, Erp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import Server

from phasegate.facts.connections.lines import frame_of
from phasegate.facts.connections.mysql.database import DATABASE
from phasegate.facts.connections.mysql.floats import float_text
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.passes import Reading
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

pytestmark = pytest.mark.slow
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})

COLUMNS = {
    "id": ("bigint", "bigint", "integer"),
    "small": ("smallint", "smallint", "integer"),
    "amount": ("decimal(12,2)", "numeric(12,2)", "decimal"),
    "wide": ("decimal(38,6)", "numeric(38,6)", "decimal"),
    "free": ("decimal(65,30)", "numeric", "decimal"),
    "rate": ("double", "float8", "float"),
    "single": ("float", "float4", "float"),
    "day": ("date", "date", "date"),
    "at": ("timestamp(6) NULL", "timestamptz", "datetime"),
    "plain": ("datetime(6)", "timestamp", "datetime"),
    "ok": ("bit(1)", "bool", "boolean"),
    "name": ("longtext", "text", "string"),
    "code": ("char(6)", "char(6)", "string"),
    "short": ("varchar(10)", "varchar(10)", "string"),
    "state": ("enum('open','closed')", "finance.state", "string"),
}
"""Each column: its type in MariaDB, in PostgreSQL, and in the contract."""
ODD_TEXT = 'tab\there\nline \\N \\\\ "quotes", commas; é ✓ \b\f\v\r.'
ROWS: list[tuple[Any, ...]] = [
    (1, 1, "0.10", "1", "1.5", 0.1, 0.1, "2026-01-31", "2026-02-01 07:30:00", "2026-01-31 23:30:00.123456",
     True, "plain", "ab", "x", "open"),
    (2**63 - 1, -32768, "-9999999999.99", "9" * 32 + ".999999", "123456789012345678.123456", 1e-12,
     16777216.0, "1000-01-01", "1999-12-31 23:59:59.999999", "9999-12-31 00:00:00", False, ODD_TEXT,
     "", "", "closed"),
    (3, *[None] * 14),
    (4, 0, "0.00", "0", "0.000", 1e15, 1e6, "9999-12-31", "2026-03-29 01:30:00.5", "2026-03-29 02:30:00",
     None, "\\N", "abcdef", "0123456789", "open"),
    (5, 7, "5.50", "1.000001", "-0.25", 98765432109876.5, 33554432.0, "1001-01-01",
     "1970-01-01 00:00:01", "1001-01-01 00:00:00", True, "\ufeffmark", "é", "😀", "open"),
    (6, 7, "5.50", "1.000001", "10", 123456789.123, 0.0001, "2024-02-29", "2026-01-01 00:00:00.1", None,
     True, "\u2028\x85\u200bx", "x", "y", "open"),
]  # fmt: skip
SCALES = {"amount": 2, "wide": 6, "free": 6}


def contract() -> Contract:
    columns: dict[str, Any] = {
        name: {"type": kind, "nullable": True} for name, (_, _, kind) in COLUMNS.items()
    }
    for name, scale in SCALES.items():
        columns[name]["scale"] = scale
    return Contract.model_validate({"title": "all", "columns": columns})


def filled(erp: Erp, table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> str:
    """A new table with rows, by its name with its schema."""
    made = ", ".join(f"`{name}` {of}" for name, of in columns.items())
    erp.run(f"CREATE OR REPLACE TABLE {table} ({made}) ENGINE=InnoDB")
    return refilled(erp, table, columns, rows)


def refilled(erp: Erp, table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> str:
    """The same table, which is as old as it was, with other rows."""
    with erp.server.connect(erp.name) as connection, connection.cursor() as cursor:
        cursor.execute("SET NAMES utf8mb4, time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'")
        cursor.execute(f"DELETE FROM {table}")
        cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(columns))})", rows)
    return f"{erp.name}.{table}"


def whole(reading: Reading) -> pl.DataFrame:
    assert reading.states["one"].status == "ok", reading.states["one"].reason
    return reading.frames["one"].collect()


def corpus(erp: Erp) -> str:
    return filled(erp, "whole", {name: of for name, (of, _, _) in COLUMNS.items()}, ROWS)


def test_rows_are_those_of_the_same_table_in_a_file(maria_erp: Erp) -> None:
    """The file is written here, from the values that were put in."""
    lines = [",".join(COLUMNS)]
    for row in ROWS:
        lines.append(",".join("" if value is None else csv_field(value) for value in row))
    (maria_erp.folder / "all.csv").write_bytes(("\n".join(lines) + "\n").encode())
    source = SourceFile(path="all.csv")
    opened = {"one": open_source("one", contract(), source, maria_erp.folder, dt.date(2026, 6, 1))}
    reading = Reading(opened, opened)
    reading.read_small()
    found = whole(maria_erp.read(contract(), one=corpus(maria_erp)))
    # A file has no missing texts: they are empty there.
    in_file = [name for name, (_, _, kind) in COLUMNS.items() if kind != "string"]
    assert found.select(in_file).to_dicts() == whole(reading).select(in_file).to_dicts()
    assert found["name"].to_list() == [row[11] for row in ROWS]
    assert found["code"].to_list() == [row[12] or None for row in ROWS], "an empty text is none"


def csv_field(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, float) else str(value)
    return '"' + text.replace('"', '""') + '"'


def test_rows_are_those_of_the_same_table_in_postgresql(
    maria_erp: Erp, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is their digest: nothing of it depends on how a server writes numbers and moments."""
    import psycopg

    found = maria_erp.read(contract(), one=corpus(maria_erp))
    other = Erp(server, f"same_{maria_erp.name}", monkeypatch, maria_erp.folder)
    server.execute("postgres", f"CREATE DATABASE {other.name}")
    other.run(
        "CREATE SCHEMA finance",
        "CREATE TYPE finance.state AS ENUM ('open', 'closed')",
        f"CREATE TABLE finance.whole ({', '.join(f'{name} {of}' for name, (_, of, _) in COLUMNS.items())})",
    )
    with psycopg.connect(server.url(other.name)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for row in ROWS:
            connection.execute(f"INSERT INTO finance.whole VALUES ({', '.join(['%s'] * len(row))})", row)
    other.as_role(server.user, server.password, privileged=True)
    same = other.read(contract(), one="finance.whole")
    assert whole(found).to_dicts() == whole(same).to_dicts()
    (ours,), (theirs,) = (each.states["one"].files.values() for each in (found, same))
    assert ours == theirs


SCALED = st.decimals(Decimal(-(10**30)), Decimal(10**30), places=6)
MOMENTS = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
"""Signs beyond the BMP, ends of lines, backslashes and NUL among them."""
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(FLOATS.filter(lambda drawn: abs(drawn) < 2**53))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_floats_are_written_as_postgresql_writes_them(server: Server, drawn: float) -> None:
    """Of doubles from 2^53 on, and of singles from 2^24 on, PostgreSQL at times writes one digit more."""
    import psycopg

    values = [drawn, 0.0, -0.0, 1e-4, 1e-5, 999999.0, 1e6, 16777216.0, 1e14, 1e15, 1e22, 5e-324, 1.5e-7]
    with psycopg.connect(server.url("postgres")) as connection:
        for value in values:
            asked = f"SELECT ({value!r})::float8::text"
            ((double,),) = connection.execute(asked).fetchall()  # type: ignore[call-overload]
            assert float_text(float(double), single=False) == double
            if (abs(value) < 2**24 or value is not drawn) and (not value or abs(value) > 1e-37):
                asked = f"SELECT ({value!r})::float4::text"
                ((single,),) = connection.execute(asked).fetchall()  # type: ignore[call-overload]
                assert float_text(nearest_single(float(single)), single=True) == single


def nearest_single(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


def single_text(value: float) -> Decimal:
    """The decimal of fewest digits that means a single, found by trying."""
    return next(
        Decimal(text)
        for digits in range(1, 10)
        if nearest_single(float(text := f"{value:.{digits}g}")) == value
    )


EACH: dict[str, tuple[str, st.SearchStrategy[Any], Any]] = {
    "tinyint": ("tinyint", st.integers(-128, 127), int),
    "bigint": ("bigint", st.integers(-(2**63), 2**63 - 1), int),
    "unsigned": ("bigint unsigned", st.integers(0, 2**63 - 1), int),
    "zerofill": ("int(8) zerofill", st.integers(0, 2**32 - 1), int),
    "bit": ("bit(17)", st.integers(0, 2**17 - 1), int),
    "year": ("year", st.integers(1901, 2155), int),
    "decimal": ("decimal(38,6)", SCALED, Decimal),
    "wide decimal": ("decimal(65,30)", SCALED, Decimal),
    "double": ("double", FLOATS, lambda value: value),
    "float": ("float", st.floats(width=32, allow_nan=False, allow_infinity=False), lambda value: value),
    "date": ("date", st.dates(), lambda value: value),
    "datetime": ("datetime(6)", MOMENTS, lambda value: value),
    "longtext": ("longtext", TEXTS, str),
    "binary collation": ("varchar(40) COLLATE utf8mb4_bin", TEXTS, str),
    "json": ("json", TEXTS.map(lambda text: json.dumps({"a": text})), str),
    "latin1": ("varchar(40) CHARACTER SET latin1", st.text("aé€ÿ\\\n\t\0'\"", max_size=9), str),
    "sjis": ("varchar(40) CHARACTER SET sjis", st.text("日本語ソー表ｱ\n\t'", max_size=9), str),
}


@pytest.mark.parametrize("case", EACH)
def test_every_value_of_a_type_comes_back(maria_erp: Erp, case: str) -> None:
    of, values, _ = EACH[case]
    columns_of = {"n": "int primary key", "v": of}
    filled(maria_erp, "one_type", columns_of, [])
    maria_erp.server.settle()

    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(st.one_of(st.none(), values), min_size=1, max_size=60))
    def tried(drawn: list[Any]) -> None:
        table = refilled(maria_erp, "one_type", columns_of, list(enumerate(drawn)))
        address = maria_erp.server.url(maria_erp.name, f"reader_{maria_erp.name}", SECRET)
        with DATABASE.snapshot("erp", address, Connection(mysql="env:ERP_URL")) as snapshot:
            found = snapshot.table(table)
            columns = snapshot.exact(found, found.columns)
            frames = [
                frame_of(b"".join(lines), len(lines), columns, "it")
                for lines in snapshot.rows(found, columns)
            ]
        came = dict(pl.concat(frames).rows())
        assert came == dict(enumerate(drawn))

    tried()


def test_a_single_is_the_decimal_of_its_fewest_digits(maria_erp: Erp) -> None:
    """MariaDB itself writes six digits of it: 16777216 comes as 16777200."""
    given_values = [0.1, 16777216.0, 123456.7, 1e-7, 33554431.0, 5.877e-5]
    table = filled(maria_erp, "f", {"n": "int", "f": "float"}, list(enumerate(given_values)))
    of = Contract.model_validate({"title": "t", "columns": {"f": {"type": "float"}}})
    found = whole(maria_erp.read(of, one=table))["f"].to_list()
    assert found == [single_text(nearest_single(value)) for value in given_values]


def test_what_a_server_is_set_up_with_changes_nothing(maria_erp: Erp) -> None:
    table = corpus(maria_erp)
    maria_erp.run("CREATE TABLE past (i int) WITH SYSTEM VERSIONING", "INSERT INTO past VALUES (1), (2), (3)")
    first = maria_erp.read(contract(), one=table)
    settings_of = {
        "sql_mode": "'ANSI,ORACLE,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES'", "time_zone": "'+09:00'",
        "sql_select_limit": "2", "character_set_results": "latin1", "tx_isolation": "'READ-COMMITTED'",
        "collation_connection": "utf8mb4_bin", "system_versioning_asof": "'2001-01-01'",
        "sql_auto_is_null": "1", "div_precision_increment": "0",
    }  # fmt: skip
    server = maria_erp.server
    kept = {}
    with server.connect() as connection, connection.cursor() as cursor:
        for key in settings_of:
            cursor.execute(f"SELECT @@GLOBAL.{key}")
            kept[key] = cursor.fetchone()[0]
    try:
        server.execute(None, *(f"SET GLOBAL {key} = {value}" for key, value in settings_of.items()))
        init = "SET sql_select_limit = 1, time_zone = '-05:00'"
        server.execute(None, f'SET GLOBAL init_connect = "{init}"')
        other = maria_erp.read(contract(), one=table)
        past = maria_erp.state(f"{maria_erp.name}.past", WHOLE)
    finally:
        server.execute(None, "SET GLOBAL init_connect = ''")
        for key, value in kept.items():
            plain = value if isinstance(value, int) or value == "DEFAULT" else f"'{value}'"
            server.execute(None, f"SET GLOBAL {key} = {plain}")
    assert past.rows == 3
    assert other.states["one"].digest == first.states["one"].digest
    assert whole(other).equals(whole(first))


@pytest.mark.parametrize("kind", ["VIEW", "PARTITIONED", "VERSIONED", "VIEW OF VIEW", "COMPRESSED"])
def test_whatever_has_rows_can_be_read(maria_erp: Erp, kind: str) -> None:
    rows = "INSERT INTO kept SELECT seq FROM seq_1_to_9"
    plain = ["CREATE TABLE t (i int)", rows.replace("kept", "t")]
    made = {
        "VIEW": [*plain, "CREATE VIEW kept AS SELECT i FROM t"],
        "VIEW OF VIEW": [*plain, "CREATE VIEW v AS SELECT i FROM t", "CREATE VIEW kept AS SELECT i FROM v"],
        "PARTITIONED": ["CREATE TABLE kept (i int) PARTITION BY HASH(i) PARTITIONS 3", rows],
        "VERSIONED": [
            "CREATE TABLE kept (i int) WITH SYSTEM VERSIONING",
            rows,
            "INSERT INTO kept VALUES (10)",
            "DELETE FROM kept WHERE i = 10",
        ],
        "COMPRESSED": ["CREATE TABLE kept (i int) ROW_FORMAT=COMPRESSED", rows],
    }
    maria_erp.run(*made[kind])
    found = maria_erp.state(f"{maria_erp.name}.kept", WHOLE)
    assert (found.status, found.rows) == ("ok", 9), found.reason


@pytest.mark.parametrize("engine", ["MyISAM", "Aria", "CSV", "MEMORY", "MERGE"])
@pytest.mark.parametrize("through", ["itself", "a view", "a view of a view"])
def test_an_engine_that_shows_no_moment_is_refused(maria_erp: Erp, engine: str, through: str) -> None:
    name, options = maria_erp.name, ""
    if engine == "MERGE":
        maria_erp.run("CREATE TABLE base (i int NOT NULL) ENGINE=MyISAM")
        options = " UNION=(base)"
    maria_erp.run(
        f"CREATE TABLE t (i int NOT NULL) ENGINE={engine}{options}",
        "CREATE TABLE fine (i int)",
        "CREATE VIEW v AS SELECT t.i FROM fine JOIN t ON t.i = fine.i",
        "CREATE VIEW vv AS SELECT * FROM v",
        f"GRANT SHOW VIEW ON {name}.* TO reader_{name}",
    )
    table = {"itself": "t", "a view": "v", "a view of a view": "vv"}[through]
    found = maria_erp.state(f"{name}.{table}", WHOLE)
    assert found.status == "error"
    said = "it is of" if through == "itself" else f"{name}.t, of which it is a view, is of"
    assert said in found.reason
    assert "which shows no moment" in found.reason


@pytest.mark.parametrize(
    ("of", "value", "said"),
    [
        ("point", "POINT(1, 2)", "of the type point, of which nothing is measured"),
        ("geometry", "POINT(1, 2)", "of the type geometry"),
        ("blob", "'x'", "of the type blob"),
        ("varbinary(9)", "'x'", "of the type varbinary(9)"),
        ("varchar(9) CHARACTER SET binary", "'x'", "of the type varbinary(9)"),
        ("time", "'10:00'", "of the type time"),
        ("inet6", "'::1'", "of the type inet6"),
        (
            "decimal(65,30)",
            "1000000000000000000000000000000.00000000000000000001",
            "its numbers need 51 digits, and 38 are exact",
        ),
        ("decimal(50,2)", "1e40", "its numbers need 41 digits, and 38 are exact"),
        ("bigint unsigned", "18446744073709551615", "numbers of bigint(20) unsigned beyond"),
        ("bit(64)", "0xFFFFFFFFFFFFFFFF", "numbers of bit(64) beyond"),
        ("date", "'0000-00-00'", "or that no calendar has"),
        ("date", "'2026-00-10'", "or that no calendar has"),
        ("date", "'2026-10-00'", "or that no calendar has"),
        ("date", "'0000-01-01'", "days before the year 1"),
        ("date", "'2026-02-31'", "or that no calendar has"),
        ("datetime(3)", "'0000-00-00 00:00:00'", "or that no calendar has"),
        ("datetime", "'2026-00-01 00:00:00'", "or that no calendar has"),
        ("timestamp NULL", "0", "or that no calendar has"),
        ("varchar(9) CHARACTER SET ascii", "_ascii 0x4dff", "the server warns 1 times"),
    ],
)
def test_what_is_not_exact_is_refused_by_name(maria_erp: Erp, of: str, value: str, said: str) -> None:
    maria_erp.run(
        "SET sql_mode = 'ALLOW_INVALID_DATES'",
        f"CREATE TABLE odd (i int, odd {of})",
        f"INSERT INTO odd VALUES (1, {value})",
    )
    odd = Contract.model_validate(
        {"title": "t", "columns": {"odd": {"type": "string"}, "i": {"type": "integer"}}}
    )
    table = f"{maria_erp.name}.odd"
    found = maria_erp.state(table, odd)
    assert found.status == "error"
    assert "'odd'" in found.reason or "warns" in found.reason
    assert said in found.reason
    assert maria_erp.state(table, WHOLE).status == "ok", "what nobody asks for hinders nobody"


@pytest.mark.parametrize(
    "value",
    [
        "CAST('12x' AS INT)",
        "CAST('2026-99-99' AS DATE)",
        "(SELECT GROUP_CONCAT(REPEAT('x', 1000000)) FROM t)",
        "CONVERT(CONVERT('日' USING utf8mb4) USING latin1)",
    ],
)
def test_a_view_in_which_values_are_cut_or_lost_on_the_way_is_refused(maria_erp: Erp, value: str) -> None:
    maria_erp.run(
        "SET NAMES utf8mb4",
        "CREATE TABLE t (i int)",
        "INSERT INTO t VALUES (1), (2)",
        f"CREATE VIEW v AS SELECT i, {value} AS v FROM t",
    )
    found = maria_erp.state(f"{maria_erp.name}.v", Contract(title="t", infer=True))
    assert found.status == "error"
    assert "values were cut or changed" in found.reason
    assert "2026-99" not in found.reason
    assert "12x" not in found.reason


def test_truth_values_are_numbers_that_a_contract_may_call_so(maria_erp: Erp) -> None:
    rows = [(1, True), (2, False), (3, None)]
    table = filled(maria_erp, "t", {"i": "int", "ok": "bool"}, rows)
    truth = Contract.model_validate({"title": "t", "columns": {"ok": {"type": "boolean", "nullable": True}}})
    number = Contract.model_validate({"title": "t", "columns": {"ok": {"type": "integer", "nullable": True}}})
    assert whole(maria_erp.read(truth, one=table))["ok"].to_list() == [True, False, None]
    assert whole(maria_erp.read(number, one=table))["ok"].to_list() == [1, 0, None]
    maria_erp.run("INSERT INTO t VALUES (4, 2)")
    assert maria_erp.state(table, truth).status == "error"
    assert maria_erp.state(table, number).status == "ok"
