"""The example's tables in a server and in a lake: what is decided there is what is decided from files."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from example_runs import EXAMPLES, generator

pytestmark = pytest.mark.slow
DAY = "2026-03-01"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    generator("developer_finance")  # which puts its folder into the path
    monkeypatch.delenv("EXAMPLE_POSTGRES_URL", raising=False)
    monkeypatch.setitem(sys.modules, "generate", generator("developer_finance"))
    spec = importlib.util.spec_from_file_location(
        "elsewhere", EXAMPLES / "developer_finance" / "elsewhere.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(elsewhere: ModuleType, store: str, folder: Path) -> int:
    code: int = elsewhere.main([store, "--out", str(folder), "--as-of", DAY])
    return code


def alike(told: str) -> None:
    assert told.count("✗ CLOSED: 2 criteria fail, 1 is an error, 1 is stale, 3 are unknown.") == 2
    assert "29 tables, 5,904 rows: the digest of the rows of each is the same" in told
    assert "436 facts, 436 requirements, 5 gates: the same" in told


def test_the_pack_decides_in_a_lake_as_with_files(elsewhere, tmp_path, capfd) -> None:
    assert run(elsewhere, "lake", tmp_path) == 0
    alike(capfd.readouterr().out)
    months = sorted(path.parent.name for path in (tmp_path / "lake/lake/costs").rglob("*.parquet"))
    assert months == ["month=2026-01", "month=2026-02", "month=2026-03"]


def test_the_pack_decides_in_a_server_as_with_files(elsewhere, tmp_path, capfd) -> None:
    _needs_server()
    assert run(elsewhere, "postgres", tmp_path) == 0
    alike(capfd.readouterr().out)
    assert not (tmp_path / "postgres" / "server").exists(), "the server is gone with its data"


@pytest.mark.slow(first="the example elsewhere")
def test_a_database_of_ones_own_is_taken(server, elsewhere, tmp_path, capfd, monkeypatch) -> None:
    import psycopg

    url = server.database()
    monkeypatch.setenv("EXAMPLE_POSTGRES_URL", url)
    with elsewhere.STORES["postgres"](tmp_path, elsewhere.made(tmp_path / "earlier", dt.date(2026, 2, 1))):
        pass  # what is there from an earlier run is made anew
    assert run(elsewhere, "postgres", tmp_path) == 0
    alike(capfd.readouterr().out)
    with psycopg.connect(url) as connection:
        typed = connection.execute(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum) "
            "FROM pg_attribute WHERE attrelid = 'developer_finance.risks'::regclass AND attnum > 0 "
            "AND attname IN ('risk', 'raised_on')"
        ).fetchall()
        assert {row[:3] for row in typed} == {("risk", "text", True), ("raised_on", "date", True)}
        connection.execute("COMMENT ON SCHEMA developer_finance IS 'ours'")
    with pytest.raises(SystemExit, match="a schema developer_finance that is not the example's"):
        run(elsewhere, "postgres", tmp_path)


def test_other_rows_and_verdicts_are_noticed(elsewhere, tmp_path, capfd, monkeypatch) -> None:
    kept = elsewhere.STORES["lake"]

    def changed(root: Path, tables: dict[str, Any]) -> Any:
        teams, risks = tables["teams"].frame, tables["risks"].frame
        others = {
            "teams": teams.with_columns(in_scope=pl.col("team") != teams["team"][0]),
            "risks": risks[1:],
        }
        return kept(
            root, tables | {name: replace(tables[name], frame=frame) for name, frame in others.items()}
        )

    monkeypatch.setitem(elsewhere.STORES, "lake", changed)
    assert run(elsewhere, "lake", tmp_path) == 1
    told = capfd.readouterr().out
    assert re.findall("not the same: the rows of (.*)", told) == ["teams", "risks"]
    assert "not the same: facts of the record" in told


def test_without_the_programs_of_a_server_it_says_what_is_missing(elsewhere, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(elsewhere.postgres_tables, "binaries", lambda: None)
    monkeypatch.setattr(elsewhere, "decided", lambda *_: {})  # which comes first
    with pytest.raises(SystemExit, match="no programs of PostgreSQL on this machine"):
        run(elsewhere, "postgres", tmp_path)


def test_an_address_that_leads_nowhere_is_not_shown(elsewhere, tmp_path, capfd, monkeypatch) -> None:
    monkeypatch.setenv("EXAMPLE_POSTGRES_URL", "postgresql://ada:s3cret@localhost:1/erp?sslmode=disable")
    monkeypatch.setattr(elsewhere, "decided", lambda *_: {})  # which comes first
    with pytest.raises(SystemExit, match="it can not be reached") as stopped:
        run(elsewhere, "postgres", tmp_path)
    assert "s3cret" not in f"{stopped.value}{''.join(capfd.readouterr())}"


def _needs_server() -> None:
    from private_postgres import binaries

    if binaries() is None:
        pytest.skip("this machine has no initdb of PostgreSQL")
