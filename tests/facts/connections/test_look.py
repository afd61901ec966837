"""What a project learns of the tables behind its connections before it names one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fake_database import FakeDatabase, FakeTable

from phasegate import cli
from phasegate.facts.connections import look, tables
from phasegate.facts.sources.files import SourceError

COLUMNS = {
    "id": "text",
    "amount": "decimal",
    "day": "date",
    "yes": "boolean",
    "odd: name": "integer",
    "at": "geometry",
}
PROJECT = "phasegate: 1\nid: p-5c1e8a94d2f07b36\nconnections:\n  erp: {postgres: env:ERP_URL}\n"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeDatabase:
    made = FakeDatabase(
        {
            "finance.invoices": FakeTable(COLUMNS, [b"a\t1.50\t2026-01-01\tt\t3\t?\n"]),
            "hr.people": FakeTable({"name": "text"}, []),
        }
    )
    for module in (tables, look):
        monkeypatch.setattr(module, "database_named", lambda name: made)
    monkeypatch.setenv("ERP_URL", "fake://ada:s3cret@nowhere/erp")
    (tmp_path / "phasegate.yaml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    return made


def sources(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["sources", *words])


def test_connections_are_tried_and_their_tables_listed(database: FakeDatabase) -> None:
    assert sources().output == (
        "erp  Fake 1  2 tables\n"
        "  finance.invoices\n"
        "    id         text\n"
        "    amount     decimal\n"
        "    day        date\n"
        "    yes        boolean\n"
        "    odd: name  integer\n"
        "    at         geometry\n"
        "  hr.people\n"
        "    name  text\n"
    )
    assert database.read == [], "no row is read"
    (told,) = json.loads(sources("--format", "json").output)
    assert [table["table"] for table in told["tables"]] == ["finance.invoices", "hr.people"]


def test_a_connection_that_fails_is_told_and_the_others_are_listed(
    database: FakeDatabase, tmp_path: Path
) -> None:
    (tmp_path / "phasegate.yaml").write_text(f"{PROJECT}  old: {{postgres: env:NOWHERE}}\n")
    database.faults = [SourceError("the connection 'erp' is refused by the server")]
    result = sources()
    assert result.exit_code == 2
    assert result.output == (
        "erp  PostgreSQL  error: the connection 'erp' is refused by the server\n"
        "old  PostgreSQL  error: the connection 'old' is where NOWHERE says, and that variable is not set; "
        "set it to an address such as postgresql://USER:PASSWORD@HOST:PORT/DATABASE\n"
    )


def test_a_table_is_proposed_as_a_source_that_can_be_read(database: FakeDatabase, tmp_path: Path) -> None:
    proposed = sources("--propose", "finance.invoices").output
    assert proposed == (
        "sources:\n"
        "  invoices:\n"
        "    from: erp\n"
        "    table: finance.invoices\n"
        "    contract:  # in a project with a pack this stands in the pack\n"
        '      title: "a row of finance.invoices"\n'
        "      columns:\n"
        "        id: {type: string, nullable: true}\n"
        "        amount: {type: decimal, scale: 2, nullable: true}\n"
        "        day: {type: date, nullable: true}\n"
        '        "yes": {type: boolean, nullable: true}\n'
        '        "odd: name": {type: integer, nullable: true}\n'
    )
    rules = "measures: {all: {title: All, from: invoices, count: amount > 1}}\nrequire: {all: '>= 1'}\n"
    (tmp_path / "phasegate.yaml").write_text(PROJECT + proposed + rules)
    result = CliRunner().invoke(cli.main, ["check", "--format", "json"])
    assert result.exit_code == 0, result.output
    record = json.loads(result.output)
    assert record["sources"][0]["table"]["server"] == "Fake 1"
    assert "s3cret" not in result.output


def test_of_several_connections_the_one_must_be_named(database: FakeDatabase, tmp_path: Path) -> None:
    (tmp_path / "phasegate.yaml").write_text(f"{PROJECT}  new: {{postgres: env:ERP_URL}}\n")
    assert (
        "nobody knows which connection has finance.invoices"
        in sources("--propose", "finance.invoices").output
    )
    assert "from: new" in sources("--propose", "new:finance.invoices").output


def test_a_project_without_connections_is_told_how_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "phasegate.yaml").write_text("phasegate: 1\nsources: {a: {path: a.csv}}\n")
    monkeypatch.chdir(tmp_path)
    assert "connections: {erp: {postgres: env:ERP_URL}}" in sources().output
