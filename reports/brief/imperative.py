"""What settles a requirement, as an imperative sentence."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from phasegate.records.alternatives import choice_of
from phasegate.records.editions import edition_of
from phasegate.reports.brief.time_axis import day_of
from phasegate.reports.text.plain import counted, listed, visible
from phasegate.reports.text.sentences import asked_title, bound_said, slice_asked
from phasegate.reports.text.undetermined import undetermined_said
from phasegate.rules.model.verdict import HOLDING

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, FactEntry, RequirementEntry
    from phasegate.reports.report import Report

_MORE_OF = re.compile(r"(?P<more>[0-9,]+)\.(?P<part>[0-9]+) more of (?P<of>[0-9,]+)(?:\.[0-9]+)?")
_OF_MEASURE = re.compile(r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+: ")
_MUST_BE = "it must become "
_MUST = "it must "
_ADVISORY_GAP = " more is needed"
_TITLES = 2
"""So many titles stand in one sentence."""


def steps(report: Report, criterion: CriterionEntry) -> tuple[str, ...]:
    """What settles a criterion, a sentence each: all of them are needed.

    Of alternatives one is enough: they are one sentence.

    Args:
        report: what is told.
        criterion: one that keeps a gate from opening.
    """
    own = report.of(criterion)
    choice = choice_of(own, edition_of(report.record).alternatives)
    wanting = [each for each in choice.deciding if each["verdict"] not in HOLDING]
    beside = [each for each in wanting if not each["alternative"]]
    ways: dict[str, list[RequirementEntry]] = {}
    for each in wanting:
        if each["alternative"]:
            ways.setdefault(each["alternative"].partition(".")[0], []).append(each)
    found = _sentences(report, beside)
    if choice.best not in HOLDING and ways:
        told = [" ".join(_sentences(report, way)) for way in ways.values()]
        found.append(told[0] if len(told) == 1 else f"One of these is enough: {' Or: '.join(told)}")
    return tuple(dict.fromkeys(found)) or ("Give it a requirement: nothing decides it.",)


def _sentences(report: Report, requirements: Sequence[RequirementEntry]) -> list[str]:
    """The sentences of some requirements; what they want for one reason is one sentence."""
    as_of = day_of(report.record["as_of"])
    absent = [each["name"] for each in report.record["sources"] if each["status"] == "absent"]
    told: dict[Step, list[str]] = {}
    for each in requirements:
        fact = report.facts[each["fact"]]
        titles = told.setdefault(step_of(each, fact, as_of, absent), [])
        if (title := f"{visible(fact['title'])}{slice_asked(each, fact)}") not in titles:
            titles.append(title)
    return [step.sentence(titles) for step, titles in told.items()]


class Step(NamedTuple):
    """What settles requirements, with room for what they are about.

    Attributes:
        before, after: what stands before and behind the titles of what was measured.
        titled: whether these are told at all.
    """

    before: str
    after: str = ""
    titled: bool = True

    def sentence(self, titles: Sequence[str]) -> str:
        """The whole sentence, with as many titles as can be read."""
        if not self.titled:
            return f"{self.before}{self.after}"
        named = [f"“{each}”" for each in titles[:_TITLES]]
        more = [f"{len(titles) - _TITLES:,} more"] if len(titles) > _TITLES else []
        return f"{self.before}{listed([*named, *more])}{self.after}"


def step_of(
    requirement: RequirementEntry, fact: FactEntry, as_of: dt.date | None, absent: Sequence[str] = ()
) -> Step:
    """What settles one requirement.

    Args:
        requirement: one that neither passes nor is waived.
        fact: what was found.
        as_of: the day that was decided.
        absent: the sources for which no file is named.
    """
    if (do := requirement.get("do")) is not None:
        said = visible(do).rstrip(".")
        stale = requirement["verdict"] == "stale"
        return Step(said, _age(fact, as_of) if stale else ".", titled=False)
    match requirement["verdict"]:
        case "stale":
            return Step("Renew ", _age(fact, as_of))
        case "unknown":
            return _provide(requirement, fact, absent)
        case "fail":
            return Step(_reach(requirement, fact), titled=False)
    return Step("Mend the evidence of ", f": {_reason(requirement, fact)}.")


def _reason(requirement: RequirementEntry, fact: FactEntry) -> str:
    """Why there is no evidence; of a change, why there is none of the measure that changed."""
    said = visible(requirement["reason"] or fact["reason"])
    return _OF_MEASURE.sub("", said) if fact["kind"] == "change" else said


def _age(fact: FactEntry, as_of: dt.date | None) -> str:
    newest, most = day_of(fact["newest"] or ""), fact["max_age_days"]
    if newest is None or most is None or as_of is None:
        return f": {visible(fact['reason'])}."
    return f": {counted((as_of - newest).days, 'day')} old, {most:,} are allowed."


def _provide(requirement: RequirementEntry, fact: FactEntry, absent: Sequence[str]) -> Step:
    lacking = [name for name in fact["sources"] if name in absent]
    if lacking:
        return Step(f"Name a file for source {visible(lacking[0])}.", titled=False)
    if undetermined_said(fact) is not None and requirement["distance"]:
        return Step(_begun(f"{visible(requirement['distance'])} ("), ").")
    return Step("Give evidence of ", f": {_reason(requirement, fact)}.")


def _reach(requirement: RequirementEntry, fact: FactEntry) -> str:
    """What must become another way: the distance to pass, with whatever it is the distance of."""
    asked, said = asked_title(requirement, fact), rounded_up(visible(requirement["distance"] or ""))
    if said.startswith(_MUST_BE):
        return _begun(f"“{asked}” must be {bound_said(requirement)}.")
    if said.startswith(_MUST):
        return f"“{asked}” must {said.removeprefix(_MUST)}."
    if not said or said.endswith(_ADVISORY_GAP):
        return f"“{asked}” must be {bound_said(requirement)}: it is {visible(requirement['observed'])}."
    return _begun(f"{said}{slice_asked(requirement, fact)}.")


def rounded_up(said: str) -> str:
    """A distance with whole amounts where it has long ones: what is missing is rounded up.

    ``809.864413 more of 7,402.050658 (USD)`` becomes ``810 more of 7,402 (USD)``; ``0.5 more of 2`` stays.
    """
    return _MORE_OF.sub(_rounded_up, said)


def _rounded_up(found: re.Match[str]) -> str:
    whole = found["more"].replace(",", "")
    if len(whole) < 2 or not found["part"].strip("0"):
        return found[0]
    return f"{int(whole) + 1:,} more of {found['of']}"


def _begun(said: str) -> str:
    return said[:1].upper() + said[1:]
