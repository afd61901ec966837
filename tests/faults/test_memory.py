"""Memory of a process that decides again and again, as a scheduler does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from broken import Harbour

WARM_UP = 10
AT_MOST = 10_000_000
LOOP = """
import datetime as dt, gc, sys
from pathlib import Path
import psutil
from phasegate.runs.preflight import ready_project
from phasegate.records.build import to_json
from phasegate.runs.evaluate import evaluate

root, runs, day = Path(sys.argv[1]), int(sys.argv[2]), dt.date(2026, 3, 31)
me = psutil.Process()
for number in range(1, runs + 1):
    assert to_json(evaluate(ready_project(root), day))
    if number in (10, 100, runs) or number % 250 == 0:
        gc.collect()
        print(number, me.memory_info().rss, me.num_threads(), me.num_fds(), flush=True)
"""


@pytest.mark.parametrize("kind", ["open", "broken"])
@pytest.mark.parametrize(
    "runs", [pytest.param(80, marks=pytest.mark.slow), pytest.param(1_000, marks=pytest.mark.long)]
)
def test_many_runs_in_one_process_keep_memory_flat(
    harbour: Harbour, kind: str, runs: int, tmp_path: Path
) -> None:
    if kind == "broken":
        harbour.edit("inspections.csv", "C,2026-03-02,2026-03-05", "C,2026-03-02,2026-04-01")
        harbour.write("invoices.csv", (harbour.root / "invoices.csv").read_bytes() + b"F-1,2026\n")
        harbour.waive()
    script = tmp_path / "loop.py"
    script.write_text(LOOP, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(harbour.root), str(runs)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    seen = {
        int(line.split()[0]): [int(word) for word in line.split()[1:]] for line in done.stdout.splitlines()
    }
    first, last = seen[WARM_UP], seen[runs]
    assert last[0] - first[0] < AT_MOST, done.stdout
    assert last[1] - first[1] < max(runs // 20, 20), "threads are left behind"  # polars' pool grows a little
    assert last[2] <= first[2], "files are left open"
