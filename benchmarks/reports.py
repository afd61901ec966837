"""Reports: a record rendered in each format, against the check that made it."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from yardstick import Row, in_turn, seconds, time_ratio, timed

from phasegate.audit.trail.past_verdicts import MOST, Past
from phasegate.audit.trail.runs import Kept
from phasegate.records.build import exit_code
from phasegate.records.schema import Record
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report
from phasegate.runs.attempt import Attempt

POINTS = 500
DAY = dt.date(2026, 3, 1)
POINT = """\
  p{number}:
    title: Point {number} of the programme
    criteria:
      - id: framework
        text: The framework of the point is established and approved
        enforcement: soft
        require: {{lines.count: ">= 10"}}
      - id: protocols
        text: The protocols are adhered to, and the lines are reconciled
        enforcement: soft
        require: {{lines.reconciled: ">= 95 %"}}
      - id: systems
        text: The systems of the point are in production
        enforcement: soft
        require: {{lines.count: ">= 20", check.passed: true}}
      - id: validation
        text: The latest validation holds, and so does the outcome
        enforcement: soft
        require: {{check.passed: true, check.independent: true, lines.reconciled: ">= 50 %"}}
"""
PACK = """\
pack: large
title: Large
points:
{points}
phases:
  "1": {{title: All of it, points: [{names}]}}
sources:
  lines: {{title: one line, point: point, columns: {{point: {{type: string}}, status: {{type: string}}}}}}
  checks:
    title: one validation
    point: point
    event: checked_on
    columns:
      point: {{type: string}}
      checked_on: {{type: date}}
      passed: {{type: boolean}}
      independent: {{type: boolean}}
measures:
  lines.reconciled:
    title: Lines that were reconciled
    from: lines
    by: point
    ratio: {{of: status = 'reconciled'}}
  lines.count: {{title: Lines of the point, from: lines, by: point, count: status <> 'void'}}
  check:
    title: The point's latest validation
    from: checks
    by: point
    latest: {{passed: passed, independent: independent}}
    max_age: 31 days
"""


def large(scratch: Path) -> Path:
    """A project of 500 points and 2,000 criteria; a tenth of the points is not reconciled."""
    folder = scratch / "large"
    (folder / "pack").mkdir(parents=True, exist_ok=True)
    points = "".join(POINT.format(number=number) for number in range(POINTS))
    names = ", ".join(f"p{number}" for number in range(POINTS))
    (folder / "pack" / "pack.yaml").write_text(PACK.format(points=points, names=names), encoding="utf-8")
    lines = [
        f"p{number},{'open' if number % 10 == 0 and line < 5 else 'reconciled'}"
        for number in range(POINTS)
        for line in range(20)
    ]
    checks = [f"p{number},2026-02-{number % 20 + 1:02},true,true" for number in range(POINTS)]
    for name, head, rows_ in (
        ("lines", "point,status", lines),
        ("checks", "point,checked_on,passed,independent", checks),
    ):
        (folder / f"{name}.csv").write_text("\n".join([head, *rows_, ""]), encoding="utf-8")
    project = "phasegate: 1\npack: pack\nsources: {lines: {path: lines.csv}, checks: {path: checks.csv}}\n"
    (folder / "phasegate.yaml").write_text(project, encoding="utf-8")
    return folder


def checked(project: Path, day: dt.date) -> tuple[Record, Kept | None]:
    """A check as its command makes it, kept in a new ledger; without the start of Python, and unreported."""
    for name in ("phasegate.db", "phasegate.db-wal", "phasegate.db-shm"):
        (project / name).unlink(missing_ok=True)
    return Attempt(("check",), project, dt.datetime.combine(day, dt.time(9), dt.UTC), {}).decide(day)


def earlier(record: Record) -> dict[str, tuple[Past, ...]]:
    """As many earlier runs as a page looks back at."""
    return {
        each["id"]: tuple(
            Past(run, f"2025-{run:02}-01", each["verdict"], run / MOST) for run in range(1, MOST + 1)
        )
        for each in record["requirements"]
    }


def rows(rounds: int, scratch: Path, example: Path) -> Iterator[Row]:
    """What is promised of reports."""
    for project, day in ((example, dt.date.today()), (large(scratch), DAY)):
        yield from format_rows(rounds, project, day)


def format_rows(rounds: int, project: Path, day: dt.date) -> Iterator[Row]:
    """Each format of one record."""
    record, kept = checked(project, day)
    report = Report(record, exit_code(record["outcome"]), kept=kept, past=earlier(record))
    gc.collect()
    gc.freeze()  # commands collect nothing; what stays is not to be looked through again and again
    for form in FORMATS.values():
        ours, theirs = in_turn(
            lambda form=form: timed(lambda: form.render(replace(report))),  # type: ignore[misc]
            lambda: timed(lambda: checked(project, day)),
            max(2, rounds // 2),
        )
        yield Row(
            f"report of {len(record['criteria']):,} criteria as {form.name}",
            "the check that made the record",
            0.1,
            time_ratio(ours, theirs),
            f"{seconds(ours)} against {seconds(theirs)}",
        )
    gc.unfreeze()
