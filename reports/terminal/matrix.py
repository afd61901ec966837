"""The tables of the terminal: points against criteria, targets, and facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.terminal.page import Page, Span
from phasegate.reports.text.labels import VERDICTS, verdict_sign

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, PointEntry, Record, RequirementEntry

MOST_COLUMNS = 8
"""With more kinds of criteria than this, the matrix would not fit any page."""
STATE = 11
"""Columns that a sign and a word take."""
WORDS_FROM = 96
"""Narrower pages show signs alone in the matrix; the legend has the words."""


def matrix(record: Record, page: Page) -> None:
    """Points by criteria at a glance, with a legend; nothing for a record of one point."""
    points = record["points"]
    verdicts = {criterion["id"]: criterion["verdict"] for criterion in record["criteria"]}
    names = list(dict.fromkeys(_kind(each) for point in points for each in point["criteria"]))
    if len(points) < 2 or len(names) > MOST_COLUMNS:
        return
    words = page.width >= WORDS_FROM
    page.heading("Points", "   ".join(f"{sign.mark} {sign.word}" for sign in VERDICTS.values()))
    heads = ["point", "", *names, "gate"]
    page.table(heads, _rows(record, names, verdicts, words), flexible=1)


def _rows(record: Record, names: list[str], verdicts: dict[str, str], words: bool) -> Iterator[list[Span]]:
    area: str | None = None
    for point in record["points"]:
        if point["area"] != area and point["area"] is not None:
            area = point["area"]
            yield [(f"{area}  {record['areas'].get(area, '')}", "dim")]
        own = {_kind(each): each for each in point["criteria"]}
        cells = [_cell(verdicts.get(own.get(name, "")), words) for name in names]
        yield [point["id"], point["title"], *cells, _gates(point)]


def _kind(criterion: str) -> str:
    return criterion.rpartition("/")[2]


def _cell(verdict: str | None, words: bool) -> Span:
    if verdict is None:
        return ""
    sign = verdict_sign(verdict)
    return (f"{sign.mark} {sign.word}" if words else sign.mark, sign.style)


def _gates(point: PointEntry) -> Span:
    return ", ".join(point["phases"]) if point["phases"] else ("prog.", "dim")


def targets(record: Record, page: Page) -> None:
    """Success targets, KPIs and values; advisory ones say so."""
    asked = [criterion for criterion in record["criteria"] if criterion["point"] is None]
    if not asked:
        return
    requirements = {each["id"]: each for each in record["requirements"]}
    page.heading("Targets")
    width = max(len(target["id"]) for target in asked) + 2
    for advisory in (False, True):
        members = [each for each in asked if (each["enforcement"] == "advisory") is advisory]
        if members and advisory:
            page.line(("advisory, closing no gate:", "dim"), indent=2)
        for target in members:
            _target(target, requirements, page, width)


def _target(
    target: CriterionEntry, requirements: dict[str, RequirementEntry], page: Page, width: int
) -> None:
    sign = verdict_sign(target["verdict"])
    own = [requirements[each] for each in target["requirements"] if each in requirements]
    found = "; ".join(each["observed"].rpartition(" = ")[2] for each in own)
    margin = "; ".join(each["margin"] or "" for each in own)
    label: list[Span] = [(f"{sign.mark} {sign.word}".ljust(STATE), sign.style), target["id"].ljust(width)]
    page.item(label, [f"{target['text']}: ", (found, "bold"), f" ({margin})" if margin else ""], indent=2)
