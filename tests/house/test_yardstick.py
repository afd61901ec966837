"""The benchmarks measure the process that they start, and not the one that starts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = """
import sys
sys.path.insert(0, {benchmarks!r})
from yardstick import Row, memory_ratio, run_process, table

held = bytearray(b"x") * (1 << 30)  # as after a benchmark that makes its table in this process
code = "held = bytearray(b'x') * ({megabytes} << 20)"
taken, small = (run_process([sys.executable, "-c", code.format(megabytes=mb)]) for mb in (300, 100))
print(round(taken.megabytes), round(small.megabytes))
row = Row("what", "yardstick", 1.1, memory_ratio([taken], [small]), "", "peak memory")
print(row.kept, "**missed**" in table([row]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell memory in another way")
def test_a_large_process_measures_what_a_small_one_takes(root: Path) -> None:
    # In a process of its own: it holds a gigabyte.
    script = MEASURE.replace("{benchmarks!r}", repr(str(root / "benchmarks")))
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    sizes, told = said.splitlines()
    taken, small = map(int, sizes.split())
    assert 300 <= taken < 350
    assert 100 <= small < 150
    assert told == "False True"  # the row is red


@pytest.mark.parametrize(
    ("code", "allowed", "told"),
    [
        ("import sys; sys.exit(3)", (0, 3), ""),
        ("import sys; sys.exit('lost')", (0, 3), "ended with 1: lost"),
        ("import os; os.abort()", (0,), "ended with -6"),
    ],
)
def test_another_end_is_told(root: Path, code: str, allowed: tuple[int, ...], told: str) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(root / 'benchmarks')!r}); from yardstick import run_process\n"
        f"run = run_process([sys.executable, '-c', {code!r}], allowed={allowed})\n"
        "assert 0 < run.seconds < 60 and 1 < run.megabytes < 100, run\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (told in said.stderr) if told else said.returncode == 0, said.stderr


def test_a_program_that_is_missing_is_told(root: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(root / 'benchmarks')!r}); from yardstick import run_process\n"
        "run_process(['no-such-program'])\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "could not be started" in said.stderr
