"""What opens a gate, as a list of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.plain import counted, listed, some, visible
from phasegate.reports.text.sentences import bound_shown, fact_title, gate_label
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.records.schema import GateEntry
    from phasegate.runs.why_not import Task, WhyNot

_FEW = 3
_DOES = {
    "mend": "mend rows of",
    "renew": "bring newer rows of",
    "bring": "bring rows of",
    "repair": "repair",
    "connect": "connect",
    "attest": "attest",
    "waive": "grant a waiver of",
    "approve": "approve the rules for",
}


def why_not_text(found: WhyNot, *, width: int, colour: bool) -> str:
    """The work that opens a gate, by area and by who does it, and a sentence at the end."""
    page = Page(width, colour)
    sign, record = state_sign(found.gate["state"]), found.record
    page.line(
        (f"{_start(gate_label(found.gate['id']))}, {visible(found.gate['title'])}", "bold"),
        (f" · as of {record['as_of']}", "dim"),
    )
    for _, tasks in groupby(found.tasks or (), key=lambda task: task.area):
        alike = list(tasks)
        page.heading(_area(found, alike[0].area), counted(len(alike), "thing"))
        for each in alike:
            _task(each, found, page)
    for told in _beside(found):
        page.blank()
        page.line(told)
    if found.tasks or found.tasks is None:
        page.blank()
    page.unbroken((f"{sign.mark} ", sign.style), _last(found))
    return page.text()


def _task(task: Task, found: WhyNot, page: Page) -> None:
    page.item([("  · ", "dim")], [(f"{_who(task)}: ", "bold"), what_said(task, found)])
    for told in _because(task):
        page.line(told, indent=6)
    if task.requirements:
        criteria = list(dict.fromkeys(visible(each["criterion"]) for each in task.requirements))
        gates = listed([gate_label(each) for each in task.gates])
        page.line((f"for {some(criteria, _FEW)}{f'; {gates}' if gates else ''}", "dim"), indent=6)
    for each in task.instead:
        page.line((f"or {what_said(each, found)} ({_who(each)})", "dim"), indent=6)
    if task.waived_by is not None:
        asked = [visible(each["id"]) for each in task.requirements]
        noun = "a waiver" if len(asked) == 1 else f"{len(asked)} waivers"
        page.line((f"or {noun} of {some(asked, _FEW)}, granted by {task.waived_by}", "dim"), indent=6)


def _who(task: Task) -> str:
    if task.by is not None:
        return task.by
    if task.does == "connect":
        return "who keeps the project file"
    return f"who keeps {some([visible(each) for each in task.sources], _FEW)}" if task.sources else "somebody"


def what_said(task: Task, found: WhyNot) -> str:
    """What is to be done, as a clause."""
    name = f"{visible(task.id)}{f'[{visible(task.slice)}]' if task.slice else ''}"
    titles = {each["id"]: each for each in found.record["facts"]}
    facts = [titles[each["fact"]] for each in task.requirements if each["fact"] in titles]
    own = [each for each in facts if each["kind"] != "change"] or facts
    if task.does in ("connect", "repair", "approve", "waive") and task.sources == (task.id,):
        return f"{_DOES[task.does]} {name}"
    if task.does in ("approve", "waive") or not own:
        return f"{_DOES[task.does]} {name}"
    title = visible(own[0]["title"]) if own[0]["kind"] == "latest" else fact_title(own[0])
    return f"{_DOES[task.does]} {name}, {title}"


def _because(task: Task) -> Iterator[str]:
    """What is missing to each requirement, each of it once; of what is not known, why."""
    told: list[str] = []
    for each in task.requirements:
        fails = each["verdict"] == "fail"
        said = visible((each["distance"] if fails else None) or each["reason"])
        if fails:
            said = f"{visible(each['fact'])} {bound_shown(each)}: {said}"
        if not any(said.endswith(other) for other in told):  # a change says what it is the change of
            told.append(said)
    yield from told[:_FEW]
    if len(told) > _FEW:
        yield f"and {counted(len(told) - _FEW, 'further reason')}"


def _area(found: WhyNot, area: str) -> str:
    title = found.record["areas"].get(area)
    if title is not None:
        return f"{visible(area)}  {visible(title)}"
    return "The programme as a whole" if found.record["areas"] else "To be done"


def rows_by_source(tasks: Sequence[Task]) -> dict[str, int]:
    """How many rows must meet a condition, or must not, by the table that they are in."""
    found: Counter[str] = Counter()
    for each in tasks:
        if each.rows and each.sources:
            found[each.sources[0]] += abs(each.rows)
    return dict(sorted(found.items()))


def _beside(found: WhyNot) -> Iterator[str]:
    tasks = found.tasks or ()
    if rows := rows_by_source(tasks):
        told = listed([f"{counted(number, 'row')} of {visible(name)}" for name, number in rows.items()])
        yield f"Rows to mend, where they are counted: {told}."
    if found.before:
        names = listed(
            [f"{gate_label(each['id'])} ({state_sign(each['state']).word})" for each in found.before]
        )
        them = "it" if len(found.before) == 1 else "them"
        yield f"To be open first: {names}. What opens {them} is among the work."
    if waived := sum(each.waived_by is not None for each in tasks):
        takes = "any number of waivers is taken"
        if found.seats is not None:
            takes = (
                f"{counted(found.seats, 'waiver')} more {'is' if found.seats == 1 else 'are'} taken at most"
            )
        instead = "one of these things" if waived == 1 else f"each of {waived:,} of these things"
        yield f"Waivers may stand instead of {instead}; {takes}."
    if found.tasks is None and found.stuck:
        named = some([visible(each) for each in found.stuck], _FEW)
        yield f"Whatever the facts become, this does not hold: {named}."


def _last(found: WhyNot) -> str:
    gate = f"{_start(gate_label(found.gate['id']))} is {state_sign(found.gate['state']).word}"
    if found.tasks is None:
        return f"{gate}, and no way to open it was found."
    if not found.tasks:
        return f"{gate}: nothing needs to be done."
    number = len(found.tasks)
    them, one = ("it", "") if number == 1 else ("them", " any one of")
    if found.certain:
        return f"{gate}. {counted(number, 'thing')} to do {_verb(number)} it, and nothing less does."
    return f"{gate}. At most {counted(number, 'thing')} to do {_verb(number)} it: not without{one} {them}."


def _verb(number: int) -> str:
    return "opens" if number == 1 else "open"


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def why_not_document(found: WhyNot) -> dict[str, Any]:
    """The same as plain JSON."""
    tasks = found.tasks
    return {
        "gate": found.gate["id"],
        "title": found.gate["title"],
        "as_of": found.record["as_of"],
        "state": found.gate["state"],
        "open": found.gate["state"] in OPEN_STATES,
        "things": None if tasks is None else len(tasks),
        "least": found.certain if tasks is not None else None,
        "work": None if tasks is None else [_document(each, found) for each in tasks],
        "rows_by_source": rows_by_source(tasks or ()),
        "first": [_gate(each) for each in found.before],
        "waivers_taken": found.seats,
        "stuck": list(found.stuck),
        "says": _last(found),
    }


def _gate(gate: GateEntry) -> dict[str, str]:
    return {"id": gate["id"], "state": gate["state"]}


def _document(task: Task, found: WhyNot) -> dict[str, Any]:
    return {
        "does": task.does,
        "id": task.id,
        "slice": task.slice,
        "area": task.area,
        "by": task.by,
        "sources": list(task.sources),
        "gates": list(task.gates),
        "rows": task.rows,
        "requirements": [
            {key: each[key] for key in ("id", "verdict", "distance", "reason", "at")}
            for each in task.requirements
        ],
        "waived_by": task.waived_by,
        "instead": [_document(each, found) for each in task.instead],
        "says": what_said(task, found),
    }
