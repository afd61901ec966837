"""One table wherever a table may be: the same facts, verdicts and rows, and the record says where it was."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner
from deltalake import write_deltalake
from erp_database import SECRET, Erp, erp, maria_erp
from mariadb_server import maria
from moto_server import MotoServer, moto
from postgres_server import server
from spark_servers import Lake, sail, spark

from phasegate import cli
from phasegate.facts.sources.open import open_sources
from phasegate.rules.loading.project import load_project

__all__ = ["erp", "maria", "maria_erp", "moto", "sail", "server", "spark"]
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "unique": True},
    "kind": {"type": "string", "nullable": True},
    "day": {"type": "date"},
    "amount": {"type": "decimal", "scale": 2},
    "plan": {"type": "decimal", "scale": 2, "nullable": True},
}
CONTRACT = {"title": "a cost", "event": "day", "columns": COLUMNS}
MEASURES: dict[str, Any] = {
    "count": {"count": "amount > plan"},
    "ratio": {"ratio": {"of": "kind = 'a'", "over": "amount > 10"}},
    "share": {"share": {"of": "kind <> 'b'", "value": "amount"}},
    "sum": {"sum": "amount - 0.01"},
    "by": {"sum": "amount", "by": "kind"},
    "mean": {"mean": "amount"},
    "median": {"median": "amount"},
    "quantile": {"quantile": {"of": "amount", "at": "90 %"}},
    "distinct": {"distinct": "kind"},
    "exists": {"exists": "plan IS NULL"},
    "accuracy": {"accuracy": {"actual": "amount", "forecast": "COALESCE(plan, 1)"}, "grain": "day"},
}
BOUNDS = {"ratio": ">= 30 %", "share": ">= 50 %", "accuracy": ">= 20 %", "exists": True}


def rows() -> list[tuple[Any, ...]]:
    dice = random.Random(17)
    return [
        (
            number,
            dice.choice(["a", "b", "ü, \"ß\" 'x'", None]),
            dt.date(2026, 1, 1) + dt.timedelta(days=dice.randrange(60)),
            Decimal(dice.randrange(-(10**5), 10**7)) / 100,
            dice.choice([None, Decimal(dice.randrange(10**6)) / 100]),
        )
        for number in range(60)
    ]


def frame() -> pl.DataFrame:
    money = pl.Decimal(12, 2)
    kinds = {"id": pl.Int64, "kind": pl.String, "day": pl.Date, "amount": money, "plan": money}
    return pl.DataFrame(rows(), schema=kinds, orient="row")


def as_json() -> list[str]:
    """Each row with its numbers as they are."""
    return [
        f'{{"id": {id_}, "kind": {json.dumps(kind)}, "day": "{day}", "amount": {amount}, '
        f'"plan": {"null" if plan is None else plan}}}'
        for id_, kind, day, amount, plan in rows()
    ]


def literal(value: object) -> str:
    """As standard SQL has it."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else f"DATE '{value}'" if isinstance(value, dt.date) else str(value)


def statements(name: str, number: str = "decimal(12, 2)", string: str = "text", more: str = "") -> list[str]:
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows())
    columns = f"id bigint, kind {string}, day date, amount {number}, plan {number}"
    return [f"CREATE TABLE {name} ({columns}){more}", f"INSERT INTO {name} VALUES {values}"]


def workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("Q1"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, list(COLUMNS))
        for at, row in enumerate(rows(), start=1):
            sheet.write_row(at, 0, [None if each is None else each for each in row[:2]])
            sheet.write_datetime(at, 2, dt.datetime.combine(row[2], dt.time()), day)
            sheet.write_row(at, 3, [None if each is None else float(each) for each in row[3:]])


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE costs (id INTEGER, kind TEXT, day TEXT, amount TEXT, plan TEXT)")
        values = [tuple(None if each is None else str(each) for each in row) for row in rows()]
        made.executemany("INSERT INTO costs VALUES (?, ?, ?, ?, ?)", values)


FILES: dict[str, Callable[[Path], object]] = {
    "csv": lambda path: frame().write_csv(path),
    "csv.gz": lambda path: path.write_bytes(gzip.compress(frame().write_csv().encode())),
    "json": lambda path: path.write_text(f"[{', '.join(as_json())}]", encoding="utf-8"),
    "ndjson": lambda path: path.write_text("\n".join(as_json()) + "\n", encoding="utf-8"),
    "parquet": lambda path: frame().write_parquet(path),
    "xlsx": workbook,
    "sqlite": database,
    "delta": lambda path: write_deltalake(path, frame()),
}
Place = tuple[dict[str, Any], dict[str, Any]]
"""The connections of a project, and its source."""


def in_file(_: pytest.FixtureRequest, ending: str) -> Place:
    FILES[ending](Path(f"costs.{ending}"))
    return {}, {"path": f"costs.{ending}"}


