"""A table of a lake is what it is as CSV, on whatever serves it; of one that changes there is nothing."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from lake_corpus import COLUMNS, LINES, LakeProject, as_csv, contract, digest, same, statements
from spark_servers import SECRET, Lake

from phasegate.facts.connections import tables
from phasegate.facts.connections.spark_connect import protocol
from phasegate.facts.connections.spark_connect.session import Session
from phasegate.facts.sources.files import digest_of
from phasegate.rules.model.contract import Contract

pytestmark = pytest.mark.slow


def test_sail_gives_the_rows_of_the_csv(sail: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sail.run("CREATE SCHEMA IF NOT EXISTS corpus", *statements("corpus.all"))
    as_the_csv(LakeProject(sail, tmp_path, monkeypatch), "corpus.all")


@pytest.mark.slow(first="Spark")
def test_spark_gives_the_rows_of_the_csv(
    spark: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spark.run("CREATE SCHEMA IF NOT EXISTS corpus", *statements("corpus.all"))
    as_the_csv(LakeProject(spark, tmp_path, monkeypatch), "corpus.all")


def as_the_csv(project: LakeProject, table: str) -> None:
    csv = as_csv(project.folder).name
    reading = project.read(contract(), lake=table, file=csv)
    lake, file = reading.states["lake"], reading.states["file"]
    assert (lake.status, file.status) == ("ok", "ok"), lake.reason + file.reason
    rows = [same(reading.frames[name].collect().sort("id").to_dicts()) for name in ("lake", "file")]
    assert rows[0] == rows[1]
    assert len(rows[0]) == len(LINES)
    assert lake.table is not None
    assert lake.table.types == {name: kind for name, (kind, _, _) in COLUMNS.items()}
    assert lake.table.snapshot.startswith("files sha256:")
    assert lake.digest == digest_of({f"lake:{table}": digest().in_any_order})


WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 0.05)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], times: int = 99) -> list[int]:
    """Acts once some rows of a table are read and others are not, each time that it is read."""
    done: list[int] = []
    rows = Session.rows

    def read(session: Session, *given: Any) -> Iterator[pl.DataFrame]:
        frames = rows(session, *given)
        yield next(frames)
        if len(done) < times:
            done.append(1)
            act()
        yield from frames

    monkeypatch.setattr(Session, "rows", read)
    return done


def large(lake: Lake, table: str, rows: int = 400_000) -> None:
    lake.run(
        "CREATE SCHEMA IF NOT EXISTS large",
        f"CREATE TABLE large.{table} (i bigint) USING parquet",
        f"INSERT INTO large.{table} SELECT id FROM range({rows})",
    )


def test_a_table_that_is_written_once_while_it_is_read_is_read_again(
    sail: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large(sail, "once")
    done = meanwhile(monkeypatch, lambda: sail.run("INSERT INTO large.once VALUES (-1)"), times=1)
    state = LakeProject(sail, tmp_path, monkeypatch).read(WHOLE, one="large.once").states["one"]
    assert (state.status, state.rows, len(done)) == ("ok", 400_001, 1), state.reason


def test_a_table_that_is_written_all_the_time_is_an_error(
    sail: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large(sail, "busy")
    meanwhile(monkeypatch, lambda: sail.run("INSERT INTO large.busy VALUES (-1)"))
    state = LakeProject(sail, tmp_path, monkeypatch).read(WHOLE, one="large.busy").states["one"]
    assert (state.status, state.rows) == ("error", 0)
    assert "lake:large.busy changed while it was read" in state.reason


def test_a_server_that_dies_while_rows_come_is_an_error_and_leaves_nothing(
    own_sail: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large(own_sail, "rows", 3_000_000)
    done = meanwhile(monkeypatch, own_sail.kill, times=1)
    (tmp_path / "left").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "left"))
    state = LakeProject(own_sail, tmp_path, monkeypatch).read(WHOLE, one="large.rows").states["one"]
    assert (state.status, state.rows, len(done)) == ("error", 0, 1)
    assert "the connection 'lake'" in state.reason
    assert list((tmp_path / "left").iterdir()) == []


def test_what_has_no_exact_type_is_left_out_with_the_reason(
    sail: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = {
        "bytes": "X'00'", "list": "array(1)", "map": "map('a', 1)", "struct": "struct(1 AS a)",
        "span": "INTERVAL '1' DAY", "nothing": "NULL", "json": "parse_json('1')",
    }  # fmt: skip
    columns = ", ".join(f"{value} AS `{name}`" for name, value in odd.items())
    sail.run("CREATE SCHEMA IF NOT EXISTS odd", f"CREATE VIEW odd.types AS SELECT 1 AS i, {columns}")
    project = LakeProject(sail, tmp_path, monkeypatch)
    reading = project.read(one="odd.types")
    assert reading.states["one"].columns == ("i",)
    assert set(reading._opened["one"].left_out) == set(odd)
    wanted = Contract.model_validate({"title": "t", "columns": {"map": {"type": "string"}}})
    reason = project.read(wanted, one="odd.types").states["one"].reason
    assert "column 'map' can not be read: it is of the type map" in reason


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("date_add(DATE'9999-12-31', 1)", "days before the year 1 or after 9999"),
        ("timestamp_micros(-99999999999999999)", "days before the year 1 or after 9999"),
        ("CAST('NaN' AS DOUBLE)", "the contract: v: finite"),
        ("1 / (id - 1)", "can not be read"),
    ],
)
def test_a_value_that_no_rule_can_be_held_against_is_an_error(
    sail: Lake, value: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sail.run(
        "CREATE SCHEMA IF NOT EXISTS odd",
        f"CREATE OR REPLACE VIEW odd.value AS SELECT {value} AS v FROM range(3)",
    )
    state = LakeProject(sail, tmp_path, monkeypatch).read(one="odd.value").states["one"]
    assert state.status == "error"
    assert said in state.reason


def test_columns_and_tables_have_any_name(
    sail: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "CREATE TABLE odd.`t; DROP TABLE x --` (`a b``c` int) USING parquet"
    sail.run("CREATE SCHEMA IF NOT EXISTS odd", table, "INSERT INTO odd.`t; DROP TABLE x --` VALUES (7)")
    reading = LakeProject(sail, tmp_path, monkeypatch).read(one="odd.t; DROP TABLE x --")
    assert reading.states["one"].status == "ok", reading.states["one"].reason
    assert reading.frames["one"].collect().to_dicts() == [{"a b`c": 7}]


@pytest.mark.slow(first="Spark")
def test_what_only_spark_has_is_read_or_refused(
    spark: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one test, for Spark takes its time to start."""
    folder = tmp_path / "old"
    folder.mkdir()
    days = [dt.date(1500, 1, 1), dt.date(2026, 1, 1)]
    pl.DataFrame({"day": days}).write_parquet(folder / "of_nobody_knows_whom.parquet", use_pyarrow=False)
    spark.run(
        "CREATE SCHEMA IF NOT EXISTS odd",
        "CREATE TABLE odd.padded (code char(6), short varchar(6)) USING parquet",
        "INSERT INTO odd.padded VALUES ('ab', 'ab'), (NULL, 'x ')",
        "CREATE VIEW odd.broken AS SELECT CAST(X'ff41' AS STRING) AS v",
        "CREATE VIEW odd.long AS SELECT id AS i, repeat('x', 50) AS x FROM range(60000)",
        "CREATE VIEW odd.early AS SELECT DATE'0001-01-01' AS v",
        f"CREATE TABLE odd.old USING parquet LOCATION '{folder}'",
        "CREATE TABLE odd.gone (i int) USING parquet",
        "INSERT INTO odd.gone VALUES (1), (2)",
    )
    project = LakeProject(spark, tmp_path, monkeypatch)
    padded = project.read(one="spark_catalog.odd.padded")
    assert padded.frames["one"].collect().rows() == [("ab", "ab"), (None, "x ")]
    assert padded.states["one"].table is not None
    assert padded.states["one"].table.types == {"code": "char(6)", "short": "varchar(6)"}
    assert project.read(one="odd.long").states["one"].rows == 60_000
    assert "texts that are not UTF-8" in project.read(one="odd.broken").states["one"].reason
    assert project.read(one="odd.early").frames["one"].collect().item() == dt.date.min
    old = project.read(one="odd.old").states["one"]
    assert old.status == "error", "by which calendar 1500 was meant nobody knows"
    assert "INCONSISTENT_BEHAVIOR_CROSS_VERSION" in old.reason
    with monkeypatch.context() as patch:
        done = meanwhile(patch, lambda: spark.run("INSERT INTO odd.gone VALUES (3)"), times=1)
        state = project.read(one="odd.gone").states["one"]
    assert (state.status, state.rows, len(done)) == ("ok", 3, 1), (
        "a list of files that is kept is looked for anew"
    )
    (part, *_) = (spark.folder / "warehouse/odd.db/gone").glob("*.parquet")
    rows = Session.rows

    def without_a_file(session: Session, *given: Any) -> Iterator[pl.DataFrame]:
        part.unlink(missing_ok=True)
        yield from rows(session, *given)

    monkeypatch.setattr(Session, "rows", without_a_file)
    state = project.read(one="odd.gone").states["one"]
    assert state.status == "error", "a file that is gone is no fewer rows"
    monkeypatch.setenv("SPARK_REMOTE", spark.url.replace(SECRET, "another"))
    assert "is refused by the server" in project.read(one="odd.gone").states["one"].reason


