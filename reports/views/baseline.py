"""A baseline as the table that a project has read, and what is to be known of it."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import counted, visible

if TYPE_CHECKING:
    from phasegate.monitoring.history.baseline import Figures

COLUMNS = ("measure", "slice", "value", "fixed_on", "finance_approver", "developer_approver")


def baseline_csv(found: Figures, finance: str, developer: str) -> str:
    """The figures as CSV: a source like any other, whose cells stand as they are.

    Args:
        found: the figures.
        finance: who approved them for Finance; empty for nobody yet.
        developer: who approved them for the developers; likewise.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    fixed_on = found.fixed_on.isoformat()
    writer.writerows([*each, fixed_on, finance, developer] for each in found.figures)
    return out.getvalue()


def baseline_said(found: Figures, finance: str, developer: str) -> list[str]:
    """Where the figures come from, a line each: which there are, and what keeps some from counting.

    Args:
        found: the figures.
        finance: who approved them for Finance; empty for nobody yet.
        developer: who approved them for the developers; likewise.
    """
    cycle = f", {visible(found.cycle)}" if found.cycle else ""
    lines = [
        f"{counted(len(found.figures), 'figure')} of run {found.run.number} (as of {found.as_of}{cycle})"
    ]
    if found.other_rules:
        lines.append("that run was decided under other rules than the project has now")
    lines += [f"none for {visible(name)}: {visible(why)}" for name, why in found.lacking]
    if not finance or not developer:
        lines.append("they count once both functions approved them: fill in both approvers")
    return lines
