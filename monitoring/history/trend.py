"""How one verdict went from run to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import orjson

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import KeptRun, content_of
from phasegate.audit.trail.standing_runs import by_day
from phasegate.records.numbers import floats

MOST_LOOKED_AT = 20
"""So many times as many runs are gone back as are wanted, where not all of them decided it."""


class NeverDecidedError(TrailError):
    """An id that no run decided, as far as was looked."""

    def __init__(self, given: str, runs: int) -> None:
        super().__init__(
            f"none of the newest {runs:,} runs decided {given!r}",
            "name a gate, a point, a criterion, a target or a requirement, as reports show them",
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """What one run found.

    Attributes:
        run: its number.
        as_of: the day that it decided.
        kind: ``check`` or ``gate``.
        verdict: the verdict, or the state of a gate.
        observed: what was found, where it rests on one requirement; empty otherwise.
        value: the same as a number, for a plot; None where it is none, or none that is known.
        ends: the least and the greatest that it can have been, where missing values left that open.
        cycle: the id of the cycle that it decided; None where it had none.
    """

    run: int
    as_of: str
    kind: str
    verdict: str
    observed: str = ""
    value: float | None = None
    ends: tuple[float, float] | None = None
    cycle: str | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """What the newest runs found of one id.

    Attributes:
        id: what they decided.
        of: whether it is a gate, whose verdicts are states.
        moments: the oldest first.
    """

    id: str
    of: Literal["gate", "verdict"]
    moments: tuple[Moment, ...]


def trend(ledger: Ledger, given: str, last: int) -> Trend:
    """What the newest runs that decided something found, by their days; those that looked back are left out.

    Args:
        ledger: where the runs are kept.
        given: a gate, point, criterion, target or requirement.
        last: how many runs.

    Raises:
        NeverDecidedError: if none of them did.
        TrailError: if the ledger does not hold what its entries name.
    """
    found: list[tuple[Literal["gate", "verdict"], Moment]] = []
    looked_at = 0
    for run in islice(by_day(ledger, lambda _: True), last * MOST_LOOKED_AT):
        looked_at += 1
        if (moment := _moment(ledger, run, given)) is not None:
            found.append(moment)
        if len(found) == last:
            break
    if not found:
        raise NeverDecidedError(given, looked_at)
    of = found[0][0]
    return Trend(given, of, tuple(moment for kind, moment in reversed(found) if kind == of))


def _moment(ledger: Ledger, run: KeptRun, given: str) -> tuple[Literal["gate", "verdict"], Moment] | None:
    entry = run.entry
    decided = entry.get("cycle")
    cycle = str(decided.get("id")) if isinstance(decided, dict) else None
    gates: Mapping[str, str] = entry.get("gates", {})
    if given in gates:
        return "gate", Moment(run.number, entry["as_of"], entry["kind"], gates[given], cycle=cycle)
    for subject in _subjects(given):
        for row in ledger.find(("point", "target"), run=run.number, subject=subject):
            found = _within(ledger, document_of(row), given)
            if found is not None:
                return "verdict", Moment(run.number, entry["as_of"], entry["kind"], *found, cycle)
    return None


def _subjects(given: str) -> Iterator[str]:
    """The points or targets that an id may lie in, itself first."""
    while given:
        yield given
        given = given.rpartition("/")[0]


_Found = tuple[str, str, float | None, tuple[float, float] | None]
"""Verdict, words, number, and both ends where that is not known."""


def _within(ledger: Ledger, document: Mapping[str, Any], given: str) -> _Found | None:
    """What a point or target has of an id; None where it has it not."""
    told = {each["id"]: each["verdict"] for each in document.get("criteria", ())}
    told[document["id"]] = document["verdict"]
    evidence = _evidence(ledger, document)
    requirements = {each["id"]: each for each in evidence.get("requirements", ())}
    if given in requirements:
        return (requirements[given]["verdict"], *_observed(evidence, requirements[given]))
    if given not in told:
        return None
    own = [each for each in requirements.values() if given in (each["criterion"], document["id"])]
    return (told[given], *(_observed(evidence, own[0]) if len(own) == 1 else ("", None)))


def _evidence(ledger: Ledger, document: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = orjson.loads(content_of(ledger, document["evidence"]))
    except (KeyError, ValueError) as error:
        message = f"the evidence of {document.get('id')} in run {document.get('run')} can not be read"
        raise TrailError(message, "'phasegate verify' tells more") from error
    return found


def _observed(
    evidence: Mapping[str, Any], requirement: Mapping[str, Any]
) -> tuple[str, float | None, tuple[float, float] | None]:
    for fact in evidence["facts"]:
        if fact["id"] == requirement["fact"] and (found := floats(fact)) is not None:
            known = found[0] == found[1]
            return requirement["observed"], found[0] if known else None, None if known else found
    return requirement["observed"], None, None
