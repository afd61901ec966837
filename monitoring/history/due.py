"""What ends by itself within some days, as the newest run of everything shows it, or that of a gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from phasegate.audit.errors import TrailError, UnknownRunError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import KeptRun, find_run, newest_first, record_of
from phasegate.audit.trail.weeks import weeks_then
from phasegate.records.expirations import Ending
from phasegate.records.overdue import PhaseEnd
from phasegate.records.schema import Record
from phasegate.records.time_zone import zone_of
from phasegate.records.upcoming import coming
from phasegate.rules.values.time_zones import day_of

LOOKED_AT = 1_000
"""So many runs are gone back to find one that decided everything, or a gate."""


class NothingDecidedError(TrailError):
    """A ledger in which no run decided everything, and none a gate."""

    def __init__(self, shown: str) -> None:
        super().__init__(
            f"no run in {shown} decided everything or a gate, so that nothing is known of what is due",
            "'phasegate check' without an id makes one; --run names a run of a part",
        )


@dataclass(frozen=True, slots=True)
class Due:
    """What is due.

    Attributes:
        run: the run that shows it.
        record: what it decided.
        today: the day that is counted from.
        until: the last day that is looked at.
        endings: what ends on a day up to then, the next one first; what ended since the run as well.
        phases: the phases whose gates are not open and whose weeks end by then, in the order of the gates;
            those that are overdue already as well.
    """

    run: KeptRun
    record: Record
    today: dt.date
    until: dt.date
    endings: tuple[Ending, ...]
    phases: tuple[PhaseEnd, ...] = ()


def due(ledger: Ledger, today: dt.date, within: dt.timedelta, given: str | None = None) -> Due:
    """What ends within some days if nothing is renewed, and the phases whose weeks do.

    Args:
        ledger: where the runs are kept.
        today: the day that is counted from.
        within: how far ahead is looked.
        given: the run that shows it; the newest that decided everything by default, or where there is none
            the newest that decided a gate.

    Raises:
        NothingDecidedError: if there is none.
        TrailError: if the run can not be read.
    """
    run = _newest(ledger, today) if given is None else find_run(ledger, given)
    record = record_of(ledger, run)
    until = today + within
    found = coming(record, weeks_then(ledger, run, record), until)
    return Due(run, record, today, until, found.endings, found.phases)


def today_by(ledger: Ledger, now: dt.datetime) -> dt.date:
    """The day on which a moment falls, by the time zone of a ledger's newest run; without one, by UTC."""
    try:
        return day_of(now, zone_of(find_run(ledger, "latest").entry))
    except UnknownRunError:
        return day_of(now)


def _newest(ledger: Ledger, today: dt.date) -> KeptRun:
    found = newest_of_everything(ledger, today) or _first(
        ledger, today, lambda run: run.entry["kind"] == "gate"
    )
    if found is None:
        raise NothingDecidedError(ledger.shown)
    return found


def newest_of_everything(ledger: Ledger, today: dt.date) -> KeptRun | None:
    """The newest run that decided all there was to decide; None where there is none.

    Args:
        ledger: where the runs are kept.
        today: runs as of a later day tried out what would be.
    """
    return _first(ledger, today, lambda run: run.whole)


def _first(ledger: Ledger, today: dt.date, wanted: Callable[[KeptRun], bool]) -> KeptRun | None:
    newest = islice(newest_first(ledger), LOOKED_AT)
    return next((run for run in newest if wanted(run) and run.entry["as_of"] <= today.isoformat()), None)
