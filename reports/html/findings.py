"""What does not pass, by its reason: thirty failures with one reason are one row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phasegate.reports.html.markup import Markup, filled, joined, lede, section, table, verdict_chip
from phasegate.reports.text.plain import begun, counted
from phasegate.reports.text.sentences import asked_title, bound_shown
from phasegate.rules.model.verdict import SETTLED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry
    from phasegate.reports.brief.model import Brief
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.html.filters import Filters
    from phasegate.reports.report import Report

MOST_NAMES, MOST_GATES, MOST_STEPS, LONGEST = 12, 4, 3, 160
MOST = 100
"""So many reasons are told; the stories have every criterion."""


class _Finding(NamedTuple):
    verdict: str
    criteria: tuple[str, ...]
    asked: str
    found: str
    steps: tuple[str, ...]
    shuts: tuple[str, ...] | None


class Findings:
    """The reasons of a report, the worst first, those that hold gates shut before the others.

    Args:
        report: what is told.
        brief: what settles what.
        anchors: where things stand on the page.
        filters: what each thing belongs to.
    """

    def __init__(self, report: Report, brief: Brief, anchors: Anchors, filters: Filters) -> None:
        self._report, self._brief, self._anchors, self._filters = report, brief, anchors, filters
        inside = {each["id"]: each["criteria"] for each in report.record["points"]}
        self._gates: dict[str, list[str]] = {}
        shown = {each.id for each in brief.gates}
        for gate in report.record["gates"]:
            for name in (
                *gate["targets"],
                *(each for point in gate["points"] for each in inside.get(point, ())),
            ):
                if gate["id"] in shown:
                    self._gates.setdefault(name, []).append(gate["id"])
        found = list(self._all())
        self._found = sorted(found, key=lambda each: (each.shuts is None, _place(each.verdict)))

    @property
    def number(self) -> int:
        """How many reasons there are."""
        return len(self._found)

    def shown(self) -> Markup | None:
        """The section; None where all passes."""
        if not self._found:
            return None
        stopped = sum(len(each.criteria) for each in self._found)
        said = (
            f"{counted(len(self._found), 'reason')} {'stand' if len(self._found) > 1 else 'stands'} behind "
            f"{counted(stopped, 'criterion', 'criteria')}; one reason is one row, however many it stops."
        )
        heads = ("verdict", "reason", "criteria#", "which", "what it takes", "holds shut")
        rows = [self._row(each) for each in self._found[:MOST]]
        left = len(self._found) - MOST
        more = (
            filled('<p class="note">and {} more; the stories below have each.</p>', f"{left:,}")
            if left > 0
            else None
        )
        made = table("Findings by reason", heads, rows, "plain findings stacked")
        return section("findings", "Findings, by reason", lede(said), made, more)

    def _all(self) -> Iterator[_Finding]:
        for each in self._brief.takes.actions:
            first = self._report.criteria[each.criteria[0]]
            asked, found = self._said(first)
            gates = dict.fromkeys(gate for name in each.criteria for gate in self._gates.get(name, ()))
            yield _Finding(each.verdict, each.criteria, asked, found, each.steps, tuple(gates))
        rest: dict[tuple[str, str, str], list[str]] = {}
        for criterion in self._report.record["criteria"]:
            waived = criterion["verdict"] == "waived"
            if waived or (criterion["enforcement"] == "advisory" and criterion["verdict"] not in SETTLED):
                key = (criterion["verdict"], *self._said(criterion))
                rest.setdefault(key, []).append(criterion["id"])
        for (word, asked, found), names in rest.items():
            told = self._report.telling(self._report.criteria[names[0]])
            steps = tuple(dict.fromkeys(each["distance"] for each in told if each["distance"]))
            yield _Finding(word, tuple(names), asked, found, steps, None)

    def _said(self, criterion: CriterionEntry) -> tuple[str, str]:
        told = self._report.telling(criterion)
        if not told:
            return criterion["text"], ""
        first = told[0]
        found = begun(first["reason"], LONGEST)
        if first["verdict"] in ("fail", "waived", "pass"):
            bound = bound_shown(first)
            asks = f"; it {bound}" if bound.startswith("must ") else f", where {bound} is asked"
            found = f"found {first['observed']}{asks}"
        more = f", and {counted(len(told) - 1, 'more requirement')}" if len(told) > 1 else ""
        return f"{asked_title(first, self._report.facts[first['fact']])}{more}", found

    def _row(self, each: _Finding) -> Markup:
        names = [
            filled('<span class="id">{}</span>', self._anchors.link("criterion", one))
            for one in each.criteria
        ]
        left = len(names) - MOST_NAMES
        steps = [filled("{}", begun(one, LONGEST)) for one in each.steps[:MOST_STEPS]]
        if len(each.steps) > MOST_STEPS:
            steps.append(filled("and {} more", f"{len(each.steps) - MOST_STEPS:,}"))
        return filled(
            '<tr class="{}"><td>{}</td><td><b>{}</b><span class="quiet">{}</span></td>'
            '<td class="number" data-head="criteria">{}</td><td>{}{}</td><td>{}</td>'
            '<td data-head="holds shut">{}</td></tr>',
            self._filters.kinds(each.criteria),
            verdict_chip(each.verdict),
            each.asked,
            each.found,
            f"{len(each.criteria):,}",
            joined(names[:MOST_NAMES], " "),
            f" and {left:,} more" if left > 0 else None,
            joined(steps, "<br>"),
            self._shut(each),
        )

    def _shut(self, each: _Finding) -> str:
        if each.shuts is None:
            return "nothing: it is waived" if each.verdict == "waived" else "nothing: advisory"
        told = ["programme" if name == "programme" else f"gate {name}" for name in each.shuts]
        more = len(told) - MOST_GATES
        return ", ".join(told[:MOST_GATES]) + (f" and {more:,} more" if more > 0 else "")


def _place(verdict: str) -> int:
    return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else -1
