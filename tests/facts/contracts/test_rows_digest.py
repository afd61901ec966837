"""Rows have one digest in whatever order, form and place they are kept, and other rows have another one."""

from __future__ import annotations

import datetime as dt
import gzip
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from workbooks import inline, packed, parts

from phasegate.facts.sources import passes
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

COLUMNS: dict[str, Any] = {
    "invoice": {"type": "string"},
    "opened": {"type": "date"},
    "amount": {"type": "decimal", "scale": 2},
    "paid": {"type": "boolean"},
    "note": {"type": "string", "nullable": True},
}
ROWS = [
    ("F-1", "2026-01-10", "20.50", "true", 'a, "b" ü'),
    ("F-2", "2026-01-11", "1200.00", "false", ""),
    ("F-2", "2026-01-11", "1200.00", "false", ""),
]
Rows = Sequence[tuple[str, ...]]


def csv(rows: Rows, separator: str = ",", more: str = "") -> bytes:
    lines = [
        separator.join('"' + cell.replace('"', '""') + '"' if cell else "" for cell in row) for row in rows
    ]
    return "\n".join([separator.join(COLUMNS) + more, *(line + more for line in lines), ""]).encode()


def frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row").with_columns(
        pl.col("opened").str.to_date(),
        pl.col("amount").str.to_decimal(scale=4),
        pl.col("paid") == "true",
        pl.when(pl.col("note") != "").then("note"),
    )


def sqlite(rows: Rows) -> None:
    with closing(sqlite3.connect("i.sqlite")) as database, database:
        database.execute(f"CREATE TABLE invoices ({', '.join(f'{name} TEXT' for name in COLUMNS)})")
        marks = ", ".join("?" for _ in COLUMNS)
        database.executemany(f"INSERT INTO invoices VALUES ({marks})", [[c or None for c in r] for r in rows])


def workbook(rows: Rows) -> None:
    told = [tuple(cell.replace("&", "&amp;").replace('"', "&quot;") for cell in row) for row in rows]
    packed(Path("i.xlsx"), parts(inline(tuple(COLUMNS), *told)))


def halves(rows: Rows) -> None:
    Path("i-1.csv").write_bytes(csv(rows[1:]))
    Path("i-2.csv").write_bytes(csv(rows[:1]))


FORMS: dict[str, tuple[Callable[[Rows], object], dict[str, Any]]] = {
    "csv": (lambda rows: Path("i.csv").write_bytes(csv(rows)), {"path": "i.csv"}),
    "another separator": (
        lambda rows: Path("i.csv").write_bytes(csv(rows, ";")), {"path": "i.csv", "separator": ";"},
    ),
    "a column that nobody reads": (
        lambda rows: Path("i.csv").write_bytes(csv(rows, more=",more")), {"path": "i.csv"},
    ),
    "another order": (lambda rows: Path("i.csv").write_bytes(csv(rows[::-1])), {"path": "i.csv"}),
    "two files": (halves, {"path": "i-*.csv"}),
    "packed": (lambda rows: Path("i.csv.gz").write_bytes(gzip.compress(csv(rows))), {"path": "i.csv.gz"}),
    "parquet": (lambda rows: frame(rows).write_parquet("i.parquet"), {"path": "i.parquet"}),
    "columns in another order": (
        lambda rows: frame(rows).select(sorted(COLUMNS)).write_parquet("i.parquet"), {"path": "i.parquet"},
    ),
    "ndjson": (
        lambda rows: frame(rows).with_columns(pl.col("amount").cast(pl.String)).write_ndjson("i.ndjson"),
        {"path": "i.ndjson"},
    ),
    "sqlite": (sqlite, {"path": "i.sqlite", "table": "invoices"}),
    "workbook": (workbook, {"path": "i.xlsx"}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def content(rows: Rows, form: str = "csv", columns: dict[str, Any] = COLUMNS) -> str | None:
    write, options = FORMS[form]
    write(rows)
    contract = Contract(title="one invoice", columns=columns)
    source = open_source("invoices", contract, SourceFile(**options), Path(), dt.date(2026, 3, 1))
    return source.settle(numbers(pl.collect_all(source.checks))).content


@pytest.mark.parametrize("form", list(FORMS)[1:])
def test_the_same_rows_in_another_form(form: str) -> None:
    assert content(ROWS, form) == content(ROWS) is not None


def changed(row: int, place: int, cell: str) -> Rows:
    return [
        tuple(
            cell if at == (row, place) else each for column, each in enumerate(one) for at in [(line, column)]
        )
        for line, one in enumerate(ROWS)
    ]


OTHERS: dict[str, Rows] = {
    "another value": changed(0, 2, "20.51"),
    "a value of another row": changed(1, 0, "F-1"),
    "a row less": ROWS[:2],
    "a row more": [*ROWS, ROWS[0]],
    "no value where one was": changed(0, 4, ""),
    "what can not be read": changed(0, 2, "much"),
    "something else that can not be read": changed(0, 2, "more"),
    "a digit too many, rounded away": changed(0, 2, "20.501"),
    "lines within a value": changed(0, 4, "a\nb"),
    "the same lines, in another row": changed(1, 4, "a\nb"),
    "a value that says how a line break is written": changed(0, 4, "a\\nb"),
}


def test_other_rows_have_other_digests() -> None:
    found = {name: content(rows) for name, rows in [("the same", ROWS), *OTHERS.items()]}
    assert None not in found.values()
    assert len({*found.values()}) == len(found), found


def test_what_a_contract_asks_beyond_changes_no_rows() -> None:
    demanding = {**COLUMNS, "amount": {**COLUMNS["amount"], "max": "100"}, "note": {"type": "string"}}
    assert content(ROWS, columns=demanding) == content(ROWS)


def test_of_very_many_rows_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SMALL", 60)
    assert content(ROWS) is None
