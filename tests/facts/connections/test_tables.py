"""What holds for the tables of every kind of database, tried on one that is a list of lines."""

from __future__ import annotations

import ast
import datetime as dt
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fake_database import FakeDatabase, FakeTable
from stations import STATIONS

from phasegate.facts.connections import tables
from phasegate.facts.connections.base import Database, PassingFaultError, Snapshot
from phasegate.facts.connections.objects.base import Store
from phasegate.facts.model.fact import SourceState
from phasegate.facts.model.progress import Come
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.open import open_source, open_sources
from phasegate.facts.sources.passes import Reading
from phasegate.records.facts import source_entry
from phasegate.records.source_diff import changed_source
from phasegate.rules.model.connection import DATABASES, STORES, Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

ROOT = Path(__file__).parents[3]
ADDRESS = "fake://ada:s3cret@nowhere/erp"
COLUMNS = {"id": "text", "amount": "decimal", "day": "date", "place": "geometry"}
LINES = [b"a\t1.50\t2026-01-01\t?\n", b"b\t2.00\t2026-01-02\t?\n", b"c\t\\N\t2026-01-03\t?\n"]
INVOICES = Contract.model_validate(
    {
        "title": "an invoice",
        "columns": {
            "id": {"type": "string"},
            "amount": {"type": "decimal", "scale": 2, "nullable": True},
            "day": {"type": "date"},
        },
    }
)
LOST = PassingFaultError("the connection 'erp' was lost")


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> FakeDatabase:
    made = FakeDatabase({"finance.invoices": FakeTable(COLUMNS, LINES)})
    monkeypatch.setattr(tables, "database_named", lambda name: made)
    monkeypatch.setattr(tables, "_PAUSE", 0)
    monkeypatch.setenv("ERP_URL", ADDRESS)
    return made


def read(contract: Contract = INVOICES, table: str = "finance.invoices", **keys: Any) -> Reading:
    """One source, opened and read."""
    return both({"invoices": (contract, {"from": "erp", "table": table, **keys})})


def both(sources: Mapping[str, tuple[Contract, dict[str, Any]]], root: Path = ROOT) -> Reading:
    opened = open_sources(
        {name: contract for name, (contract, _) in sources.items()},
        {name: SourceFile.model_validate(keys) for name, (_, keys) in sources.items()},
        root,
        dt.date(2026, 6, 1),
        connections={"erp": Connection(postgres="env:ERP_URL")},
    )
    reading = Reading(opened, opened)
    reading.read_small()
    return reading


def state(*given: Any, **keys: Any) -> SourceState:
    return read(*given, **keys).states["invoices"]


def test_rows_of_a_table_are_those_of_the_same_table_in_a_file(
    database: FakeDatabase, tmp_path: Path
) -> None:
    days = pl.date_range(dt.date(2026, 1, 1), dt.date(2026, 1, 3), eager=True)
    amounts = pl.Series(["1.50", "2.00", None]).cast(pl.Decimal(38, 2))
    pl.DataFrame({"id": ["a", "b", "c"], "amount": amounts, "day": days}).write_parquet(
        tmp_path / "i.parquet"
    )
    found = both(
        {
            "table": (INVOICES, {"from": "erp", "table": "finance.invoices"}),
            "file": (INVOICES, {"path": "i.parquet"}),
        },
        tmp_path,
    )
    assert found.frames["table"].collect().equals(found.frames["file"].collect())
    assert {each.status for each in found.states.values()} == {"ok"}


def test_only_what_is_asked_for_is_read(database: FakeDatabase) -> None:
    state()
    assert database.read == [["id", "amount", "day"]]


def test_a_column_may_be_renamed(database: FakeDatabase) -> None:
    database.tables["finance.invoices"] = FakeTable(
        {"no": "text", **COLUMNS}, [b"x\t" + line for line in LINES]
    )
    found = read(rename={"no": "id"})
    assert found.frames["invoices"].collect()["id"].to_list() == ["x", "x", "x"]


def test_without_a_contract_all_is_read_but_what_has_no_type_here(database: FakeDatabase) -> None:
    found = read(Contract(title="t", infer=True))
    assert found.states["invoices"].columns == ("id", "amount", "day")
    assert found._opened["invoices"].left_out == {
        "place": "it is of the type geometry, of which nothing is measured"
    }


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"place": {"type": "string"}},
            "erp:finance.invoices: column 'place' can not be read: it is of the type",
        ),
        (
            {"amounts": {"type": "decimal"}},
            "erp:finance.invoices has no column 'amounts'; did you mean 'amount'?",
        ),
        ({"amount": {"type": "date"}}, "column 'amount' is retyped: the file has it as decimal"),
    ],
)
def test_a_column_that_is_not_what_the_contract_says_is_an_error(
    database: FakeDatabase, columns: dict[str, Any], said: str
) -> None:
    found = state(Contract.model_validate({"title": "t", "columns": columns}))
    assert found.status == "error"
    assert said in found.reason


