"""What will be decided on the days to come if nothing is renewed: each day is measured and decided now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from phasegate.monitoring.history.diff import Difference, difference
from phasegate.records.overdue import PhaseEnd, last_weeks, phase_ends
from phasegate.records.schema import Record
from phasegate.runs.collect_statements import present
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days on which something will be decided otherwise than on the day before.

    Attributes:
        today: the day that is counted from.
        until: the last day that was decided.
        record: what is decided today.
        days: the days on which something changes, with what does.
        phases: the phases that are overdue, each with the first of these days on which it is.
    """

    today: dt.date
    until: dt.date
    record: Record
    days: tuple[tuple[dt.date, Difference], ...]
    phases: tuple[tuple[dt.date, PhaseEnd], ...] = ()


def forecast(
    project: Path,
    now: dt.datetime,
    within: dt.timedelta,
    environ: Mapping[str, str],
    progress: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Decides every day up to one from the sources, the statements and the rules as they are now.

    Nothing of it is kept.

    Args:
        project: where the project is looked for.
        now: this moment.
        within: how far ahead is looked.
        environ: the environment.
        progress: hears how many days were decided, and of how many.

    Raises:
        PhasegateError: if the project can not be read, or nothing can be decided.
    """
    loaded = ready_project(project)
    presented = present(loaded, environ, now)
    today = loaded.today(now)
    first = evaluate(loaded, today, presented=presented)
    weeks = last_weeks(loaded.pack.pack)
    phases = [(today, each) for each in phase_ends(first, weeks) if each.days(today)]

    def changes() -> Iterator[tuple[dt.date, Difference]]:
        before = first
        for number in range(1, within.days + 1):
            day = today + dt.timedelta(days=number)
            record = evaluate(loaded, day, presented=presented)
            found = difference(before, record)
            if not found.same:
                yield day, found
            known = {each.gate for _, each in phases}
            late = [each for each in phase_ends(record, weeks) if each.days(day) and each.gate not in known]
            phases.extend((day, each) for each in late)
            before = record
            if progress is not None:
                progress(number, within.days)

    days = tuple(changes())
    return Forecast(today, today + within, first, days, tuple(phases))
