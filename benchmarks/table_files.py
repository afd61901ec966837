"""Tables in files: a workbook against polars alone, and packed text against text that was unpacked first."""

from __future__ import annotations

import datetime as dt
import gzip
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from yardstick import Row, in_turn, megabytes, memory_ratio, run_process, seconds, time_ratio

CELLS, ROWS = 1_000_000, 1_000_000
XLSX_AT_MOST, GZIP_AT_MOST = 1.3, 1.1
HEADER = ("id", "team", "day", "amount", "plan")
PROJECT = """phasegate: 1
sources:
  costs:
    path: {path}
    contract:
      title: One row
      columns:
        id: {{type: integer}}
        team: {{type: string}}
        day: {{type: date}}
        amount: {{type: decimal, scale: 2}}
        plan: {{type: integer}}
measures:
  total: {{title: The total, from: costs, sum: amount}}
require: {{total: ">= 1"}}
"""
BY_POLARS = "import polars as pl; print(pl.read_excel('costs.xlsx')['amount'].sum())"
UNPACK = (
    "import gzip, shutil, subprocess, sys\n"
    "with gzip.open('costs.csv.gz') as packed, open('costs.csv', 'wb') as text:\n"
    "    shutil.copyfileobj(packed, text, 1 << 20)\n"
    "sys.exit(subprocess.run(sys.argv[1:]).returncode)"
)


def table(rows: int) -> Iterator[tuple[int, str, dt.date, float, int]]:
    """The rows of a table."""
    draw = random.Random(11)
    for row in range(rows):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=row % 90)
        yield row, f"team {row % 500}", day, draw.randrange(10_000_000) / 100, draw.randrange(1000)


def write_workbook(path: Path) -> None:
    """A workbook as xlsxwriter writes it."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as workbook:
        sheet, day = workbook.add_worksheet(), workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for row, (id_, team, when, amount, plan) in enumerate(table(CELLS // len(HEADER)), start=1):
            sheet.write_row(row, 0, (id_, team))
            sheet.write_datetime(row, 2, dt.datetime.combine(when, dt.time()), day)
            sheet.write_row(row, 3, (amount, plan))


def write_text(path: Path) -> None:
    """The same as packed text, of more rows."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=6) as text:
        text.write(",".join(HEADER) + "\n")
        text.writelines(
            f"{id_},{team},{when},{amount:.2f},{plan}\n" for id_, team, when, amount, plan in table(ROWS)
        )


def rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """Time and peak memory of `check`.

    Args:
        rounds: how often each pair is run.
        scratch: a folder for the tables.
    """
    check = [Path(sys.executable).parent / "phasegate", "check", "--no-ledger", "--as-of", "2026-04-01"]
    folders = {}
    for path in ("costs.xlsx", "costs.csv.gz", "costs.csv"):
        folder = folders[path] = scratch / "table_files" / path
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "phasegate.yaml").write_text(PROJECT.format(path=path), encoding="utf-8")
    write_workbook(folders["costs.xlsx"] / "costs.xlsx")
    write_text(folders["costs.csv.gz"] / "costs.csv.gz")
    shutil.copy(folders["costs.csv.gz"] / "costs.csv.gz", folders["costs.csv"])

    ours, theirs = in_turn(
        lambda: run_process(check, cwd=folders["costs.xlsx"]),
        lambda: run_process([sys.executable, "-c", BY_POLARS], cwd=folders["costs.xlsx"]),
        rounds,
    )
    what, against = f"`check` of a workbook of {CELLS:,} cells", "the same read by polars alone"
    detail = f"{seconds(ours)} against {seconds(theirs)}"
    yield Row(what, against, XLSX_AT_MOST, time_ratio(ours, theirs), detail)
    detail = f"{megabytes(ours)} against {megabytes(theirs)}"
    yield Row(what, against, XLSX_AT_MOST, memory_ratio(ours, theirs), detail, "peak memory")

    ours, theirs = in_turn(
        lambda: run_process(check, cwd=folders["costs.csv.gz"]),
        lambda: run_process([sys.executable, "-c", UNPACK, *check], cwd=folders["costs.csv"]),
        rounds,
    )
    what, against = f"`check` of a .csv.gz of {ROWS:,} rows", "unpacked first, then read"
    detail = f"{seconds(ours)} against {seconds(theirs)}"
    yield Row(what, against, GZIP_AT_MOST, time_ratio(ours, theirs), detail)
