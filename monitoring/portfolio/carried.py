"""The verdicts of a run carried to a later day: never better than they were, and without what has ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from phasegate.records.alternatives import choice_of
from phasegate.records.basis.turns import Ahead
from phasegate.records.editions import edition_of
from phasegate.records.expirations import Ending, endings
from phasegate.records.overdue import Weeks
from phasegate.records.schema import Record, RequirementEntry
from phasegate.rules.model.verdict import BY_WORD, HOLDING, Verdict


@dataclass(frozen=True)
class Decided:
    """What a run decided.

    Attributes:
        run: its number.
        record: what it decided.
        weeks: gives those of the phases that a record could show overdue, by the rules of the run.
        gone: the statements that it rests on and that count no more, each by its kind and id.
    """

    run: int
    record: Record
    weeks: Callable[[Record], Weeks]
    gone: Collection[tuple[str, str]] = ()

    @cached_property
    def endings(self) -> list[Ending]:
        """All that ends by itself, the next one first."""
        return endings(self.record)

    @property
    def reading_the_day(self) -> list[str]:
        """The measures that may count something else on another day, as far as that is known."""
        return Ahead(self.record).reading_the_day()


@dataclass(frozen=True, slots=True)
class Carried:
    """A criterion on a day.

    Attributes:
        id: its id.
        verdict: on that day.
        then: as it was decided.
        decided: by which run.
        counts: whether it is more than advisory.
        ended: since when something that it rests on has ended; None where nothing has.
    """

    id: str
    verdict: Verdict
    then: Verdict
    decided: Decided
    counts: bool
    ended: dt.date | None = None

    @property
    def changed(self) -> str | None:
        """What is otherwise than it was decided, in a sentence; None where nothing is."""
        if self.verdict is self.then:
            return None
        since = f" since {self.ended}" if self.ended is not None else ""
        return (
            f"{self.id} is {self.verdict.word}{since}: run {self.decided.run} of "
            f"{self.decided.record['as_of']} found {self.then.word}"
        )


def carried(decided: Decided, day: dt.date) -> Iterator[Carried]:
    """The criteria of a run on a day that is not before its own.

    Args:
        decided: the run.
        day: the day.
    """
    own: dict[str, list[RequirementEntry]] = {}
    for requirement in decided.record["requirements"]:
        own.setdefault(requirement["criterion"], []).append(requirement)
    ended: dict[str, dt.date] = {}
    for ending in decided.endings:
        if ending.day <= day:
            for name in ending.criteria:
                ended.setdefault(name, ending.day)
    on = _On(decided, day)
    for criterion in decided.record["criteria"]:
        name, then = criterion["id"], BY_WORD.get(criterion["verdict"], Verdict.ERROR)
        now = max(then, on.verdict(own.get(name, ()), ended=name in ended))
        counts = criterion["enforcement"] != "advisory"
        yield Carried(name, now, then, decided, counts, ended.get(name))


class _On:
    """Decides criteria of a record on a day.

    Args:
        decided: the run.
        day: the day.
    """

    def __init__(self, decided: Decided, day: dt.date) -> None:
        record, gone = decided.record, decided.gone
        self._day = day
        self._order = edition_of(record).alternatives
        self._ahead = self._without = Ahead(record)
        self._same = not gone and record["as_of"] == day.isoformat()
        self._touched: set[str] = set()
        if gone:
            waivers = [each for each in record["waivers"] if ("waiver", each["id"]) not in gone]
            words = [each for each in record["attestations"] if ("attestation", each["id"]) not in gone]
            self._without = Ahead({**record, "waivers": waivers, "attestations": words})
            facts = {each["fact"] for each in record["attestations"] if each not in words}
            self._touched = {
                each["id"]
                for each in record["requirements"]
                if each["fact"] in facts or ("waiver", each["waiver"]) in gone
            }

    def verdict(self, requirements: Sequence[RequirementEntry], *, ended: bool) -> Verdict:
        """The verdict of a criterion.

        Args:
            requirements: its own.
            ended: whether something that it rests on has ended by that day.
        """
        told = [self._requirement(each) for each in requirements]
        then: list[RequirementEntry] = [
            {**each, "verdict": word or each["verdict"]}
            for each, word in zip(requirements, told, strict=True)
        ]
        found = choice_of(then, self._order).verdict
        if ended and None in told and found in HOLDING:
            return Verdict.STALE
        return BY_WORD.get(found, Verdict.ERROR)

    def _requirement(self, requirement: RequirementEntry) -> str | None:
        """The verdict of a requirement; None where the record does not tell it for that day."""
        if self._same:
            return requirement["verdict"]
        if requirement["id"] in self._touched:
            return self._without.verdict(requirement, self._day) or Verdict.UNKNOWN.word
        if not self._ahead.tells(requirement):
            return None
        return self._without.verdict(requirement, self._day)
