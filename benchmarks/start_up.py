"""Whole commands against bare imports."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from yardstick import Measured, Row, in_turn, run_process, seconds, time_ratio

STACK = "import polars, pydantic, click, sqlglot, durable.lang"
GATE_CODES = (0, 1, 3)
PHASEGATE = Path(sys.executable).parent / "phasegate"


def python(code: str) -> list[str]:
    """A bare interpreter that runs one line."""
    return [sys.executable, "-c", code]


def compare(what: str, ours: Sequence[str | Path], code: str, at_most: float, rounds: int, cwd: Path) -> Row:
    """One row: a command against a line of Python."""

    def mine() -> Measured:
        return run_process(ours, allowed=GATE_CODES, cwd=cwd)

    runs, imports = in_turn(mine, lambda: run_process(python(code)), rounds)
    detail = f"{seconds(runs)} against {seconds(imports)}"
    return Row(what, f'`python -c "{code}"`', at_most, time_ratio(runs, imports), detail)


def rows(rounds: int, example: Path) -> Iterator[Row]:
    """`check`, `--help`, `explain`, `why-not`, and the import of what programs use.

    Args:
        rounds: how often each pair is run.
        example: a folder with the example project and its data.
    """
    record = example / ".benchmark-record.json"
    run_process([PHASEGATE, "check", "--format", "json", "-o", record], allowed=GATE_CODES, cwd=example)
    explain = [PHASEGATE, "explain", "2.2.1/validation", "--record", record]
    try:
        yield compare("`phasegate check` on the example", [PHASEGATE, "check"], STACK, 2, rounds, example)
        yield compare("`phasegate --help`", [PHASEGATE, "--help"], "import click", 3, rounds, example)
        yield compare("`phasegate explain` of a saved record", explain, "import click", 3, rounds, example)
        own = python("import phasegate")
        yield compare('`python -c "import phasegate"`', own, "import click", 1.1, rounds, example)
        yield _of_checks("`phasegate why-not programme` on the example", "why-not", 3, rounds, example)
    finally:
        record.unlink(missing_ok=True)


def _of_checks(what: str, command: str, at_most: float, rounds: int, cwd: Path) -> Row:
    """One row: a command about the programme's gate against a check."""

    def of(*words: str) -> Measured:
        return run_process([PHASEGATE, *words], allowed=GATE_CODES, cwd=cwd)

    runs, checks = in_turn(lambda: of(command, "programme"), lambda: of("check"), rounds)
    detail = f"{seconds(runs)} against {seconds(checks)}"
    return Row(what, "`phasegate check` on the example", at_most, time_ratio(runs, checks), detail)
