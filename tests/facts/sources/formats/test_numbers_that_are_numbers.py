"""A number or a day that is one in the file is that, however the source says that its texts write them.

A sheet of a German team has amounts as texts, `1.234,50`, beside cells that are numbers: what is said of the
texts must not make a thousand of the number 1.234.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.formats import xlsx
from phasegate.facts.sources.formats.staged_tables.xlsx_plain import NotPlainError
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

ROWS = [(1.234, "1.234"), (7, "2,5"), (-0.5, "1.234.567,891"), (1234, "0")]
NUMBERS = [Decimal("1.234"), Decimal(7), Decimal("-0.5"), Decimal(1234)]
TEXTS = [Decimal(1234), Decimal("2.5"), Decimal("1234567.891"), Decimal(0)]


def as_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["number", "text"])
        for place, row in enumerate(ROWS, start=1):
            sheet.write_row(place, 0, row)


def as_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (number REAL, text TEXT)")
        database.executemany("INSERT INTO t VALUES (?, ?)", ROWS)
        database.commit()


def as_json(path: Path) -> None:
    path.write_text(json.dumps([dict(zip(("number", "text"), row, strict=True)) for row in ROWS]))


WRITTEN: dict[str, Callable[[Path], None]] = {
    "t.xlsx": as_workbook,
    "t.sqlite": as_sqlite,
    "t.json": as_json,
}


def read(
    folder: Path, columns: dict[str, Any] | None, **said: Any
) -> tuple[SourceState, dict[str, list[Any]]]:
    contract = None if columns is None else Contract.model_validate({"title": "One", "columns": columns})
    source = open_source("t", contract, SourceFile.model_validate(said), folder, dt.date(2026, 3, 31))
    if source.frame is None:
        return source.settle({}), {}
    *checks, found = pl.collect_all([*source.checks, source.frame.select(*source.kinds)])
    return source.settle(numbers(checks)), found.to_dict(as_series=False)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("contract", [True, False], ids=["with a contract", "without"])
@pytest.mark.parametrize("name", WRITTEN)
def test_a_number_is_no_text_of_one(name: str, contract: bool, tmp_path: Path) -> None:
    WRITTEN[name](tmp_path / name)
    columns = {"number": {"type": "float"}, "text": {"type": "decimal", "scale": 3}} if contract else None
    state, found = read(tmp_path, columns, path=name, decimal_comma=True, thousands=".")
    assert (state.status, state.reason) == ("ok", "")
    assert found == {"number": NUMBERS, "text": TEXTS}


def test_lines_of_which_nobody_can_tell_are_refused(tmp_path: Path) -> None:
    for number in ("1.234", "-1.2340", "1234e-3"):
        (tmp_path / "t.ndjson").write_text(f'{{"number": 7}}\n{{"number": {number}, "text": "1.234"}}\n')
        state, _ = read(tmp_path, None, path="t.ndjson", decimal_comma=True, thousands=".")
        assert state.reason.startswith(
            f"t.ndjson:2 has the number {number}, whose point may be one between thousands"
        )
    (tmp_path / "t.ndjson").write_text('{"number": "1.234"}\n')
    found = read(tmp_path, None, path="t.ndjson", decimal_comma=True, thousands=".")[1]
    assert found == {"number": [1234]}
    (tmp_path / "t.ndjson").write_text('{"number": 1.234}\n')
    assert read(tmp_path, None, path="t.ndjson", thousands=",")[1] == {"number": [Decimal("1.234")]}


DAY, MOMENT = dt.date(2026, 1, 5), dt.datetime(2026, 1, 5, 8, 30)
MIDNIGHT = dt.datetime(2026, 1, 5)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("plain", [True, False], ids=["by polars", "cell by cell"])
@pytest.mark.parametrize("form", ["%d.%m.%Y", "%Y-%d-%m", "%m/%d/%Y", "%d.%m.%y", None])
def test_a_day_is_the_one_that_is_shown(
    form: str | None, plain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise NotPlainError

    if not plain:
        monkeypatch.setattr(xlsx, "_plainly", refuse)
    long = form and f"{form} %H:%M"
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        day, moment = (
            workbook.add_format({"num_format": form}) for form in ("dd.mm.yyyy", "yyyy-mm-dd hh:mm")
        )
        sheet.write_row(0, 0, ["day", "text", "moment"])
        for row, when in enumerate((MOMENT, MIDNIGHT), start=1):
            sheet.write_datetime(row, 0, dt.datetime.combine(DAY, dt.time()), day)
            sheet.write_string(row, 1, DAY.strftime(form or "%Y-%m-%d"))
            sheet.write_datetime(row, 2, when, moment)
    columns = {"day": {"type": "date"}, "text": {"type": "date"}, "moment": {"type": "datetime"}}
    given = {} if form is None else {"date_format": form, "datetime_format": long}
    state, found = read(tmp_path, columns, path="t.xlsx", **given)
    assert (state.status, state.reason) == ("ok", "")
    assert found == {"day": [DAY, DAY], "text": [DAY, DAY], "moment": [MOMENT, MIDNIGHT]}


def test_a_form_that_loses_the_day_reads_none(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["day"])
        sheet.write_datetime(1, 0, dt.datetime(1926, 1, 5), workbook.add_format({"num_format": "dd.mm.yyyy"}))
    state, _ = read(tmp_path, {"day": {"type": "date"}}, path="t.xlsx", date_format="%d.%m.%y")
    assert (state.status, "1926-01-05" in state.reason) == ("error", True)