def test_the_numbers_of_the_protocol_are_those_of_spark(spark_packages: Path) -> None:
    """Read from what Spark brings, in a process that loads nothing else of it."""
    ended = subprocess.run(
        [sys.executable, "-c", NUMBERS, str(spark_packages)],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(ended.stdout)
    for name, fields in protocol.MESSAGES.items():
        for field in filter(None, fields.split(", ")):
            key, number, _ = field.split(" ")
            assert [key, int(number)] in theirs[MEANT.get(name, name)], f"{name}.{key}"


MEANT = {
    "RequestOption": "ExecutePlanRequest.RequestOption", "ArrowBatch": "ExecutePlanResponse.ArrowBatch",
    "Set": "ConfigRequest.Set", "Get": "ConfigRequest.Get", "Operation": "ConfigRequest.Operation",
    "OfPlan": "AnalyzePlanRequest.Schema", "SchemaAnswer": "AnalyzePlanResponse.Schema",
    "InputFiles": "AnalyzePlanResponse.InputFiles", "Decimal": "DataType.Decimal", "Text": "DataType.String",
    "Padded": "DataType.Char", "StructField": "DataType.StructField", "Struct": "DataType.Struct",
}  # fmt: skip
NUMBERS = """
import json, sys, types
for name in ("pyspark", "pyspark.sql", "pyspark.sql.connect"):
    made = sys.modules[name] = types.ModuleType(name)
    made.__path__ = [sys.argv[1] + "/" + name.replace(".", "/")]
from pyspark.sql.connect.proto import base_pb2
def told(messages, before=""):
    for each in messages:
        yield before + each.name, [[field.name, field.number] for field in each.fields]
        yield from told(each.nested_types, before + each.name + ".")
files = [base_pb2.DESCRIPTOR, *base_pb2.DESCRIPTOR.dependencies]
files += [each for file in files for each in file.dependencies]
print(json.dumps(dict(told(message for file in files for message in file.message_types_by_name.values()))))
"""