def test_a_table_that_there_is_not_leaves_the_others(database: FakeDatabase) -> None:
    found = both(
        {
            "gone": (INVOICES, {"from": "erp", "table": "finance.gone"}),
            "there": (INVOICES, {"from": "erp", "table": "finance.invoices"}),
        }
    ).states
    assert (found["gone"].status, found["there"].status) == ("error", "ok")
    assert len(database.addresses) == 1, "all of a connection are read in one snapshot"


@pytest.mark.parametrize(
    ("faults", "status", "snapshots"),
    [
        ([LOST], "ok", 2),
        ([LOST, LOST], "ok", 3),
        ([LOST, LOST, LOST], "error", 3),
        ([LOST, LOST, LOST, LOST], "error", 3),
        ([SourceError("it is refused")], "error", 1),
    ],
)
def test_what_may_pass_is_tried_again_twice(
    database: FakeDatabase, faults: list[SourceError | None], status: str, snapshots: int
) -> None:
    database.faults = faults
    assert state().status == status
    assert len(database.addresses) == snapshots


@pytest.mark.parametrize("fault", [LOST, SourceError("the server broke off"), ValueError("a bug")])
def test_rows_that_end_before_their_end_are_no_rows(database: FakeDatabase, fault: Exception) -> None:
    database.tables["finance.invoices"].fault = fault
    if isinstance(fault, SourceError):
        found = read()
        assert found.states["invoices"].status == "error"
        assert found.frames == {}
        assert found.states["invoices"].rows == 0
        assert len(database.addresses) == (3 if fault is LOST else 1)
    else:
        with pytest.raises(ValueError, match="a bug"):
            read()


@pytest.mark.parametrize("table", ["finance.invoices", "finance.gone"])
def test_who_listens_hears_once_that_a_table_is_read(database: FakeDatabase, table: str) -> None:
    heard: list[str] = []

    class Listener:
        def started(self, name: str) -> None:
            heard.append(f"{name} begins")

        def came(self, so_far: Come) -> None:
            heard.append(f"{so_far.source} has {so_far.done} {so_far.unit} of some {so_far.total}")

        def finished(self, name: str) -> None:
            heard.append(f"{name} ends")

    source = SourceFile.model_validate({"from": "erp", "table": table})
    opened = open_source(
        "invoices",
        INVOICES,
        source,
        ROOT,
        dt.date(2026, 6, 1),
        progress=Listener(),
        connections={"erp": Connection(postgres="env:ERP_URL")},
    )
    Reading(["invoices"], {"invoices": opened}).read_small()
    rows = (
        [f"invoices has {rows} rows of some 4" for rows in (1, 2, 3)] if table == "finance.invoices" else []
    )
    assert heard == ["invoices begins", *rows, "invoices ends"]


