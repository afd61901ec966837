"""Why a requirement has another verdict than in an earlier run.

Three things make a verdict: the rule, the fact that is held against it, and a waiver. Each is put back to
what it was before, by itself: where the verdict would then not be what it is, it is a cause. A fact that is
another one has a cause of its own: its sources, how it is measured, somebody's word, or the day alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from phasegate.records.numbers import extremes
from phasegate.records.recheck_requirements import due_verdict
from phasegate.records.schema import AttestationEntry, FactEntry, Record, RequirementEntry
from phasegate.records.source_diff import changed_sources
from phasegate.records.time_zone import day_shown, first_day_shown

Kind = Literal["data", "rule", "waiver", "attestation", "time", "cycle", "software", "unexplained"]
Measures = Mapping[str, Any]
_OF_THE_DAY = re.compile(r":(as_of|month_start|month_end|year_start)\b")
_RULE = ("bound", "limit", "unit", "alternative")


class Cause(NamedTuple):
    """Why something is another way than before.

    Attributes:
        kind: what changed.
        said: what about it, as a clause.
        source: the source that changed, where it is one.
    """

    kind: Kind
    said: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class DecidedRequirement:
    """A requirement of one run with all that its verdict followed from.

    Attributes:
        record: of the run.
        requirement: the requirement.
        fact: what was held against it.
        measures: how facts were measured, by the id of the measure; empty where that is not known.
    """

    record: Record
    requirement: RequirementEntry
    fact: FactEntry
    measures: Measures

    @property
    def due(self) -> str:
        """Its verdict without any waiver."""
        return due_verdict(self.requirement, self.fact)

    @property
    def measure(self) -> tuple[str, Any] | None:
        """Id and definition of what measured its fact; None where that is not known."""
        name = self.fact["measure"]
        while name not in self.measures:
            name, dot, _ = name.rpartition(".")
            if not dot:
                return None
        return name, self.measures[name]

    def reads(self, pattern: re.Pattern[str]) -> bool:
        """Whether the definition of its measure speaks of something; unknown counts as yes."""
        return self.measure is None or pattern.search(str(self.measure[1])) is not None


def causes(before: DecidedRequirement, after: DecidedRequirement) -> tuple[Cause, ...]:
    """Why the verdict of a requirement is another one, the most direct cause first.

    Args:
        before: the requirement as it was.
        after: as it is.
    """
    found: list[Cause] = []
    if before.due != after.due:
        # By itself: what would the verdict be, had the one stayed as it was and the other changed?
        rule = due_verdict(before.requirement, after.fact) != after.due
        fact = due_verdict(after.requirement, before.fact) != after.due
        if rule or not fact:
            found += _rule(before, after)
        if fact or not rule:
            found += _fact(before, after)
    if "waived" in (before.requirement["verdict"], after.requirement["verdict"]):
        if before.due == after.due and _beyond(before, after):
            found += [*_rule(before, after), *_fact(before, after)]
        found += _waiver(before, after)
    if not found:
        found += _others(before, after)
    return tuple(dict.fromkeys(found))


def _rule(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    old, new = before.requirement, after.requirement
    told = [f"the bound was {_bound(old)}" for key in _RULE[:2] if old[key] != new[key]]  # type: ignore[literal-required]
    told += [f"the {key} was {old[key] or 'none'}" for key in _RULE[2:] if old[key] != new[key]]  # type: ignore[literal-required]
    if told:
        said = f"{', '.join(dict.fromkeys(told))} and is now {_bound(new)}, at {new['at']}"
        yield Cause("rule", said)


def _bound(requirement: RequirementEntry) -> str:
    bound, limit = requirement["bound"], requirement["limit"]
    return bound if limit is None or limit in bound else f"{bound} ({limit})"


def _fact(before: DecidedRequirement, after: DecidedRequirement) -> list[Cause]:
    old, new = before.fact, after.fact
    if old["id"] != new["id"]:
        return [Cause("rule", f"it asks for {new['id']} now, and asked for {old['id']}")]
    if found := list(_words(before, after)):
        return found
    if aged := list(_aged(before, after)):
        return aged
    found = [*_definition(before, after), *_data(before, after)]
    return found or [*_cycle(before, after), *_day(before, after)][:1]


def _data(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    """The sources of the fact that have another content, or are read in another way."""
    named = {*before.fact["sources"], *after.fact["sources"]}
    for name, why in changed_sources(before.record, after.record["sources"]):
        if name in named and not _same_bytes(before.record, after.record, name):
            yield Cause("data", f"{name}: {why}", name)


def _same_bytes(before: Record, after: Record, name: str) -> bool:
    """Whether a source is what it was, so that whatever else is told of it follows from the day."""
    then, now = (
        [(each["digest"], each["reading"]) for each in record["sources"] if each["name"] == name]
        for record in (before, after)
    )
    return then == now and then[0][0] is not None


def _aged(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    """Nothing newer came: whatever else is in its sources, the evidence is older now than it may be."""
    old, new = before.fact, after.fact
    if new["status"] != "stale" or old["status"] != "present" or old["newest"] != new["newest"]:
        return
    was, may = old["max_age_days"], new["max_age_days"]
    newest = dt.date.fromisoformat(str(new["newest"]))
    then, now = ((dt.date.fromisoformat(each.record["as_of"]) - newest).days for each in (before, after))
    # Each is put back by itself: would it be stale by the other one alone?
    if was != may and may is not None and (was is None or now <= was or then > may):
        told = "of any age" if was is None else f"{was} days old"
        yield Cause("rule", f"evidence might be {told}, and may be {may} days old now")
    if may is None or then <= may or (was is not None and now > was):
        yield Cause("time", f"the newest evidence is of {new['newest']}, and may be {may} days old")


def _words(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    """What became of signed statements about the fact."""
    then, now = (
        {each["id"]: each for each in asked.record["attestations"] if each["fact"] == asked.fact["id"]}
        for asked in (before, after)
    )
    for name, word in now.items():
        was = then[name]["standing"] if name in then else None
        if word["standing"] != was and "used" in (word["standing"], was):
            yield Cause("attestation", f"{name} {_standing(word, after.record)}")
    for name, word in then.items():
        if name not in now and word["standing"] == "used":
            yield Cause("attestation", f"{name} is no longer there")


def _standing(word: AttestationEntry, record: Record) -> str:
    said = {
        "used": f"counts since {first_day_shown(word, record)}",
        "expired": f"ended on {day_shown(word['end'], record)}",
        "revoked": f"was revoked on {day_shown(word['revoked'], record)}",
    }.get(word["standing"])
    return said or word["reason"] or word["standing"].replace("_", " ")


def _definition(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    old, new = before.measure, after.measure
    if old is None or new is None:
        return
    if old != new:
        yield Cause("rule", f"{new[0]} is measured in another way")
    then, now = before.record, after.record
    for name in sorted({*then["parameters"], *now["parameters"]}):
        was, is_ = then["parameters"].get(name), now["parameters"].get(name)
        if was != is_ and after.reads(re.compile(rf":{re.escape(name)}\b")):
            yield Cause("rule", f"the parameter {name} was {was or 'not set'} and is {is_ or 'not set'}")
    if then["calendar"] != now["calendar"] and after.reads(re.compile("business_days")):
        yield Cause("rule", "the calendar of business days is another one")


def _cycle(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    then, now = before.record["cycle"], after.record["cycle"]
    if then != now and now is not None:
        yield Cause("cycle", f"the cycle {now['id']} began on {now['start']}: what is older no longer counts")


def _day(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    then, now = before.record["as_of"], after.record["as_of"]
    if then != now:
        reads = after.measure is not None and after.reads(_OF_THE_DAY)
        said = "its measure reads the day" if reads else "what its rows say depends on the day"
        yield Cause("time", f"the same sources, as of {now} and not {then}: {said}")


def _waiver(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    old, new = before.requirement["waiver"], after.requirement["waiver"]
    entries = {each["id"]: each for each in after.record["waivers"]}
    if after.requirement["verdict"] == "waived" and new != old:
        waiver = entries.get(new or "")
        since = (
            f" since {first_day_shown(waiver, after.record)}, "
            f"and ends on {day_shown(waiver['end'], after.record)}"
            if waiver
            else ""
        )
        yield Cause("waiver", f"{new} excuses it{since}")
    elif before.requirement["verdict"] == "waived" and after.requirement["verdict"] not in ("pass", "waived"):
        waiver = entries.get(old or "")
        if waiver is None:
            yield Cause("waiver", f"{old} is no longer there")
        elif waiver["standing"] == "expired":
            yield Cause("waiver", f"{old} ended on {day_shown(waiver['end'], after.record)}")
        elif waiver["standing"] == "revoked":
            yield Cause("waiver", f"{old} was revoked on {day_shown(waiver['revoked'], after.record)}")
        else:
            yield Cause("waiver", f"{old} no longer covers it: {waiver['reason']}")


def _beyond(before: DecidedRequirement, after: DecidedRequirement) -> bool:
    """Whether a waiver that goes on no longer covers a value, which is another one now."""
    name = before.requirement["waiver"]
    standing = {each["id"]: each["standing"] for each in after.record["waivers"]}.get(name or "")
    values = [extremes(each.fact) for each in (before, after)]
    return after.requirement["verdict"] != "waived" and standing == "unused" and values[0] != values[1]


def _others(before: DecidedRequirement, after: DecidedRequirement) -> list[Cause]:
    """What can be behind it where neither rule, fact nor waiver of the requirement shows it."""
    if found := _software(before, after):
        return found
    then, now = before.record["pack"]["digest"], after.record["pack"]["digest"]
    if then != now:
        why = after.requirement["reason"] or after.fact["reason"]
        return [Cause("rule", f"the rules are others, such as a contract{f': {why}' if why else ''}")]
    return [Cause("unexplained", "nothing that was recorded explains it; 'phasegate verify' tells more")]


def _software(before: DecidedRequirement, after: DecidedRequirement) -> list[Cause]:
    then, now = before.record["versions"], after.record["versions"]
    told = [
        f"{name} {then.get(name, 'none')} then, {now.get(name, 'none')} now"
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]
    return [Cause("software", ", ".join(told))] if told else []
