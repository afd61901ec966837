"""Reads a map's integration points: flow, protocol, acceptance criteria, frameworks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.model import MapCriterion, MapPoint, MapSection, Written
from phasegate.rules.maps.reader.outline import OutlinePart
from phasegate.rules.maps.reader.patterns import flow_parts
from phasegate.rules.maps.reader.tables import asks_criteria, group_of, names_owner, row_of

Role = Literal["criteria", "flow", "frameworks", "owner", "protocol", "other"]
_ROLES: tuple[tuple[str, Role], ...] = (
    ("criteri", "criteria"),
    ("kriteri", "criteria"),
    ("definition of done", "criteria"),
    ("done when", "criteria"),
    ("flow", "flow"),
    ("framework", "frameworks"),
    ("protocol", "protocol"),
)


def read_points(
    parts: Sequence[OutlinePart], area_of: Mapping[int, str], sections: Sequence[MapSection]
) -> tuple[MapPoint, ...]:
    """Reads the points.

    Args:
        parts: the points' parts of the outline.
        area_of: the id of each point's area, by the line of the point's heading.
        sections: the sections of the map.
    """
    by_line = {section.line: section for section in sections}
    by_id = {section.id: section.id for section in sections}
    points = []
    for part in parts:
        if part.heading is None or part.identity is None:
            continue
        id_, title, _ = part.identity
        above = [by_line[each.line].id for each in part.above if each.line in by_line]
        prefix = id_.rpartition(".")[0]
        section = above[-1] if above else by_id.get(prefix)
        points.append(_point(part, part.heading, id_, title, area_of.get(part.heading.line), section))
    return tuple(points)


def _point(
    part: OutlinePart, heading: Block, id_: str, title: str, area: str | None, section: str | None
) -> MapPoint:
    body = _Body(heading)
    for block in part.body:
        body.take(block)
    flow_line = body.flow[0].line if body.flow else None
    protocol = body.protocol
    return MapPoint(
        id=id_,
        title=title,
        line=heading.line,
        area=area,
        section=section,
        flow=tuple(side for written in body.flow for side in flow_parts(written.text)),
        flow_line=flow_line,
        protocol=Written(" ".join(each.text for each in protocol), protocol[0].line) if protocol else None,
        criteria=tuple(body.criteria),
        owners=tuple(body.owners),
        frameworks=tuple(name.text for name in body.frameworks),
        frameworks_line=body.frameworks[0].line if body.frameworks else None,
    )


class _Body:
    """Sorts a point's lines and items by the label that they stand under."""

    def __init__(self, heading: Block) -> None:
        self._heading = heading
        self.flow: list[Written] = []
        self.protocol: list[Written] = []
        self.criteria: list[MapCriterion] = []
        self.frameworks: list[Written] = []
        self.owners: list[str] = []
        self._role: Role | None = "criteria" if asks_criteria(heading.text) else None
        self._group = group_of(heading.text) if self._role else None
        self._depth: int | None = None  # of the items that are criteria; deeper ones belong to them

    def take(self, block: Block) -> None:
        row = row_of(block)
        if row is not None and (row.criteria or row.is_point):
            self.criteria += row.criteria_at(block.line, of_point=self._heading.kind == "item")
            return
        role = self._role_of(block)
        if role == "owner":
            self.owners += [block.value] if block.value else []
        elif role is not None:
            self._role, self._depth = role, None
            self._group = group_of(block.label or block.text)
            if block.value:
                self._add_value(block)
        elif block.kind == "item":
            self._item(block)
        elif self._role in ("flow", "protocol", "frameworks"):
            self._add(block.text, block)
        elif self._role is None and len(flow_parts(block.text)) > 1:
            self.flow.append(Written(block.text, block.line))

    def _role_of(self, block: Block) -> Role | None:
        """What a labelled line begins; None for a line that begins nothing."""
        if block.label is None:
            alone = block.kind == "line" and len(block.text.split()) <= 4 and asks_criteria(block.text)
            return "criteria" if alone else None
        label = block.label.casefold()
        if names_owner(label) and (block.kind == "line" or self._role != "criteria"):
            return "owner"
        role: Role | None = next((role for sign, role in _ROLES if sign in label), None)
        if block.kind == "item" and not (
            block.bold and role is not None and (block.value or self._role is None)
        ):
            # a criterion may hold a colon; an item is a field only where fields are items
            return role if self._role is None and not block.bold else None
        if role is None:
            return "other" if block.bold else None
        return role if block.bold or len(label.split()) <= 4 else None

    def _item(self, block: Block) -> None:
        if self._role != "criteria" and block.task:
            self._role, self._depth, self._group = "criteria", None, None
        if self._role != "criteria":
            if self._role in ("flow", "protocol", "frameworks"):
                self._add(block.text, block)
            return
        if self._depth is None:
            self._depth = block.level
        if block.level > self._depth and self.criteria:
            last = self.criteria[-1]
            self.criteria[-1] = replace(last, text=f"{last.text} {block.text}")
        elif block.text:
            self.criteria.append(MapCriterion(block.text, block.line, self._group))

    def _add_value(self, block: Block) -> None:
        if self._role == "criteria":
            texts = (text.strip() for text in block.value.split(";"))
            self.criteria.extend(MapCriterion(text, block.line, self._group) for text in texts if text)
        else:
            self._add(block.value, block)

    def _add(self, text: str, block: Block) -> None:
        if self._role == "frameworks":
            names = block.links or tuple(re.split(r"\s*[+|;,•]\s*|\s+&\s+", text))
            self.frameworks.extend(Written(name.strip(), block.line) for name in names if name.strip())
        elif self._role == "flow":
            self.flow.append(Written(text, block.line))
        elif self._role == "protocol":
            self.protocol.append(Written(text, block.line))
