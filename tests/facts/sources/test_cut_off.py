"""A large file that is cut off while polars reads it: an error, and never the end of the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ROWS = 200_000
SCRIPT = """
import os, sys
from pathlib import Path
import polars as pl
from phasegate.facts.sources import passes
from phasegate.facts.sources.scan import READ_ERRORS, scan_source
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile
passes.SMALL = 0
path = Path(sys.argv[1])
columns = {"team": {"type": "string"}, "note": {"type": "string"}}
contract = Contract.model_validate({"title": "Costs", "columns": columns})
mapped = []

def cut(values):
    mapped.append(path.name in Path("/proc/self/maps").read_text())
    os.truncate(path, 4096)
    return values

scanned = scan_source(contract, SourceFile(path=path.name), path.parent)
rows = scanned.raw.with_columns(pl.col("team").map_batches(cut, pl.String, is_elementwise=True))
try:
    rows.select(pl.all().max()).collect(engine="streaming")
    fault = scanned.fault()
except READ_ERRORS as error:
    fault = scanned.explain(error)
print(any(mapped), len(mapped) > 0, fault.sentence)
"""


@pytest.mark.sampled(every=3)
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_who_cuts_off_a_file_that_is_read_gets_an_error(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"costs.{ending}"
    row = pl.int_range(ROWS)
    frame = pl.select(
        team=pl.format("t{}", row), note=pl.format("what {} is about, in many words", row * 7919 % 999_983)
    )
    if ending == "parquet":
        frame.write_parquet(path, compression="uncompressed", row_group_size=10_000)
    else:
        (frame.write_csv if ending == "csv" else frame.write_ndjson)(path)
    assert path.stat().st_size > 1 << 21
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = f"costs.{ending} changed while it was read; run again once it is written"
    assert done.stdout == f"False True {said}\n"
