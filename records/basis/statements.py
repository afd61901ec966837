"""What signed statements come to on a day, as a record has them: words about a fact, and waivers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from phasegate.records.basis.resettled import UndecidableError
from phasegate.records.editions import Edition
from phasegate.records.recheck_requirements import excuses
from phasegate.records.rows_behind import NOT_READ
from phasegate.records.schema import AttestationEntry, FactEntry, WaiverEntry
from phasegate.rules.model.verdict import WAIVABLE
from phasegate.rules.values.time_zones import day_of
from phasegate.rules.values.units import Quantity
from phasegate.rules.values.validity import Validity

_VALUE = ("numerator", "denominator", "truth", "text", "unit")


def attested_on(
    like: FactEntry,
    words: Sequence[AttestationEntry],
    known: Mapping[str, FactEntry],
    day: dt.date,
    when: Callable[[AttestationEntry], Validity],
    max_age: int | None,
) -> FactEntry:
    """The fact that people's words make on a day.

    Args:
        like: the fact as it was.
        words: what was signed about it, in the order of the ledger.
        known: facts that are what one of them says, by its id.
        day: the day.
        when: tells when one counts.
        max_age: how many days old it may be; None for any age.

    Raises:
        UndecidableError: if nothing tells which value was signed.
    """
    states = [(each, _state(each, day, when)) for each in words]
    wanted = ("in_force", "expired")
    found = next(((each, state) for one in wanted for each, state in reversed(states) if state == one), None)
    blank: FactEntry = {**like, "numerator": None, "denominator": None, "truth": None, "text": None}
    if found is None:
        return {**blank, "status": "unknown"}
    word, state = found
    if word["standing"] == "evidence_changed":
        return {**blank, "status": "error"}
    fact: dict[str, Any] = {**blank, **_said(word, like, known)}
    span = when(word)
    old = max_age is not None and (day - day_of(span.signed, span.zone)).days > max_age
    fact["status"] = "stale" if state == "expired" or old else "present"
    return fact  # type: ignore[return-value]


def _state(word: AttestationEntry, day: dt.date, when: Callable[[AttestationEntry], Validity]) -> str:
    if word["standing"] == "untrusted":
        return "untrusted"
    try:
        return when(word).on(day)[0]
    except NOT_READ:
        return "untrusted"


def _said(word: AttestationEntry, like: FactEntry, known: Mapping[str, FactEntry]) -> dict[str, Any]:
    """A stated value in the form that facts have it."""
    if (fact := known.get(word["id"])) is not None:
        return {key: part for key, part in fact.items() if key in _VALUE}
    said = word["value"]
    if like["text"] is not None or any(each["text"] is not None for each in known.values()):
        return {"text": said}
    if said in ("true", "false"):
        return {"truth": said == "true"}
    try:
        found = Quantity.parse(said)
        number = (found.within(like["unit"]) or found).value
    except NOT_READ as error:
        raise UndecidableError from error
    return {"numerator": str(number.numerator), "denominator": str(number.denominator)}


def answered_by(fact: FactEntry, words: Iterable[AttestationEntry]) -> str | None:
    """The statement whose value a fact has; None where that is none of them."""
    used = [each["id"] for each in words if each["standing"] == "used"]
    return used[0] if len(used) == 1 and fact["status"] in ("present", "stale") else None


def is_waived(
    requirement: Mapping[str, Any],
    fact: Mapping[str, Any],
    due: str,
    waivers: Iterable[WaiverEntry],
    in_force: Callable[[WaiverEntry], bool],
    edition: Edition,
) -> bool:
    """Whether a waiver excuses a requirement of which the criterion takes some.

    Args:
        requirement: the requirement.
        fact: what is held against it.
        due: what the fact says of it.
        waivers: those that are about it, and that somebody vouches for.
        in_force: whether one counts.
        edition: by whose rules.
    """
    if due not in WAIVABLE:
        return False
    for waiver in sorted(waivers, key=lambda each: each["id"]):
        try:
            if in_force(waiver):  # of several the first counts, whatever it covers
                return due in waiver["covers"] and excuses(waiver, requirement, fact, edition)
        except NOT_READ:
            continue
    return False
