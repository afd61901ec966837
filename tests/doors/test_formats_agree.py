"""One table in each format, its numbers as floats, as decimals and as texts: the same facts."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import random
import sqlite3
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable, write_deltalake
from ruamel.yaml import YAML
from workbooks import inline, packed, parts

from phasegate import cli
from phasegate.facts.sources.open import open_source
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMATS: dict[str, tuple[str, ...]] = {
    "plain": ("ndjson", "float.parquet", "decimal.parquet"),
    "packed": ("csv.gz", "csv.zst", "ndjson.gz", "json.zst"),
    "staged": ("json", "text.sqlite", "text.xlsx"),
    "floats": ("real.sqlite", "number.xlsx"),
    "versions": ("float.delta", "decimal.delta", "team.delta"),
}
"""What is held against CSV; those of the last are broken by a contract that says ``decimal``."""
ALIKE = {"csv.gz": "csv", "csv.zst": "csv", "ndjson.gz": "ndjson"}
"""The same text packed, so that the digest of its lines is one."""
MEASURES: dict[str, Any] = {
    "count": {"count": "amount > 94.5"},
    "exact": {"count": "amount = 94.51 OR share = 0.3"},
    "ratio": {"ratio": {"of": "amount <= plan", "over": "share > 0.1"}},
    "where": {"where": "amount BETWEEN 0.1 AND 1000.01", "ratio": {"of": "share >= 0.95"}},
    "share": {"share": {"of": "kind = 'a'", "value": "plan"}},
    "attainment": {"attainment": {"actual": "amount", "expected": "plan"}},
    "accuracy": {"accuracy": {"actual": "amount", "forecast": "plan"}, "grain": "kind"},
    "sum": {"sum": "amount"},
    "difference": {"sum": "amount - 2 * plan + 0.01"},
    "product": {"sum": "share * plan"},
    "case": {"sum": "CASE WHEN amount > plan THEN amount ELSE ABS(share) END"},
    "mean": {"mean": "share"},
    "median": {"median": "amount"},
    "quantile": {"quantile": {"of": "amount", "at": "90 %"}},
    "distinct": {"distinct": "kind"},
    "exists": {"exists": "share = 0.7"},
    "latest": {"latest": {"newest": "amount", "agreed": "amount = 94.51"}},
    "items": {"where": "items IS NOT NULL", "sum": "items"},
    "slices": {"by": "kind", "sum": "amount"},
    "sql": {
        "sql": "SELECT SUM(amount) AS numerator, SUM(plan) AS denominator, COUNT(*) AS rows "
        "FROM t WHERE share < 0.9 OR amount = 94.51",
    },
}
BROKEN = ("floats", "decimal")
SHARES = ("ratio", "where", "share", "attainment", "accuracy")
CONTRACTS: dict[str, Any] = {
    "inferred": None,
    "decimal": {
        "kind": {"type": "string"},
        "day": {"type": "date"},
        "amount": {"type": "decimal", "scale": 4},
        "plan": {"type": "decimal", "scale": 2, "min": "0.01"},
        "share": {"type": "decimal", "scale": 17},
        "items": {"type": "integer", "nullable": True},
    },
    "float": {
        "kind": {"type": "string"},
        "day": {"type": "date"},
        "amount": {"type": "float", "max": "1000000"},
        "plan": {"type": "float"},
        "share": {"type": "float", "min": "0"},
        "items": {"type": "float", "nullable": True},
    },
}


def rows_of(seed: int) -> list[dict[str, Any]]:
    """A table whose numbers are those that people and programs write."""
    some = random.Random(seed)
    rows = [
        {
            "kind": some.choice("abc"),
            "day": dt.date(2026, 1, 1) + dt.timedelta(days=place),
            "amount": round(some.uniform(-100, 2000), some.choice([0, 1, 2, 4])),
            "plan": some.randrange(1, 100_000) / 100,
            "share": some.choice([0.1 + 0.2, 0.3, 0.7, 0.95, some.randrange(1000) / 1000]),
            "items": some.choice([1.0, 5.0, None]),
        }
        for place in range(40)
    ]
    return [*rows, {**rows[0], "amount": 94.51, "share": 1 - 0.9, "day": dt.date(2026, 2, 20)}]


def written(rows: list[dict[str, Any]], folder: Path) -> None:
    """The files of one table."""
    numbers = ("amount", "plan", "share", "items")
    schema = {"kind": pl.String, "day": pl.Date, **dict.fromkeys(numbers, pl.Float64)}
    floats = pl.DataFrame(rows, schema=schema)
    floats.write_parquet(folder / "t.float.parquet")
    write_deltalake(folder / "t.float.delta", floats)
    texts = {
        name: [None if row[name] is None else str(Decimal(repr(row[name]))) for row in rows]
        for name in numbers
    }
    plain = floats.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in texts.items())
    plain.write_csv(folder / "t.csv")
    scales = {"amount": 4, "plan": 2, "share": 17, "items": 0}
    decimals = plain.with_columns(pl.col(name).cast(pl.Decimal(38, scale)) for name, scale in scales.items())
    decimals.write_parquet(folder / "t.decimal.parquet")
    write_changed(decimals, folder / "t.decimal.delta")
    write_changed(decimals, folder / "t.team.delta", ["kind"])
    lines = [json.dumps({**row, "day": row["day"].isoformat()}) for row in rows]
    (folder / "t.ndjson").write_text("\n".join(lines) + "\n")
    (folder / "t.json").write_text(json.dumps({"rows": [{"of": json.loads(line)} for line in lines]}))
    for name, ending, pack in (
        ("csv", "gz", gzip.compress),
        ("ndjson", "gz", gzip.compress),
        ("csv", "zst", zstd.compress),
        ("json", "zst", zstd.compress),
    ):
        (folder / f"t.{name}.{ending}").write_bytes(pack((folder / f"t.{name}").read_bytes()))
    said = {**dict.fromkeys(schema, "TEXT"), **dict.fromkeys(numbers, "REAL")}
    for kind, table, types in (
        ("real", floats, said),
        ("text", plain, dict.fromkeys(schema, "TEXT")),
    ):
        cells = table.with_columns(pl.col("day").cast(pl.String)).rows()
        with closing(sqlite3.connect(folder / f"t.{kind}.sqlite")) as database, database:
            named = ", ".join(f"{name} {type_}" for name, type_ in types.items())
            database.execute(f"CREATE TABLE t ({named})")
            database.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(types))})", cells)
    texts = plain.with_columns(pl.col("day").cast(pl.String)).rows()
    packed(
        folder / "t.text.xlsx", parts(inline(tuple(schema), *(tuple(map(text_cell, row)) for row in texts)))
    )
    stored = [tuple(number_cell(value) for value in row) for row in floats.rows()]
    packed(
        folder / "t.number.xlsx",
        parts(
            inline(tuple(schema), *stored), styles='<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        ),
    )


def write_changed(rows: pl.DataFrame, place: Path, partitions: list[str] | None = None) -> None:
    """The same rows in a table that had others before."""
    write_deltalake(place, rows.head(9), partition_by=partitions)
    write_deltalake(place, rows.tail(3), mode="append")
    DeltaTable(place).create_checkpoint()
    DeltaTable(place).delete()
    for some in rows.iter_slices(17):
        write_deltalake(place, some, mode="append")


def text_cell(value: str | None) -> str:
    return "<c/>" if value is None else value


def number_cell(value: Any) -> str:
    """A cell as Excel writes it."""
    if isinstance(value, dt.date):
        return f'<c s="1"><v>{(value - dt.date(1899, 12, 30)).days}</v></c>'
    return f"<c><v>{value:.17g}</v></c>" if isinstance(value, float) else text_cell(value)


def facts_of(
    folder: Path, form: str, columns: dict[str, Any] | None, found: dict[str, dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """All facts of a project over one of the files, without what tells which file it was.

    Args:
        folder: where the files are.
        form: which one.
        columns: its contract.
        found: takes what the record says of the source, by its form.
    """
    found = {} if found is None else found
    source = source_of(form)
    of = {"infer": True} if columns is None else {"columns": columns}
    source["contract"] = {"title": "One row", "event": "day", **of}
    project = {
        "phasegate": 1,
        "sources": {"t": source},
        "measures": {name: {"title": name, "from": "t", **one} for name, one in MEASURES.items()},
        "require": {
            **{
                name: "true" if name == "exists" else ">= 0.5"
                for name in MEASURES.keys() - {*SHARES, "latest"}
            },
            **dict.fromkeys(SHARES, ">= 50 %"),
            "latest.newest": ">= 94.51",
            "latest.agreed": "true",
        },
    }
    with (folder / "phasegate.yaml").open("w") as file:
        YAML(typ="safe").dump(project, file)
    arguments = [
        "check",
        "--no-ledger",
        "--as-of",
        "2026-03-01",
        "-o",
        "record.json",
        "--project",
        str(folder),
    ]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code in (0, 1), result.output
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    (found[form],) = record["sources"]
    return [
        {key: value for key, value in fact.items() if key not in ("sources", "digest")}
        for fact in record["facts"]
    ] + record["requirements"]


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize(
    ("forms", "contract"),
    [(forms, contract) for forms in FORMATS for contract in CONTRACTS if (forms, contract) != BROKEN],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_table_has_the_same_facts_and_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forms: str, contract: str, seed: int
) -> None:
    monkeypatch.chdir(tmp_path)
    written(rows_of(seed), tmp_path)
    sources: dict[str, dict[str, Any]] = {}
    first = facts_of(tmp_path, "csv", CONTRACTS[contract], sources)
    assert len(first) > len(MEASURES)
    for form in FORMATS[forms]:
        found = facts_of(tmp_path, form, CONTRACTS[contract], sources)
        for one, other in zip(first, found, strict=True):
            assert (form, other) == (form, one)
    for form, text in ALIKE.items():
        if {form, text} <= sources.keys():
            assert sources[form]["content"] == sources[text]["content"] is not None
    for form, source in sources.items():
        assert came_from(source) == form
        assert source["rows"] == sources["csv"]["rows"]
        assert {*source["columns"]} >= {*CONTRACTS["float"]}


@pytest.mark.parametrize("contract", ["decimal", "float"])
def test_the_same_table_has_the_same_rows(tmp_path: Path, contract: str) -> None:
    """Whatever their order, and to the last digit."""
    written(rows_of(1), tmp_path)
    of = Contract.model_validate({"title": "One row", "event": "day", "columns": CONTRACTS[contract]})
    digests = {}
    for forms in [("csv",), *(forms for name, forms in FORMATS.items() if (name, contract) != BROKEN)]:
        for form in forms:
            file = SourceFile.model_validate(source_of(form))
            opened = open_source("t", of, file, tmp_path, dt.date(2026, 3, 1))
            assert opened.frame is not None
            rows = opened.frame.select(*CONTRACTS[contract]).collect().rows()
            assert len(rows) == len(rows_of(1))
            digests[form] = hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
    assert len({*digests.values()}) == 1, digests


def source_of(form: str) -> dict[str, Any]:
    """Where one of the files is, and its rows in it."""
    source: dict[str, Any] = {"path": f"t.{form}"}
    if form.startswith("json"):
        source |= {"records": "rows", "columns": {name: f"of.{name}" for name in CONTRACTS["float"]}}
    return source


def came_from(source: dict[str, Any]) -> str:
    """Which of the files it was, by what the record says."""
    path = source["reading"]["path"]
    files = {file.partition("/")[0] for file in source["files"]}
    versions = [source["table"]["snapshot"]] if "table" in source else []
    assert files == {path}
    assert [one.startswith("version ") for one in versions] == ([True] if path.endswith("delta") else [])
    return path.removeprefix("t.")


def test_numbers_that_are_binary_floats_break_a_contract_of_decimals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(rows_of(1), tmp_path)
    for form in FORMATS["floats"]:
        with pytest.raises(AssertionError, match="Exit code 3"):
            facts_of(tmp_path, form, CONTRACTS["decimal"])


@pytest.mark.parametrize("scale", [19, 25, 38])
def test_a_decimal_with_more_digits_than_a_contract_keeps_is_read_as_what_it_is(
    scale: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = Decimal("0.5" + "0" * (scale - 2) + "1")
    values = {"many": [fine, Decimal("0.25")], "few": [Decimal("0.5"), Decimal("0.25")]}
    schema = dict.fromkeys(values, pl.Decimal(38, scale))
    pl.DataFrame(values, schema=schema).write_parquet(tmp_path / "t.parquet")
    (tmp_path / "phasegate.yaml").write_text(
        "phasegate: 1\nsources: {t: {path: t.parquet}}\nmeasures:\n"
        "  many: {title: many, from: t, count: many > 0.5}\n  few: {title: few, from: t, sum: few * few}\n"
        'require: {many: "== 1", few: "== 0.3125"}\n'
    )
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli.main, ["check", "--no-ledger"])
    assert result.exit_code == 0, result.output
