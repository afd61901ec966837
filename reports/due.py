"""What is due, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from phasegate.reports.changed import turn
from phasegate.reports.page import Page
from phasegate.reports.plain import counted, listed, visible
from phasegate.reports.sentences import fact_title, gate_label
from phasegate.reports.signs import state_sign, verdict_sign

if TYPE_CHECKING:
    from phasegate.audit.changes.ahead import Ahead
    from phasegate.audit.changes.due import Due
    from phasegate.audit.record.document import Record
    from phasegate.audit.record.endings import Ending

_FEW = 5
"""So many criteria are named of one ending."""


def due_text(found: Due, *, width: int, colour: bool) -> str:
    """What ends, the next one first, with the gates that it shuts."""
    page = Page(width, colour)
    as_of, run = found.record["as_of"], f"run {found.run.number}"
    until = f"up to {found.until} ({counted((found.until - found.today).days, 'day')} from {found.today})"
    page.line((f"Due {until}, as {run} of {as_of} shows it.", "bold"))
    if not found.endings:
        page.blank()
        page.line("Nothing that counts ends by then.")
    endings_told(found, page)
    page.blank()
    page.line(
        (
            "What depends on the day in a measure itself, such as a date of review, is found by --measure.",
            "dim",
        )
    )
    return page.text()


def endings_told(found: Due, page: Page, most: int | None = None) -> None:
    """Each ending with its day, the gates that it shuts and what rests on it.

    Args:
        found: what ends.
        page: where it is told.
        most: so many are named; None for all.
    """
    groups = together(found)
    for alike in groups[:most]:
        page.blank()
        _endings(alike, found, page)
    if most is not None and len(groups) > most:
        page.blank()
        page.line(f"and {len(groups) - most:,} more")


def together(found: Due) -> list[list[Ending]]:
    """Endings that say the same, such as those of the fields of one row, together."""
    groups: dict[object, list[Ending]] = {}
    titles = {each["id"]: (each["title"], each["newest"]) for each in found.record["facts"]}
    for each in found.endings:
        same = (each.day, each.kind, each.criteria, titles.get(each.id))
        groups.setdefault(same if each.kind == "evidence" else each.id, []).append(each)
    return list(groups.values())


def _endings(alike: Sequence[Ending], found: Due, page: Page) -> None:
    first = alike[0]
    days = (first.day - found.today).days
    style = "bold red" if days <= 0 else "bold yellow" if days <= 7 else ""
    page.item([(f"{first.day}", style), "  "], [f"{_when(days)}: {_what(alike, found.record)}"])
    if opened := _open(first, found.record):
        gates = listed([gate_label(each) for each in opened])
        page.item([("shuts ", "dim")], [gates[:1].lower() + gates[1:]], indent=12)
    named = list(first.criteria[:_FEW])
    more = len(first.criteria) - len(named)
    told = ", ".join(visible(each) for each in named) + (f" and {more:,} more" if more else "")
    page.item([("rests on it ", "dim")], [told], indent=12)


def _open(ending: Ending, record: Record) -> list[str]:
    """The gates that rest on what ends and are open now: one that is shut already stays so."""
    states = {gate["id"]: gate["state"] for gate in record["gates"]}
    return [each for each in ending.gates if states.get(each) in ("open", "open_with_waivers")]


def _what(alike: Sequence[Ending], record: Record) -> str:
    if len(alike) == 1:
        return what_ends(alike[0], record)
    facts = {each["id"]: each for each in record["facts"]}
    first = facts[alike[0].id]
    age = counted(first["max_age_days"] or 0, "day")
    told = f"its newest is of {first['newest']}, and may be {age} old"
    return f"{visible(first['title'])}, {counted(len(alike), 'fact')}, goes stale: {told}"


def _when(days: int) -> str:
    if days < 0:
        return f"{counted(-days, 'day')} ago"
    return "today" if days == 0 else "tomorrow" if days == 1 else f"in {days:,} days"


def what_ends(ending: Ending, record: Record) -> str:
    """What it is that ends, as a clause."""
    if ending.kind == "waiver":
        why = next((each["why"] for each in record["waivers"] if each["id"] == ending.id), "")
        return f"waiver {visible(ending.id)} ends. {visible(why)}".strip()
    if ending.kind == "attestation":
        said = next((each["statement"] for each in record["attestations"] if each["id"] == ending.id), "")
        return f"attestation {visible(ending.id)} ends: {visible(said)}"
    fact = next((each for each in record["facts"] if each["id"] == ending.id), None)
    if fact is None:
        return f"{visible(ending.id)} is stale"
    age = counted(fact["max_age_days"] or 0, "day")
    return f"{fact_title(fact)} goes stale: its newest is of {fact['newest']}, and may be {age} old"


def ends_on(ending: Ending, record: Record) -> str:
    """What it is that ends, and on which day, in a few words."""
    if ending.kind != "evidence":
        return f"{ending.kind} {visible(ending.id)} ends on {ending.day}"
    title = next((visible(each["title"]) for each in record["facts"] if each["id"] == ending.id), ending.id)
    return f"{title} goes stale on {ending.day}"


def ahead_text(found: Ahead, *, width: int, colour: bool) -> str:
    """The days on which something is decided otherwise, each with its gates and criteria."""
    page = Page(width, colour)
    days = counted((found.until - found.today).days, "day")
    page.line((f"Decided for each day up to {found.until} ({days}), as everything is now.", "bold"))
    if not found.days:
        page.blank()
        page.line("Nothing will be decided otherwise than today.")
    for day, changed in found.days:
        page.blank()
        page.line((f"{day}", "bold"), f"  {_when((day - found.today).days)}")
        for gate in changed.gates:
            page.item(
                [*turn(gate.before, gate.after, state_sign), "  "],
                [f"{gate_label(gate.id)}, {visible(gate.title)}"],
                indent=2,
            )
        for criterion in changed.criteria:
            page.item(
                [*turn(criterion.before, criterion.after, verdict_sign), "  "],
                [(visible(criterion.id), "bold"), f"  {visible(criterion.text)}"],
                indent=2,
            )
    return page.text()


def ahead_document(found: Ahead) -> dict[str, Any]:
    """The same as plain JSON."""
    return {
        "today": found.today.isoformat(),
        "until": found.until.isoformat(),
        "days": [
            {
                "day": day.isoformat(),
                "gates": [asdict(each) for each in changed.gates],
                "criteria": [
                    {"id": each.id, "text": each.text, "before": each.before, "after": each.after}
                    for each in changed.criteria
                ],
            }
            for day, changed in found.days
        ],
    }


def due_document(found: Due) -> dict[str, Any]:
    """The same as plain JSON."""

    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, dt.date) else value

    return {
        "run": found.run.number,
        "as_of": found.record["as_of"],
        "today": found.today.isoformat(),
        "until": found.until.isoformat(),
        "due": [
            {
                **{name: plain(value) for name, value in asdict(each).items()},
                "shuts": _open(each, found.record),
                "says": what_ends(each, found.record),
            }
            for each in found.endings
        ],
    }
