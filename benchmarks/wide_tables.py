"""A table of a thousand columns whose types are inferred, against the same with a contract."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from yardstick import Row, in_turn, megabytes, memory_ratio, run_process, seconds, time_ratio

COLUMNS, ROWS = 1_000, 10_000
AT_MOST = 2.0
TYPES = ("{type: integer}", "{type: decimal, scale: 2}", "{type: string}", "{type: date}")
PROJECT = """phasegate: 1
sources:
  wide:
    path: ../wide.csv
    outside: true
{contract}measures:
  total: {{title: The total, from: wide, sum: c1}}
require: {{total: ">= 1"}}
"""


def write(folder: Path) -> None:
    """The table, and two projects that read it."""
    draw = random.Random(11)
    with (folder / "wide.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(f"c{column}" for column in range(COLUMNS)) + "\n")
        for _ in range(ROWS):
            four = (
                (f"{draw.randrange(1000)},{draw.random() * 100:.2f},F-{draw.randrange(9)}"),
                (f",2026-01-{draw.randrange(1, 29):02}"),
            )
            file.write(",".join(["".join(four)] * (COLUMNS // len(TYPES))) + "\n")
    columns = "".join(f"        c{place}: {TYPES[place % len(TYPES)]}\n" for place in range(COLUMNS))
    stated = f"    contract:\n      title: One row\n      columns:\n{columns}"
    for name, contract in (("inferred", ""), ("stated", stated)):
        (folder / name).mkdir(exist_ok=True)
        text = PROJECT.format(contract=contract)
        (folder / name / "phasegate.yaml").write_text(text, encoding="utf-8")


def rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """Time and peak memory of `check`.

    Args:
        rounds: how often each pair is run.
        scratch: a folder for the table.
    """
    folder = scratch / "wide"
    folder.mkdir(parents=True, exist_ok=True)
    write(folder)
    command = [Path(sys.executable).parent / "phasegate", "check", "--no-ledger", "--as-of", "2026-03-01"]
    ours, theirs = in_turn(
        lambda: run_process(command, cwd=folder / "inferred"),
        lambda: run_process(command, cwd=folder / "stated"),
        rounds,
    )
    what = f"`check` of {COLUMNS:,} columns, {ROWS:,} rows, without a contract"
    against = "the same with a contract"
    detail = f"{seconds(ours)} against {seconds(theirs)}"
    yield Row(what, against, AT_MOST, time_ratio(ours, theirs), detail)
    detail = f"{megabytes(ours)} against {megabytes(theirs)}"
    yield Row(what, against, AT_MOST, memory_ratio(ours, theirs), detail, unit="peak memory")
