"""The pages about files: what they say is typed, and prints what they show."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from delta_tables import Table, metadata, protocol
from typed_page import SOURCES, blocks, follow

from phasegate import cli


def run(*words: str) -> str:
    return CliRunner().invoke(cli.main, words).output.rstrip()


def written(page: str, until: str | None = None) -> None:
    """The files of a page, up to one of them."""
    for file, _, block in blocks(SOURCES / page):
        if file:
            Path(file).write_text(block, encoding="utf-8")
        if file.endswith(".py"):
            runpy.run_path(file)
        if file == until:
            break


@pytest.mark.parametrize(("page", "commands"), [("files.md", 1), ("delta.md", 2)])
def test_what_a_page_says_is_so(
    page: str, commands: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    assert follow(SOURCES / page) == commands


PROJECT = """\
phasegate: 1
sources:
  t:
    path: {path}
{options}
    contract: {{title: a cost, columns: {{amount: {{type: decimal, scale: 2}}}}}}
measures: {{s: {{title: Costs, from: t, sum: amount}}}}
require: {{s: "== 1300"}}
"""


def in_text(old: str, new: str) -> Callable[[Path], None]:
    """Another text in a file, for those that are made of it to be made anew."""

    def change(path: Path) -> None:
        text = Path("costs.csv" if path.suffix == ".gz" else path).read_text(encoding="utf-8")
        assert old in text
        Path("costs.csv" if path.suffix == ".gz" else path).write_text(
            text.replace(old, new), encoding="utf-8"
        )
        if path.suffix == ".gz":
            import gzip

            path.write_bytes(gzip.compress(Path("costs.csv").read_bytes()))

    return change


def in_parquet(path: Path) -> None:
    texts = pl.read_parquet(path).with_columns(pl.col("amount").cast(pl.String))
    with_x(texts).write_parquet(path)


def with_x(texts: pl.DataFrame) -> pl.DataFrame:
    return texts.with_columns(
        pl.when(pl.int_range(pl.len()) == 1).then(pl.lit("x")).otherwise(pl.col("amount")).alias("amount")
    )


def in_sqlite(path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE costs SET amount = 'x' WHERE id = 2")


def in_workbook(path: Path) -> None:
    from openpyxl import load_workbook

    workbook = load_workbook(path)
    workbook["Q1"]["D5"] = "x"
    workbook.save(path)


def in_delta(path: Path) -> None:
    table = Table(path)
    texts = pl.read_csv("costs.csv", schema_overrides={"amount": pl.String}).select("amount")
    table.commit(protocol(), metadata({"amount": "string"}), table.file("part-1.parquet", with_x(texts)))


PLACES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "costs.csv": (in_text("0.10", "x"), "", "costs.csv:3"),
    "costs.csv.gz": (in_text("0.10", "x"), "", "costs.csv.gz:3"),
    "costs.ndjson": (in_text("0.10", '"x"'), "", "costs.ndjson:2"),
    "costs.json": (in_text("0.10", '"x"'), "    records: data.costs", "costs.json $.data.costs[1].amount"),
    "costs.parquet": (in_parquet, "", "costs.parquet row 2"),
    "app.sqlite": (in_sqlite, "    table: costs", "app.sqlite costs rowid 2"),
    "costs.xlsx": (in_workbook, "    sheet: Q1\n    header_row: 3\n    stop_at: Total", "costs.xlsx Q1!D5"),
    "costs": (in_delta, "", "costs/part-1.parquet row 2"),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("path", PLACES)
def test_a_fault_is_where_the_page_says(path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    written("files.md", "make.py")
    change, options, place = PLACES[path]
    change(Path(path))
    Path("phasegate.yaml").write_text(PROJECT.format(path=path, options=options), encoding="utf-8")
    assert f'{place} has amount "x"' in run("check", "--no-ledger")
    page = (SOURCES / "files.md").read_text(encoding="utf-8")
    assert f"`{path}`" in page
    assert place.replace(".gz", "") in page


@pytest.mark.slow
def test_a_run_is_measured_again_from_its_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The table has grown since; which version it was, the record says."""
    monkeypatch.chdir(tmp_path)
    table = Table(Path("t"))
    first = table.file("1.parquet", pl.DataFrame({"amount": [1300]}))
    table.commit(protocol(), metadata({"amount": "long"}), first)
    text = PROJECT.format(path="t", options="")
    Path("phasegate.yaml").write_text(text, encoding="utf-8")
    assert "OPEN" in run("check")
    assert "every source and every fact is as it was" in run("replay", "1", "--from-sources")
    table.commit(table.file("2.parquet", pl.DataFrame({"amount": [7]})))
    assert "other content in t/2.parquet" in " ".join(run("replay", "1", "--from-sources").split())
    table.commit({"remove": {"path": "2.parquet"}})
    again = " ".join(run("replay", "1", "--from-sources").split())
    assert "the same rows in another order, form or place (the log of its table)" in again
    Path("phasegate.yaml").write_text(text.replace("path: t", "path: t\n    version: 0"), encoding="utf-8")
    assert "every source and every fact is as it was" in run("replay", "1", "--from-sources")
