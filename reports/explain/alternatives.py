"""The story of a criterion of which one alternative is enough: what decides it comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from phasegate.reports.explain.story import Story
from phasegate.reports.text.plain import listed
from phasegate.rules.model.verdict import WORST_FIRST, Verdict

if TYPE_CHECKING:
    from phasegate.records.schema import RequirementEntry

_BEST_FIRST = [each.word for each in sorted(Verdict, key=lambda each: each.preference)]
"""Which verdict of its alternatives an ``any_of`` takes."""
_HOLD = {
    "pass": ("holds", "hold"),
    "waived": ("is waived", "are waived"),
    "not_applicable": ("does not apply", "do not apply"),
}


class Choice(NamedTuple):
    """What an ``any_of`` and the requirements beside it come to.

    Attributes:
        verdict: of all of it.
        deciding: the requirements beside the alternatives, and those of the alternatives that count.
        counted: which alternatives those are, by number.
        best: the verdict of those alternatives.
        size: how many alternatives there are.
    """

    verdict: str
    deciding: list[RequirementEntry]
    counted: list[str]
    best: str
    size: int


def choice_of(requirements: Sequence[RequirementEntry], within: str = "") -> Choice:
    """Reads requirements with their alternatives as the tree that they stand for.

    Args:
        requirements: those of one criterion, or of one of its alternatives.
        within: the number of that alternative.
    """
    deciding: list[RequirementEntry] = []
    groups: dict[str, list[RequirementEntry]] = {}
    for each in requirements:
        number = (each["alternative"] or "").removeprefix(within).lstrip(".").partition(".")[0]
        if number:
            groups.setdefault(number, []).append(each)
        else:
            deciding.append(each)
    verdicts = [each["verdict"] for each in deciding]
    found = {number: choice_of(group, f"{within}.{number}".lstrip(".")) for number, group in groups.items()}
    best = min((choice.verdict for choice in found.values()), key=_place(_BEST_FIRST), default="")
    counted = [number for number, choice in found.items() if choice.verdict == best]
    for number in counted:
        deciding += found[number].deciding
    worst = min([*verdicts, *([best] if best else [])], key=_place(WORST_FIRST), default="error")
    return Choice(worst, deciding, counted, best, len(found))


def _place(order: Sequence[str]) -> Callable[[str], int]:
    return lambda verdict: order.index(verdict) if verdict in order else order.index("error")


def alternatives_said(choice: Choice) -> str:
    """Which alternatives there are, and which of them hold."""
    held = _HOLD.get(choice.best)
    if held is None:
        return f"One of its {choice.size:,} alternatives would be enough."
    several = len(choice.counted) > 1
    numbers = f"alternative{'s'[:several]} {listed(choice.counted)}"
    return f"One of its {choice.size:,} alternatives is enough, and {numbers} {held[several]}."


def tell_choice(story: Story, own: Sequence[RequirementEntry], choice: Choice) -> None:
    """The requirements that decide, each whole, then what was not needed."""
    deciding = {each["id"] for each in choice.deciding}
    for requirement in sorted(choice.deciding, key=story.rank):
        story.requirement(requirement, whole=True)
    rest = [each for each in own if each["id"] not in deciding]
    if rest:
        story.paragraph("Not needed:")
    for requirement in rest:
        story.requirement(requirement, whole=False)
    story.origins(rest)
