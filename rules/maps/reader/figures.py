"""Reads a map's figures: KPIs, success targets, annual values, their total, the return."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.model import Figure, FigureList, FigureRole
from phasegate.rules.maps.reader.outline import OutlinePart
from phasegate.rules.maps.reader.patterns import (
    Stated,
    amounts,
    comparator,
    percents,
    without_comparator,
)
from phasegate.rules.values.units import PERCENT

MAX_FIGURES = 2_000
_RISE = (
    "improve",
    "enhance",
    "reduc",
    "increase",
    "decrease",
    "saving",
    "faster",
    "growth",
    "gain",
    "uplift",
)


@dataclass(slots=True)
class Figures:
    """What ``read_figures`` found; ``lines`` are those that hold figures, not fields."""

    lists: tuple[FigureList, ...] = ()
    total: Figure | None = None
    roi: Figure | None = None
    lines: frozenset[int] = frozenset()

    def of(self, role: FigureRole) -> tuple[Figure, ...]:
        """The figures of the first list with a role, empty without one."""
        return next((each.figures for each in self.lists if each.role == role), ())

    @property
    def beyond(self) -> Figure | None:
        """The first figure that is one too many, None where all is well."""
        figures = [figure for each in self.lists for figure in each.figures]
        return figures[MAX_FIGURES] if len(figures) > MAX_FIGURES else None


@dataclass(slots=True)
class _Found:
    heading: str
    line: int
    figures: list[Figure] = field(default_factory=list)

    @property
    def money(self) -> bool:
        return sum(figure.quantity.unit != PERCENT for figure in self.figures) * 2 > len(self.figures)

    def says(self, *signs: str) -> bool:
        """Whether the heading holds one of these."""
        return any(sign in self.heading.casefold() for sign in signs)

    def mostly(self, *signs: str) -> bool:
        """Whether most lines hold one of these."""
        holding = sum(any(sign in figure.text.casefold() for sign in signs) for figure in self.figures)
        return holding * 2 > len(self.figures)


def read_figures(parts: Sequence[OutlinePart]) -> Figures:
    """Reads the lists of figures outside points and phases, and decides what each is for."""
    found: list[_Found] = []
    result = Figures()
    lines: set[int] = set()
    for part in parts:
        heading = part.heading
        current = _Found(heading.text if heading else "", heading.line if heading else 1)
        found.append(current)
        for block in part.body:
            figure = figure_in(block)
            if figure is None:
                if block.kind == "line" and block.label is not None and not block.value:
                    current = _Found(block.label, block.line)
                    found.append(current)
                continue
            if _is_total(figure):
                result.total = result.total or figure
            elif _is_roi(figure):
                result.roi = result.roi or figure
            elif block.kind != "item":
                continue
            else:
                current.figures.append(figure)
            lines.add(block.line)
    result.lists = _with_roles([each for each in found if each.figures])
    result.lines = frozenset(lines)
    return result


def figure_in(block: Block) -> Figure | None:
    """The named figure of a line or an item: its first percentage or amount of money."""
    if block.kind == "heading" or (block.kind == "line" and not block.label):
        return None
    text = block.value if block.label is not None and block.value else block.text
    stated = sorted([*percents(text), *amounts(text)], key=lambda each: each.start)
    if not stated:
        return None
    first = stated[0]
    if text is block.value and block.label:
        name = block.label
    else:
        name = _name(block.text, first)
    return Figure(name, first.quantity, first.shown, block.text, block.line, comparator(text, first))


def _name(text: str, stated: Stated) -> str:
    edges = " :-\u2013\u2014(|=,."
    before = without_comparator(text[: stated.start].strip(edges))
    before = re.sub(r"\b(?:of|by|to)\s*$", "", before.strip(edges)).strip(edges)
    return before or text[stated.end :].strip(edges) or text


def _is_total(figure: Figure) -> bool:
    return (
        figure.quantity.unit != PERCENT
        and re.match(r"(?:grand\s+|combined\s+)?(?:total|sum)\b|.*\btotal$", figure.name.casefold())
        is not None
    )


def _is_roi(figure: Figure) -> bool:
    name = figure.name.casefold().strip()
    return figure.quantity.unit == PERCENT and (
        re.fullmatch(
            r"(?:(?:expected|projected|target|targeted|anticipated|estimated|annual|overall|total)\s+)*"
            r"(?:roi|return on investment|return)(?:\s*\(.*\)|\s+target)?",
            name,
        )
        is not None
    )


def _with_roles(found: Sequence[_Found]) -> tuple[FigureList, ...]:
    roles: dict[int, FigureRole] = {}
    money = [place for place, each in enumerate(found) if each.money]
    percent = [place for place, each in enumerate(found) if not each.money]
    _first(
        money,
        roles,
        "value",
        [lambda each: each.mostly("annual", "per year", "yearly"), lambda each: bool(each.figures)],
        found,
    )
    _first(
        percent,
        roles,
        "success",
        [
            lambda each: each.says("success") and not each.says("kpi", "indicator"),
            lambda each: each.says("target") and not each.says("kpi", "indicator"),
            lambda each: each.mostly("target"),
        ],
        found,
    )
    _first(
        percent,
        roles,
        "kpi",
        [
            lambda each: each.says("key performance", "kpi", "performance indicator"),
            lambda each: each.says("indicator", "impact measure", "metric") and each.mostly(*_RISE),
            lambda each: each.mostly(*_RISE),
        ],
        found,
    )
    return tuple(
        FigureList(each.heading, each.line, roles.get(place, "repeat"), tuple(each.figures))
        for place, each in enumerate(found)
    )


def _first(
    places: Sequence[int],
    roles: dict[int, FigureRole],
    role: FigureRole,
    signs: Sequence[Callable[[_Found], bool]],
    found: Sequence[_Found],
) -> None:
    """Gives the role to the first list that shows the strongest sign."""
    for sign in signs:
        for place in places:
            if place not in roles and sign(found[place]):
                roles[place] = role
                return
