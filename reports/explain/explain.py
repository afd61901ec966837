"""One verdict's story, told as an answer to somebody who asks why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from phasegate.records.alternatives import choice_of
from phasegate.records.editions import edition_of
from phasegate.reports.explain.alternatives import alternatives_said, tell_choice
from phasegate.reports.explain.areas import known_parts, tell_area, tell_section
from phasegate.reports.explain.document import parts_document
from phasegate.reports.explain.story import Story
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import counted, listed, visible
from phasegate.reports.text.sentences import fact_title, gate_label, how_many
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.verdict import HOLDING

if TYPE_CHECKING:
    from phasegate.records.schema import (
        CriterionEntry,
        GateEntry,
        PointEntry,
        Record,
        RequirementEntry,
        Score,
    )

_ENFORCEMENT = {
    "hard": "It is hard: no waiver is taken for it.",
    "soft": "It is soft: it may be waived.",
    "advisory": "It is advisory: it is shown, but closes no gate.",
}
_NEAREST = 3
WIDEST, NARROWEST = 92, 24
"""Columns between which a story is told."""


class NotInRecordError(PhasegateError):
    """An id of which the record says nothing."""

    def __init__(self, given: str, known: Sequence[str]) -> None:
        super().__init__(f"the record says nothing of {visible(given)!r}", _meant(given, known))


def _meant(given: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # only ever needed for an error

    close = get_close_matches(given, sorted(set(known)), n=_NEAREST, cutoff=0.6)
    inside = [each for each in known if given and given.lower() in each.lower()]
    begun = [each for each in known if given and each.startswith(f"{given}.")]
    names = list(dict.fromkeys([*begun, *close, *inside]))[:_NEAREST]
    if names:
        return f"did you mean {listed([visible(name) for name in names], 'or')}?"
    return "name a requirement, criterion, point, section, area, target, gate or measure of the pack"


def explain_text(record: Record, given: str, width: int = WIDEST, *, saved: bool = True) -> str:
    """What a record says of one id.

    Args:
        record: the record.
        given: the id of a requirement, criterion, target, point, section, area, gate (``phase:2``
            or ``programme``), fact or measure. ``2`` is area 2, as in ``check``; it is gate 2 where
            the record is of that gate, or has no such area.
        width: columns of the page; lines are never longer than people like to read.
        saved: whether the record is that of an earlier command, and not of this one.

    Raises:
        NotInRecordError: if the record says nothing of it; the message names the nearest ids.
    """
    story, _ = _told(record, given, width)
    story.footer(saved=saved)
    return story.text()


def explain_document(record: Record, given: str) -> dict[str, Any]:
    """The same for programs: the parts of the record that the id stands for, as the record has them.

    Args:
        record: the record.
        given: the id, as `explain_text` takes it.

    Raises:
        NotInRecordError: if the record says nothing of it; the message names the nearest ids.
    """
    _, kind = _told(record, given, WIDEST)
    return parts_document(record, kind, given)


def _told(record: Record, given: str, width: int) -> tuple[Story, str]:
    """The story of an id, and what the id turned out to be of."""
    story = Story(record, max(NARROWEST, min(width, WIDEST)))
    tellers: tuple[tuple[str, Callable[[Story, str], bool]], ...] = (
        ("requirement", _requirement),
        ("criterion", _criterion),
        ("point", _point),
        ("gate", _asked_gate),
        ("area", tell_area),
        ("section", tell_section),
        ("gate", _gate),
        ("measure", _measure),
    )
    kind = next((kind for kind, tell in tellers if tell(story, given)), None)
    if kind is None:
        raise NotInRecordError(given, _known(record))
    return story, kind


def _known(record: Record) -> list[str]:
    gates = [gate["id"] if gate["id"] == "programme" else f"phase:{gate['id']}" for gate in record["gates"]]
    return [
        *(criterion["id"] for criterion in record["criteria"]),
        *(point["id"] for point in record["points"]),
        *known_parts(record),
        *gates,
        *(requirement["id"] for requirement in record["requirements"]),
        *dict.fromkeys(name for fact in record["facts"] for name in (fact["measure"], fact["id"])),
    ]


def _requirement(story: Story, given: str) -> bool:
    found = next((each for each in story.record["requirements"] if each["id"] == given), None)
    if found is None:
        return False
    story.title(found["id"], verdict_sign(found["verdict"]))
    criterion = story.criteria[found["criterion"]]
    story.paragraph(f"It is a part of {criterion['id']}: {criterion['text']}.")
    story.paragraph(_ENFORCEMENT[criterion["enforcement"]])
    story.requirement(found, whole=True)
    return True


def _criterion(story: Story, given: str) -> bool:
    found = story.criteria.get(given)
    if found is None:
        return False
    story.title(found["id"], verdict_sign(found["verdict"]))
    _asked(story, found)
    own = [story.requirements[each] for each in found["requirements"]]
    choice = choice_of(own, edition_of(story.record).alternatives)
    if choice.size > 1:
        because = _because(found, [each["verdict"] for each in own], chosen=True)
        story.paragraph(f"{because} {alternatives_said(choice)}")
    elif len(own) != 1:
        story.paragraph(_because(found, [each["verdict"] for each in own]))
    if choice.size > 1 and found["verdict"] in HOLDING:
        tell_choice(story, own, choice)
    else:
        _requirements(story, own)
    _counts_in(story, found)
    return True


def _requirements(story: Story, own: Sequence[RequirementEntry]) -> None:
    """The worst first and whole; those that pass beside others in a line each."""
    ranked = sorted(own, key=story.rank)
    brief = [each for each in ranked if each["verdict"] == "pass"] if len(own) > 1 else []
    for requirement in ranked:
        if brief and requirement is brief[0]:
            story.gap()
        story.requirement(requirement, whole=requirement not in brief)
    story.origins(brief)


def _asked(story: Story, criterion: CriterionEntry) -> None:
    pack = story.record["pack"]
    point = next((each for each in story.record["points"] if each["id"] == criterion["point"]), None)
    if criterion["point"] == pack["id"]:
        story.paragraph("The project file requires it.")
    else:
        of = f" ({point['id']} {point['title']})" if point else ""
        story.paragraph(f"The {'map' if pack['map'] else 'pack'} asks: {criterion['text']}{of}.")
    if criterion["note"]:
        story.paragraph(f"It is read as: {criterion['note']}")
    story.paragraph(f"{_ENFORCEMENT[criterion['enforcement']]} The rule stands at {criterion['at']}.")


def _because(criterion: CriterionEntry, verdicts: list[str], chosen: bool = False) -> str:
    """Why a criterion has its verdict; ``chosen`` where not all of its requirements need to hold."""
    verdict, number, held = criterion["verdict"], len(verdicts), verdicts.count("pass")
    if verdict == "not_applicable":
        return "It does not apply."
    if verdict == "pass":
        return "It passes." if chosen else f"It passes: all of its {number:,} requirements hold."
    if verdict == "waived":
        return "It does not hold as asked, and a waiver covers it."
    passing = f", {held:,} {'passes' if held == 1 else 'pass'}" if held else ""
    said = verdict_sign(verdict).verb[0]
    return f"It {said}: of its {number:,} requirements, {how_many(verdicts, '')}{passing}."


def _counts_in(story: Story, criterion: CriterionEntry) -> None:
    if criterion["enforcement"] == "advisory":
        return
    holders = [
        f"{gate_label(gate['id'])} ({gate['state'].replace('_', ' ')})"
        for gate in story.record["gates"]
        if criterion["id"] in gate["targets"] or criterion["point"] in gate["points"]
    ]
    if holders and len(story.record["gates"]) > 1:
        story.paragraph(f"It counts in {listed(holders)}.")


def _point(story: Story, given: str) -> bool:
    found: PointEntry | None = next((each for each in story.record["points"] if each["id"] == given), None)
    if found is None:
        return False
    story.title(f"{found['id']} {found['title']}", verdict_sign(found["verdict"]))
    area = story.record["areas"].get(found["area"] or "")
    belongs = f"It belongs to area {found['area']}, {area}. " if area else ""
    phases = listed([f"phase {phase}" for phase in found["phases"]])
    if phases:
        story.paragraph(f"{belongs}It is scheduled in {phases}.")
    elif belongs:
        story.paragraph(f"{belongs}No phase schedules it; only the programme gate needs it.")
    for criterion_id in found["criteria"]:
        story.criterion_line(story.criteria[criterion_id])
    story.paragraph(
        f"More: phasegate explain {found['criteria'][0]}" if found["criteria"] else "It has no criteria."
    )
    return True


def _asked_gate(story: Story, given: str) -> bool:
    """The gate that the record is of: its id means the gate, whatever else has it."""
    record = story.record
    return record["kind"] == "gate" and given in record["scope"] and _gate(story, given)


def _gate(story: Story, given: str) -> bool:
    name = given.removeprefix("phase:").removeprefix("gate:")
    found: GateEntry | None = next((each for each in story.record["gates"] if each["id"] == name), None)
    if found is None:
        return False
    story.gate_title(found)
    story.paragraph(_needs(story, found))
    story.gate_reasons(found)
    return True


def _needs(story: Story, gate: GateEntry) -> str:
    counting = [each for each in gate["targets"] if story.criteria[each]["enforcement"] != "advisory"]
    noun = "the targets" if len(counting) > 1 else "the target"
    targets = f" and {noun} {listed(counting)}" if counting else ""
    before = f", after {listed([gate_label(each) for each in gate['after']])}" if gate["after"] else ""
    return f"It needs {counted(len(gate['points']), 'point')}{targets}{before}. {_scored(gate['score'])}"


def _scored(score: Score) -> str:
    apply, passing = score["apply"], score["passing"]
    waived = score["passing_with_waivers"] - passing
    if apply < 2:
        fate = "passes" if passing else "is waived" if waived else "does not pass"
        return f"The one criterion that applies {fate}." if apply else "No criterion of it applies."
    beside = f" and {waived:,} {'is' if waived == 1 else 'are'} waived" if waived else ""
    said = f"{passing:,} {'passes' if passing == 1 else 'pass'}" if passing else "none passes"
    return f"Of the {apply:,} criteria that apply, {said}{beside}."


def _measure(story: Story, given: str) -> bool:
    found = [fact for fact in story.record["facts"] if given in (fact["id"], fact["measure"])]
    if not found:
        found = [fact for fact in story.record["facts"] if fact["measure"].rpartition(".")[0] == given]
    if not found:
        return False
    story.heading(f"{given}: {fact_title(found[0]) if len(found) == 1 else found[0]['title']}")
    story.facts(found)
    asking = {fact["id"] for fact in found}
    held = [each for each in story.record["requirements"] if each["fact"] in asking]
    if held:
        story.gap()
    for requirement in held:
        story.requirement_line(requirement)
    if not held:
        story.paragraph("No requirement holds it against a bound.")
    return True
