"""Runs the benchmarks and prints their table.

    make bench                            all but the peers
    make bench ARGS="--only units"        one of them
    make bench-peers                      the peers, each in an environment of its own

Every line is a ratio of two things that were measured in turn in this run.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import cases
import changes
import database
import ledger
import measures
import plain_checks
import portfolios
import rule_base
import serving
import start_up
import table_files
import units
import verifying
import wide_tables
from yardstick import Row, table

import reports

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".tmp" / "benchmarks"
GENERATOR = ROOT / "examples" / "developer_finance" / "generate.py"


def example() -> Path:
    """The example project with data of a fixed date, in a folder of its own."""
    folder = SCRATCH / "developer_finance"
    folder.mkdir(parents=True, exist_ok=True)
    for kept in folder.glob("phasegate.db*"):  # what another part has kept there, at moments of its own
        kept.unlink()
    made = ["--out", str(folder), "--as-of", date.today().isoformat()]
    subprocess.run([sys.executable, str(GENERATOR), *made], check=True, stdout=subprocess.DEVNULL)
    project = (GENERATOR.parent / "phasegate.yaml").read_text(encoding="utf-8")
    (folder / "phasegate.yaml").write_text(project, encoding="utf-8")
    return folder


def main() -> int:
    """Reads the command line, runs what is asked for, prints the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each pair is run")
    parser.add_argument(
        "--only",
        nargs="*",
        help="start_up, rule_base, units, ledger, verifying, changes, cases, mutants, portfolios, reports, "
        "serving, measures, files, wide, csv, database, memory, peers; by default all but mutants, memory "
        "and peers",
    )
    parser.add_argument("--sizes", nargs="*", type=int, default=[1_000_000, 10_000_000], help="rows")
    given = parser.parse_args()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    sizes = tuple(given.sizes)
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "start_up": lambda: start_up.rows(given.rounds, example()),
        "rule_base": lambda: rule_base.rows(given.rounds),
        "units": lambda: units.rows(given.rounds),
        "ledger": lambda: ledger.rows(given.rounds, SCRATCH),
        "verifying": lambda: verifying.rows(given.rounds, SCRATCH, example()),
        "changes": lambda: changes.rows(given.rounds, SCRATCH, example()),
        "cases": lambda: cases.rows(given.rounds, SCRATCH, example()),
        "mutants": lambda: cases.mutant_rows(example()),
        "portfolios": lambda: portfolios.rows(given.rounds, SCRATCH),
        "reports": lambda: reports.rows(given.rounds, SCRATCH, example()),
        "serving": lambda: serving.rows(given.rounds, SCRATCH, example()),
        "measures": lambda: measures.rows(sizes, given.rounds, SCRATCH),
        "files": lambda: table_files.rows(given.rounds, SCRATCH),
        "wide": lambda: wide_tables.rows(given.rounds, SCRATCH),
        "csv": lambda: measures.csv_rows(given.rounds, SCRATCH),
        "database": lambda: database.rows(given.rounds, SCRATCH),
        "memory": lambda: measures.memory_rows(SCRATCH),
        "peers": lambda: plain_checks.rows(sizes, given.rounds, SCRATCH, ROOT / ".tmp" / "peers"),
    }
    asked = given.only or [name for name in parts if name not in ("mutants", "memory", "peers")]
    found: list[Row] = []
    for name in asked:
        print(f"measuring {name} ...", file=sys.stderr)
        found += parts[name]()
    print(f"CPython {platform.python_version()}, {given.rounds} rounds, medians\n")
    print(table(found))
    return 0 if all(row.kept for row in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