def in_postgres(request: pytest.FixtureRequest, _: str) -> Place:
    made: Erp = request.getfixturevalue("erp")
    made.run(*statements("finance.costs"))
    return {"there": {"postgres": "env:ERP_URL"}}, {"from": "there", "table": "finance.costs"}


def in_mariadb(request: pytest.FixtureRequest, _: str) -> Place:
    made: Erp = request.getfixturevalue("maria_erp")
    made.run(*statements("costs", string="varchar(40)"))
    made.server.settle()  # type: ignore[union-attr]
    return {"there": {"mysql": "env:ERP_URL"}}, {"from": "there", "table": f"{made.name}.costs"}


def in_bucket(request: pytest.FixtureRequest, _: str) -> Place:
    made: MotoServer = request.getfixturevalue("moto")
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    given = {"ACCESS_KEY_ID": "AKIDOWNER", "SECRET_ACCESS_KEY": SECRET, "ENDPOINT_URL": made.address}
    for end, value in given.items():
        patch.setenv(f"AWS_{end}", value)
    made.bucket("everywhere", True)
    made.put("everywhere", "costs.csv", frame().write_csv().encode())
    return {"there": {"s3": "env:AWS"}}, {"from": "there", "path": "s3://everywhere/costs.csv"}


def in_lake(request: pytest.FixtureRequest, which: str) -> Place:
    made: Lake = request.getfixturevalue(which)
    request.getfixturevalue("monkeypatch").setenv("SPARK_REMOTE", made.url)
    quoted = [
        each.replace("''", "\\'")
        for each in statements("everywhere.costs", string="string", more=" USING parquet")
    ]
    made.run("CREATE SCHEMA IF NOT EXISTS everywhere", *quoted)
    return {"there": {"spark_connect": "env:SPARK_REMOTE"}}, {"from": "there", "table": "everywhere.costs"}


SERVERS: dict[str, Callable[[pytest.FixtureRequest, str], Place]] = {
    "PostgreSQL": in_postgres,
    "MariaDB": in_mariadb,
    "s3": in_bucket,
    "sail": in_lake,
    "spark": in_lake,
}
CAME: dict[str, str] = {
    "PostgreSQL": "PostgreSQL ",
    "MariaDB": "MariaDB ",
    "sail": "Spark ",
    "spark": "Spark ",
}


def decided(connections: dict[str, Any], source: dict[str, Any]) -> tuple[list[Any], str, dict[str, Any]]:
    """Facts and verdicts, the digest of the rows, and what the record says of the source."""
    project = {
        "phasegate": 1,
        **({"connections": connections} if connections else {}),
        "sources": {"costs": {**source, "contract": CONTRACT}},
        "measures": {name: {"title": name, "from": "costs", **each} for name, each in MEASURES.items()},
        "require": {name: BOUNDS.get(name, ">= 1") for name in MEASURES if name != "by"},
    }
    Path("phasegate.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    result = CliRunner().invoke(
        cli.main, ["check", "--no-ledger", "--as-of", "2026-03-31", "--format", "json"]
    )
    assert result.exit_code in (0, 1, 3), result.output
    assert SECRET not in result.output
    record = json.loads(result.stdout)
    where = ("sources", "digest", "at")
    decided = [
        {key: value for key, value in each.items() if key not in where}
        for each in record["facts"] + record["requirements"]
    ]
    (told,) = record["sources"]
    loaded = load_project(Path("phasegate.yaml"))
    opened = open_sources(
        {"costs": loaded.pack.pack.sources["costs"]},
        loaded.project.sources,
        Path.cwd(),
        dt.date(2026, 3, 31),
        connections=loaded.project.connections,
    )["costs"]
    assert opened.frame is not None, opened.state
    found = opened.frame.select(*COLUMNS).collect().rows()
    return decided, digest(found), told


def digest(found: list[tuple[Any, ...]]) -> str:
    """Of rows in whatever order."""
    return hashlib.sha256("\n".join(sorted(map(repr, found))).encode()).hexdigest()


PLACES = [
    *FILES,
    *(pytest.param(name, marks=pytest.mark.slow) for name in SERVERS if name != "spark"),
    pytest.param("spark", marks=pytest.mark.slow(first="Spark")),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_table_is_the_same_wherever_it_is(
    place: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    connections, source = SERVERS.get(place, in_file)(request, place)
    facts, found, told = decided(connections, source)
    of_csv, rows_of_csv, _ = decided(*in_file(request, "csv"))
    assert len(of_csv) > 2 * len(BOUNDS)
    verdicts = {each["verdict"] for each in of_csv if "verdict" in each}
    assert {"pass"} < verdicts <= {"pass", "fail", "unknown"}, of_csv
    assert facts == of_csv
    assert found == rows_of_csv == digest(frame().rows())
    assert told["rows"] == len(rows())
    if place in CAME:
        assert told["table"]["server"].startswith(CAME[place])
        assert told["reading"]["table"] == source["table"]
    else:
        assert told["reading"]["path"] == source["path"]
