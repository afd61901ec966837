"""What earlier runs of a ledger found of each requirement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson

from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.entry_schema import RunEntry
from phasegate.audit.trail.runs import KeptRun, content_of
from phasegate.records.numbers import floats
from phasegate.records.reader import shape_fault
from phasegate.rules.errors import PhasegateError

MOST = 12
"""So many days are looked back at."""
MOST_A_DAY = 4
"""So many runs as of one day are read at most."""


@dataclass(frozen=True, slots=True)
class Past:
    """What one run found of one requirement.

    Attributes:
        run: its number.
        as_of: the day that it decided.
        verdict: the requirement's.
        value: the number that was found; None where there was none, or it was no number.
        ends: the least and the greatest that it can have been, where missing values left that open.
    """

    run: int
    as_of: str
    verdict: str
    value: float | None
    ends: tuple[float, float] | None = None

    @classmethod
    def of(cls, run: KeptRun, verdict: str, extremes: tuple[float, float] | None) -> Past:
        """What a run found, of the least and the greatest that a number can be."""
        low, high = extremes or (None, None)
        known = low if low == high else None
        return cls(run.number, run.entry["as_of"], verdict, known, extremes if known is None else None)


def history(ledger: Ledger, run: KeptRun, most: int = MOST) -> dict[str, tuple[Past, ...]]:
    """What a run and those before it found, of each requirement by id, the oldest first.

    Of several runs as of one day, the last one that decided a requirement counts for it: a gate decides
    a part of what a check decides. What can not be read is left out: a report of one run does not fail
    for another one, and `verify` tells of it.

    Args:
        ledger: where the runs are.
        run: the last one.
        most: how many days are looked at.
    """
    by_day: dict[str, list[KeptRun]] = {}
    for each in _runs(ledger, run.number):
        if each.entry["as_of"] <= run.entry["as_of"]:
            by_day.setdefault(each.entry["as_of"], []).append(each)
    found: dict[str, list[Past]] = {}
    for day in sorted(by_day)[-most:]:
        for name, past in _of_day(ledger, by_day[day]).items():
            found.setdefault(name, []).append(past)
    return {name: tuple(each) for name, each in found.items()}


def _runs(ledger: Ledger, last: int) -> Iterator[KeptRun]:
    """The runs up to one, without those whose entry is none of a run."""
    for row in ledger.find(("run",)):
        with suppress(PhasegateError):
            entry = document_of(row)
            if shape_fault(entry, RunEntry) is None and entry["run"] == row.run and entry["run"] <= last:
                yield KeptRun(entry["run"], row.seq, entry)


def _of_day(ledger: Ledger, runs: Sequence[KeptRun]) -> dict[str, Past]:
    """What the runs as of one day found, given the oldest first; the newest counts."""
    found: dict[str, Past] = {}
    for run in runs[-MOST_A_DAY:][::-1]:
        past = _found(ledger, run)
        found = {**past, **found}
        if past and run.entry["kind"] == "check" and not run.entry["scope"]:
            break  # it decided all there was to decide
    return found


def _found(ledger: Ledger, run: KeptRun) -> dict[str, Past]:
    parts = run.entry["parts"]
    try:
        # Held to their digests as they are read; that they are canonical too is for `verify` to see.
        facts = orjson.loads(content_of(ledger, parts["facts"]))
        requirements = orjson.loads(content_of(ledger, parts["rest"]))["requirements"]
        values = {each["id"]: floats(each) for each in facts}
        return {each["id"]: Past.of(run, each["verdict"], values[each["fact"]]) for each in requirements}
    except (PhasegateError, AttributeError, KeyError, TypeError, ValueError):
        return {}
