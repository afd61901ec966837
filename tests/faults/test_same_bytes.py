"""The same inputs give the same bytes, wherever, by whatever and in whatever order they are read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from broken import INSPECTIONS, Harbour

ROOT = Path(__file__).parents[2]
BERTHS = ["north", "south", "east", "west", "Süd", "süd", "\u202eback", "a]b", "=1+1"]
SOURCES = """\
  berths:
    title: one call of a ship
    event: day
    recorded: recorded
    currency: currency
    columns:
      berth: {type: string, nullable: true}
      day: {type: date}
      recorded: {type: datetime}
      fee: {type: decimal, scale: 3}
      weight: {type: float}
      currency: {type: string}
      on_time: {type: boolean, nullable: true}
"""
MEASURES = {
    "by_column": "by: berth\n    share: {of: on_time, value: fee}",
    "median": "median: fee",
    "quantile": "quantile: {of: weight, at: 90 %}",
    "mean": "mean: weight",
    "distinct": "distinct: berth",
    "accuracy": "accuracy: {actual: fee, forecast: weight}\n    grain: berth",
    "newest": "latest: {on_time: on_time}",
    "not_computed": "ratio: {of: CAST(berth AS INTEGER) > 0}",
    "query": "sql: SELECT SUM(fee) AS numerator, COUNT(*) AS rows, MAX(day) AS newest FROM berths",
}
BOUNDS = dict.fromkeys(MEASURES, ">= 1") | {
    "by_column": ">= 50 %",
    "mean": ">= 1000",
    "not_computed": ">= 50 %",
    "accuracy": ">= 10 %",
    "newest.on_time": True,
}


@pytest.fixture
def rich(harbour: Harbour) -> Harbour:
    """The project with a table in several files, measures of many kinds, a broken source and waivers."""
    measures = "".join(
        f"  {name}:\n    title: {name}\n    from: berths\n    {how}\n" for name, how in MEASURES.items()
    )
    bounds = [
        f"          {name}: {json.dumps(bound)}\n" for name, bound in BOUNDS.items() if name != "newest"
    ]
    first = '          invoices.paid: ">= 95 %"\n'
    harbour.edit("pack/pack.yaml", first, first + "".join(bounds))
    harbour.edit("pack/pack.yaml", "measures:\n", f"{SOURCES}measures:\n{measures}")
    harbour.edit("phasegate.yaml", "sources:\n", "sources:\n  berths: {path: berths/**/*.csv}\n")
    harbour.write(
        "inspections.csv", INSPECTIONS + "D,2026-03-02,2026-04-05,true\n" * 9 + "E,,2026-03-05,maybe\n"
    )
    harbour.waive()
    parts(harbour, range(6))
    return harbour


def parts(harbour: Harbour, order: range) -> None:
    """Writes the table's files in an order."""
    shutil.rmtree(harbour.root / "berths", ignore_errors=True)
    for number in order:
        lines = ["berth,day,recorded,fee,weight,currency,on_time\n"]
        for n in range(number * 1_000, (number + 1) * 1_000):
            day = f"2026-03-{1 + n * 7 % 30:02d}"
            on_time = ("true", "true", "false", "")[n % 4]
            berth = BERTHS[n % len(BERTHS)] if n % 11 else ""
            fee = f"{n % 997}.{n % 1000:03d}"
            lines.append(f"{berth},{day},{day}T00:{n % 60:02d}:00,{fee},{n / 7:.6f},EUR,{on_time}\n")
        harbour.write(f"berths/{'abcabc'[number]}/{'zyx'[number % 3]}-{number}.csv", "".join(lines))


def record(root: Path, cwd: Path, python: str = sys.executable, **environ: str) -> bytes:
    """The record of a check, in a process of its own."""
    run = "from phasegate.cli import main; main()"
    done = subprocess.run(
        [python, "-c", run, "check", "--as-of", "2026-03-31", "--format", "json", "--project", str(root)],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode in (0, 1, 3), done.stderr.decode()
    return done.stdout


@pytest.fixture
def expected(rich: Harbour) -> bytes:
    """The record as this process makes it; it must show something."""
    result = rich.run("check", "--as-of", "2026-03-31", "--format", "json")
    shown = json.loads(result.stdout)
    verdicts = {each["verdict"] for each in shown["requirements"]}
    assert {"pass", "fail", "error"} <= verdicts, verdicts
    assert any(source["breaches"] for source in shown["sources"])
    assert len(shown["facts"]) > len(BERTHS) + len(MEASURES)
    return result.stdout.encode()


ELSEWHERE = {"HOME": "/", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}


@pytest.mark.slow
def test_with_all_of_it_at_once(rich: Harbour, expected: bytes, tmp_path: Path) -> None:
    """Another folder, order, time, seed of hashes and number of threads; the slow tests try each alone."""
    parts(rich, range(5, -1, -1))
    other = tmp_path / "elsewhere" / "wíth spaces & [brackets]"
    shutil.copytree(rich.root, other)
    for path in sorted(other.rglob("*.*")):
        os.utime(path, (0, 0))
    found = record(other / "berths", tmp_path, PYTHONHASHSEED="1", POLARS_MAX_THREADS="1", **ELSEWHERE)
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_with_another_seed_for_hashes(rich: Harbour, expected: bytes, seed: str) -> None:
    assert record(rich.root, rich.root, PYTHONHASHSEED=seed) == expected


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "7"])
def test_with_another_number_of_threads(rich: Harbour, expected: bytes, threads: str) -> None:
    assert record(rich.root, rich.root, POLARS_MAX_THREADS=threads) == expected


@pytest.mark.slow
def test_from_another_folder(rich: Harbour, expected: bytes, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "wíth spaces & [brackets]"
    shutil.copytree(rich.root, other)
    assert record(other, tmp_path, **ELSEWHERE) == expected


@pytest.mark.slow
def test_from_a_folder_inside(rich: Harbour, expected: bytes) -> None:
    assert record(rich.root / "berths" / "a", rich.root / "berths") == expected


@pytest.mark.slow
def test_with_files_in_another_order(rich: Harbour, expected: bytes) -> None:
    parts(rich, range(5, -1, -1))
    assert rich.run("check", "--as-of", "2026-03-31", "--format", "json").stdout.encode() == expected


@pytest.mark.slow
def test_with_other_times_of_the_files(rich: Harbour, expected: bytes) -> None:
    for path in sorted(rich.root.rglob("*.*")):
        os.utime(path, (0, 0))
    assert rich.run("check", "--as-of", "2026-03-31", "--format", "json").stdout.encode() == expected


def test_again_and_again_in_one_process(rich: Harbour, expected: bytes) -> None:
    for _ in range(2):
        assert rich.run("check", "--as-of", "2026-03-31", "--format", "json").stdout.encode() == expected


@pytest.mark.slow
def test_through_a_file(rich: Harbour, expected: bytes) -> None:
    rich.run("check", "--as-of", "2026-03-31", "--format", "json", "-o", "record.json")
    assert (rich.root / "record.json").read_bytes() == expected


def other_python() -> str | None:
    """Another Python in which the same versions are installed, None where there is none."""
    named = os.environ.get("PHASEGATE_OTHER_PYTHON")
    local = ROOT / ".tmp/py312"
    return named or (str(local / "bin/python") if (local / ".installed").exists() else None)


def test_by_another_python(rich: Harbour, expected: bytes) -> None:
    python = other_python()
    if python is None:
        pytest.skip("PHASEGATE_OTHER_PYTHON names no other Python, and there is none in .tmp/py312")
    assert record(rich.root, rich.root, python) == expected
