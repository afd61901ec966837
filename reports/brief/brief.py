"""What one page says of a run, made of its record and of what the ledger knows beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.brief.answer import answered
from phasegate.reports.brief.changed import changed
from phasegate.reports.brief.ends import ends
from phasegate.reports.brief.gates import gates
from phasegate.reports.brief.model import Brief
from phasegate.reports.brief.signed import sign_off
from phasegate.reports.brief.takes import takes
from phasegate.reports.brief.targets import targets
from phasegate.reports.brief.time_axis import day_of, score_over_days, time_axis
from phasegate.reports.text.plain import visible
from phasegate.reports.text.provenance import kind_line

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Axis
    from phasegate.reports.report import Report


def brief(report: Report, today: dt.date | None = None) -> Brief:
    """The data of the page.

    Args:
        report: what is told, with what the ledger knows where it was asked.
        today: the day that is counted from, where that is not the one that was decided.
    """
    record = report.record
    as_of = day_of(record["as_of"])
    now = today or as_of
    axis = time_axis(report, now) if now is not None else None
    told = gates(report, now)
    return Brief(
        title=record["title"],
        about=tuple(_about(report, axis)),
        run=report.kept.run if report.kept is not None else None,
        as_of=as_of,
        today=now,
        answer=answered(report, told),
        axis=axis,
        score=score_over_days(report),
        gates=told,
        changed=changed(report),
        takes=takes(report, told),
        targets=targets(report),
        ends=ends(record, now, told) if now is not None else None,
        signed=sign_off(report, told),
        unknown=tuple(_unknown(report, as_of)),
    )


def _about(report: Report, axis: Axis | None) -> Iterator[str]:
    record = report.record
    yield f"as of {visible(record['as_of'])}"
    if axis is not None and axis.week is not None:
        last = max((each.number for each in axis.weeks), default=0)
        yield f"week {axis.week} of {last}" if axis.whole else f"week {axis.week}"
    if report.kept is not None:
        yield f"run {report.kept.run}"
    kind = kind_line(record)
    yield kind[:1].lower() + kind[1:]
    if record["scope"] and record["kind"] == "check":
        yield f"only {visible(', '.join(record['scope']))}"


def _unknown(report: Report, as_of: dt.date | None) -> Iterator[str]:
    if as_of is None:
        yield "The day that was decided can not be read, so that nothing stands on a day."
    if report.beside is None:
        yield "No ledger was asked: earlier runs, what changed since, and who advanced are not known here."
        return
    yield from map(visible, report.beside.unknown)
