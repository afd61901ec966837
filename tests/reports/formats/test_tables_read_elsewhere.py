"""CSV and workbook as pandas, DuckDB and LibreOffice read them when nobody tells them anything.

`make validators` fetches the former two; LibreOffice is Debian's `libreoffice-calc-nogui`.
"""

from __future__ import annotations

import copy
import csv
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from dressed_record import dressed
from hostile_text import TEXTS, with_text
from numbered_record import numbered
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from phasegate.records.schema import Record
from phasegate.reports.formats.csv import render as as_csv
from phasegate.reports.formats.excel import render as as_excel
from phasegate.reports.report import Report
from phasegate.reports.text.verdict_rows import COLUMNS, rows

pytestmark = pytest.mark.slow
Saved = Callable[[str], Record]
HERE = Path(__file__).parents[1]
PYTHON = HERE.parents[1] / ".tmp" / "validators" / "bin" / "python"
IDS = ("1.1", "1.10", "1.100", "01", "1e5", "2026-03-01", "inf", "nan", "true", "1_000")
"""Ids that a pack may have, and that programs take for something else."""


def of_points(record: Record) -> Record:
    """The record with a point for each of `IDS`, of an area and a phase named so, and one criterion each."""
    found = copy.deepcopy(record)
    parts: Any = {kind: found[kind].pop() for kind in ("points", "criteria", "requirements", "facts")}  # type: ignore[literal-required,misc]
    for kind in parts:
        found[kind].clear()  # type: ignore[literal-required]
    found["areas"] = {name: f"Area {name}" for name in IDS}
    found["gates"], found["rows"], found["waivers"] = [], [], []
    for name in IDS:
        named = {"criterion": f"{name}/c", "alternative": "1.10" if name == "1.1" else "1"}
        found["points"].append(
            {**parts["points"], "id": name, "area": name, "phases": [name], "criteria": [f"{name}/c"]}
        )
        found["criteria"].append(
            {**parts["criteria"], "id": f"{name}/c", "point": name, "requirements": [f"{name}/c/f"]}
        )
        found["requirements"].append(
            {**parts["requirements"], "id": f"{name}/c/f", "fact": f"f[{name}]", **named}
        )
        found["facts"].append({**parts["facts"], "id": f"f[{name}]"})
    return found


def reports(saved: Saved) -> dict[str, Report]:
    records = {
        "ids": of_points(numbered(saved("minimal_fail"))),
        "programme": dressed(numbered(saved("programme"))),
        "undetermined": numbered(saved("undetermined")),
    }
    return {name: Report(record, 1) for name, record in records.items()}


def needed(program: str | Path | None, what: str, variable: str = "") -> str:
    if program is not None and Path(program).exists():
        return str(program)
    if variable and os.environ.get(variable) == "1":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


def held(column: str, told: Any, meant: str, *, percent: bool, of: str) -> None:
    """Sees that a cell is read as what it is; texts that are numbers throughout may become such."""
    kind = COLUMNS[column]
    if not meant:
        assert told in (None, ""), (of, column)
    elif kind in ("whole", "decimal"):
        assert float(told) == pytest.approx(
            float(meant) / (100 if percent and kind == "decimal" else 1), rel=1e-15
        ), (of, column)
    elif kind == "id" or column in ("requirement", "criterion", "fact", "verdict"):
        assert told == meant, (of, column)
    elif kind == "date":
        assert str(told)[:10] == meant[:10], (of, column)


