"""The story of each criterion: what fails lies open, the rest is folded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined
from phasegate.reports.html.requirement import Teller
from phasegate.reports.html.statements import verdict
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import without_pack
from phasegate.rules.model.verdict import SETTLED, UNDECIDED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, RequirementEntry
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.report import Report

WHOLE = 500
"""So many requirements are told with all that the record has of them; where there are more, the worst are."""
_STORY = (
    '<details id="{}"{}><summary>{} <h3>{}  {}</h3><span class="soft"> {}</span></summary>'
    '<p class="soft">{}{}Criterion at {}.</p>{}</details>'
)
_GROUPS: tuple[tuple[str, str, Callable[[CriterionEntry], bool]], ...] = (
    ("failed", "Failed", lambda each: _binds(each) and each["verdict"] == "fail"),
    ("undecided", "Undecided", lambda each: _binds(each) and each["verdict"] in UNDECIDED),
    ("waived", "Waived", lambda each: _binds(each) and each["verdict"] == "waived"),
    ("advisory", "Advisory, closing no gate", lambda each: not _binds(each)),
    ("passed", "Passed", lambda each: _binds(each) and each["verdict"] == "pass"),
    ("does-not-apply", "Does not apply", lambda each: _binds(each) and each["verdict"] == "not_applicable"),
)
_PASSES, _BRIEFLY = SETTLED, ("passed", "does-not-apply")


class Stories:
    """The stories of a report, in sections by verdict.

    A page of thousands of requirements is too large to open and to send. So of a record with many, what
    passes is told briefly, and what does not pass beyond the first hundreds; a verbose report shortens
    nothing.

    Args:
        report: what is told.
        anchors: where things stand on the page.
    """

    def __init__(self, report: Report, anchors: Anchors) -> None:
        self._report, self._anchors = report, anchors
        self._own = without_pack(report.record)
        self._teller = Teller(report, anchors)
        self._many = len(report.requirements) > WHOLE and not report.verbose
        self._left = WHOLE if self._many else len(report.requirements)
        self._groups = list(_grouped(report.record["criteria"]))

    def sections(self) -> list[tuple[str, str]]:
        """Name and title of each section, in their order."""
        return [(name, f"{title}: {len(members):,}") for name, title, members in self._groups]

    def parts(self) -> Iterator[Markup]:
        """The parts of a section for each group of verdicts that occurs, in their order."""
        for name, title, members in self._groups:
            yield from self._group(name, title, members)

    def _group(self, name: str, title: str, members: list[CriterionEntry]) -> Iterator[Markup]:
        many = counted(len(members), "criterion", "criteria")
        yield filled('<section aria-labelledby="{}"><h2 id="{}">{} ({})</h2>', name, name, title, many)
        stories = [self._story(each, lies_open=name == "failed") for each in members]
        if self._many and (self._left < 0 or name in _BRIEFLY):
            yield self._shortened()
        yield from stories
        yield Markup("</section>")

    def _shortened(self) -> Markup:
        return filled(
            '<p class="soft">Of the {} requirements on this page, the first {} that do not pass are told '
            "in full. <code>phasegate explain ID</code> tells the whole of any, and a report with "
            "<code>--verbose</code> the whole of all.</p>",
            f"{len(self._report.requirements):,}",
            f"{WHOLE:,}",
        )

    def _story(self, criterion: CriterionEntry, *, lies_open: bool) -> Markup:
        own = sorted(self._report.of(criterion), key=_rank)
        briefly = self._many and criterion["verdict"] in _PASSES
        if not briefly and self._left >= 0:
            self._left -= len(own)
        tell = self._teller.brief if briefly or self._left < 0 else self._teller.whole
        point, note = None if self._own else criterion["point"], criterion["note"]
        return filled(
            _STORY,
            self._anchors.place("criterion", criterion["id"]),
            Markup(" open") if lies_open else None,
            verdict(criterion["verdict"]),
            criterion["id"],
            criterion["text"],
            criterion["enforcement"],
            filled("Of point {}. ", self._anchors.link("point", point)) if point else None,
            f"{note} " if note else None,
            criterion["at"],
            joined([tell(each) for each in own]),
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
    verdict = entry["verdict"]
    return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else -1
