"""A real MariaDB server: a table is the one that the catalogue has, and so are its columns."""

from __future__ import annotations

import polars as pl
import pytest
from erp_database import SECRET, Erp
from mariadb_server import started

from phasegate.facts.sources.passes import Reading
from phasegate.rules.model.contract import Contract

pytestmark = pytest.mark.slow
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})


def whole(reading: Reading) -> pl.DataFrame:
    assert reading.states["one"].status == "ok", reading.states["one"].reason
    return reading.frames["one"].collect()


def test_columns_that_are_computed_or_not_shown_are_read(maria_erp: Erp) -> None:
    maria_erp.run(
        "CREATE TABLE t (i int, twice int AS (i * 2) VIRTUAL, thrice int AS (i * 3) STORED, "
        "hid int INVISIBLE)",
        "INSERT INTO t (i, hid) VALUES (1, 9)",
    )
    found = whole(maria_erp.read(Contract(title="t", infer=True), one=f"{maria_erp.name}.t"))
    assert found.to_dicts() == [{"i": 1, "twice": 2, "thrice": 3, "hid": 9}]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("I `quoted`; DROP TABLE t; --", "ok"),
        ("Invoices", "ok"),
        ("invoices", "error"),
        ("invoicés", "error"),
        ("t; DROP TABLE t", "error"),
        ("t WHERE false", "error"),
        ("s", "error"),
    ],
)
def test_a_table_is_the_one_that_the_catalogue_has(maria_erp: Erp, written: str, status: str) -> None:
    maria_erp.run(
        "CREATE TABLE t (i int)",
        "CREATE TABLE Invoices (i int)",
        "CREATE TABLE `I ``quoted``; DROP TABLE t; --` (i int, `odd `` name` int)",
        "CREATE SEQUENCE s",
    )
    assert maria_erp.state(f"{maria_erp.name}.{written}", WHOLE).status == status
    assert maria_erp.state(f"{maria_erp.name.upper()}.t", WHOLE).status == "error"
    assert maria_erp.state(f"{maria_erp.name}.t", WHOLE).status == "ok"


def test_where_the_server_knows_no_case_a_name_has_none(maria_erp: Erp) -> None:
    server = started("lower-case-table-names=1")
    try:
        server.execute(
            None, "CREATE DATABASE Books", "CREATE TABLE Books.Invoices (i int)",
            f"CREATE USER reader IDENTIFIED BY '{SECRET}'", "GRANT SELECT ON Books.* TO reader",
        )  # fmt: skip
        maria_erp.monkeypatch.setenv("ERP_URL", server.url("books", "reader", SECRET))
        for written in ("books.invoices", "Books.Invoices", "BOOKS.INVOICES"):
            assert maria_erp.state(written, WHOLE).status == "ok"
        assert maria_erp.state("books.invoicés", WHOLE).status == "error"
    finally:
        server.end()


@pytest.mark.parametrize("table", ["mysql.user", "information_schema.tables", "performance_schema.threads"])
def test_tables_of_the_server_itself_are_none(maria_erp: Erp, table: str) -> None:
    maria_erp.as_role(maria_erp.server.user, maria_erp.server.password, privileged=True)
    assert "does not exist" in maria_erp.state(table, WHOLE).reason


def test_columns_have_any_name(maria_erp: Erp) -> None:
    maria_erp.run('CREATE TABLE t (`a "b" ``c`` {0} {} %s` int)', "INSERT INTO t VALUES (7)")
    found = whole(maria_erp.read(Contract(title="t", infer=True), one=f"{maria_erp.name}.t"))
    assert found.to_dicts() == [{'a "b" `c` {0} {} %s': 7}]


def test_names_with_a_dot_may_be_two_tables(maria_erp: Erp) -> None:
    name = maria_erp.name
    maria_erp.run(
        f"CREATE DATABASE `{name}.x`", f"CREATE TABLE `{name}.x`.`y` (i int)", "CREATE TABLE `x.y` (i int)"
    )
    reader = f"reader_{name}"
    assert maria_erp.state(f"{name}.x.y", WHOLE).status == "ok", "of the other one the role sees nothing"
    maria_erp.run(f"GRANT SELECT ON `{name}.x`.* TO {reader}")
    assert "may be two tables" in maria_erp.state(f"{name}.x.y", WHOLE).reason


def test_a_table_may_be_granted_by_column(maria_erp: Erp) -> None:
    name = maria_erp.name
    maria_erp.run(
        "CREATE TABLE t (i int, salary int, other int)", "INSERT INTO t VALUES (1, 9, 9)",
        f"REVOKE SELECT ON {name}.* FROM reader_{name}",
        f"GRANT SELECT (i), REFERENCES (salary) ON {name}.t TO reader_{name}",
    )  # fmt: skip
    table = f"{name}.t"
    assert maria_erp.state(table, WHOLE).status == "ok"
    for column, said in (("salary", "the role may not read it"), ("other", "no column 'other'")):
        wanted = Contract.model_validate({"title": "t", "columns": {column: {"type": "integer"}}})
        found = maria_erp.state(table, wanted)
        assert found.status == "error"
        assert said in found.reason


def test_one_table_that_is_refused_leaves_the_others(maria_erp: Erp) -> None:
    """Not even one whose rows can not be read from some row on."""
    name = maria_erp.name
    maria_erp.run(
        "SET sql_mode = ''", "CREATE TABLE odd (i int, d date)", "CREATE TABLE b (i int)",
        "INSERT INTO b VALUES (1)",
        "INSERT INTO odd SELECT seq, IF(seq = 5, '0000-00-00', '2026-01-01') FROM seq_1_to_800000",
    )  # fmt: skip
    odd = Contract.model_validate(
        {"title": "t", "columns": {"i": {"type": "integer"}, "d": {"type": "date", "nullable": True}}}
    )
    infer = Contract(title="t", infer=True)
    found = maria_erp.states(infer, a=f"{name}.odd", b=f"{name}.b", c=f"{name}.gone")
    assert {key: each.status for key, each in found.items()} == {"a": "error", "b": "ok", "c": "error"}
    assert "no calendar has" in found["a"].reason
    assert maria_erp.state(f"{name}.odd", odd).status == "error"


def test_a_row_that_is_too_long_is_refused(maria_erp: Erp) -> None:
    maria_erp.run(
        "CREATE TABLE t (a longtext, b longtext)", "INSERT INTO t (a) VALUES (REPEAT('x', 12000000))"
    )
    text = Contract.model_validate(
        {"title": "t", "columns": {each: {"type": "string", "nullable": True} for each in "ab"}}
    )
    assert len(whole(maria_erp.read(text, one=f"{maria_erp.name}.t"))["a"][0]) == 12_000_000
    maria_erp.run("UPDATE t SET b = a")
    found = maria_erp.state(f"{maria_erp.name}.t", text)
    assert found.status == "error"
    assert "has a row that is longer than" in found.reason


def test_an_empty_table_has_no_rows_and_all_columns(maria_erp: Erp) -> None:
    maria_erp.run("CREATE TABLE t (i int, d decimal(65,30))")
    found = maria_erp.state(f"{maria_erp.name}.t", Contract(title="t", infer=True))
    assert (found.status, found.rows, found.columns) == ("ok", 0, ("i", "d"))
