"""One table as CSV, NDJSON and Parquet, its numbers as floats and as decimals: the same facts."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from phasegate import cli

FORMATS = ("csv", "ndjson", "float.parquet", "decimal.parquet")
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
    texts = {
        name: [None if row[name] is None else str(Decimal(repr(row[name]))) for row in rows]
        for name in numbers
    }
    plain = floats.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in texts.items())
    plain.write_csv(folder / "t.csv")
    scales = {"amount": 4, "plan": 2, "share": 17, "items": 0}
    plain.with_columns(
        pl.col(name).cast(pl.Decimal(38, scale)) for name, scale in scales.items()
    ).write_parquet(folder / "t.decimal.parquet")
    lines = [json.dumps({**row, "day": row["day"].isoformat()}) for row in rows]
    (folder / "t.ndjson").write_text("\n".join(lines) + "\n")


def facts_of(folder: Path, form: str, columns: dict[str, Any] | None) -> list[dict[str, Any]]:
    """All facts of a project over one of the files, without what tells which file it was."""
    source: dict[str, Any] = {"path": f"t.{form}"}
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
    return [
        {key: value for key, value in fact.items() if key not in ("sources", "digest")}
        for fact in record["facts"]
    ] + record["requirements"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("contract", list(CONTRACTS))
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_table_has_the_same_facts_and_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contract: str, seed: int
) -> None:
    monkeypatch.chdir(tmp_path)
    written(rows_of(seed), tmp_path)
    first = facts_of(tmp_path, FORMATS[0], CONTRACTS[contract])
    assert len(first) > len(MEASURES)
    for form in FORMATS[1:]:
        found = facts_of(tmp_path, form, CONTRACTS[contract])
        for one, other in zip(first, found, strict=True):
            assert (form, other) == (form, one)


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
