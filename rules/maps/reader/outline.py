"""A map's outline: which heading is an area, a section, a point, a phase, or something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.ids import Identity
from phasegate.rules.maps.reader.patterns import numbered_heading, phase_heading, point_heading

PartKind = Literal["point", "phase", "section", "other"]
BOLD_HEADING = 7  # a bold line that stands where a heading would


@dataclass(slots=True)
class OutlinePart:
    """A heading with what stands below it, up to the next heading that is a part of its own.

    Attributes:
        heading: the heading; None before the first one; the row of a table that is a point.
        above: the headings that it stands under, outermost first.
        body: its lines and items; headings within a point or a phase are labels in its body.
        identity: what a point is called, or a phase that holds criteria itself; None for other parts.
        stage: what a phase is called.
    """

    kind: PartKind
    heading: Block | None
    above: tuple[Block, ...]
    body: list[Block] = field(default_factory=list)
    identity: Identity | None = None
    stage: Identity | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A document in parts, in order, and its title."""

    title: Block | None
    parts: tuple[OutlinePart, ...]


def outline(blocks: Sequence[Block]) -> Outline:
    """Sorts the blocks of a map into parts: its points are the headings that call themselves so."""
    blocks = [_as_heading(block) for block in blocks]
    headings = [block for block in blocks if block.kind == "heading"]
    title = title_of(headings, lambda first: _kind(first) == "other")
    parts = [OutlinePart("other", None, ())]
    stack: list[Block] = []
    for block in blocks:
        if block.kind != "heading":
            parts[-1].body.append(block)
            continue
        while stack and stack[-1].level >= block.level:
            stack.pop()
        last, kind = parts[-1], _kind(block)
        if kind == "other" and last.kind in ("point", "phase") and last.heading in stack:
            last.body.append(replace(block, kind="line", label=block.text, value="", bold=True))
            continue
        part = OutlinePart(kind, block, tuple(each for each in stack if each is not title))
        if kind == "point" and (found := point_heading(block.text)) is not None:
            part.identity = Identity(*found, "")
        parts.append(part)
        stack.append(block)
    return Outline(title, tuple(parts))


def title_of(headings: Sequence[Block], plain: Callable[[Block], bool]) -> Block | None:
    """The first heading if it is the document's own: none stands as high beside it.

    Args:
        headings: all of the document.
        plain: whether a heading is no part of the plan by its words.
    """
    if not headings or not plain(headings[0]):
        return None
    alone = all(each.level > headings[0].level for each in headings[1:])
    return headings[0] if headings[0].level == 1 or alone else None


def _as_heading(block: Block) -> Block:
    """A bold line that names a point or a phase stands for a heading."""
    if block.kind != "line" or not block.bold:
        return block
    if point_heading(block.text) is None and phase_heading(block.text) is None:
        return block
    return Block("heading", block.text, block.line, level=BOLD_HEADING)


def _kind(heading: Block) -> PartKind:
    if point_heading(heading.text) is not None:
        return "point"
    if phase_heading(heading.text) is not None:
        return "phase"
    numbered = numbered_heading(heading.text)
    return "section" if numbered is not None and "." in numbered[0] else "other"


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
    assert part.identity is not None  # the outline called it a point for it
    return part.identity.id.partition(".")[0]
