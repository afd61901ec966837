"""What earlier runs of a ledger found of each requirement."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from phasegate.audit.errors import TrailError
from phasegate.audit.kept.kept_runs import KeptRun, content_of, runs
from phasegate.audit.ledger.canonical import CanonicalError, read_canonical
from phasegate.audit.ledger.ledger import Ledger

MOST = 12
"""So many runs are looked back at."""


@dataclass(frozen=True, slots=True)
class Past:
    """What one run found of one requirement.

    Attributes:
        run: its number.
        as_of: the day that it decided.
        verdict: the requirement's.
        value: the number that was found; None where there was none, or it was no number.
    """

    run: int
    as_of: str
    verdict: str
    value: float | None


def history(ledger: Ledger, run: KeptRun, most: int = MOST) -> dict[str, tuple[Past, ...]]:
    """What a run and those before it found, of each requirement by id, the oldest first.

    Of several runs as of one day the last one counts. What can not be read is left out: a report of
    one run does not fail for another one, and `verify` tells of it.

    Args:
        ledger: where the runs are.
        run: the last one.
        most: how many runs are looked at.
    """
    by_day: dict[str, KeptRun] = {}
    for each in runs(ledger):
        if each.number > run.number:
            break
        if each.entry["as_of"] <= run.entry["as_of"]:
            by_day[each.entry["as_of"]] = each
    found: dict[str, list[Past]] = {}
    for day in sorted(by_day)[-most:]:
        for name, past in _found(ledger, by_day[day]):
            found.setdefault(name, []).append(past)
    return {name: tuple(each) for name, each in found.items()}


def _found(ledger: Ledger, run: KeptRun) -> list[tuple[str, Past]]:
    parts = run.entry["parts"]
    try:
        facts = read_canonical(b'{"":%s}' % content_of(ledger, parts["facts"]))[""]
        requirements = read_canonical(content_of(ledger, parts["rest"]))["requirements"]
        values = {each["id"]: _value(each) for each in facts}
        return [
            (each["id"], Past(run.number, run.entry["as_of"], each["verdict"], values[each["fact"]]))
            for each in requirements
        ]
    except (TrailError, CanonicalError, KeyError, TypeError):
        return []


def _value(fact: dict[str, Any]) -> float | None:
    """The number of a fact as a plot has it: the only place where it is not exact."""
    try:
        return float(Fraction(int(fact["numerator"]), int(fact["denominator"])))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
