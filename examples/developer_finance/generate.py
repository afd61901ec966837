"""Makes the data of the example: what a company's systems would export, as of a date.

    python examples/developer_finance/generate.py --out examples/developer_finance

Same date, size and seed: same bytes. Only the names are made up at random; what each gate decides is
arranged, so that a first run shows every verdict:

    gate 1     open with one waiver: a scheduler of 1.1.3 failed too often
    gate 2     undecided: the validation of 1.2.2 is out of date, and nobody connected `deliveries` (2.1.2)
    gate 3     closed: Microsoft's cost lacks owners (2.2.1), and a tester reviewed their own work (2.2.3)
    gate 4     its own points pass, but it stays closed behind gate 3
    programme  closed; of the points in no phase 3.2.3 has no system, 4.2.1 an outcome that nobody found out,
               and in 4.2.3 nothing was due yet
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import area_1
import area_2
import area_3
import area_4
import bulk
import evidence
import programme
from dates import Dates

from phasegate.rules.loading.project import read_project

Row = dict[str, Any]
MIN_SIZE, DEFAULT_SIZE, MAX_SIZE = 1_000, 2_000, 100_000_000
WAIVED = "1.1.3/systems/systems.runs_succeeded"

# The finance system writes the way its country does: other names, ";", decimal commas, latin1.
BUDGET_HEADER = {
    "cost_centre": "Kostenstelle",
    "period_start": "Beginn",
    "period_end": "Ende",
    "budget": "Budget",
    "actual": "Ist",
    "currency": "Währung",
    "finance_approver": "Freigabe Finanzen",
    "finance_approved_on": "Freigabe Finanzen am",
    "developer_approver": "Freigabe Entwicklung",
    "developer_approved_on": "Freigabe Entwicklung am",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and writes the files."""
    parser = argparse.ArgumentParser(
        description="Make the data of the Developer-Finance example as of a date.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    today = dt.datetime.now(dt.UTC).date()
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of phasegate.yaml")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=today, help="date (UTC)")
    parser.add_argument("--size", type=float, default=DEFAULT_SIZE, help="rows of costs, 1e3 to 1e8")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other names and amounts")
    options = parser.parse_args(arguments)
    size = int(options.size)
    if size != options.size or not MIN_SIZE <= size <= MAX_SIZE:
        parser.error(f"--size must be a whole number from {MIN_SIZE} to {MAX_SIZE}")
    generate(options.out, options.as_of, size, options.seed)


def generate(out: Path, as_of: dt.date, size: int = DEFAULT_SIZE, seed: int = 1) -> None:
    """Writes all files.

    Args:
        out: the project's folder; the tables go into its folder ``data``.
        as_of: the date for which the data are made.
        size: how many rows of costs.
        seed: of the random numbers.
    """
    data, dates = out / "data", Dates(as_of)
    data.mkdir(parents=True, exist_ok=True)
    controls: dict[str, Row] = {}

    cost_control, spent = bulk.write_costs(data / "costs", dates, size, seed)
    controls["costs"] = cost_control
    controls["system_runs"] = bulk.write_system_runs(data / "system_runs", dates, size, evidence.SYSTEMS)

    tables = evidence.tables(dates, seed)
    for part in (area_1, area_2, area_3, area_4, programme):
        for maker in part.TABLES:
            tables[maker.__name__] = maker(dates, Random(f"{seed} {maker.__name__}"))
    tables["cost_plans"] = area_2.cost_plans(dates, spent, Random(f"{seed} cost_plans"))
    tables["baseline"] = programme.baseline(dates, tables, spent)
    for name, rows in tables.items():
        ending, text = FORMATS.get(name, ("csv", _csv))
        (data / f"{name}.{ending}").write_bytes(text(rows))
        controls[name] = _control(rows)

    (data / "control-totals.yaml").write_text(_control_file(controls), encoding="utf-8", newline="\n")
    (data / "cycle.yaml").write_text(_cycle_file(dates), encoding="utf-8", newline="\n")
    (data / "waivers.yaml").write_text(_waiver_file(dates), encoding="utf-8", newline="\n")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _csv(rows: list[Row]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([_text(value) for value in row.values()] for row in rows)
    return file.getvalue().encode("utf-8")


def _german_csv(rows: list[Row]) -> bytes:
    def german(value: object) -> str:
        if isinstance(value, dt.date):
            return value.strftime("%d.%m.%Y")
        return str(value).replace(".", ",") if isinstance(value, Decimal) else _text(value)

    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(BUDGET_HEADER[column] for column in rows[0])
    writer.writerows([german(value) for value in row.values()] for row in rows)
    return file.getvalue().encode("latin1")


def _ndjson(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows).encode("utf-8")


FORMATS: dict[str, tuple[str, Callable[[list[Row]], bytes]]] = {
    "budgets": ("csv", _german_csv),
    "validations": ("ndjson", _ndjson),
}
"""How tables are written that are no plain CSV."""


def _control(rows: list[Row]) -> Row:
    """Rows, and the sum of each column of amounts, as an extract's owner would state them."""
    amounts = [column for column in rows[0] if any(isinstance(row[column], Decimal) for row in rows)]
    return {
        "rows": len(rows),
        "sums": {column: sum((row[column] or Decimal(0) for row in rows), Decimal(0)) for column in amounts},
    }


def _control_file(controls: dict[str, Row]) -> str:
    lines = ["# What each extract must add up to, as its owner states it.", "control:"]
    for name, control in sorted(controls.items()):
        lines += [f"  {name}:", f"    rows: {control['rows']}"]
        if control["sums"]:
            lines.append("    sums:")
            lines += [f'      {column}: "{total}"' for column, total in control["sums"].items()]
    return "\n".join(lines) + "\n"


def _cycle_file(dates: Dates) -> str:
    year, week, _ = dates.cycle_start.isocalendar()
    return (
        "# The cycle that is being decided, as the programme office keeps it.\n"
        f"cycle:\n  id: cycle-{year}-w{week:02}\n  start: {dates.cycle_start}\n"
    )


def _waiver_file(dates: Dates) -> str:
    # The tables that it names are not all there yet.
    rules = read_project(Path(__file__).with_name("phasegate.yaml")).pack
    assert rules is not None
    return f"""\
# Exceptions that somebody answers for. This one covers a share of at least 90 % and nothing below.
waivers:
  - id: W-1
    requirement: {WAIVED}
    pack_digest: {rules.whole().digest}
    covers: [fail]
    floor: 90 %
    reason: The risk feed's scheduler was moved to another host; two runs were lost on the way.
    risk_owner: f-101
    requester: d-114
    approver: f-102
    granted: {dates.ago(9)}T09:30:00Z
    start: {dates.ago(8)}T00:00:00Z
    end: {dates.ago(-22)}T00:00:00Z
"""


if __name__ == "__main__":
    main()
