"""The story of each criterion: what fails lies open, the rest is folded, what passes is a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined, verdict_chip
from phasegate.reports.html.requirement import FEW, RequirementMarkup
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import without_pack
from phasegate.rules.model.verdict import SETTLED, UNDECIDED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, RequirementEntry
    from phasegate.reports.brief.model import Axis
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.html.filters import Filters
    from phasegate.reports.report import Report

WHOLE = 500
"""So many requirements are told with all that the record has of them; where there are more, the worst are."""
OPEN = 5
"""So many stories lie open; a page of hundreds of open ones is one that nobody scrolls."""
_STORY = (
    '<details class="{}"{}><summary>{}<h3><span class="id">{}</span>  {}</h3><span class="soft"> {}</span>'
    '</summary><div class="story" id="{}"><p class="quiet">{}{}Criterion at {}.</p>{}</div></details>'
)
_LINE = '<tr class="{}"><th scope="row" id="{}"><span class="id">{}</span>  {}</th><td>{}</td></tr>'
_GROUPS: tuple[tuple[str, str, Callable[[CriterionEntry], bool]], ...] = (
    ("failed", "Failed", lambda each: _binds(each) and each["verdict"] == "fail"),
    ("undecided", "Undecided", lambda each: _binds(each) and each["verdict"] in UNDECIDED),
    ("waived", "Waived", lambda each: _binds(each) and each["verdict"] == "waived"),
    ("advisory", "Advisory, closing no gate", lambda each: not _binds(each)),
    ("passed", "Passed", lambda each: _binds(each) and each["verdict"] == "pass"),
    ("does-not-apply", "Does not apply", lambda each: _binds(each) and each["verdict"] == "not_applicable"),
)
_RANKS = {word: rank for rank, word in enumerate(WORST_FIRST)}
_SHORT = {"advisory": "Advisory", "does-not-apply": "N/a"}


class Stories:
    """The stories of a report, in sections by verdict.

    What passes is told in a line (but on a page of few requirements), and so is what does not pass beyond the
    first hundreds of requirements: a page with all that a record has of thousands is too large to open and to
    send. A verbose report shortens nothing.

    Args:
        report: what is told.
        anchors: where things stand on the page.
        filters: what each thing belongs to.
        axis: the days of the histories.
    """

    def __init__(self, report: Report, anchors: Anchors, filters: Filters, axis: Axis | None) -> None:
        self._report, self._anchors, self._filters = report, anchors, filters
        self._own = without_pack(report.record)
        self._requirements = RequirementMarkup(report, anchors, axis)
        self._left = len(report.requirements) if report.verbose else WHOLE
        self._all = report.verbose or len(report.requirements) <= FEW
        self._opened = 0
        self._groups = list(_grouped(report.record["criteria"]))

    def sections(self) -> list[tuple[str, str]]:
        """Name and title of each section, in their order."""
        return [
            (name, f"{_SHORT.get(name, title)} {len(members):,}") for name, title, members in self._groups
        ]

    def parts(self) -> Iterator[Markup]:
        """The parts of a section for each group of verdicts that occurs, in their order."""
        for name, title, members in self._groups:
            yield from self._group(name, title, members)

    def _group(self, name: str, title: str, members: list[CriterionEntry]) -> Iterator[Markup]:
        many = counted(len(members), "criterion", "criteria")
        stories, lines = [], []
        for each in members:
            if (each["verdict"] in SETTLED and not self._all) or self._left < 0:
                lines.append(self._line(each))
            else:
                stories.append(self._story(each, lies_open=name == "failed" and self._opened < OPEN))
        quiet = " off-paper" if not stories and name in ("passed", "does-not-apply") else ""
        yield filled(
            '<section class="section{}" aria-labelledby="{}"><h2 id="{}">{} ({})</h2>',
            quiet,
            name,
            name,
            title,
            many,
        )
        yield from stories
        if lines:
            told = f"{counted(len(lines), 'criterion', 'criteria')}, a line each"
            yield filled(
                '<details class="lines off-paper"><summary><h3>{}</h3></summary><p class="quiet">{}</p>'
                '<table class="plain brief stacked"><caption class="unseen">{}</caption><thead><tr>'
                '<th scope="col">criterion</th><th scope="col">what was found</th></tr></thead><tbody>',
                told[:1].upper() + told[1:],
                Markup(
                    "<code>phasegate explain ID</code> tells the whole of any, and a report with "
                    "<code>--verbose</code> the whole of all."
                ),
                f"{title}: {told}",
            )
            yield from lines
            yield Markup("</tbody></table></details>")
        yield Markup("</section>")

    def _line(self, criterion: CriterionEntry) -> Markup:
        own = self._report.of(criterion)
        if len(own) > 1:
            own.sort(key=_rank)
        return filled(
            _LINE,
            self._filters.kinds((criterion["id"],)),
            self._anchors.place("criterion", criterion["id"]),
            criterion["id"],
            criterion["text"],
            joined([self._requirements.brief(each) for each in own]),
        )

    def _story(self, criterion: CriterionEntry, *, lies_open: bool) -> Markup:
        own = sorted(self._report.of(criterion), key=_rank)
        self._left -= len(own)
        self._opened += lies_open
        point, note = None if self._own else criterion["point"], criterion["note"]
        return filled(
            _STORY,
            self._filters.kinds((criterion["id"],)),
            Markup(" open") if lies_open else None,
            verdict_chip(criterion["verdict"]),
            criterion["id"],
            criterion["text"],
            criterion["enforcement"],
            self._anchors.place("criterion", criterion["id"]),
            filled("Of point {}. ", self._anchors.link("point", point)) if point else None,
            f"{note} " if note else None,
            criterion["at"],
            self._requirements.story(own, self._report.telling(criterion)),
        )


def _grouped(criteria: list[CriterionEntry]) -> Iterator[tuple[str, str, list[CriterionEntry]]]:
    """Name, title and members of each group that has some."""
    told: set[str] = set()
    for name, title, belongs in _GROUPS:
        members = sorted(filter(belongs, criteria), key=_rank)
        told.update(each["id"] for each in members)
        if members:
            yield name, title, members
    # A word that is no verdict is never left out.
    if others := [each for each in criteria if each["id"] not in told]:
        yield "others", "Others", others


def _binds(criterion: CriterionEntry) -> bool:
    return criterion["enforcement"] != "advisory"


def _rank(entry: CriterionEntry | RequirementEntry) -> int:
    """The worst first, each kind in the order of the pack."""
    return _RANKS.get(entry["verdict"], -1)
