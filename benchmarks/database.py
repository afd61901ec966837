"""Tables that come from a PostgreSQL server of one's own, against the same tables in files.

Run by itself, this file reads one table into a file without a name, as a run does, and prints its rows:

    ERP_URL=... python benchmarks/database.py TABLE
"""

from __future__ import annotations

import datetime as dt
import io
import json
import secrets
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from measures import AS_OF, CONTRACT, MEASURES, SERVICES, make_table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

ROWS, TIMES = 1_000_000, 10
TYPES = {"date": "date", "decimal": "numeric(38, 6)", "string": "text"}
LEFT_OUT = tuple(f"{name}_" for name in SERVICES[9:])
ASKED = {id_: measure for id_, measure in MEASURES.items() if not id_.startswith(LEFT_OUT)}
"""As many measures as a pack has of one table: 53."""
CONNECTIONS = {"erp": {"postgres": "env:ERP_URL", "privileged": True}}


def rows(rounds: int, scratch: Path) -> Iterator[Any]:
    """A whole `check` from a server against files; staging ten times as many rows against one time.

    Args:
        rounds: how often each pair is run.
        scratch: a folder for tables, projects and the server.
    """
    from private_postgres import Server, binaries
    from yardstick import Row, in_turn, megabytes, memory_ratio, processor, processor_ratio, run_process

    programs = binaries()
    if programs is None:
        print("no rows of a server: this machine has no initdb of PostgreSQL", file=sys.stderr)
        return
    table = make_table(scratch / f"costs-{ROWS}", ROWS)
    folder = scratch / "server"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    server = Server(folder, programs, secrets.token_urlsafe())
    try:
        _load(server, table)
        environ = {"ERP_URL": server.url("postgres")}
        check = [Path(sys.executable).parent / "phasegate", "check", "--as-of", AS_OF.isoformat()]
        commands = {}
        for name, source in (
            ("staged", {"from": "erp", "table": "public.costs"}),
            ("parquet", {"path": f"../{table.name}/*.parquet", "outside": True}),
        ):
            _project(scratch / name, source)
            command = [*check, "--no-ledger", "--format", "json", "-o", "record.json"]
            commands[name] = partial(run_process, command, allowed=(0, 1), cwd=scratch / name, env=environ)
        ours, theirs = in_turn(commands["staged"], commands["parquet"], rounds)
        _same_facts(scratch)
        detail = f"{processor(ours)} against {processor(theirs)}"
        what = f"`check` of {len(ASKED)} measures, {ROWS / 1e6:g} M rows staged from PostgreSQL"
        ratio = processor_ratio(ours, theirs)
        yield Row(what, "the same from Parquet", 2.0, ratio, detail, "processor time of the client")
        many, few = (
            partial(run_process, [sys.executable, __file__, each], env=environ)
            for each in ("public.tenfold", "public.costs")
        )
        ours, theirs = in_turn(many, few, min(rounds, 3))
        detail = f"{megabytes(ours)} against {megabytes(theirs)}"
        what = f"staging {TIMES * ROWS / 1e6:g} M rows from PostgreSQL"
        yield Row(what, f"{ROWS / 1e6:g} M", 1.1, memory_ratio(ours, theirs), detail, "peak memory")
    finally:
        server.end()
        shutil.rmtree(folder)


def _load(server: Any, table: Path) -> None:
    """The table, and a view that has each of its rows ten times."""
    import psycopg

    frame = pl.read_parquet(table / "*.parquet")
    columns = ", ".join(
        f'"{name}" {TYPES[column["type"]]} {"" if column.get("nullable") else "NOT NULL"}'
        for name, column in CONTRACT["columns"].items()
    )
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute(f"CREATE TABLE costs ({columns})")
        with connection.cursor().copy("COPY costs FROM STDIN (FORMAT csv)") as copy:
            for part in frame.select(*CONTRACT["columns"]).iter_slices(1 << 16):
                text = io.BytesIO()
                part.write_csv(text, include_header=False)
                copy.write(text.getvalue())
        connection.execute(f"CREATE VIEW tenfold AS SELECT c.* FROM costs c, generate_series(1, {TIMES})")
    server.execute("postgres", "VACUUM (ANALYZE, FREEZE) costs")


def _project(folder: Path, source: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    named = {id_: {"title": id_, "from": "costs", **measure} for id_, measure in ASKED.items()}
    project = {
        "phasegate": 1,
        "connections": CONNECTIONS,
        "sources": {"costs": {**source, "contract": CONTRACT}},
        "measures": named,
        "require": {id_: _bound(measure) for id_, measure in ASKED.items()},
    }
    text = yaml.safe_dump(project, sort_keys=False)
    (folder / "phasegate.yaml").write_text(text, encoding="utf-8")


def _bound(measure: dict[str, Any]) -> str | bool:
    """What each has, so that each is measured."""
    if "exists" in measure:
        return True
    return ">= 0 %" if {"ratio", "share", "accuracy"} & measure.keys() else ">= 0"


def _same_facts(scratch: Path) -> None:
    """Sees to it that both have the same facts, and rows."""
    staged, parquet = (
        json.loads((scratch / name / "record.json").read_text(encoding="utf-8"))
        for name in ("staged", "parquet")
    )
    if staged["facts"] != parquet["facts"] or staged["sources"][0]["rows"] != ROWS:
        raise RuntimeError("a server gives other facts than files")


def _staged(table: str) -> int:
    """Reads a table, and computes nothing of it."""
    from phasegate.facts.sources.open import open_sources
    from phasegate.rules.model.connection import Connection
    from phasegate.rules.model.contract import Contract
    from phasegate.rules.model.project import SourceFile

    contracts = {"costs": Contract.model_validate(CONTRACT)}
    files = {"costs": SourceFile.model_validate({"from": "erp", "table": table})}
    connections = {name: Connection.model_validate(each) for name, each in CONNECTIONS.items()}
    opened = open_sources(contracts, files, Path.cwd(), dt.date(2026, 1, 1), connections=connections)["costs"]
    if opened.frame is None:
        raise RuntimeError(str(opened.state))
    return opened.size


if __name__ == "__main__":
    print(_staged(sys.argv[1]))
