"""Which waivers are in force: the one place that decides it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from phasegate.engine.floors import UnfitFloorError, floor_of
from phasegate.engine.plan import Cover, Decisions, Observation
from phasegate.engine.resolve import Resolved
from phasegate.rules.model.verdict import BY_WORD, Evidence, Verdict
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.time_zones import UTC
from phasegate.rules.values.validity import Validity

_Idle = Literal[
    "future", "expired", "revoked", "other_pack", "not_waivable", "unfit", "out_of_scope", "unknown"
]
State = Literal["in_force"] | _Idle
Standing = Literal["used", "unused"] | _Idle


@dataclass(frozen=True, slots=True)
class WaiverStanding:
    """What became of one waiver in a run.

    Attributes:
        waiver: the waiver.
        standing: whether it was used, or why it was not.
        reason: the same in words.
    """

    waiver: Waiver
    standing: Standing
    reason: str


def state_of(
    waiver: Waiver, as_of: dt.date, pack_digest: str, zone: str = UTC, *, today: bool = False
) -> tuple[State, str]:
    """Whether a waiver counts on a day, and why not.

    `rules.values.validity` tells on which days a signed statement counts.
    """
    if waiver.pack_digest != pack_digest:
        return "other_pack", "it was granted under another pack: the rules have changed since"
    return Validity(waiver.start, waiver.end, waiver.granted, waiver.revoked, zone, today).on(as_of)


def covers_in_force(
    waivers: Iterable[Waiver],
    as_of: dt.date,
    pack_digest: str,
    resolved: Resolved,
    elsewhere: Iterable[str] = (),
    zone: str = UTC,
    *,
    today: bool = False,
    floors_unknown: bool = True,
) -> tuple[dict[str, Cover], dict[str, tuple[State, str]]]:
    """The covers that count, by requirement id, and the state of every waiver, by waiver id.

    Of two waivers in force for one requirement, the one with the first id counts.

    Args:
        waivers: all that the project has.
        as_of: the day that is decided.
        pack_digest: the pack that is decided under.
        resolved: the requirements that are decided.
        elsewhere: the criteria and targets that the pack has and this run does not decide.
        zone: the time zone whose days count.
        today: whether the day is decided on that day itself, by what was signed before.
        floors_unknown: whether what has no value is held to the same, too; see `Cover`.
    """
    enforcement = {criterion.id: criterion.enforcement for criterion in resolved.plan.criteria}
    hard = {
        requirement.id: enforcement[asked.criterion] == "hard"
        for requirement, asked in zip(resolved.plan.requirements, resolved.asked, strict=True)
    }
    by_id = {requirement.id: requirement for requirement in resolved.plan.requirements}
    covers: dict[str, Cover] = {}
    states: dict[str, tuple[State, str]] = {}
    for waiver in sorted(waivers, key=lambda each: each.id):
        state, reason = state_of(waiver, as_of, pack_digest, zone, today=today)
        requirement = by_id.get(waiver.requirement)
        if requirement is None:
            away = next((each for each in elsewhere if waiver.requirement.startswith(f"{each}/")), None)
            state, reason = (
                ("out_of_scope", f"this run does not decide {away}")
                if away
                else ("unknown", f"no requirement {waiver.requirement!r} was decided")
            )
        elif state == "in_force" and hard[waiver.requirement]:
            state, reason = "not_waivable", "its criterion is hard: no waiver is taken"
        elif state == "in_force" and waiver.requirement in covers:
            reason = f"waiver {covers[waiver.requirement].waiver} covers the same requirement"
        elif state == "in_force":
            try:
                floor = floor_of(waiver.floor, waiver.covers, requirement.tests, requirement.unit)
            except UnfitFloorError as error:
                state, reason = "unfit", f"{error.message}; {error.hint}"
            else:
                verdicts = frozenset(BY_WORD[name] for name in waiver.covers)
                covers[waiver.requirement] = Cover(waiver.id, verdicts, floor, floors_unknown)
        states[waiver.id] = (state, reason)
    return covers, states


def standings(
    waivers: Iterable[Waiver],
    states: dict[str, tuple[State, str]],
    resolved: Resolved,
    decisions: Decisions,
) -> list[WaiverStanding]:
    """What became of each waiver once the verdicts are known, in the order of their ids.

    Args:
        waivers: all that the project has.
        states: of each, by its id.
        resolved: the requirements that were decided, with the covers in force.
        decisions: the verdicts of record.
    """
    plan = resolved.plan
    asked = {
        each.id: (each, seen) for each, seen in zip(plan.requirements, resolved.observations, strict=True)
    }
    found: list[WaiverStanding] = []
    for waiver in sorted(waivers, key=lambda each: each.id):
        state, reason = states[waiver.id]
        if state != "in_force":
            found.append(WaiverStanding(waiver, state, reason))
            continue
        verdict = decisions.requirements.get(waiver.requirement)
        requirement, seen = asked.get(waiver.requirement, (None, None))
        cover = requirement.cover if requirement else None
        if cover is None or seen is None or cover.waiver != waiver.id:
            found.append(WaiverStanding(waiver, "unused", reason))
        elif verdict is Verdict.WAIVED:
            found.append(WaiverStanding(waiver, "used", reason))
        else:
            found.append(WaiverStanding(waiver, "unused", _unused(waiver, verdict, seen)))
    return found


def _unused(waiver: Waiver, verdict: Verdict | None, seen: Observation) -> str:
    """Why a waiver that is in force covers nothing."""
    said = f"the requirement is: {verdict.word if verdict is not None else 'not decided'}"
    if verdict is None or verdict.word not in waiver.covers:
        return said
    if waiver.floor is None and seen.evidence is Evidence.UNDETERMINED:
        what = "which may fail once they are decided: that is covered only where 'fail' is"
        return f"{said}, with rows of which nobody knows whether they count, {what}"
    if waiver.floor is None:
        return f"{said}, with a number that may fail, which is covered down to a floor only: it names none"
    if seen.ends is None:
        return f"{said}, without a value that the floor of {waiver.floor} could be held against"
    lies = "" if seen.low == seen.high else "that may lie "
    return f"{said}, with a value {lies}beyond the floor of {waiver.floor}"
