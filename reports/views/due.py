"""What is due, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page, Span
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import counted, listed, visible
from phasegate.reports.text.provenance import kind_line
from phasegate.reports.text.sentences import fact_title, gate_label
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.monitoring.history.due import Due
    from phasegate.records.basis.turns import Turn
    from phasegate.records.expirations import Ending
    from phasegate.records.overdue import PhaseEnd
    from phasegate.records.schema import Record

_FEW = 5
"""So many criteria are named of one ending."""


def due_text(found: Due, *, width: int, colour: bool) -> str:
    """What ends, the next one first, with the gates that it shuts; what is overdue before all else."""
    page = Page(width, colour)
    as_of, run = found.record["as_of"], f"run {found.run.number}"
    until = f"up to {found.until} ({counted((found.until - found.today).days, 'day')} from {found.today})"
    page.line((f"Due {until}, as {run} of {as_of} shows it.", "bold"))
    if not found.run.whole:
        part = f"A check of {visible(', '.join(found.record['scope']))} alone"
        which = part if found.record["kind"] == "check" else kind_line(found.record)
        page.line(f"{which}: nothing is told of what it did not decide.")
    if not found.endings and not found.phases and not found.turns:
        page.blank()
        page.line("Nothing that counts ends by then.")
    endings_told(found, page)
    _turned(found, page)
    for line in _not_known(found):
        page.blank()
        page.line((line, "dim"))
    return page.text()


def _turned(found: Due, page: Page) -> None:
    """What turns by itself and is no ending, such as by a statement that begins."""
    groups: dict[object, list[Turn]] = {}
    for each in found.turns:
        groups.setdefault((each.day, each.criterion, each.before, each.after), []).append(each)
    for alike in groups.values():
        first = alike[0]
        page.blank()
        names = listed([visible(each.requirement.removeprefix(f"{first.criterion}/")) for each in alike])
        when = when_said((first.day - found.today).days)
        turned = f"{verdict_sign(first.before).word} → {verdict_sign(first.after).word}"
        told = f"{when}: {names} of {visible(first.criterion)}: {turned}"
        page.item([*_day(first.day, found.today), "  "], [told])
        _shut(first.gates, found.record, page)


def _not_known(found: Due) -> list[str]:
    """What no record can tell of the days to come, in one line; nothing where there is nothing."""
    if found.reading is None:
        told = "What depends on the day in a measure itself, such as a date of review"
        return [f"{told}, is found by --measure."]
    if not found.reading:
        return []
    named = [visible(each) for each in found.reading[:_FEW]]
    more = len(found.reading) - len(named)
    names = listed([*named, f"{more:,} more"] if more else named)
    verb = "count" if len(found.reading) > 1 else "counts"
    return [f"What {names} {verb} depends on the day itself: --measure decides it."]


def endings_told(found: Due, page: Page, most: int | None = None) -> None:
    """Each ending with its day, the gates that it shuts and what rests on it; phases among them.

    Args:
        found: what ends.
        page: where it is told.
        most: so many are named; None for all.
    """
    words = EndingWords(found.record)
    told = _in_order(found, words.together(found.endings))
    for each in told[:most]:
        page.blank()
        if isinstance(each, list):
            _endings(each, found, words, page)
        else:
            _phase(each, found.today, page)
    if most is not None and len(told) > most:
        page.blank()
        page.line(f"and {len(told) - most:,} more")


def _in_order(found: Due, groups: Sequence[list[Ending]]) -> list[PhaseEnd | list[Ending]]:
    """The phases that are overdue, then all else by its day; phases come before evidence."""
    late = [each for each in found.phases if each.days(found.today)]
    coming: list[PhaseEnd | list[Ending]] = [each for each in found.phases if each not in late]
    rest = [*coming, *groups]
    return [*late, *sorted(rest, key=lambda each: each[0].day if isinstance(each, list) else each.day)]


def _phase(end: PhaseEnd, today: dt.date, page: Page) -> None:
    when = "" if end.days(today) else f"{when_said((end.day - today).days)}: "
    page.item([*_day(end.day, today), "  "], [f"{when}{phase_said(end, today)}"])


def phase_said(end: PhaseEnd, today: dt.date) -> str:
    """That the weeks of a phase end and its gate is not open, as a clause."""
    late = end.days(today)
    becomes = f"is overdue by {counted(late, 'day')}" if late else "becomes overdue"
    return f"{phase_name(end)}, {becomes}: {weeks_said(end, today)} and it is not open"


def phase_name(end: PhaseEnd) -> str:
    """The gate of a phase, with its title."""
    return f"{gate_label(end.gate)}, {visible(end.title)}"


def weeks_said(end: PhaseEnd, today: dt.date) -> str:
    """When the weeks of a phase end, or ended."""
    return f"its weeks {'ended' if end.days(today) else 'end'} on {end.last}"


class EndingWords:
    """What ends in words, each of many found at once.

    Args:
        record: of which the endings are.
    """

    def __init__(self, record: Record) -> None:
        self._facts = {each["id"]: each for each in record["facts"]}
        self._why = {each["id"]: each["why"] for each in record["waivers"]}
        self._statements = {each["id"]: each["statement"] for each in record["attestations"]}

    def together(self, endings: Iterable[Ending]) -> list[list[Ending]]:
        """Endings that say the same, such as those of the fields of one row, together."""
        groups: dict[object, list[Ending]] = {}
        for each in endings:
            fact = self._facts.get(each.id)
            told = (fact["title"], fact["newest"]) if fact is not None else None
            same = (each.day, each.kind, each.criteria, told)
            groups.setdefault(same if each.kind == "evidence" else each.id, []).append(each)
        return list(groups.values())

    def of_all(self, alike: Sequence[Ending]) -> str:
        """What it is that ends, as a clause, of endings that say the same."""
        if len(alike) == 1:
            return self.of(alike[0])
        first = self._facts[alike[0].id]
        age = counted(first["max_age_days"] or 0, "day")
        told = f"its newest is of {first['newest']}, and may be {age} old"
        return f"{visible(first['title'])}, {counted(len(alike), 'fact')}, goes stale: {told}"

    def of(self, ending: Ending) -> str:
        """What it is that ends, as a clause."""
        if ending.kind == "waiver":
            return f"waiver {visible(ending.id)} ends. {visible(self._why.get(ending.id, ''))}".strip()
        if ending.kind == "attestation":
            said = self._statements.get(ending.id, "")
            return f"attestation {visible(ending.id)} ends: {visible(said)}"
        fact = self._facts.get(ending.id)
        if fact is None:
            return f"{visible(ending.id)} is stale"
        age = counted(fact["max_age_days"] or 0, "day")
        return f"{fact_title(fact)} goes stale: its newest is of {fact['newest']}, and may be {age} old"

    def on_day(self, ending: Ending) -> str:
        """What it is that ends, and on which day, in a few words."""
        if ending.kind != "evidence":
            return f"{ending.kind} {visible(ending.id)} ends on {ending.day}"
        fact = self._facts.get(ending.id)
        title = visible(fact["title"]) if fact is not None else ending.id
        return f"{title} goes stale on {ending.day}"


def _endings(alike: Sequence[Ending], found: Due, words: EndingWords, page: Page) -> None:
    first = alike[0]
    days = (first.day - found.today).days
    told = f"{when_said(days)}: {words.of_all(alike)}"
    page.item([*_day(first.day, found.today), "  "], [told])
    _shut(first.gates, found.record, page)
    named = list(first.criteria[:_FEW])
    more = len(first.criteria) - len(named)
    told = ", ".join(visible(each) for each in named) + (f" and {more:,} more" if more else "")
    page.item([("rests on it ", "dim")], [told], indent=12)


def _shut(gates: Sequence[str], record: Record, page: Page) -> None:
    if opened := _open(gates, record):
        said = listed([gate_label(each) for each in opened])
        page.item([("shuts ", "dim")], [said[:1].lower() + said[1:]], indent=12)


def _day(day: dt.date, today: dt.date) -> list[Span]:
    days = (day - today).days
    return [(f"{day}", "bold red" if days <= 0 else "bold yellow" if days <= 7 else "")]


def _open(gates: Sequence[str], record: Record) -> list[str]:
    """Those of the gates that rest on what ends that are open now: one that is shut already stays so."""
    states = {gate["id"]: gate["state"] for gate in record["gates"]}
    return [each for each in gates if states.get(each) in OPEN_STATES]


def when_said(days: int) -> str:
    """A day as it is counted from today."""
    if days < 0:
        return f"{counted(-days, 'day')} ago"
    return "today" if days == 0 else "tomorrow" if days == 1 else f"in {days:,} days"


def due_document(found: Due) -> dict[str, Any]:
    """The same as plain JSON, all in the same order."""
    words = EndingWords(found.record)
    return {
        "run": found.run.number,
        "kind": found.record["kind"],
        "scope": found.record["scope"],
        "as_of": found.record["as_of"],
        "today": found.today.isoformat(),
        "until": found.until.isoformat(),
        "due": [
            _ending_document(each[0], found, words)
            if isinstance(each, list)
            else _phase_document(each, found)
            for each in _in_order(found, [[each] for each in found.endings])
        ],
        "turns": [
            {**each._asdict(), "day": each.day.isoformat(), "shuts": _open(each.gates, found.record)}
            for each in found.turns
        ],
        "reading_the_day": None if found.reading is None else list(found.reading),
    }


def _ending_document(ending: Ending, found: Due, words: EndingWords) -> dict[str, Any]:
    return {
        **asdict(ending),
        "day": ending.day.isoformat(),
        "shuts": _open(ending.gates, found.record),
        "says": words.of(ending),
    }


def _phase_document(end: PhaseEnd, found: Due) -> dict[str, Any]:
    return {
        "day": end.day.isoformat(),
        "kind": "phase",
        "id": end.gate,
        "criteria": [],
        "gates": [end.gate],
        "shuts": [],
        "says": phase_said(end, found.today),
    }
