"""The story of each criterion: what fails lies open, the rest is folded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from phasegate.reports.hypertext.markup import Markup, tag
from phasegate.reports.hypertext.requirement import Teller
from phasegate.reports.hypertext.signed import verdict
from phasegate.reports.plain import counted
from phasegate.reports.signs import UNDECIDED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.audit.record.document import CriterionEntry, RequirementEntry
    from phasegate.reports.hypertext.anchors import Anchors
    from phasegate.reports.report import Report

WHOLE = 1_000
"""So many requirements are told with all that the record has of them, the worst first."""
_GROUPS: tuple[tuple[str, str, Callable[[CriterionEntry], bool]], ...] = (
    ("failed", "Failed", lambda each: _binds(each) and each["verdict"] == "fail"),
    ("undecided", "Undecided", lambda each: _binds(each) and each["verdict"] in UNDECIDED),
    ("waived", "Waived", lambda each: _binds(each) and each["verdict"] == "waived"),
    ("advisory", "Advisory, closing no gate", lambda each: not _binds(each)),
    ("passed", "Passed", lambda each: _binds(each) and each["verdict"] == "pass"),
    ("does-not-apply", "Does not apply", lambda each: _binds(each) and each["verdict"] == "not_applicable"),
)


class Stories:
    """The stories of a report, in sections by verdict.

    A page of thousands of requirements is too large to open and to send, so those beyond the first
    thousand are told briefly; a verbose report shortens nothing.

    Args:
        report: what is told.
        anchors: where things stand on the page.
    """

    def __init__(self, report: Report, anchors: Anchors) -> None:
        self._report, self._anchors = report, anchors
        self._teller = Teller(report, anchors)
        self._left = len(report.requirements) if report.verbose else WHOLE

    def sections(self) -> Iterator[Markup]:
        """A section for each group of verdicts that occurs."""
        told: set[str] = set()
        for name, title, belongs in _GROUPS:
            members = [each for each in self._report.record["criteria"] if belongs(each)]
            told.update(each["id"] for each in members)
            if members:
                yield self._group(name, title, members)
        # A word that is no verdict is never left out.
        if others := [each for each in self._report.record["criteria"] if each["id"] not in told]:
            yield self._group("others", "Others", others)

    def _group(self, name: str, title: str, members: list[CriterionEntry]) -> Markup:
        stories = [self._story(each, lies_open=name == "failed") for each in members]
        return tag(
            "section",
            tag("h2", f"{title} ({counted(len(members), 'criterion', 'criteria')})", id=name),
            self._shortened() if self._left < 0 else None,
            *stories,
            aria_labelledby=name,
        )

    def _shortened(self) -> Markup:
        return tag(
            "p",
            f"Only the first {WHOLE:,} of {len(self._report.requirements):,} requirements are told in full "
            "on this page, the worst first; ",
            tag("code", "phasegate explain ID"),
            " tells the whole of any, and a report with ",
            tag("code", "--verbose"),
            " the whole of all.",
            class_="soft",
        )

    def _story(self, criterion: CriterionEntry, *, lies_open: bool) -> Markup:
        own = sorted(self._report.of(criterion), key=_rank)
        if self._left >= 0:
            self._left -= len(own)
        tell = self._teller.whole if self._left >= 0 else self._teller.brief
        return tag(
            "details",
            tag(
                "summary",
                verdict(criterion["verdict"]),
                " ",
                tag("h3", f"{criterion['id']}  {criterion['text']}"),
                tag("span", f" {criterion['enforcement']}", class_="soft"),
            ),
            tag("p", *self._about(criterion), class_="soft"),
            *map(tell, own),
            id=self._anchors.place("criterion", criterion["id"]),
            open=lies_open,
        )

    def _about(self, criterion: CriterionEntry) -> Iterator[Markup | str]:
        if point := criterion["point"]:
            yield from ("Of point ", self._anchors.link("point", point), ". ")
        if note := criterion["note"]:
            yield f"{note} "
        yield f"The rule stands at {criterion['at']}."


def _binds(criterion: CriterionEntry) -> bool:
    return criterion["enforcement"] != "advisory"


def _rank(requirement: RequirementEntry) -> int:
    """The worst first, each kind in the order of the pack."""
    verdict = requirement["verdict"]
    return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else -1
