"""The story of a criterion of which one alternative is enough: what decides it comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.explain.story import Story
from phasegate.reports.text.plain import listed

if TYPE_CHECKING:
    from phasegate.records.alternatives import Choice
    from phasegate.records.schema import RequirementEntry

_HOLD = {
    "pass": ("holds", "hold"),
    "waived": ("is waived", "are waived"),
}


def alternatives_said(choice: Choice) -> str:
    """Which alternatives there are, and which of them hold."""
    if choice.best == "not_applicable":
        return f"None of its {choice.size:,} alternatives applies."
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
