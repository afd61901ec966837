"""`lint --data` looks at the beginning of each table, and at no more."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from ends import ends

from phasegate.facts.sources.formats.base import HEAD_BYTES

Run = Callable[..., Result]
PROJECT = """\
phasegate: 1
id: p-0123456789abcdef
sources:
  invoices:
    path: {path}
    contract:
      title: one invoice
      columns:
        invoice: {{type: string, unique: true}}
        status: {{type: string}}
        amount: {{type: decimal}}
        paid_on: {{type: date, nullable: true}}
        clerk: {{type: string, personal: true, nullable: true}}
        country: {{type: string, allowed: [DE, JP], nullable: true}}
measures:
  done: {{title: Done, from: invoices, ratio: {{of: "{of}"}}}}
require: {{done: ">= 90 %"}}
"""
HEAD = "invoice,status,amount,paid_on,clerk,country\n"
ROWS = ["F-1,reconciled,1.50,2026-01-31,ann,DE", "F-2,open,2,,,"]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(
        rows: list[str] = ROWS, head: str = HEAD, of: str = "status = 'open'", path: str = "invoices.csv"
    ) -> Path:
        (tmp_path / "phasegate.yaml").write_text(PROJECT.format(of=of, path=path))
        (tmp_path / "invoices.csv").write_text(head + "\n".join(rows) + "\n")
        return tmp_path / "invoices.csv"

    return make


CASES: dict[str, tuple[dict[str, object], int, str]] = {
    "all is well": ({}, 0, "Found no problems."),
    "a misspelt word": (
        {"of": "status = 'reconcilled'"},
        0,
        "unseen-value  warning: no row of invoices has status = 'reconcilled'",
    ),
    "a word but for its case": (
        {"rows": ["F-1,Open,1,,,", "F-2,open,1,,,"]},
        0,
        "near-value  warning: rows of invoices have status = Open, which is not 'open'",
    ),
    "a word but for blanks": ({"rows": ["F-1,open ,1,,,"]}, 0, "have status = 'open ', which is not 'open'"),
    "one of a list": ({"of": "status IN ('open', 'paid')"}, 0, "has status = 'paid'"),
    "what was seen": ({"of": "status <> 'x'"}, 0, "help: seen: open, reconciled"),
    "a missing column": (
        {"head": HEAD.replace("status", "stauts")},
        2,
        "unfit-data  invoices: invoices.csv has no column",
    ),
    "another type": ({"rows": ["F-1,open,much,,,"]}, 2, "invoices: 1 row breaks the contract: amount"),
    "another date": ({"rows": ["F-1,open,1,31.01.2026,,"]}, 2, "date_format"),
    "a word not allowed": ({"rows": ["F-1,open,1,,,FR"]}, 2, "country"),
    "a word that the contract allows": ({"of": "country = 'JP'"}, 0, "Found no problems."),
    "ids of people": ({"of": "clerk = 'bob'"}, 0, "Found no problems."),
}


@pytest.mark.parametrize("case", CASES)
def test_what_the_beginning_of_a_table_shows(case: str, run: Run, write: Callable[..., Path]) -> None:
    args, code, says = CASES[case]
    write(**args)
    result = run("lint", "--data")
    assert result.exit_code == code, result.output
    assert says in result.stdout
    assert "ann" not in result.stdout


def test_without_the_option_no_table_is_opened(run: Run, write: Callable[..., Path]) -> None:
    write(rows=["F-1,open,much,,,"])
    assert run("lint").stdout == "Found no problems.\n"


def test_rules_with_errors_are_mended_first(run: Run, write: Callable[..., Path], tmp_path: Path) -> None:
    write(rows=["F-1,open,much,,,"], of="bogus(")
    (tmp_path / "phasegate.yaml").write_text((tmp_path / "phasegate.yaml").read_text() + "titel: x\n")
    result = run("lint", "--data")
    assert result.exit_code == 2
    assert "unfit-data" not in result.stdout


def test_of_a_large_table_the_beginning_alone_is_read(run: Run, write: Callable[..., Path]) -> None:
    file = write(of="status = 'paid'")
    good = [f'F-{place},"open\nor not",1,,,' for place in range(HEAD_BYTES // 20)]
    file.write_text(HEAD + "\n".join([*good, "F-x,paid,much,,,"]) + "\n")
    shown = run("lint", "--data").stdout
    assert "none of the first rows of invoices has status = 'paid'" in shown
    assert "unfit-data" not in shown  # what is wrong stands behind it


def test_of_a_large_parquet_file_too(run: Run, write: Callable[..., Path], tmp_path: Path) -> None:
    write(path="invoices.parquet")
    count = 200_000
    frame = pl.DataFrame(
        {
            "invoice": [f"F-{place}" for place in range(count)],
            "status": ["closed"] * count,
            "amount": pl.Series(["1.5"] * count).cast(pl.Decimal(12, 2)),
            "paid_on": pl.Series([None] * count, dtype=pl.Date),
            "clerk": ["ann"] * count,
        }
    )
    frame.write_parquet(tmp_path / "invoices.parquet", compression="uncompressed")
    result = run("lint", "--data")
    assert "invoices.parquet has no column 'country'" in result.stdout
    frame.with_columns(country=pl.lit("DE")).write_parquet(
        tmp_path / "invoices.parquet", compression="uncompressed"
    )
    assert "none of the first rows of invoices has status = 'open'" in run("lint", "--data").stdout


@pytest.mark.parametrize("what", ["missing", "a folder", "a pipe", "fifty gigabytes", "outside"])
def test_what_is_no_table(what: str, run: Run, write: Callable[..., Path], tmp_path: Path) -> None:
    file = write()
    if what == "outside":
        write(path="../elsewhere.csv")
    else:
        file.unlink()
    if what == "a folder":
        file.mkdir()
    elif what == "a pipe":
        os.mkfifo(file)
    elif what == "fifty gigabytes":
        with file.open("wb") as stream:
            stream.truncate(50_000_000_000)
    with ends():
        result = run("lint", "--data")
    assert "Traceback" not in result.output
    assert result.exit_code == (2 if what in ("missing", "outside") else 0), result.output
    if what in ("a folder", "a pipe", "fifty gigabytes"):
        assert "not-sampled  warning: invoices was not looked at" in result.stdout
    assert not list(tmp_path.glob(".phasegate*"))
