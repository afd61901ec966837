"""What settles a requirement, as an imperative sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.records.alternatives import choice_of
from phasegate.records.editions import edition_of
from phasegate.reports.brief.time_axis import day_of
from phasegate.reports.text.plain import counted, visible
from phasegate.reports.text.sentences import asked_title, bound_said
from phasegate.reports.text.undetermined import undetermined_said
from phasegate.rules.model.verdict import HOLDING

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, FactEntry, RequirementEntry
    from phasegate.reports.report import Report

_MUST_BE = "it must become "
_MUST = "it must "
_ADVISORY_GAP = " more is needed"


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
    """The sentences of some requirements; evidence that several rest on is renewed once."""
    as_of = day_of(report.record["as_of"])
    absent = [each["name"] for each in report.record["sources"] if each["status"] == "absent"]
    told = (sentence(each, report.facts[each["fact"]], as_of, absent) for each in requirements)
    return list(dict.fromkeys(told))


def sentence(
    requirement: RequirementEntry, fact: FactEntry, as_of: dt.date | None, absent: Sequence[str] = ()
) -> str:
    """What settles one requirement.

    Args:
        requirement: one that neither passes nor is waived.
        fact: what was found.
        as_of: the day that was decided.
        absent: the sources for which no file is named.
    """
    title = visible(fact["title"])
    match requirement["verdict"]:
        case "stale":
            return _renew(fact, title, as_of)
        case "unknown":
            return _provide(requirement, fact, title, absent)
        case "fail":
            return _reach(requirement, fact)
    return f"Mend the evidence of “{title}”: {visible(requirement['reason'] or fact['reason'])}."


def _renew(fact: FactEntry, title: str, as_of: dt.date | None) -> str:
    newest, most = day_of(fact["newest"] or ""), fact["max_age_days"]
    if newest is None or most is None or as_of is None:
        return f"Renew “{title}”: {visible(fact['reason'])}."
    age = counted((as_of - newest).days, "day")
    return f"Renew “{title}”: it is {age} old, and may be {most:,}."


def _provide(requirement: RequirementEntry, fact: FactEntry, title: str, absent: Sequence[str]) -> str:
    lacking = [name for name in fact["sources"] if name in absent]
    if lacking:
        return f"Name a file for source {visible(lacking[0])}."
    if undetermined_said(fact) is not None and requirement["distance"]:
        return _begun(f"{visible(requirement['distance'])} (“{title}”).")
    return f"Give evidence of “{title}”: {visible(fact['reason'] or requirement['reason'])}."


def _reach(requirement: RequirementEntry, fact: FactEntry) -> str:
    """What must become another way: the distance to pass, with whatever it is the distance of."""
    asked, said = asked_title(requirement, fact), visible(requirement["distance"] or "")
    if said.startswith(_MUST_BE):
        return _begun(f"“{asked}” must be {bound_said(requirement)}.")
    if said.startswith(_MUST):
        return f"“{asked}” must {said.removeprefix(_MUST)}."
    if not said or said.endswith(_ADVISORY_GAP):
        return f"“{asked}” must be {bound_said(requirement)}: it is {visible(requirement['observed'])}."
    sliced = asked.removeprefix(visible(fact["title"])).strip()
    return _begun(f"{said} {sliced}".rstrip() + ".")


def _begun(said: str) -> str:
    return said[:1].upper() + said[1:]
