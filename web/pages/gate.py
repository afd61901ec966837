"""A gate: whether the programme may advance, what changed, and what it will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.trail.standing_runs import by_day
from phasegate.reports.html.markup import (
    Markup,
    joined,
    section,
    state,
    state_tone,
    tag,
    verdict,
)
from phasegate.reports.terminal.gates import overdue_said
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.sentences import gate_label, gate_name, gate_reason, passing
from phasegate.rules.model.verdict import OPEN_STATES, SETTLED, WORST_FIRST
from phasegate.web import commands
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.pages.parts import Places, criteria_table, found_in, prove, signing
from phasegate.web.pages.portfolio import since
from phasegate.web.shell import banner, bullets, document, lead, table

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry, GateReason, RequirementEntry
    from phasegate.web.asked import Asked

_OPEN = {
    "open": "everything that it needs passes",
    "open_with_waivers": "everything that it needs passes or is waived",
}
MOST_TURNS = 20
"""So many runs are looked back at."""


def page(asked: Asked) -> Answer:
    """The page of a gate."""
    gate = asked.gate()
    sign = state_sign(gate["state"])
    label = gate_label(gate["id"])
    told = _OPEN.get(gate["state"]) or gate_reason({**gate, "reasons": _holding(asked, gate)})
    worse = _worse(asked, gate["id"])
    lacking = _lacking(asked, gate)
    late = asked.report.overdue.get(gate["id"])
    parts = [
        lead(asked),
        tag("h1", gate_name(gate)),
        tag("p", asked.record["title"], class_="soft"),
        section(
            "advance",
            "May we advance?",
            worse,
            banner(sign, state_tone(gate["state"]), f"{told[:1].upper()}{told[1:]}."),
            tag("p", tag("strong", f"overdue {overdue_said(late)}")) if late is not None else None,
            tag("p", f"Criteria that pass: {passing(gate['score'])}."),
            found_in(asked),
        ),
        section("changed", "What changed?", _turns(asked, gate["id"])),
        section("takes", "What will it take?", _takes(asked, gate, lacking)),
        section("points", "What it needs", _points(asked, gate)),
        signing(asked, _requirements(asked, lacking), *(commands.advance(gate) if worse is None else ())),
        prove(asked, "programme" if gate["id"] == "programme" else f"phase:{gate['id']}", label, "gate"),
    ]
    return Answer(document(f"{gate_name(gate)}: {sign.word}", *parts, asked=asked))


def _worse(asked: Asked, name: str) -> Markup | None:
    """That the gate stands worse today than it was decided, and why."""
    if asked.run_given is not None or (found := since(asked.today(), name, asked.run.number)) is None:
        return None
    word, why = found
    sign = state_sign(word)
    told = f"Today it stands {sign.word}, whatever the run below has found."
    return joined([banner(sign, state_tone(word), told), bullets(*why)])


def _lacking(asked: Asked, gate: GateEntry) -> list[CriterionEntry]:
    """The criteria of the gate that keep it from being open, the worst first."""
    names = {
        name for each in asked.record["points"] if each["id"] in gate["points"] for name in each["criteria"]
    }
    own = [
        each
        for each in asked.record["criteria"]
        if (each["id"] in names or each["id"] in gate["targets"])
        and each["enforcement"] != "advisory"
        and each["verdict"] not in SETTLED
    ]
    return sorted(own, key=lambda each: WORST_FIRST.index(each["verdict"]))


def _requirements(asked: Asked, criteria: list[CriterionEntry]) -> list[RequirementEntry]:
    return [each for criterion in criteria for each in asked.report.telling(criterion)]


def _takes(asked: Asked, gate: GateEntry, lacking: list[CriterionEntry]) -> Markup:
    places = Places(asked)
    others = [
        joined([each["text"], " (", places.link("gate", each["id"], gate_label(each["id"])), ")"])
        if each["kind"] == "gate"
        else joined([each["text"]])
        for each in _holding(asked, gate)
        if each["kind"] != "criterion"
    ]
    found = [bullets(*others)] if others else []
    if lacking:
        caption = "Every criterion of its own that does not simply pass, the worst first."
        found.append(criteria_table(asked, lacking, "What it will take", caption))
    if not found:
        found.append(tag("p", "Nothing more: it needs nothing that does not pass or is not waived."))
    return joined(found)


def _holding(asked: Asked, gate: GateEntry) -> list[GateReason]:
    """What keeps a gate from being open: a gate before it that is open does not."""
    opened = {each["id"] for each in asked.record["gates"] if each["state"] in OPEN_STATES}
    return [each for each in gate["reasons"] if each["kind"] != "gate" or each["id"] not in opened]


def _points(asked: Asked, gate: GateEntry) -> Markup:
    places = Places(asked)
    rows = [
        (places.link("point", each["id"], f"{each['id']} {each['title']}"), verdict(each["verdict"]))
        for each in asked.record["points"]
        if each["id"] in gate["points"]
    ]
    rows += [
        (places.link("criterion", each["id"]), verdict(each["verdict"]))
        for each in asked.record["criteria"]
        if each["id"] in gate["targets"]
    ]
    if not rows:
        return tag("p", "It has no point and no target of its own that you may read.")
    return table("Points and targets", "Its points and targets.", ("Point or target", "Verdict"), rows)


def _turns(asked: Asked, name: str) -> Markup:
    """The runs in which the gate was another way than in the one before, the newest first."""
    from itertools import islice

    last = asked.run
    found = []
    for each in islice(by_day(asked.ledger.log, lambda run: run.number <= last.number), MOST_TURNS):
        states = each.entry.get("gates")
        if isinstance(states, dict) and name in states:
            found.append((each, str(states[name])))
    if not found:
        return tag("p", "No run that stands for its day has decided it.")
    kept = [
        (each, word)
        for place, (each, word) in enumerate(found)
        if place + 1 == len(found) or found[place + 1][1] != word
    ]
    rows = [
        (
            link(address(asked.key, "run", run=each.number), f"run {each.number}"),
            str(each.entry["as_of"]),
            state(word),
        )
        for each, word in kept
    ]
    many = (
        f"Of the newest {len(found)} runs that decided it, those that found it otherwise than the one before."
    )
    return table("How the gate turned", many, ("Run", "As of", "State"), rows)
