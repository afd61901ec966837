"""A table may be of any size: staging one takes the memory of some rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from erp_database import SECRET, Erp

pytestmark = pytest.mark.slow
FEW, MANY = 50_000, 800_000
STAGED = """
import os, re, sys
from functools import partial
from pathlib import Path
from phasegate.facts.connections import stage
from phasegate.facts.connections.mysql import wire
from phasegate.facts.connections.tables import read_tables
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile
# So that few rows are many times what is held.
wire._BLOCK, stage.rows_kept = 1 << 18, partial(stage.rows_kept, at_a_time=1 << 12)
source = SourceFile.model_validate({"from": "erp", "table": sys.argv[1]})
wanted = {"one": (source, Contract(title="t", infer=True))}
part = read_tables(wanted, {"erp": Connection(mysql="env:ERP_URL")}, os.environ)["one"]
print(part.size, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def test_the_peak_of_a_large_table_is_that_of_a_small_one(maria_erp: Erp, tmp_path: Path) -> None:
    name = maria_erp.name
    peaks = {}
    for rows in (FEW, MANY):
        maria_erp.run(
            f"CREATE TABLE t{rows} (i int, amount decimal(12,2), day date, note varchar(60))",
            f"INSERT INTO t{rows} SELECT seq, seq / 100, '2026-01-01' + INTERVAL seq % 365 DAY, "
            f"CONCAT('note of number ', seq, IF(seq % 2, ' and', ' or'), ' more') FROM seq_1_to_{rows}",
        )
        address = maria_erp.server.url(name, f"reader_{name}", SECRET)
        ended = subprocess.run(
            [sys.executable, "-c", STAGED, f"{name}.t{rows}"],
            capture_output=True,
            text=True,
            env={"ERP_URL": address, "TMPDIR": str(tmp_path), "PATH": "/usr/bin"},
        )
        assert ended.returncode == 0, ended.stderr
        size, peaks[rows] = map(int, ended.stdout.split())
        assert size > rows * 40
    assert peaks[MANY] <= 1.1 * peaks[FEW], peaks
