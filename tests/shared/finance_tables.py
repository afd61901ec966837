"""The tables of the Developer-Finance pack as rows that a test may change, and the facts that they give."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
from example_runs import generator

from phasegate.facts.assemble import assemble, parameter_values, sources_read
from phasegate.facts.model.fact import FactSet
from phasegate.facts.sources.open import open_sources
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Calendar, Control, SourceFile

Row = dict[str, str]
Tables = Mapping[str, list[Row]]
AS_OF = dt.date(2025, 11, 17)  # a Monday
CYCLE_START = dt.date(2025, 10, 6)


@cache
def pack() -> Pack:
    """The pack."""
    return load_pack("developer_finance").pack


def parsed(text: str) -> list[Row]:
    """Rows of a table written as CSV; spaces around its cells do not count."""
    lines = [[cell.strip() for cell in line.split(",")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


@cache
def example(as_of: dt.date = AS_OF) -> Tables:
    """All tables of the example; the one outcome that nobody found out is found out."""
    made = generator("developer_finance")
    dates = made.Dates(as_of)
    with TemporaryDirectory() as folder:
        costs, runs = Path(folder, "costs"), Path(folder, "runs")
        _, spent = made.bulk.write_costs(costs, dates, 1_000, 1)
        made.bulk.write_system_runs(runs, dates, 1_000, made.evidence.SYSTEMS)
        tables = {"costs": _read(costs, "costs"), "system_runs": _read(runs, "system_runs")}
    rows = made.evidence.tables(dates, 1)
    for part in (made.area_1, made.area_2, made.area_3, made.area_4, made.programme):
        for maker in part.TABLES:
            rows[maker.__name__] = maker(dates, Random(f"1 {maker.__name__}"))
    rows["cost_plans"] = made.area_2.cost_plans(dates, spent, Random("1 cost_plans"))
    rows["baseline"] = made.programme.baseline(dates, rows, spent)
    found = next(row for row in rows["decisions"] if row["actual_outcome"] is None)
    found |= {"actual_outcome": found["expected_outcome"], "reviewed_on": found["due_on"]}
    return tables | {name: [_texts(row) for row in found] for name, found in rows.items()}


def _read(folder: Path, name: str) -> list[Row]:
    rows = pl.read_parquet(folder / "*.parquet").select(list(pack().sources[name].columns)).to_dicts()
    return [_texts(row) for row in rows]


def _texts(row: Mapping[str, object]) -> Row:
    return {key: _text(value) for key, value in row.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole(name: str, row: Row, as_of: dt.date) -> Row:
    """A row with all columns: brought up to date a week ago, no date moved, and all else empty."""
    contract = pack().sources[name]
    said = {contract.updated: str(as_of - dt.timedelta(days=7)), "first_due_on": row.get("due_on", "")}
    return {column: row.get(column, said.get(column, "")) for column in contract.columns}


def facts_of(
    folder: Path,
    tables: Tables,
    *measures: str,
    as_of: dt.date = AS_OF,
    control: bool = True,
    stated: Mapping[str, int] | None = None,
) -> FactSet:
    """The facts of some measures, or of all, over tables that are written to a folder.

    Args:
        folder: for the files.
        tables: rows by the name of their source; one that is missing is one that nobody connected.
        measures: what is measured; everything where none is named.
        as_of: the day.
        control: whether somebody states what each extract must add up to.
        stated: the rows that they state, where an extract has not as many.
    """
    given = {"cycle_start": CYCLE_START}
    asked = set(measures) or None
    needed = sources_read(pack(), asked)
    files: dict[str, SourceFile] = {}
    for name in sorted(needed & tables.keys()):
        rows = [_whole(name, row, as_of) for row in tables[name]]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        total = Control(rows=(stated or {}).get(name, len(rows))) if control else None
        files[name] = SourceFile(path=f"{name}.csv", control=total)
    contracts = {name: pack().sources[name] for name in files}
    values = parameter_values(pack(), as_of, given)
    opened = open_sources(contracts, files, folder, as_of, Calendar(), values)
    return assemble(pack(), opened, as_of, given, asked)
