"""SQLite databases: a table read as it is stored, and what is refused with its place."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources import passes
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
COLUMNS: dict[str, dict[str, Any]] = {
    "id": {"type": "integer"},
    "amount": {"type": "decimal", "scale": 2},
    "who": {"type": "string", "nullable": True},
}
PLAIN = """
CREATE TABLE invoices (id INTEGER PRIMARY KEY, amount TEXT, who TEXT, paid DATE);
INSERT INTO invoices VALUES (7, '94.51', 'a', '2026-01-02'), (3, '5', NULL, NULL);
"""


def database(folder: Path, sql: str, name: str = "app.sqlite") -> Path:
    path = folder / name
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()
    return path


def read(
    folder: Path,
    said: dict[str, Any] | None = None,
    columns: dict[str, Any] | None = None,
    infer: bool = False,
) -> tuple[SourceState, list[tuple[Any, ...]] | None]:
    contract = Contract.model_validate({"title": "One", "columns": columns or COLUMNS})
    file = SourceFile.model_validate({"path": "app.sqlite", "table": "invoices", **(said or {})})
    source = open_source("t", contract, file, folder, AS_OF)
    if source.frame is None:
        return source.settle({}), None
    *checks, found = pl.collect_all([*source.checks, source.frame.select(*source.kinds)])
    return source.settle(numbers(checks)), found.rows()


@pytest.mark.parametrize("small", [passes.SMALL, -1])
def test_a_table_is_read_in_the_order_of_its_rows(
    small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    path = database(tmp_path, PLAIN)
    state, rows = read(tmp_path)
    assert (state.status, state.reason) == ("ok", "")
    assert [(id_, str(amount), who) for id_, amount, who in rows or []] == [
        (3, "5.00", None),
        (7, "94.51", "a"),
    ]
    assert state.files == {"app.sqlite": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"}
    assert {each.name for each in tmp_path.iterdir()} == {"app.sqlite"}


def test_a_database_with_checks_of_json_is_read(tmp_path: Path) -> None:
    """As Django has them for each column of JSON, in whichever table."""
    check = 'CREATE TABLE events (data TEXT CHECK (JSON_VALID("data") OR "data" IS NULL));'
    database(tmp_path, f"{PLAIN}{check}INSERT INTO events VALUES ('{{}}')")
    assert read(tmp_path)[0].status == "ok"
    events = read(tmp_path, {"table": "events"}, {"data": {"type": "string"}})
    assert (events[0].status, events[1]) == ("ok", [("{}",)])


def test_the_only_table_needs_no_name(tmp_path: Path) -> None:
    database(tmp_path, PLAIN)
    assert read(tmp_path, {"table": None})[0].status == "ok"


CELLS: dict[str, tuple[str, dict[str, Any], str]] = {
    "REAL under a decimal": (
        "CREATE TABLE invoices (amount DECIMAL(10, 2)); INSERT INTO invoices VALUES (5), (94.51)",
        {"amount": {"type": "decimal", "scale": 2}},
        'app.sqlite invoices rowid 2 has amount "94.51 (REAL)"',
    ),
    "REAL under an integer": (
        "CREATE TABLE invoices (amount REAL); INSERT INTO invoices VALUES (5)",
        {"amount": {"type": "integer"}},
        'app.sqlite invoices rowid 1 has amount "5 (REAL)"',
    ),
    "TEXT among integers": (
        "CREATE TABLE invoices (n INTEGER); INSERT INTO invoices VALUES (5), ('1,000')",
        {"n": {"type": "integer"}},
        'app.sqlite invoices rowid 2 has n "1,000 (TEXT)"',
    ),
    "TEXT among floats": (
        "CREATE TABLE invoices (n REAL); INSERT INTO invoices VALUES (5), ('1,5')",
        {"n": {"type": "float"}},
        'app.sqlite invoices rowid 2 has n "1,5 (TEXT)"',
    ),
    "no rowid": (
        "CREATE TABLE invoices (n TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO invoices VALUES ('b'), ('5')",
        {"n": {"type": "integer"}},
        'app.sqlite invoices row 2 has n "b"',
    ),
    "a column called rowid": (
        "CREATE TABLE invoices (rowid TEXT); INSERT INTO invoices VALUES ('b')",
        {"rowid": {"type": "integer"}},
        'app.sqlite invoices rowid 1 has rowid "b"',
    ),
    "an empty cell": (
        "CREATE TABLE invoices (n TEXT); INSERT INTO invoices VALUES (''), ('a')",
        {"n": {"type": "string"}},
        "app.sqlite invoices rowid 1 has no n",
    ),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_value_that_is_stored_as_something_else_breaks_the_contract(case: str, tmp_path: Path) -> None:
    sql, columns, said = CELLS[case]
    database(tmp_path, sql)
    state, _ = read(tmp_path, {"thousands": ","}, columns)
    assert (state.status, [cell.said for each in state.breaches for cell in each.cells]) == ("error", [said])


READ: dict[str, tuple[str, dict[str, Any], list[tuple[str | None, ...]]]] = {
    "floats": (
        "CREATE TABLE invoices (a REAL); INSERT INTO invoices VALUES (94.51), (5), (1e20), (0.25), (NULL)",
        {"a": {"type": "float", "nullable": True}},
        [("94.51",), ("5.00",), ("100000000000000000000.00",), ("0.25",), (None,)],
    ),
    "integers": (
        "CREATE TABLE invoices (a INTEGER);INSERT INTO invoices VALUES (9223372036854775807), (-9223372036854775808)",  # noqa: E501
        {"a": {"type": "integer"}},
        [("9223372036854775807",), ("-9223372036854775808",)],
    ),
    "integers under a decimal": (
        "CREATE TABLE invoices (a DECIMAL(10, 2)); INSERT INTO invoices VALUES (5), ('7')",
        {"a": {"type": "decimal", "scale": 2}},
        [("5.00",), ("7.00",)],
    ),
    "words for nothing": (
        "CREATE TABLE invoices (a INTEGER); INSERT INTO invoices VALUES (5), ('n/a')",
        {"a": {"type": "integer", "nullable": True}},
        [("5",), (None,)],
    ),
    "a column that is computed": (
        "CREATE TABLE invoices (n INTEGER, a INTEGER GENERATED ALWAYS AS (n * 2));INSERT INTO invoices VALUES (5)",  # noqa: E501
        {"a": {"type": "integer"}},
        [("10",)],
    ),
    "odd names": (
        """CREATE TABLE invoices ("a"" b" TEXT); INSERT INTO invoices VALUES ('x')""",
        {'a" b': {"type": "string"}},
        [("x",)],
    ),
    "UTF-16": (
        "PRAGMA encoding = 'UTF-16'; CREATE TABLE invoices (a TEXT); INSERT INTO invoices VALUES ('ä')",
        {"a": {"type": "string"}},
        [("ä",)],
    ),
    "a database that keeps changes beside it": (
        "PRAGMA journal_mode = WAL; CREATE TABLE invoices (a TEXT); INSERT INTO invoices VALUES ('x')",
        {"a": {"type": "string"}},
        [("x",)],
    ),
    "bytes that nobody reads": (
        "CREATE TABLE invoices (a TEXT, b BLOB); INSERT INTO invoices VALUES ('x', x'00ff')",
        {"a": {"type": "string"}},
        [("x",)],
    ),
    "no rows": ("CREATE TABLE invoices (a TEXT)", {"a": {"type": "string"}}, []),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("case", READ)
def test_values_are_what_is_stored(
    case: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    sql, columns, expected = READ[case]
    database(tmp_path, sql)
    state, rows = read(tmp_path, {"null_values": ["", "n/a"]}, columns)
    assert state.status == "ok", state.reason
    assert [tuple(None if cell is None else str(cell) for cell in row) for row in rows or []] == expected


def test_without_a_contract_a_column_with_floats_is_one_of_floats(tmp_path: Path) -> None:
    database(
        tmp_path,
        "CREATE TABLE invoices (a DECIMAL, b INTEGER, c TEXT, d BLOB);"
        "INSERT INTO invoices VALUES (94.51, 1, '2.50', x'00'), (5, 2, '3', NULL)",
    )
    source = open_source("t", None, SourceFile.model_validate({"path": "app.sqlite"}), tmp_path, AS_OF)
    assert {name: column.type for name, column in source.contract.columns.items()} == {
        "a": "float",
        "b": "integer",
        "c": "decimal",
    }
    assert "holds bytes (BLOB)" in source.left_out["d"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def newer(path: Path) -> None:
    """A way of reading that no version has yet, where whole files are read without it."""
    content = bytearray(path.read_bytes())
    content[19] = 3
    path.write_bytes(content)


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def renamed(path: Path) -> None:
    content = path.read_bytes()
    assert b"amount" in content
    path.write_bytes(content.replace(b"amount", b"amo\xffnt"))


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:4200] = b"\xff" * 104
    path.write_bytes(content)


def beside(ending: str) -> Callable[[Path], None]:
    return lambda path: path.with_name(path.name + ending).write_bytes(b"x") and None


BARE = "CREATE TABLE invoices (id, amount, who);"
REFUSED: dict[str, tuple[str, dict[str, Any], Callable[[Path], None] | None, str]] = {
    "another table": (
        PLAIN,
        {"table": "invoice"},
        None,
        "app.sqlite has no table 'invoice'; did you mean 'invoices'?",
    ),
    "SQL for a table": (
        PLAIN,
        {"table": "invoices; DROP TABLE invoices"},
        None,
        "app.sqlite has no table 'invoices; DROP",
    ),
    "the catalogue": (PLAIN, {"table": "sqlite_master"}, None, "app.sqlite has no table 'sqlite_master'"),
    "several tables": (
        f"{PLAIN}CREATE TABLE b (a)",
        {"table": None},
        None,
        "app.sqlite has 2 tables: say which, by 'table'; it has b, invoices",
    ),
    "a view": (
        "CREATE VIEW invoices AS SELECT random() AS id",
        {},
        None,
        "app.sqlite: 'invoices' is a view, whose rows are computed",
    ),
    "changes beside it": (PLAIN, {}, beside("-wal"), "app.sqlite has changes beside it, in app.sqlite-wal"),
    "an unfinished change": (
        PLAIN,
        {},
        beside("-journal"),
        "app.sqlite has an unfinished change beside it, in app.sqlite-journal",
    ),
    "a page that is gone": (PLAIN, {}, cut, "app.sqlite is no whole SQLite database"),
    "a part of a page": (PLAIN, {}, torn, "app.sqlite is no whole SQLite database"),
    "a form that SQLite does not read": (PLAIN, {}, newer, "app.sqlite is no SQLite database of a form"),
    "a name that is no text": (PLAIN, {}, renamed, "can not be read: it has a name that is not UTF-8"),
    "damage": (PLAIN, {}, overwritten, "app.sqlite"),
    "another file": (
        PLAIN,
        {},
        lambda path: path.write_bytes(b"id,amount,who\n") and None,
        "app.sqlite is no SQLite database",
    ),
    "bytes": (
        "CREATE TABLE invoices (id, amount, who); INSERT INTO invoices VALUES (1, 1, x'00')",
        {},
        None,
        "app.sqlite invoices rowid 1: 'who' holds bytes (BLOB)",
    ),
    "bytes in a table without rowids": (
        f"{BARE[:-2]}, PRIMARY KEY (id)) WITHOUT ROWID;INSERT INTO invoices VALUES (7, 1, x'00')",
        {},
        None,
        "app.sqlite invoices row 1: 'who' holds bytes (BLOB)",
    ),
    "another encoding": (
        f"{BARE}INSERT INTO invoices VALUES (1, 1, CAST(x'e9' AS TEXT))",
        {},
        None,
        "'who' has a text that is not UTF-8",
    ),
    "no column": (
        "CREATE TABLE invoices (id, amount, wo)",
        {},
        None,
        "app.sqlite has no column 'who'; did you mean 'wo'?",
    ),
    "a key of other formats": (
        PLAIN,
        {"separator": ";"},
        None,
        "app.sqlite is no CSV file, and separator is about CSV files",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_read_is_told(
    case: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    sql, said, change, told = REFUSED[case]
    path = database(tmp_path, sql)
    if change is not None:
        change(path)
    state, _ = read(tmp_path, said)
    assert (state.status, told in state.reason) == ("error", True), state.reason


def test_a_journal_of_a_change_that_has_ended_is_none(tmp_path: Path) -> None:
    """SQLite writes zeros over its head, and keeps it; what it says of the journal is the oracle."""
    path = database(tmp_path, PLAIN)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = PERSIST").fetchall()
        connection.execute("UPDATE invoices SET who = 'b'")
        connection.commit()
    journal = path.with_name("app.sqlite-journal")
    assert journal.stat().st_size > 0
    state, rows = read(tmp_path, {})
    assert (state.status, len(rows)) == ("ok", 2), state.reason
    journal.write_bytes(bytes([0xD9]) + journal.read_bytes()[1:])
    state, _ = read(tmp_path, {})
    assert "has an unfinished change beside it" in state.reason


def test_changes_that_come_beside_it_meanwhile_are_seen(tmp_path: Path) -> None:
    database(tmp_path, PLAIN)
    contract = Contract.model_validate({"title": "One", "columns": COLUMNS})
    file = SourceFile.model_validate({"path": "app.sqlite"})
    source = open_source("t", contract, file, tmp_path, AS_OF)
    (tmp_path / "app.sqlite-wal").write_bytes(b"x")
    assert source.settle(numbers(pl.collect_all(source.checks))).reason.startswith(
        "app.sqlite has changes beside"
    )


def test_an_index_that_says_something_else_is_not_read_for_the_table(tmp_path: Path) -> None:
    """Of a table without row numbers SQLite reads an index that has all of its columns."""
    index = "CREATE INDEX other ON {} (amount, who, id);"
    path = database(
        tmp_path,
        "CREATE TABLE invoices (id INTEGER PRIMARY KEY, amount, who TEXT) WITHOUT ROWID;"
        + index.format("invoices")
        + "INSERT INTO invoices VALUES (1, 10, 'a'), (2, 20, 'b');",
    )
    assert read(tmp_path, {"table": "invoices"})[0].status == "ok"
    with closing(sqlite3.connect(path)) as changed, changed:
        changed.execute("PRAGMA writable_schema = ON")
        changed.execute("CREATE TABLE paid AS SELECT id, 999 AS amount, who FROM invoices")
        changed.execute("CREATE INDEX lies ON paid (amount, who, id)")
        changed.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'lies') "
            "WHERE name = 'other'"
        )
    state, _ = read(tmp_path, {"table": "invoices"})
    assert "app.sqlite is damaged: row 1 missing from index other" in state.reason


def test_few_bytes_that_stand_for_many_are_refused(tmp_path: Path) -> None:
    database(
        tmp_path,
        "CREATE TABLE invoices (id INTEGER, who TEXT GENERATED ALWAYS AS (hex(zeroblob(500000))));"
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        "INSERT INTO invoices SELECT i FROM n;",
    )
    state, _ = read(tmp_path, columns={"id": {"type": "integer"}})
    assert "app.sqlite holds texts of more than 67,108,864 bytes" in state.reason
