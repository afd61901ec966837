"""What ends by itself within some days, as the newest run of everything shows it, or that of a gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from phasegate.audit.errors import TrailError, UnknownRunError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.kept_basis import with_basis
from phasegate.audit.trail.runs import KeptRun, find_run, record_of
from phasegate.audit.trail.standing_runs import newest_decision
from phasegate.audit.trail.weeks import weeks_then
from phasegate.records.basis.turns import Ahead, Turn
from phasegate.records.expirations import Ending, Gates
from phasegate.records.overdue import PhaseEnd
from phasegate.records.schema import Record
from phasegate.records.time_zone import zone_of
from phasegate.records.upcoming import coming
from phasegate.rules.values.time_zones import day_of


class NothingDecidedError(TrailError):
    """A ledger in which no run decided everything, and none a gate."""

    def __init__(self, shown: str) -> None:
        super().__init__(
            f"no run in {shown} decided everything or a gate on its own day, so that nothing is known of "
            "what is due",
            "'phasegate check' without an id makes one; --run names one of a part, or of another day",
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
        turns: what else turns by itself, the next day first, such as by a statement that begins.
        reading: the measures that may count something else on another day, which no record tells; None
            where it is not known which these are.
    """

    run: KeptRun
    record: Record
    today: dt.date
    until: dt.date
    endings: tuple[Ending, ...]
    phases: tuple[PhaseEnd, ...] = ()
    turns: tuple[Turn, ...] = ()
    reading: tuple[str, ...] | None = ()


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
    run = newest_decision(ledger, today.isoformat()) if given is None else find_run(ledger, given)
    if run is None:
        raise NothingDecidedError(ledger.shown)
    record = with_basis(ledger, run, record_of(ledger, run))
    until = today + within
    found = coming(record, weeks_then(ledger, run, record), until)
    ahead = Ahead(record)
    reading = tuple(ahead.reading_the_day()) if "basis" in record else None
    turns = tuple(_others(ahead, until, record, found.endings))
    return Due(run, record, today, until, found.endings, found.phases, turns, reading)


def _others(ahead: Ahead, until: dt.date, record: Record, endings: Sequence[Ending]) -> list[Turn]:
    """What turns beside all that ends, of criteria that count, with the gates that rest on them."""
    told = {(each.day, criterion) for each in endings for criterion in each.criteria}
    advisory = {each["id"] for each in record["criteria"] if each["enforcement"] == "advisory"}
    rest = (each for each in ahead.turns(until) if (each.day, each.criterion) not in told)
    counting = sorted((each for each in rest if each.criterion not in advisory), key=lambda each: each.day)
    gates = Gates(record)
    return [
        each._replace(gates=gates.of([each.criterion])) if ahead.ends(each.criterion, each.day) else each
        for each in counting
    ]


def today_by(ledger: Ledger, now: dt.datetime) -> dt.date:
    """The day on which a moment falls, by the time zone of a ledger's newest run; without one, by UTC."""
    try:
        return day_of(now, zone_of(find_run(ledger, "latest").entry))
    except UnknownRunError:
        return day_of(now)
