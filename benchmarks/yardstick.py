"""Ratios between whole processes, or between functions, measured in turn in one run.

Absolute times say more about the machine than about the program, so nothing here reports one
without what it is held against: A B A B ..., the ratio pair by pair, the median of the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = (sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py")))
"""What starts a process that is measured: this one may be large by then."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was measured.
        yardstick: what it is held against.
        at_most: the ratio that is promised; for ``faster`` rows the least one.
        ratio: what was measured.
        unit: ``time``, ``processor time`` or ``peak memory``.
        detail: the medians behind the ratio.
        higher_is_better: True where the ratio says how many times faster it is.
    """

    what: str
    yardstick: str
    at_most: float
    ratio: float
    detail: str
    unit: str = "time"
    higher_is_better: bool = False

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.ratio >= self.at_most if self.higher_is_better else self.ratio <= self.at_most


@dataclass(frozen=True)
class Measured:
    """One run of one process.

    Attributes:
        seconds: of wall time.
        megabytes: its peak memory.
        processor: seconds for which it kept a processor busy.
    """

    seconds: float
    megabytes: float
    processor: float = 0.0


def run_process(
    command: Sequence[str | Path],
    *,
    allowed: Sequence[int] = (0,),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Measured:
    """Runs a command once; its output is thrown away.

    Raises:
        RuntimeError: with its last words, if it ends with another code than those allowed.
    """
    ended = subprocess.run(
        [*LAUNCHER, *(str(part) for part in command)],
        capture_output=True,
        text=True,
        errors="replace",
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(f"{command} could not be started: {ended.stderr[-2000:]}")
    code, took, busy, kilobytes = ended.stdout.split()
    if int(code) not in allowed:
        raise RuntimeError(f"{command} ended with {code}: {ended.stderr[-2000:]}")
    return Measured(float(took), int(kilobytes) / 1024, float(busy))


def in_turn(
    ours: Callable[[], Measured], theirs: Callable[[], Measured], rounds: int
) -> tuple[list[Measured], list[Measured]]:
    """Runs both once to warm up, then in turn."""
    ours(), theirs()
    mine: list[Measured] = []
    others: list[Measured] = []
    for _ in range(rounds):
        mine.append(ours())
        others.append(theirs())
    return mine, others


def time_ratio(mine: Sequence[Measured], others: Sequence[Measured]) -> float:
    """The median of the ratios of pairs."""
    return statistics.median(a.seconds / b.seconds for a, b in zip(mine, others, strict=True))


def processor_ratio(mine: Sequence[Measured], others: Sequence[Measured]) -> float:
    """The median of the ratios of processor time."""
    return statistics.median(a.processor / b.processor for a, b in zip(mine, others, strict=True))


def memory_ratio(mine: Sequence[Measured], others: Sequence[Measured]) -> float:
    """The median of the ratios of peak memory."""
    return statistics.median(a.megabytes / b.megabytes for a, b in zip(mine, others, strict=True))


def seconds(runs: Sequence[Measured]) -> str:
    """The median time in words."""
    return f"{statistics.median(run.seconds for run in runs):.3g} s"


def processor(runs: Sequence[Measured]) -> str:
    """The median processor time in words."""
    return f"{statistics.median(run.processor for run in runs):.3g} s"


def megabytes(runs: Sequence[Measured]) -> str:
    """The median peak memory in words."""
    return f"{statistics.median(run.megabytes for run in runs):,.0f} MB"


def timed(call: Callable[[], object]) -> Measured:
    """One call in this process."""
    began = time.perf_counter()
    call()
    return Measured(time.perf_counter() - began, 0.0)


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| what | held against | promised | measured | |", "|---|---|---|---|---|"]
    for row in rows:
        promise = f"{'at least' if row.higher_is_better else 'at most'} {row.at_most:g} ×"
        sign = "" if row.kept else " **missed**"
        measured = f"{row.ratio:.2f} ×{sign}"
        lines.append(f"| {row.what} ({row.unit}) | {row.yardstick} | {promise} | {measured} | {row.detail} |")
    return "\n".join(lines)
