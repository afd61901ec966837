"""Why a requirement has another verdict than in an earlier run.

What a verdict follows from is exchanged part by part between the two runs, and decided anew. A cause is
what restores the verdict, put back alone, or brings the change, made alone; of what holds now and did not,
that too without which it would not hold. Where no single part does, the smallest sets of parts that do are
the cause. Whatever else changed is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.monitoring.history.exchanged import (
    DecidedRequirement,
    Mixture,
    Part,
    combinations,
)
from phasegate.monitoring.history.rests_on import Cause, fact_changes, software, zone_changes
from phasegate.records.basis.resettled import UndecidableError
from phasegate.records.rows_behind import NOT_READ
from phasegate.records.schema import AttestationEntry, Record, RequirementEntry, WaiverEntry
from phasegate.records.time_zone import day_shown, first_day_shown, validity_of
from phasegate.rules.model.verdict import HOLDING

__all__ = ["Cause", "DecidedRequirement", "causes"]

_ANSWERING = {"used", "evidence_changed"}
"""The standings of a statement that a fact is made of, or by which it is an error."""
_ASIDE = {"used", "unused"}
"""The standings between which a statement turns without anything of its own: another one came or went."""


def causes(before: DecidedRequirement, after: DecidedRequirement) -> tuple[Cause, ...]:
    """Why the verdict of a requirement is another one, the most direct cause first.

    Args:
        before: the requirement as it was.
        after: as it is.
    """
    try:
        parts, unsure = deciding(before, after)
    except NOT_READ:  # `verify` tells of a record that nobody can read
        parts, unsure = [], []
    found = [each for part in parts for each in _told(part, before, after)]
    if unsure:  # what was kept does not tell of these whether they would have done it
        found += [each for part in unsure for each in _told(part, before, after)]
        found = [each._replace(one_of=len(found) > 1) for each in found]
    if not found:
        found = software(before.record, after.record)
    return tuple(dict.fromkeys(found)) or (
        Cause("unexplained", "nothing that was recorded explains it; 'phasegate verify' tells more"),
    )


def deciding(before: DecidedRequirement, after: DecidedRequirement) -> tuple[list[Part], list[Part]]:
    """The parts that are the cause of another verdict, and those that may be.

    Args:
        before: the requirement as it was.
        after: as it is.
    """
    mixture = Mixture(before, after)
    changed = mixture.changed()
    verdicts = before.requirement["verdict"], after.requirement["verdict"]
    every = frozenset(changed)
    holds = verdicts[1] in HOLDING and verdicts[0] not in HOLDING
    if [_decided(mixture, each) for each in (every, frozenset())] != [*verdicts]:
        return [], changed  # an engine found an error of its own, or what was kept does not tell
    for sets in combinations(changed):
        causing: set[Part] = set()
        unsure: set[Part] = set()
        for each in sets:
            back, made = _decided(mixture, each), _decided(mixture, every - each)
            lost = holds and back is not None and back not in HOLDING
            if back == verdicts[0] or made == verdicts[1] or lost:
                causing |= each
            elif None in (back, made):
                unsure |= each
        if causing:
            rest = unsure - causing
            return [part for part in changed if part in causing], [part for part in changed if part in rest]
    return [], changed


def _decided(mixture: Mixture, back: frozenset[Part]) -> str | None:
    try:
        return mixture.verdict(back)
    except UndecidableError:
        return None


def _told(part: Part, before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    old, new = before.requirement, after.requirement
    match part:
        case "bound":
            yield Cause("rule", f"the bound was {_bound(old)} and is now {_bound(new)}, at {new['at']}")
        case "enforcement":
            said = f"{new['criterion']} was {before.enforcement} and is now {after.enforcement}"
            yield Cause("rule", f"{said}, and what is hard takes no waiver")
        case "max_age":
            was, is_ = (_age(each.max_age) for each in (before, after))
            yield Cause("rule", f"evidence might be {was}, and may be {is_} now")
        case "min_rows":
            yield Cause("rule", f"it took {before.min_rows:,} rows, and takes {after.min_rows:,} now")
        case "rules":
            names = ", ".join(dict.fromkeys(each["id"] for each in (*before.waivers, *after.waivers)))
            yield Cause("rule", f"the rules are others than those under which {names} was granted")
        case "zone":
            yield from zone_changes(before.record, after.record)
        case "content":
            yield from fact_changes(before, after)
        case "age":
            newest, most = after.fact["newest"] or before.fact["newest"], after.max_age or before.max_age
            if newest is not None and most is not None:  # else nothing of it ages
                yield Cause("time", f"the newest evidence is of {newest}, and may be {most} days old")
        case "words" | "words_day":
            yield from _words(before, after)
        case "waivers" | "waivers_day":
            yield from _waiver(part, before, after)


def _bound(requirement: RequirementEntry) -> str:
    bound, limit = requirement["bound"], requirement["limit"]
    return bound if limit is None or limit in bound else f"{bound} ({limit})"


def _age(days: int | None) -> str:
    return "of any age" if days is None else f"{days} days old"


def _words(before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    """What became of signed statements about the fact; that another put one aside only where that is all."""
    then, now = ({each["id"]: each for each in asked.words} for asked in (before, after))
    became = {name: (then[name]["standing"] if name in then else None, word) for name, word in now.items()}
    other = {name for name in {*then} & {*now} if then[name]["value"] != now[name]["value"]}
    turned = {name: each for name, each in became.items() if each[0] != each[1]["standing"] or name in other}
    used = {name: each for name, each in turned.items() if "used" in (each[0], each[1]["standing"])}
    left = [name for name in then if name not in now]
    gone = [name for name in left if then[name]["standing"] in _ANSWERING]
    own = {name: each for name, each in used.items() if not {each[0], each[1]["standing"]} <= _ASIDE}
    told = own or ({} if gone else used or turned)
    for name, (_, word) in told.items():
        said = f"{name} said {then[name]['value']}, and says {word['value']} now" if name in other else None
        yield Cause("attestation", said or _standing(word, before, after))
    for name in gone or ([] if told else left):
        yield Cause("attestation", f"{name} is no longer there")


def _since(statement: AttestationEntry | WaiverEntry, before: DecidedRequirement, after: Record) -> str:
    """Since when it counts; of one that began before the earlier run, which did not have it: that it does."""
    first = first_day_shown(statement, after)
    return "now" if first < before.record["as_of"] else f"since {first}"


def _standing(word: AttestationEntry, before: DecidedRequirement, after: DecidedRequirement) -> str:
    said = {
        "used": f"counts {_since(word, before, after.record)}",
        "expired": f"ended on {day_shown(word['end'], after.record)}",
        "revoked": f"was revoked on {day_shown(word['revoked'], after.record)}",
    }.get(word["standing"])
    if said is not None:
        return f"{word['id']} {said}"
    return f"{word['id']}: {word['reason'] or word['standing'].replace('_', ' ')}"


def _waiver(part: Part, before: DecidedRequirement, after: DecidedRequirement) -> Iterator[Cause]:
    old, new = before.requirement["waiver"], after.requirement["waiver"]
    entries = {each["id"]: each for each in after.record["waivers"]}
    if after.requirement["verdict"] == "waived":
        waiver = entries.get(new or "")
        since = (
            f" {_since(waiver, before, after.record)}, and ends on {day_shown(waiver['end'], after.record)}"
            if waiver
            else ""
        )
        yield Cause("waiver", f"{new} excuses it{since}")
    elif before.requirement["verdict"] == "waived":
        yield Cause("waiver", f"{old} {_ended(entries.get(old or ''), after, part)}")


def _ended(waiver: WaiverEntry | None, after: DecidedRequirement, part: Part) -> str:
    if waiver is None:
        return "is no longer there"
    state: str = waiver["standing"]
    if part == "waivers_day":  # whatever else stands against it now
        state = validity_of(waiver, after.record).on(after.day)[0]
    if state == "expired":
        return f"ended on {day_shown(waiver['end'], after.record)}"
    if state == "revoked":
        return f"was revoked on {day_shown(waiver['revoked'], after.record)}"
    if state == "future":
        return f"counts since {first_day_shown(waiver, after.record)} only"
    return f"no longer covers it: {waiver['reason']}"
