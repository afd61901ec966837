"""All points at once, each verdict a link to its story."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import (
    Markup,
    filled,
    joined,
    lede,
    section,
    text,
    verdict_tone,
)
from phasegate.reports.text.labels import known_verdict, verdict_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import without_pack
from phasegate.rules.model.verdict import WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import PointEntry
    from phasegate.reports.brief.model import Brief
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.html.filters import Filters
    from phasegate.reports.report import Report

MOST_KINDS = 12
"""So many kinds of criteria have a column each; where there are more, all stand in one."""


class Matrix:
    """Points against the kinds of their criteria.

    Args:
        report: what is told.
        brief: what changed since the run before.
        anchors: where things stand on the page.
        filters: what each thing belongs to.
    """

    def __init__(self, report: Report, brief: Brief, anchors: Anchors, filters: Filters) -> None:
        self._report, self._anchors, self._filters = report, anchors, filters
        self._was: dict[str, str] = {}
        changed = brief.changed
        for each in (*changed.worse.all, *changed.better.all) if changed else ():
            if each.before and each.before != each.after:
                self._was.update(dict.fromkeys((one.id for one in each.criteria), each.before))
        self._since = changed.run if changed else None
        self._gated = bool(brief.gates)
        points = report.record["points"]
        kinds = list(dict.fromkeys(_kind(each) for point in points for each in point["criteria"]))
        self._kinds = kinds if len(kinds) <= MOST_KINDS else []  # mostly empty cells tell nothing at a glance

    def shown(self) -> Markup | None:
        """The section; None of a project without a pack."""
        points = self._report.record["points"]
        if not points or without_pack(self._report.record):
            return None
        heads = ["point", *(self._kinds or ["criteria"]), *(["gate"] if self._gated else [])]
        made = filled(
            '<table class="matrix{}"><caption class="unseen">Points against criteria</caption>'
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
            None if self._kinds else " one-column",
            joined([filled('<th scope="col">{}</th>', each) for each in heads]),
            joined(self._rows()),
        )
        was = f" \u201cWas\u201d marks what changed since run {self._since}." if self._was else ""
        said = f"{counted(len(points), 'point')}; every verdict leads to its story.{was}"
        return section("points", "Every criterion", lede(said), self._filters.shown(), made)

    def _rows(self) -> Iterator[Markup]:
        area: str | None = None
        record = self._report.record
        inside: dict[str | None, list[PointEntry]] = {}
        heads: dict[str, Markup] = {}
        for point in record["points"]:
            inside.setdefault(point["area"], []).append(point)
        for point in record["points"]:
            if point["area"] != area and point["area"] is not None:
                area = point["area"]
                if area not in heads:
                    heads[area] = self._head(area, inside[area])
                yield heads[area]
            yield self._row(point)

    def _head(self, area: str, points: list[PointEntry]) -> Markup:
        names = [each for own in points for each in own["criteria"]]
        passed = sum(self._report.criteria[each]["verdict"] == "pass" for each in names)
        return filled(
            '<tr class="{}"><th scope="rowgroup" colspan="{}" class="area">{}  {} <span class="soft">'
            "{} of {} pass</span></th></tr>",
            self._filters.kinds(names),
            str(max(len(self._kinds), 1) + 1 + self._gated),
            area,
            self._report.record["areas"].get(area, ""),
            f"{passed:,}",
            f"{len(names):,}",
        )

    def _row(self, point: PointEntry) -> Markup:
        own: dict[str, list[str]] = {}
        for each in point["criteria"]:
            own.setdefault(_kind(each), []).append(each)
        cells = [self._cell(own.get(kind, [])) for kind in self._kinds] or [self._all(point["criteria"])]
        # What belongs to no phase belongs to the programme's gate alone.
        gate = filled('<td class="gated">{}</td>', ", ".join(point["phases"]) or "programme")
        return filled(
            '<tr class="{}"><th scope="row" id="{}"><span class="id">{}</span> {}</th>{}{}</tr>',
            self._filters.kinds(point["criteria"]),
            self._anchors.place("point", point["id"]),
            point["id"],
            point["title"],
            joined(cells),
            gate if self._gated else None,
        )

    def _cell(self, names: list[str]) -> Markup:
        if not names:
            return Markup("<td></td>")
        worst = min((self._report.criteria[name]["verdict"] for name in names), key=_rank)
        return Markup(
            f'<td class="{verdict_tone(worst)} v-{known_verdict(worst)}">'
            f"{' '.join([self._link(name) for name in names])}</td>"
        )

    def _link(self, name: str, more: str = "") -> Markup:
        sign = _sign(self._report.criteria[name]["verdict"], self._was.get(name))
        place = self._anchors.place("criterion", name)
        return Markup(f'<a href="#{place or ""}">{sign}{text(more)}</span></a>')

    def _all(self, names: list[str]) -> Markup:
        """All criteria of a point in one cell."""
        words = [self._report.criteria[name]["verdict"] for name in names]
        links = [
            Markup(f'<span class="{verdict_tone(word)}">{self._link(name, f" {_kind(name)}")}</span>')
            for name, word in zip(names, words, strict=True)
        ]
        return filled('<td class="many">{}</td>', joined(links, " "))


@lru_cache(maxsize=64)
def _sign(word: str, was: str | None) -> Markup:
    """The sign and the word of a verdict, and the sign of what it was, for what follows within the span."""
    sign, told = verdict_sign(word), f" was {verdict_sign(was).mark}" if was else ""
    return filled('{} <span class="w">{}{}', sign.mark, sign.word, told)


def _rank(word: str) -> int:
    return WORST_FIRST.index(word) if word in WORST_FIRST else -1


def _kind(criterion: str) -> str:
    return criterion.rpartition("/")[2]
