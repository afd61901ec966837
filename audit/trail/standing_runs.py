"""Which runs say how a programme stood on their day, and the newest of them by day.

A run stands for its day if it decided that day on that day, or was made up for by a schedule. One as of
another day tried out what was or what would be: somebody may name it, and nothing takes it by itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import KeptRun, newest_first, recorded_day
from phasegate.audit.trail.trail import REFERENCE, shortened
from phasegate.records.time_zone import zone_of
from phasegate.rules.values.time_zones import day_of


class NoScheduleError(TrailError):
    """A reference by which a run would be taken for one that a schedule made."""

    def __init__(self, variable: str, reference: str) -> None:
        super().__init__(
            f"{variable} is {reference!r}, by which a schedule's own runs are known: this is none",
            f"take another text for {variable}; 'phasegate schedule run --once' makes what is due",
        )


LOOKED_AT = 20_000
"""So many runs are gone back at most."""
_REFERENCE = re.compile(r"schedule (\S+) due (\d{4}-\d\d-\d\dT\d\d:\d\d)Z, by ([0-9a-f]{8})")


def scheduled_for(envelope: Mapping[str, Any]) -> tuple[str, dt.datetime, str] | None:
    """For which schedule a run was made, for which moment, and by which mark; None where for none.

    Args:
        envelope: the run's.
    """
    found = _REFERENCE.fullmatch(envelope["reference"] or "")
    if found is None:
        return None
    try:
        due = dt.datetime.fromisoformat(found[2]).replace(tzinfo=dt.UTC)
        recorded = dt.datetime.fromisoformat(envelope["recorded_at"])
    except ValueError:
        return None
    # Nobody makes a run before its moment.
    return (found[1], due, found[3]) if due <= recorded else None


def refuse_schedules_reference(environ: Mapping[str, str]) -> None:
    """Sees that a run which somebody asks for is not taken for one that a schedule made, up to its day.

    Raises:
        NoScheduleError: if it would be.
    """
    if _REFERENCE.fullmatch(reference := shortened(environ.get(REFERENCE, ""))):
        raise NoScheduleError(REFERENCE, reference)


def stands_for_its_day(run: KeptRun) -> bool:
    """Whether a run decided its own day, or was made up for by a schedule."""
    as_of = str(run.entry["as_of"])
    if as_of == recorded_day(run):
        return True
    made = scheduled_for(run.envelope)
    return made is not None and as_of == day_of(made[1], zone_of(run.entry)).isoformat()


def same_scope(run: KeptRun, other: KeptRun) -> bool:
    """Whether two runs decided the same: everything, one gate, or some ids."""
    return all(run.entry[key] == other.entry[key] for key in ("kind", "scope"))


def by_day(
    ledger: Ledger, wanted: Callable[[KeptRun], bool], until: str | None = None, most: int = LOOKED_AT
) -> Iterator[KeptRun]:
    """The runs that stand for their days, the newest day first, and of one day the newest run first.

    A run is made on its day or later. So what is left is of no newer day than that on which the run at hand
    was recorded, and of that day none of it is newer than those that were seen.

    Args:
        ledger: where they are.
        wanted: which of them are meant.
        until: the last day; None for any.
        most: so many runs are looked at.
    """
    held: list[KeptRun] = []
    for run in islice(newest_first(ledger), most):
        recorded = recorded_day(run)
        if (until is None or str(run.entry["as_of"]) <= until) and wanted(run) and stands_for_its_day(run):
            held.append(run)
        ready = [each for each in held if str(each.entry["as_of"]) >= recorded]
        yield from _in_order(ready)
        held = [each for each in held if str(each.entry["as_of"]) < recorded]
    yield from _in_order(held)


def _in_order(runs: list[KeptRun]) -> list[KeptRun]:
    return sorted(runs, key=lambda each: (str(each.entry["as_of"]), each.number), reverse=True)


def newest(ledger: Ledger, like: KeptRun | None = None) -> KeptRun | None:
    """The newest run by its day: a check of everything or a gate, else one of some ids; None for none.

    Where no run stands for its day, it is the newest of all: somebody asked for one, and it says its day.

    Args:
        ledger: where the runs are.
        like: a run; another one that decided the same is meant.
    """
    if like is not None:
        return next(by_day(ledger, lambda run: same_scope(run, like) and run.number != like.number), None)
    last: KeptRun | None = None

    def wanted(run: KeptRun) -> bool:
        nonlocal last
        last = last or run
        return True

    some: KeptRun | None = None
    for run in by_day(ledger, wanted):
        if run.whole or run.entry["kind"] == "gate":
            return run
        some = some or run
    return some or last


def newest_of_everything(ledger: Ledger, until: str | None = None) -> KeptRun | None:
    """The newest run by its day that decided all there was to decide; None where there is none.

    Args:
        ledger: where the runs are.
        until: the last day; None for any.
    """
    return next(by_day(ledger, lambda run: run.whole, until), None)


def newest_decision(ledger: Ledger, until: str | None = None) -> KeptRun | None:
    """The newest run by its day that decided everything, or where there is none, a gate; None without any.

    Args:
        ledger: where the runs are.
        until: the last day; None for any.
    """
    gate: KeptRun | None = None
    for run in by_day(ledger, lambda run: run.whole or run.entry["kind"] == "gate", until):
        if run.whole:
            return run
        gate = gate or run
    return gate
