"""The one time axis of a page, and the score on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from phasegate.records.overdue import weeks_recorded
from phasegate.reports.brief.model import Axis, Score, ScoreOn, Week
from phasegate.rules.model.pack import PROGRAMME

if TYPE_CHECKING:
    from phasegate.monitoring.history.beside import RunOn
    from phasegate.records.schema import Record
    from phasegate.records.schema import Score as Counted
    from phasegate.reports.report import Report

_MOST_WEEKS = 120
"""A cycle with more of them has no week marks: nobody can tell them apart."""
_WEEK = dt.timedelta(days=7)
_FIRST_YEAR, _LAST_YEAR = 1900, 9900


def day_of(text: str) -> dt.date | None:
    """A day as records write it; None where the text is none, or one from which weeks can not be counted."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def start_of(record: Record) -> dt.date | None:
    """The first day of the record's cycle; None where there is none that can be read."""
    return day_of(str((record["cycle"] or {}).get("start", "")))


def weeks_planned(report: Report) -> Mapping[str, tuple[int, int]]:
    """The first and last week of each gate's phase, as far as known; the programme's are the cycle's."""
    return weeks_recorded(report.record) or (report.beside.weeks if report.beside is not None else None) or {}


def planned(report: Report, gate: str) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of a gate's weeks; None where nothing is known of them."""
    start, weeks = start_of(report.record), weeks_planned(report).get(gate)
    if start is None or weeks is None:
        return None
    try:
        return start + (weeks[0] - 1) * _WEEK, start + weeks[1] * _WEEK - dt.timedelta(days=1)
    except OverflowError:
        return None


def time_axis(report: Report, today: dt.date) -> Axis:
    """The axis: the cycle where there is one, stretched to hold today and each run that is shown.

    Args:
        report: what is told.
        today: the day that is counted from.
    """
    record = report.record
    told = [day for day, _ in runs_on_days(report)]
    days = [*told, today, *([as_of] if (as_of := day_of(record["as_of"])) is not None else [])]
    start, whole = start_of(record), planned(report, PROGRAMME)
    if start is None:
        return Axis(min(days), max(days), today)
    first, last = min(start, *days), max(whole[1] if whole is not None else start, *days)
    number = (last - start).days // 7 + 1
    weeks = range(1, number + 1 if number <= _MOST_WEEKS else 1)
    return Axis(
        first,
        last,
        today,
        tuple(Week(each, start + (each - 1) * _WEEK) for each in weeks),
        (today - start).days // 7 + 1 if today >= start else None,
        str((record["cycle"] or {}).get("id")),
        whole is not None and last == whole[1],
    )


def runs_on_days(report: Report) -> Iterator[tuple[dt.date, RunOn]]:
    """The runs before the one that is told, each with its day, the oldest first."""
    for run in report.beside.runs if report.beside is not None else ():
        if (day := day_of(run.as_of)) is not None:
            yield day, run


def score_over_days(report: Report) -> tuple[ScoreOn, ...]:
    """The score of each run that decided what this one did, and of this one, the last of each day."""
    record = report.record
    found = {
        day: ScoreOn(run.run, day, run.outcome, score_of(run.score))
        for day, run in runs_on_days(report)
        if run.alike
    }
    if (day := day_of(record["as_of"])) is not None:
        number = report.kept.run if report.kept is not None else None
        found[day] = ScoreOn(number, day, record["outcome"], score_of(record["score"]))
    return tuple(found[each] for each in sorted(found))


def score_of(score: Counted) -> Score:
    """A score as pages show it."""
    waived = score["passing_with_waivers"] - score["passing"]
    beside = f", {waived:,} waived" if waived else ""
    verb = "passes" if score["apply"] == 1 else "pass"
    said = f"{score['passing']:,} of {score['apply']:,} {verb}{beside}"
    return Score(score["passing"], waived, score["apply"], said)
