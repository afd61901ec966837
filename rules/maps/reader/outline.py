"""A map's outline: which heading is an area, a section, a point, a phase, or something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.patterns import numbered_heading, phase_heading, point_heading

PartKind = Literal["point", "phase", "section", "other"]
_BOLD_HEADING = 7  # a bold line that stands where a heading would


@dataclass(slots=True)
class OutlinePart:
    """A heading with what stands below it, up to the next heading that is a part of its own.

    Attributes:
        heading: the heading; None before the first one.
        above: the headings that it stands under, outermost first.
        body: its lines and items; headings within a point or a phase are labels in its body.
    """

    kind: PartKind
    heading: Block | None
    above: tuple[Block, ...]
    body: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outline:
    """A document in parts, in order, and its title."""

    title: Block | None
    parts: tuple[OutlinePart, ...]


def outline(blocks: Sequence[Block]) -> Outline:
    """Sorts the blocks of a document into parts."""
    blocks = [_as_heading(block) for block in blocks]
    headings = [block for block in blocks if block.kind == "heading"]
    title = headings[0] if headings and _is_title(headings) else None
    kind_of = _kinds(blocks)
    parts = [OutlinePart("other", None, ())]
    stack: list[Block] = []
    for place, block in enumerate(blocks):
        if block.kind != "heading":
            parts[-1].body.append(block)
            continue
        while stack and stack[-1].level >= block.level:
            stack.pop()
        last, kind = parts[-1], kind_of[place]
        if kind == "other" and last.kind in ("point", "phase") and last.heading in stack:
            last.body.append(replace(block, kind="line", label=block.text, value="", bold=True))
            continue
        parts.append(OutlinePart(kind, block, tuple(each for each in stack if each is not title)))
        stack.append(block)
    return Outline(title, tuple(parts))


def _is_title(headings: Sequence[Block]) -> bool:
    """Whether the first heading is the document's own: none stands as high beside it."""
    first = headings[0]
    alone = all(each.level > first.level for each in headings[1:])
    return (first.level == 1 or alone) and _kind(first) == "other"


def _as_heading(block: Block) -> Block:
    """A bold line that names a point or a phase stands for a heading."""
    if block.kind != "line" or not block.bold:
        return block
    if point_heading(block.text) is None and phase_heading(block.text) is None:
        return block
    return Block("heading", block.text, block.line, level=_BOLD_HEADING)


def _kind(heading: Block) -> PartKind:
    if point_heading(heading.text) is not None:
        return "point"
    if phase_heading(heading.text) is not None:
        return "phase"
    numbered = numbered_heading(heading.text)
    return "section" if numbered is not None and "." in numbered[0] else "other"


def _kinds(blocks: Sequence[Block]) -> dict[int, PartKind]:
    """The kind of each heading by its place.

    Where no heading calls itself a point, the numbered headings with acceptance criteria directly
    below them are the points.
    """
    kinds = {place: _kind(block) for place, block in enumerate(blocks) if block.kind == "heading"}
    if "point" in kinds.values():
        return kinds
    holder: int | None = None
    for place, block in enumerate(blocks):
        if kinds.get(place) in ("section", "phase"):
            holder = place if kinds[place] == "section" else None
        elif holder is not None and _says_criteria(block):
            kinds[holder] = "point"
            holder = None
        elif block.kind == "heading" and holder is not None and block.level <= blocks[holder].level:
            holder = None
    return kinds


def _says_criteria(block: Block) -> bool:
    text = block.text if block.kind == "heading" else block.label or ""
    return "acceptance criteri" in text.casefold()


def point_identity(heading: Block) -> tuple[str, str]:
    """Id and title of a point's heading."""
    found = point_heading(heading.text) or numbered_heading(heading.text)
    assert found is not None  # the outline called it a point for one of the two
    return found


def area_headings(points: Iterable[OutlinePart]) -> dict[int, Block]:
    """The heading of the area that each point stands under, by the line of the point's heading.

    The area is the outermost heading above whose points all begin with one number; a heading over
    points of several areas is a chapter. Where none is so pure, the outermost one counts.
    """
    points = [part for part in points if part.heading is not None]
    below: dict[int, Counter[str]] = {}
    for part in points:
        first = _first_number(part)
        for above in _candidates(part):
            below.setdefault(above.line, Counter())[first] += 1
    found = {}
    for part in points:
        candidates = _candidates(part)
        pure = [above for above in candidates if len(below[above.line]) == 1]
        if candidates and part.heading is not None:
            found[part.heading.line] = (pure or candidates)[0]
    return found


def _candidates(part: OutlinePart) -> list[Block]:
    return [above for above in part.above if _kind(above) == "other"]


def _first_number(part: OutlinePart) -> str:
    assert part.heading is not None
    return point_identity(part.heading)[0].partition(".")[0]