@pytest.mark.parametrize("name", ["ids", "programme", "undetermined"])
def test_pandas_and_duckdb_read_ids_as_ids_and_numbers_as_numbers(
    name: str, saved: Saved, tmp_path: Path
) -> None:
    python = needed(PYTHON, "the environment of 'make validators'", "PHASEGATE_TEST_VALIDATORS")
    report = reports(saved)[name]
    table, workbook = tmp_path / "t.csv", tmp_path / "t.xlsx"
    table.write_bytes(as_csv(report).encode())
    workbook.write_bytes(as_excel(report))
    done = subprocess.run(
        [python, HERE / "table_readers.py", table, workbook], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    read: Mapping[str, Mapping[str, Any]] = json.loads(done.stdout)
    meant = list(rows(report))
    for of in ("pandas", "duckdb", "pandas, sheet Requirements"):
        assert list(read[of]) == list(COLUMNS)
        for column, (type_, cells) in read[of].items():
            for cell, row in zip(cells, meant, strict=True):
                percent = "sheet" in of and row["unit"] == "%"
                held(column, cell, row[column], percent=percent, of=f"{of}: {type_}")
            if COLUMNS[column] in ("whole", "decimal") and any(row[column] for row in meant):
                assert type_ != "object"
                assert not type_.lower().startswith(("str", "varchar"))
    points = [cell for cell in read["pandas, sheet Criteria"]["Point"][1] if cell]
    assert points[: len(report.record["points"])] == [
        f"point:{each['id']}" for each in report.record["points"]
    ]
    if report.record["waivers"]:
        for head in ("Start", "End", "Granted"):
            assert read["pandas, sheet Waivers"][head][0].startswith("datetime64")


AMERICAN, GERMAN = "1033", "1031"


def office(folder: Path, *sources: Path, language: str = AMERICAN) -> list[Workbook]:
    """Tables as LibreOffice saves them after it has read them."""
    soffice = needed(shutil.which("soffice"), "LibreOffice")
    out = folder / "read"
    # Commas, double quotes, UTF-8, from the first line on; quoted cells are no texts, dates are found.
    read_as = (
        f"--infilter=CSV:44,34,76,1,,{language},false,true" if sources[0].suffix == ".csv" else "--headless"
    )
    done = subprocess.run(
        [
            soffice,
            f"-env:UserInstallation=file://{folder}/office",
            "--headless",
            read_as,
            "--convert-to",
            "xlsx",
            "--outdir",
            str(out),
            *map(str, sources),
        ],
        env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(out.iterdir())) == len(sources)
    return [load_workbook(out / f"{source.stem}.xlsx") for source in sources]


def cells_of(workbook: Workbook, sheet: str) -> list[list[Any]]:
    return [[cell.value for cell in line] for line in workbook[sheet].iter_rows()]


@pytest.mark.parametrize("language", [AMERICAN, GERMAN])
def test_libreoffice_reads_the_csv(language: str, saved: Saved, tmp_path: Path) -> None:
    all_of = reports(saved)
    tables = [tmp_path / f"{name}.csv" for name in all_of]
    for table, report in zip(tables, all_of.values(), strict=True):
        table.write_bytes(as_csv(report).encode())
    read = office(tmp_path, *tables, language=language)
    for (name, report), workbook in zip(all_of.items(), read, strict=True):
        heads, *cells = cells_of(workbook, name)
        assert heads == list(COLUMNS)
        for line, row in zip(cells, rows(report), strict=True):
            for column, cell in zip(COLUMNS, line, strict=True):
                if language == AMERICAN or COLUMNS[column] == "id":  # 14.5 is the 14th of May to the other
                    held(column, cell, row[column], percent=False, of="LibreOffice")
            assert line[heads.index("margin")] == (row["margin"] or None)


def test_libreoffice_reads_the_workbook(saved: Saved, tmp_path: Path) -> None:
    all_of = reports(saved)
    workbooks = [tmp_path / f"{name}.xlsx" for name in all_of]
    for workbook, report in zip(workbooks, all_of.values(), strict=True):
        workbook.write_bytes(as_excel(report))
    read = office(tmp_path, *workbooks)
    for report, workbook, kept in zip(all_of.values(), workbooks, read, strict=True):
        assert kept.sheetnames == load_workbook(workbook).sheetnames
        heads, *cells = cells_of(kept, "Requirements")
        for line, row in zip(cells, rows(report), strict=True):
            for column, cell in zip(heads, line, strict=True):
                held(column, cell, row[column], percent=row["unit"] == "%", of="LibreOffice")


def test_libreoffice_computes_nothing(saved: Saved, tmp_path: Path) -> None:
    texts = (*TEXTS.values(), "=1+1", "-1+1", "-5 points ", "-5 points", "+", "@SUM(A1)", "-5 to +5 ")
    record = numbered(saved("minimal_fail"))
    lines = as_csv(Report(record, 1)).splitlines(keepends=True)[:1]
    for text in texts:
        lines += as_csv(Report(with_text(record, text, before=True), 1)).splitlines(keepends=True)[1:]
    source = tmp_path / "t.csv"
    source.write_bytes("".join(lines).encode())
    (read,) = office(tmp_path, source)
    found = read["t"]
    meant = list(csv.reader(lines))
    assert found.max_row == len(meant) == 1 + len(texts)
    for line, told in zip(found.iter_rows(), meant, strict=True):
        for cell, text in zip(line, told, strict=True):
            assert cell.data_type != "f", text
            if cell.data_type == "s":
                assert cell.value == text
