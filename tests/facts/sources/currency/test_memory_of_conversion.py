"""Converting the amounts of a large source takes no memory that grows with its rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

FILES, ROWS = 4, 2_500_000
AT_MOST = 1_100
"""Megabytes; less than 700 were measured, and 1,740 where the same rows are held."""
SCRIPT = """
import datetime as dt, re, sys
from pathlib import Path
from phasegate.facts.assemble import assemble
from phasegate.facts.sources.open import open_sources
from phasegate.rules.loading.project import load_project

root, day = Path(sys.argv[1]), dt.date(2026, 3, 31)
loaded = load_project(root / "phasegate.yaml")
pack = loaded.pack.pack
facts = assemble(pack, open_sources(pack.sources, loaded.project.sources, root, day), day).facts
# Not what getrusage tells: that begins with the memory of the process that started this one.
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
for fact in facts.values():
    print(fact.id, fact.status, fact.value, fact.reason)
"""
PROJECT = """
phasegate: 1
sources:
  invoices:
    path: invoices/*.parquet
    contract:
      title: one invoice
      event: day
      currency: currency
      convert: {to: USD, rates: fx}
      columns: {day: {type: date}, currency: {type: string}, amount: {type: decimal, scale: 2}}
  fx:
    path: fx.csv
    contract: {title: one rate, infer: true, rates: {date: day, currency: code, rate: rate, to: USD}}
measures:
  all: {title: All, from: invoices, sum: amount, unit: USD}
  some: {title: Some, from: invoices, count: amount > 2.00}
  each: {title: Each, from: invoices, by: currency, sum: amount, unit: USD}
require: {all: ">= 1 USD", some: ">= 1", each: ">= 1 USD"}
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory of a process")
def test_ten_million_rows_are_converted_in_a_bounded_memory(tmp_path: Path) -> None:
    (tmp_path / "phasegate.yaml").write_text(PROJECT.lstrip())
    (tmp_path / "fx.csv").write_text("day,code,rate\n2026-01-01,EUR,1.1\n2026-02-01,EUR,1.25\n")
    (tmp_path / "invoices").mkdir()
    row = pl.int_range(0, ROWS, eager=True)
    rows = pl.DataFrame(
        {
            "day": pl.Series(["2026-01-15", "2026-02-15"]).str.to_date().gather(row % 2),
            "currency": pl.Series(["EUR", "EUR", "USD", "USD"]).gather(row % 4),
            "amount": pl.Series(["2.00"]).cast(pl.Decimal(38, 2)).gather(row * 0),
            "note": row.hash(),  # nothing packs it, so that the files are too large to be held
        }
    )
    for number in range(FILES):
        rows.write_parquet(tmp_path / f"invoices/{number}.parquet", row_group_size=200_000)
    del rows, row
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    megabytes, *facts = done.stdout.splitlines()
    assert facts == [
        f"all present {(22 + 25 + 40) * FILES * ROWS // 40} ",
        f"some present {FILES * ROWS // 2} ",
        f"each[EUR] present {(22 + 25) * FILES * ROWS // 40} ",
        f"each[USD] present {FILES * ROWS} ",
    ]
    assert int(megabytes) < AT_MOST
