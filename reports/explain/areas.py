"""The stories of an area and of a section: their points with verdicts, and the targets they serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.explain.story import Story
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import counted, listed, tally
from phasegate.rules.model.verdict import SETTLED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import PointEntry, Record


def tell_area(story: Story, given: str) -> bool:
    """An area's points by section, and its targets."""
    record = story.record
    name = given.removeprefix("area:")
    points = [point for point in record["points"] if point["area"] == name]
    if name not in record["areas"] or not (points or _targets(story, name)):
        return False
    story.heading(f"Area {name}: {record['areas'][name]}")
    _points(story, points)
    _tell_targets(story, name, "Its targets:")
    _same_id(story, name)
    return True


def tell_section(story: Story, given: str) -> bool:
    """A section's points, and the targets of its area."""
    record = story.record
    points = [point for point in record["points"] if point["section"] == given]
    if not points:
        return False
    title = record["sections"].get(given)
    story.heading(f"Section {given}: {title}" if title else f"Section {given}")
    areas = list(dict.fromkeys(point["area"] for point in points if point["area"] in record["areas"]))
    if areas:
        of = listed([f"area {area}, {record['areas'][area]}" for area in areas if area])
        story.paragraph(f"It belongs to {of}.")
    _points(story, points, sections=False)
    for area in areas:
        _tell_targets(story, area or "", f"The targets of area {area}:")
    _same_id(story, given)
    return True


def known_parts(record: Record) -> list[str]:
    """The ids of the areas and sections that a record has points of."""
    areas = (point["area"] for point in record["points"])
    sections = (point["section"] for point in record["points"])
    return list(dict.fromkeys(each for each in (*areas, *sections) if each))


def _points(story: Story, points: Sequence[PointEntry], sections: bool = True) -> None:
    if not points:
        story.paragraph("This run decided none of its points.")
        return
    verdicts = tally((point["verdict"] for point in points), WORST_FIRST)
    fates = [f"{number:,} {verdict_sign(verdict).verb[number != 1]}" for verdict, number in verdicts]
    fate = (
        f": {listed(fates)}" if len(points) > 1 else f", which {verdict_sign(points[0]['verdict']).verb[0]}"
    )
    has = "Of it this run decided" if story.record["scope"] else "It has"
    story.paragraph(f"{has} {counted(len(points), 'point')}{fate}.")
    told: str | None = None
    if not (sections and points[0]["section"]):
        story.gap()
    for point in points:
        if sections and point["section"] and point["section"] != told:
            told = point["section"]
            title = story.record["sections"].get(told)
            story.paragraph(f"Section {told}, {title}:" if title else f"Section {told}:")
        _point(story, point)
    worst = next(
        (each for verdict, _ in verdicts for each in points if each["verdict"] == verdict), points[0]
    )
    story.paragraph(f"More: phasegate explain {worst['id']}")


def _point(story: Story, point: PointEntry) -> None:
    sign = verdict_sign(point["verdict"])
    wrong = [
        (verdict_sign(criterion["verdict"]), criterion_id.rpartition("/")[2])
        for verdict in WORST_FIRST
        for criterion_id in point["criteria"]
        if (criterion := story.criteria[criterion_id])["verdict"] == verdict
        and verdict not in SETTLED
        and criterion["enforcement"] != "advisory"
    ]
    why = f": {listed([f'{name} {each.verb[0]}' for each, name in wrong])}" if wrong else ""
    story.item(sign.mark, f"{point['id']} {point['title']}, {sign.word}{why}.")


def _targets(story: Story, area: str) -> list[str]:
    return [
        criterion["id"]
        for criterion in story.record["criteria"]
        if criterion["point"] is None and criterion["id"].partition("/")[0] == area
    ]


def _tell_targets(story: Story, area: str, lead: str) -> None:
    targets = _targets(story, area)
    if not targets:
        return
    story.paragraph(lead)
    for target in targets:
        criterion = story.criteria[target]
        sign = verdict_sign(criterion["verdict"])
        level = "" if criterion["enforcement"] == "hard" else f" ({criterion['enforcement']})"
        reasons = "; ".join(story.requirements[each]["reason"] for each in criterion["requirements"])
        story.item(sign.mark, f"{target}{level}, {sign.word}: {criterion['text']}; {reasons}.")


def _same_id(story: Story, given: str) -> None:
    """Areas and phases often have the same numbers: whoever meant the gate learns how to ask for it."""
    if any(gate["id"] == given for gate in story.record["gates"]):
        story.paragraph(f"The gate of phase {given}: phasegate explain phase:{given}")
