"""What the terminal says of single requirements: failed, undecided, waived, advisory, passed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.terminal.page import Page, Span
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import asked_title, bound_shown, own_rules, risk_said
from phasegate.rules.model.verdict import NOT_PASSED, SETTLED, UNDECIDED, WORST_FIRST

if TYPE_CHECKING:
    from phasegate.records.schema import (
        CriterionEntry,
        FactEntry,
        Record,
        RequirementEntry,
        WaiverEntry,
    )

LABEL = 11
"""Columns that a sign and a word take."""
SHOWN_OF_ONE_REASON = 4
"""How many requirements without evidence are listed for one reason."""


class Findings:
    """Prints a record's requirements, grouped by what a reader has to do about them.

    Args:
        record: the record.
        page: where to.
        verbose: whether nothing is shortened.
    """

    def __init__(self, record: Record, page: Page, verbose: bool) -> None:
        self._record = record
        self._page = page
        self._verbose = verbose
        self._plain = own_rules(record)
        self._facts = {fact["id"]: fact for fact in record["facts"]}
        self._waivers = {waiver["id"]: waiver for waiver in record["waivers"]}
        self._by_criterion: dict[str, list[RequirementEntry]] = {}
        for requirement in record["requirements"]:
            self._by_criterion.setdefault(requirement["criterion"], []).append(requirement)
        self._criteria = record["criteria"]

    def failed(self) -> None:
        """Each criterion that counts and fails, with the requirements that do."""
        found = [each for each in self._criteria if each["verdict"] == "fail" and _binds(each)]
        if found and not self._plain:
            self._page.heading("Failed", counted(len(found), "criterion", "criteria"))
        for criterion in found:
            self._page.blank()
            self._criterion(criterion, "fail")

    def undecided(self) -> None:
        """What could not be judged, by its reason: one missing table is one entry."""
        groups: dict[tuple[int, str], list[RequirementEntry]] = {}
        for _, requirement in self._open_questions():
            key = (WORST_FIRST.index(requirement["verdict"]), requirement["reason"])
            groups.setdefault(key, []).append(requirement)
        if groups and not self._plain:
            number = sum(len(each) for each in groups.values())
            self._page.heading("Undecided", counted(number, "requirement"))
        for rank, reason in sorted(groups, key=lambda key: key[0]):
            self._page.blank()
            self._label(WORST_FIRST[rank], [(reason, "bold")])
            members = groups[rank, reason]
            most = len(members) if self._verbose else SHOWN_OF_ONE_REASON
            for requirement in members[:most]:
                title = asked_title(requirement, self._fact(requirement))
                name = "" if self._plain else f"{requirement['criterion']}  "
                self._under(name, f"{title} {bound_shown(requirement)}  ", (requirement["at"], "dim"))
            if len(members) > most:
                self._under((f"and {len(members) - most:,} more; --verbose lists them", "dim"))

    def _open_questions(self) -> Iterator[tuple[CriterionEntry, RequirementEntry]]:
        for criterion in self._criteria:
            if _binds(criterion) and criterion["verdict"] in NOT_PASSED:
                for requirement in self._by_criterion.get(criterion["id"], []):
                    if requirement["verdict"] in UNDECIDED:
                        yield criterion, requirement

    def waived(self) -> None:
        """What rests on a waiver, and who carries the risk until when."""
        found = [each for each in self._criteria if each["verdict"] == "waived" and _binds(each)]
        if found and not self._plain:
            self._page.heading("Waived", counted(len(found), "criterion", "criteria"))
        for criterion in found:
            self._page.blank()
            self._criterion(criterion, "waived")

    def advisory(self) -> None:
        """Advisory criteria of points that do not pass: one line each. Targets have their table."""
        found = [
            each
            for each in self._criteria
            if not _binds(each) and each["point"] and each["verdict"] not in SETTLED
        ]
        if found:
            self._page.heading("Advisory", "closes no gate")
        for criterion in found:
            self._label(criterion["verdict"], [criterion["id"], "  ", criterion["text"]])

    def passed(self) -> None:
        """What passes or does not apply; for ``--verbose``, and where there is little else to say."""
        found = [each for each in self._criteria if each["verdict"] in SETTLED]
        if found and not self._plain:
            self._page.heading("Passed", counted(len(found), "criterion", "criteria"))
        for criterion in found:
            self._page.blank()
            self._criterion(criterion, None)

    def _criterion(self, criterion: CriterionEntry, only: str | None) -> None:
        if not self._plain:
            beside = "" if criterion["enforcement"] == "hard" else f"  {criterion['enforcement']}"
            spans: list[Span] = [(criterion["id"], "bold"), "  ", criterion["text"], (beside, "dim")]
            self._label(criterion["verdict"], spans)
        for requirement in self._by_criterion.get(criterion["id"], []):
            if only is None or requirement["verdict"] == only:
                self._requirement(requirement)

    def _requirement(self, requirement: RequirementEntry) -> None:
        sign = verdict_sign(requirement["verdict"])
        fact = self._fact(requirement)
        what: list[Span] = [
            (asked_title(requirement, fact), "bold" if self._plain else ""),
            f" {bound_shown(requirement)}",
        ]
        if self._plain:
            self._label(requirement["verdict"], what)
        else:
            self._page.item([(f"{sign.mark} ", sign.style)], what, indent=LABEL)
        inner = LABEL if self._plain else LABEL + 2
        margin = f", margin {requirement['margin']}" if requirement["margin"] else ""
        self._page.line(f"found {requirement['observed']}{margin}", indent=inner)
        self._after(requirement, inner)
        self._page.line((f"{fact['id']}, {requirement['at']}", "dim"), indent=inner)

    def _after(self, requirement: RequirementEntry, indent: int) -> None:
        """What is missing, how long it will hold, or who answers for it."""
        verdict, distance = requirement["verdict"], requirement["distance"]
        waiver = self._waivers.get(requirement["waiver"] or "")
        if waiver is not None:
            self._page.line(*_waiver_said(waiver, self._record), indent=indent)
        elif verdict == "not_applicable":
            self._page.line(requirement["reason"], indent=indent)
        if distance:
            start = "" if verdict == "pass" else "to pass: "
            self._page.line(f"{start}{distance}", indent=indent)

    def _fact(self, requirement: RequirementEntry) -> FactEntry:
        return self._facts[requirement["fact"]]

    def _label(self, verdict: str, spans: list[Span]) -> None:
        sign = verdict_sign(verdict)
        self._page.item([(f"{sign.mark} {sign.word}", sign.style)], spans, label_width=LABEL)

    def _under(self, *spans: Span) -> None:
        self._page.line(*spans, indent=LABEL)


def _binds(criterion: CriterionEntry) -> bool:
    return criterion["enforcement"] != "advisory"


def _waiver_said(waiver: WaiverEntry, record: Record) -> list[Span]:
    return [
        f"waiver {waiver['id']}: {risk_said(waiver, record)}. ",
        (waiver["why"], "dim"),
    ]
