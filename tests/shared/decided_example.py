"""The example as a programme has it: signers, rules that both functions approved, and a gate gone through."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from phasegate import cli

EXAMPLE = Path(__file__).parents[2] / "examples" / "developer_finance"
DAY = dt.date(2026, 2, 23)
WEEKS = tuple(dt.date.fromisoformat(f"2026-{day}") for day in ("01-12", "01-19", "02-02", "02-09", "02-16"))
ROLES = {"ci": "evaluator", "f-101": "approver:finance", "d-7": "approver:developer", "a-3": "auditor"}
WAIVED = "1.1.3/systems/systems.runs_succeeded"
WHY = "The scheduler of the risk feed was moved to another host; two runs were lost on the way."
MORE = """\
id: developer-finance-2026
signers:
{signers}
schedules:
  mondays: {{every: week, at: "06:00"}}
notifications:
  board: {{to: env:BOARD, about: [gates]}}
"""


def decided_example(folder: Path, patch: pytest.MonkeyPatch, weeks: Sequence[dt.date] = WEEKS) -> Path:
    """Decides the example in some weeks and on the day, on which gate 1 is open with a waiver.

    Args:
        folder: where it is made; it does not exist yet.
        patch: sets the clock.
        weeks: the days that are decided before.
    """
    keys = folder.parent / "keys"
    keys.mkdir()
    folder.mkdir()

    def run(moment: str, *words: str) -> str:
        patch.setattr(cli, "now", lambda: dt.datetime.fromisoformat(f"{moment}+00:00"))
        done = CliRunner().invoke(cli.main, words)
        assert done.exit_code in (0, 1, 3), done.output
        return done.output

    def by(name: str, moment: str, *words: str) -> str:
        return run(moment, *words, "--project", str(folder), "--key", str(keys / name))

    def check(day: dt.date) -> None:
        _tables(folder, day)
        if cycle:
            (folder / "data" / "cycle.yaml").write_text(cycle, encoding="utf-8")
        by("ci", f"{day}T06:00", "check", "-q")

    made = [
        run("2026-01-05T06:00", "keys", "new", str(keys / name), "--role", role)
        for name, role in ROLES.items()
    ]
    lines = [line for told in made for line in told.splitlines() if line.strip().startswith("- {")]
    project = (EXAMPLE / "phasegate.yaml").read_text(encoding="utf-8")
    more = MORE.format(signers="\n".join(lines))
    project = project.replace("waivers: data/waivers.yaml\n", more)
    (folder / "phasegate.yaml").write_text(project, encoding="utf-8")
    cycle = ""
    _tables(folder, DAY)
    cycle = (folder / "data" / "cycle.yaml").read_text(encoding="utf-8")
    for name in ("f-101", "d-7"):
        by(name, "2026-01-05T09:00", "approve")
    for day in weeks:
        check(day)
    waiver = ("--floor", "90 %", "--reason", WHY, "--risk-owner", "f-12", "--requester", "d-114")
    by("f-101", "2026-02-22T09:30", "waive", WAIVED, *waiver, "--until", "2026-03-17")
    check(DAY)
    by("ci", f"{DAY}T07:00", "gate", "1", "-q")
    for name in ("f-101", "d-7"):
        by(name, f"{DAY}T08:00", "advance", "1")
    return folder


def _tables(folder: Path, day: dt.date) -> None:
    words = [sys.executable, EXAMPLE / "generate.py", "--out", folder, "--as-of", day.isoformat()]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
