"""Every command on a project whose table is in a database: there, changed, gone, or not to be reached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_database import FakeDatabase, FakeTable

from phasegate.facts.connections import look, tables
from phasegate.facts.connections.base import PassingFaultError

World = Any
TABLE = "finance.invoices"
FILE = "sources: {invoices: {path: invoices.csv}}"
SOURCE = (
    f"connections: {{erp: {{postgres: env:ERP_URL}}}}\nsources: {{invoices: {{from: erp, table: {TABLE}}}}}"
)
COLUMNS = {"invoice": "text", "status": "text"}
ADDRESS = "postgresql://reader:s3cret@db.nowhere.example/erp"
GONE = "erp:finance.invoices"


def lines(open_: tuple[int, ...] = (7, 16)) -> list[bytes]:
    return [
        f"F-{number}\t{'open' if number in open_ else 'reconciled'}\n".encode() for number in range(1, 21)
    ]


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> FakeDatabase:
    made = FakeDatabase({TABLE: FakeTable(COLUMNS, lines())})
    for module in (tables, look):
        monkeypatch.setattr(module, "database_named", lambda name: made)
    monkeypatch.setattr(tables, "_PAUSE", 0)
    monkeypatch.setenv("ERP_URL", ADDRESS)
    return made


@pytest.fixture
def opened(world: World, database: FakeDatabase) -> World:
    """Gate 1 is open, by a table in a database."""
    write = world.write

    def written(*args: str, **limits: str) -> None:
        write(*args, **limits)
        file = world.folder / "phasegate.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace(FILE, SOURCE), encoding="utf-8")

    def gate_opened() -> None:
        world.write(">= 80 %")
        (world.folder / "invoices.csv").unlink()
        world.approve()
        assert world.gate().exit_code == 0

    world.write = written
    return world.once("open by a database", gate_opened)


def told(result: Any) -> str:
    return " ".join(result.output.replace("│", " ").split())


def lost(database: FakeDatabase) -> None:
    """From now on nobody reaches it."""
    database.faults = [PassingFaultError("the connection 'erp': the server can not be reached")] * 99


def test_a_gate_is_what_the_same_table_in_a_file_makes_it(opened: World, database: FakeDatabase) -> None:
    record = opened.record("check")
    assert record["sources"][0]["files"].keys() == {GONE}
    file = opened.folder / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(SOURCE, FILE), encoding="utf-8")
    rows = "".join(line.decode().replace("\t", ",") for line in lines())
    (opened.folder / "invoices.csv").write_text("invoice,status\n" + rows)
    opened.approve()
    assert opened.record("check")["facts"] == record["facts"]


@pytest.mark.parametrize("how", ["gone", "away", "not set", "another column", "ends too soon"])
def test_no_gate_opens_over_a_table_that_can_not_be_read(
    opened: World, database: FakeDatabase, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    match how:
        case "gone":
            database.tables = {"finance.other": FakeTable(COLUMNS, lines())}
        case "away":
            lost(database)
        case "not set":
            monkeypatch.delenv("ERP_URL")
        case "another column":
            database.tables[TABLE] = FakeTable({"invoice": "text", "stand": "text"}, lines())
        case _:
            database.tables[TABLE].fault = PassingFaultError("the connection 'erp' was lost")
    result = opened.gate()
    assert result.exit_code == 3
    assert "ERROR" in result.output
    assert "s3cret" not in result.output
    step = opened.by("dev", "advance", "1")
    assert step.exit_code == 2, "the newest decision of the gate opens nothing"


def test_advance_needs_no_table(opened: World, database: FakeDatabase) -> None:
    """It rests on the gate that was decided, and asks nobody anew."""
    before = len(database.addresses)
    assert opened.by("dev", "advance", "1").exit_code == 0
    assert len(database.addresses) == before


def test_a_schedule_decides_by_it(opened: World, database: FakeDatabase) -> None:
    opened.more = 'schedules:\n  daily: {cron: "0 6 * * *"}\n'
    opened.write(">= 80 %")
    key = ("--key", opened.folder / "keys" / "ci")
    result = opened.run("schedule", "run", "--once", *key)
    assert result.exit_code == 0, result.output
    assert "daily due 2026-03-01T06:00Z, kept as run" in result.output
    opened.at("2026-03-02T12:00:00+00:00")
    lost(database)
    result = opened.run("schedule", "run", "--once", *key)
    assert "UNDECIDED" in result.output, result.output
    assert "s3cret" not in result.output


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "command",
    [
        ("explain", "1.1"),
        ("explain", "invoices.reconciled"),
        ("evidence", "1.1"),
        ("evidence", "1.1", "--format", "json"),
        ("show", "latest"),
        ("facts",),
        ("sources",),
        ("lint",),
    ],
)
def test_who_looks_sees_the_table(opened: World, command: tuple[str, ...]) -> None:
    result = opened.run(*command)
    assert result.exit_code == 0, result.output
    assert "s3cret" not in result.output


def test_evidence_names_the_table_and_the_row(opened: World) -> None:
    found = json.loads(opened.run("evidence", "1.1", "--format", "json").stdout)
    text = json.dumps(found)
    assert "F-7" in text
    assert "F-16" in text


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "command",
    [
        ("evidence", "1.1"),
        ("explain", "1.1"),
        ("show", "1"),
        ("replay", "1"),
        ("replay", "--all"),
        ("verify",),
        ("runs",),
        ("report", "1", "--format", "html", "-o", "report.html"),
        ("prove", "1.1", "--run", "1", "-o", "proof.json"),
        ("diff", "1", "2"),
    ],
)
def test_what_was_kept_needs_no_table(
    opened: World, database: FakeDatabase, command: tuple[str, ...]
) -> None:
    """An auditor has the ledger alone: no database, and no address of one."""
    database.tables[TABLE].lines = lines((7, 8, 9, 10, 11, 16))
    assert opened.gate().exit_code == 1
    database.tables = {}
    lost(database)
    before = len(database.addresses)
    result = opened.run(*command)
    assert result.exit_code == 0, result.output
    if command[0] != "explain":
        assert len(database.addresses) == before, "nobody asked for it"
    if command[0] == "prove":
        proven = opened.run("verify", "proof.json")
        assert proven.exit_code == 0
        assert "invoices" in proven.output
        assert "s3cret" not in Path("proof.json").read_text() + Path("phasegate.db").read_bytes().decode(
            "latin1"
        )


def test_rows_that_were_not_kept_are_gone_with_their_table(opened: World, database: FakeDatabase) -> None:
    database.tables = {}
    result = opened.run("evidence", "1.1")
    assert result.exit_code == 2
    assert "its sources are others now: invoices: there is no table finance.invoices" in told(result)
    assert "a database keeps no past" in told(result)
    assert "put back the files" not in told(result)


def test_diff_says_that_the_data_changed_and_in_which_table(opened: World, database: FakeDatabase) -> None:
    database.tables[TABLE].lines = lines((7, 8, 9, 10, 11, 16))
    opened.gate()
    result = opened.run("diff", "1", "2")
    assert f"other content in {GONE} (20 rows then, 20 now)" in told(result), result.output


def test_rows_in_another_order_are_no_other_data(opened: World, database: FakeDatabase) -> None:
    database.tables[TABLE].lines = lines()[::-1]
    assert opened.gate().exit_code == 0
    assert "other content" not in told(opened.run("diff", "1", "2"))
    assert opened.run("replay", "1", "--from-sources").exit_code == 0


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("how", ["gone", "away", "not set", "changed"])
def test_measuring_again_says_why_it_can_not(
    opened: World, database: FakeDatabase, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    match how:
        case "gone":
            database.tables = {}
            said = "there is no table finance.invoices"
        case "away":
            lost(database)
            said = "the server can not be reached"
        case "not set":
            monkeypatch.delenv("ERP_URL")
            said = "that variable is not set"
        case _:
            database.tables[TABLE].lines = lines((7, 8))
            said = f"other content in {GONE} (20 rows then, 20 now)"
    result = opened.run("replay", "1", "--from-sources")
    assert result.exit_code == 1
    assert said in told(result)
    assert "the same record, byte for byte" in told(result), "its facts are decided again all the same"
