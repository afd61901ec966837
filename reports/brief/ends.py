"""What ends next, as a calendar and in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from phasegate.records.expirations import Ending, endings
from phasegate.reports.brief.gates import is_shut, named
from phasegate.reports.brief.model import WEEKS_AHEAD, EndingDay, Ends, Gate
from phasegate.reports.text.plain import listed, some, visible
from phasegate.reports.views.due import EndingWords

if TYPE_CHECKING:
    from phasegate.records.schema import Record

_NEXT = 2
_NAMED = 3
_ORDER = ("waiver", "attestation", "evidence")


def ends(record: Record, today: dt.date, gates: Sequence[Gate]) -> Ends:
    """What ends next, if nothing is renewed.

    Args:
        record: what was decided.
        today: the day that is counted from.
        gates: those of the page.
    """
    monday = today - dt.timedelta(days=today.weekday())
    beyond = monday + dt.timedelta(days=7 * WEEKS_AHEAD)
    words = EndingWords(record)
    coming: dict[dt.date, list[Ending]] = {}
    for each in endings(record):
        if each.day >= monday:
            coming.setdefault(each.day, []).append(each)
    late: dict[dt.date, list[Gate]] = {}
    for gate in gates:
        if gate.due is not None and gate.due >= today:
            late.setdefault(gate.due + dt.timedelta(days=1), []).append(gate)
    days = {
        day: _day(words, day, coming.get(day, []), late.get(day, []), gates)
        for day in sorted({*coming, *late})
    }
    shown = tuple(each for day, each in days.items() if day < beyond)
    said = "Nothing that counts ends in these five weeks."
    return Ends(
        monday,
        today,
        shown,
        tuple((each.day, _sentence(each)) for day, each in days.items() if day > today)[:_NEXT],
        "" if shown else said,
        sum(day >= beyond for day in days),
    )


def _day(
    words: EndingWords, day: dt.date, ending: Sequence[Ending], late: Sequence[Gate], gates: Sequence[Gate]
) -> EndingDay:
    open_now = [gate.id for gate in gates if not is_shut(gate.state)]
    resting = {name for each in ending for name in each.gates}
    return EndingDay(
        day=day,
        criteria=tuple(dict.fromkeys(name for each in ending for name in each.criteria)),
        shuts=tuple(name for name in open_now if name in resting),
        overdue=tuple(gate.id for gate in late),
        said=tuple(dict.fromkeys(words.of_all(alike) for alike in words.together(ending))),
        kinds=tuple(_kinds(ending)),
    )


def _kinds(ending: Sequence[Ending]) -> Iterable[tuple[str, tuple[str, ...]]]:
    by_kind = sorted(ending, key=lambda each: _ORDER.index(each.kind))
    for kind, alike in groupby(by_kind, key=lambda each: each.kind):
        yield kind, tuple(dict.fromkeys(name for each in alike for name in each.criteria))


def _sentence(day: EndingDay) -> str:
    """What ends on a day and which gates it shuts; that a gate is overdue from then on."""
    told = []
    for kind, criteria in day.kinds:
        names = listed([visible(each) for each in criteria[:_NAMED]])
        if len(criteria) > _NAMED:
            names = some([visible(each) for each in criteria], _NAMED)
        several = len(criteria) > 1
        told.append(
            f"{names} {'go' if several else 'goes'} stale"
            if kind == "evidence"
            else f"the {kind} that {names} {'rest' if several else 'rests'} on ends"
        )
    if day.shuts:
        told.append(f"{named(day.shuts)} {'shuts' if len(day.shuts) == 1 else 'shut'}")
    if day.overdue:
        told.append(f"{named(day.overdue)} {'is' if len(day.overdue) == 1 else 'are'} overdue from then on")
    return "; ".join(told)
