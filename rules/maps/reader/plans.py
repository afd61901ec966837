"""The outline of a plan of any form: whatever holds criteria is a point.

A map calls its points so. Other plans have milestones with entry and exit criteria, epics with
checklists, tables of requirements: a point is then the nearest heading with an id above criteria, the
nearest heading where none has one, or a row with an id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.ids import Identity, identified, slug
from phasegate.rules.maps.reader.outline import BOLD_HEADING, Outline, OutlinePart, PartKind, title_of
from phasegate.rules.maps.reader.patterns import amounts, numbered_heading, percents, phase_heading, weeks_in
from phasegate.rules.maps.reader.tables import asks_criteria, row_of


def plan_outline(blocks: Sequence[Block]) -> Outline:
    """Sorts the blocks of a plan into parts."""
    blocks = [_as_heading(block) for block in blocks]
    headings = [block for block in blocks if block.kind == "heading"]
    alone = all(each.level > headings[0].level for each in headings[1:])
    title = title_of(headings, lambda first: alone or _called(first) is None)
    identities = _Holders(blocks, title).identities()
    parts = [OutlinePart("other", None, ())]
    stack: list[tuple[Block, OutlinePart]] = []
    kind: PartKind
    for place, block in enumerate(blocks):
        if block.kind != "heading":
            (stack[-1][1] if stack else parts[0]).body.append(block)
            continue
        while stack and stack[-1][0].level >= block.level:
            stack.pop()
        above = tuple(heading for heading, _ in stack if heading is not title)
        identity, stage = identities.get(place), _stage(block)
        if identity is not None or stage is not None:
            kind = "point" if stage is None else "phase"
            parts.append(OutlinePart(kind, block, above, identity=identity, stage=stage))
        elif (around := _around(block, stack, title)) is not None:
            around.body.append(replace(block, kind="line", label=block.text, value="", bold=True))
            stack.append((block, around))
            continue
        else:
            numbered = numbered_heading(block.text)
            kind = "section" if numbered is not None and "." in numbered[0] else "other"
            parts.append(OutlinePart(kind, block, above))
        stack.append((block, parts[-1]))
    return Outline(title, tuple(each for part in parts for each in _with_rows(part)))


def _around(
    heading: Block, stack: Sequence[tuple[Block, OutlinePart]], title: Block | None
) -> OutlinePart | None:
    """The point or phase that a heading is a label in; None for one that is a part of its own."""
    part = next((each for _, each in reversed(stack) if each.kind != "other"), None)
    if part is not None and part.heading is title and not asks_criteria(heading.text):
        return None
    return part


def _called(heading: Block) -> Identity | None:
    """What a heading is called by more than a number."""
    return _stage(heading) or identified(heading.text, numbers=False)


def _as_heading(block: Block) -> Block:
    """A bold line that begins with an id stands for a heading."""
    if block.kind != "line" or not block.bold or block.value or asks_criteria(block.text):
        return block
    if _called(block) is None:
        return block
    return Block("heading", block.text, block.line, level=BOLD_HEADING)


def _stage(heading: Block) -> Identity | None:
    """What a heading of a phase is called, None for another heading."""
    if found := phase_heading(heading.text):
        return Identity(found[0], found[1], "phase")
    found_id = identified(heading.text, numbers=False)
    return found_id if found_id is not None and found_id.is_stage else None


@dataclass(slots=True)
class _Holders:
    """Finds the headings that hold criteria."""

    blocks: Sequence[Block]
    title: Block | None
    found: dict[int, Identity] = field(default_factory=dict)
    named: Counter[str] = field(default_factory=Counter)  # how often a heading without an id is called so
    in_points: bool = False  # whether the row before this block is a point, or goes on with one

    def identities(self) -> dict[int, Identity]:
        """What each heading is called that holds criteria, or is of their sort, by its place."""
        stack: list[int] = []
        holders: set[int] = set()
        above: set[int] = set()
        for place, block in enumerate(self.blocks):
            if block.kind == "heading":
                while stack and self.blocks[stack[-1]].level >= block.level:
                    stack.pop()
                stack.append(place)
            if self._asks(place) and (holder := self._holder(place, stack)) is not None:
                holders.add(holder)
                above.update(each for each in stack if each < holder)
        for place in sorted(holders):
            self.found[place] = self._identity(place)
        families = {identity.family for identity in self.found.values()} - {""}
        for place, block in enumerate(self.blocks):
            if block.kind == "heading" and place not in self.found and place not in above:
                identity = identified(block.text, numbers=False)
                if identity is not None and identity.family in families and _stage(block) is None:
                    self.found[place] = identity  # a sibling whose criteria are missing
        return self.found

    def _asks(self, place: int) -> bool:
        """Whether a block says that criteria stand here."""
        block = self.blocks[place]
        row = row_of(block)
        if row is not None:
            self.in_points = row.is_point or (self.in_points and row.goes_on)
            return bool(row.criteria) and not self.in_points
        self.in_points = False
        if block.task:
            return identified(block.text, numbers=False) is None
        text = (
            block.text
            if block.kind == "heading"
            else block.label or (block.text if block.kind == "line" else "")
        )
        if len(text.split()) > 6 or not asks_criteria(text):
            return False
        figures = self.blocks[place + 1 : place + 2]
        listed = any(percents(each.text) or amounts(each.text) for each in figures)
        return not (listed and "success" in text.casefold())

    def _holder(self, place: int, stack: Sequence[int]) -> int | None:
        """The nearest heading above with an id, else the nearest that is not about criteria itself."""
        candidates = [
            each
            for each in stack
            if self.blocks[each] is not self.title and not asks_criteria(self.blocks[each].text)
        ]
        for each in reversed(candidates):
            if identified(self.blocks[each].text) is not None or _stage(self.blocks[each]) is not None:
                return each
        own = [each for each in stack if self.blocks[each] is not self.title]
        held = candidates or own or stack
        return held[-1] if held else None

    def _identity(self, place: int) -> Identity:
        text = self.blocks[place].text
        if stage := _stage(self.blocks[place]):
            id_ = f"phase-{stage.id}" if stage.family == "phase" else stage.id
            return stage._replace(id=id_)
        if identity := identified(text):
            return identity._replace(title=weeks_in(identity.title)[0])
        stem = slug(text) or "point"
        self.named[stem] += 1
        return Identity(stem if self.named[stem] == 1 else f"{stem}-{self.named[stem]}", text, "")


def _with_rows(part: OutlinePart) -> list[OutlinePart]:
    """The part, and behind it a part for each of its rows that is a point."""
    rows: list[OutlinePart] = []
    kept: list[Block] = []
    for block in part.body:
        row = row_of(block)
        if row is not None and row.is_point and row.identity is not None and part.kind != "point":
            identity = row.identity._replace(title=row.text)
            above = (*part.above, part.heading) if part.heading is not None else part.above
            rows.append(OutlinePart("point", block, above, [block], identity))
        elif row is not None and row.goes_on and rows and part.kind != "point":
            rows[-1].body.append(block)
        else:
            kept.append(block)
    part.body = kept
    return [part, *rows]