def test_a_variable_that_is_not_set_is_an_error_that_names_it(
    database: FakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ERP_URL")
    assert "'erp' is where ERP_URL says, and that variable is not set" in state().reason


def test_the_address_is_nowhere_in_what_was_found(database: FakeDatabase) -> None:
    assert ADDRESS in database.addresses or state()
    for faults in ([], [LOST] * 3):
        database.faults = [*faults]
        told = repr(source_entry(state(), None))
        assert "s3cret" not in told
        assert "nowhere" not in told


def test_the_digest_is_the_same_in_whatever_order_the_rows_come(database: FakeDatabase) -> None:
    first = state()
    database.tables["finance.invoices"].lines = LINES[::-1]
    other = state()
    assert first.table is not None
    assert other.table is not None
    assert first.digest == other.digest
    assert first.table.rows != other.table.rows
    assert changed_source(source_entry(first, None), source_entry(other, None)) is None


@pytest.mark.parametrize(
    "lines",
    [LINES[:2], [*LINES, LINES[0]], [LINES[0], LINES[0], LINES[2]], [b"d" + LINES[0][1:], *LINES[1:]]],
    ids=["fewer", "twice", "another one twice", "another value"],
)
def test_other_rows_have_another_digest(database: FakeDatabase, lines: list[bytes]) -> None:
    first = state()
    database.tables["finance.invoices"].lines = lines
    assert state().digest != first.digest
    assert changed_source(source_entry(first, None), source_entry(state(), None)) is not None


def test_the_record_says_where_the_rows_came_from(database: FakeDatabase) -> None:
    source = SourceFile.model_validate({"from": "erp", "table": "finance.invoices"})
    entry = source_entry(state(), source)
    assert entry["reading"] == {"from": "erp", "table": "finance.invoices"}
    assert list(entry["files"]) == ["erp:finance.invoices"]
    assert entry["table"]["server"] == "Fake 1"
    assert entry["table"]["types"] == {"id": "text", "amount": "decimal", "day": "date"}


def test_nothing_of_a_table_is_left_where_others_find_it(
    database: FakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert state().status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_where_rows_can_not_be_kept_it_is_an_error(
    database: FakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phasegate.facts.sources import rewritten

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rewritten, "unnamed_file", full)
    assert "erp:finance.invoices can not be kept for the run: no space left on device" in state().reason


def test_rows_that_nobody_took_are_no_empty_table(
    database: FakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_: object, *, schema: dict[str, pl.DataType], explain_name: str) -> pl.LazyFrame:
        return pl.LazyFrame(schema=schema)

    monkeypatch.setattr("phasegate.facts.connections.stage.register_io_source", nothing)
    assert "its rows did not end" in state().reason


@pytest.mark.slow
def test_rows_that_are_all_alike_are_no_bomb(database: FakeDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Parquet they take next to nothing; held in memory, what they had as text."""
    from phasegate.facts.sources.formats import parquet

    monkeypatch.setattr(parquet, "_SUSPICIOUS_ROWS", 1)
    monkeypatch.setattr(parquet, "_ROWS_PER_BYTE_AT_MOST", 0)
    database.tables["finance.invoices"].lines = [LINES[0]] * 1_000
    found = read()
    assert found.states["invoices"].rows == 1_000
    assert found._opened["invoices"].size == 1_000 * len(b"a\t1.50\t2026-01-01\n")


def test_an_empty_table_has_no_rows_and_all_columns(database: FakeDatabase) -> None:
    database.tables["finance.invoices"].lines = []
    found = state()
    assert (found.status, found.rows, found.columns) == ("ok", 0, ("id", "amount", "day"))


def test_each_kind_of_database_has_its_module_and_the_other_way_round() -> None:
    folder = ROOT / "facts" / "connections"
    said = {path.parent.name for path in folder.glob("*/*.py") if "\nDATABASE = " in path.read_text()}
    assert said == set(DATABASES) == {*Connection.model_fields} & set(DATABASES)
    for name in DATABASES:
        module = import_module(f"phasegate.facts.connections.{name}.database")
        assert isinstance(module.DATABASE, Database)
        classes = [each for each in vars(module).values() if isinstance(each, type) and each is not Snapshot]
        own = [each for each in classes if issubclass(each, Snapshot) and "open_there" in vars(each)]
        assert DATABASES[name].computes is bool(own)


def test_nobody_else_asks_for_a_database_by_its_name() -> None:
    folder = ROOT / "facts" / "connections"
    rooms = [
        *(folder / name for name in DATABASES),
        *(folder / "objects" / f"{name}.py" for name in STORES),
        ROOT / "rules" / "model" / "connection.py",
        ROOT / "rules" / "values" / "object_path.py",
        ROOT / "rules" / "schemas" / "examples.py",
    ]
    quoted = re.compile(f"""["'](?:{"|".join(map(re.escape, [*DATABASES, *STORES]))})["']""")
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for station in STATIONS
        for path in (ROOT / station).rglob("*.py")
        if not any(path.is_relative_to(room) for room in rooms)
        if quoted.search(text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and node.value in {*DATABASES, *STORES}
    ]
    assert found == []


def test_each_kind_of_store_has_its_module_and_the_other_way_round() -> None:
    folder = ROOT / "facts" / "connections" / "objects"
    said = {path.stem for path in folder.glob("*.py") if "\nSTORE = " in path.read_text()}
    assert said == set(STORES) == {*Connection.model_fields} & set(STORES)
    for name in STORES:
        assert isinstance(import_module(f"phasegate.facts.connections.objects.{name}").STORE, Store)


def test_without_connections_nothing_of_them_is_loaded() -> None:
    code = (
        "import sys, datetime as dt; from pathlib import Path; import phasegate.facts.sources.open\n"
        "from phasegate.runs.preflight import ready_project\n"
        "ours = ('psycopg', 'botocore', 'facts.connections')\n"
        "print([name for name in sys.modules if any(each in name for each in ours)])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
