"""A requirement decided anew with parts of one run and parts of another.

What was kept of a fact is enough to decide bounds, ages, the fewest rows, signed words, waivers and
enforcement in any mixture of two runs. What was counted is one part by itself: why that is another one is
no matter of verdicts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from phasegate.records.basis.parts import Parts
from phasegate.records.basis.resettled import Held, held_by, parts_of, resettled, word_age
from phasegate.records.basis.statements import answered_by, attested_on, is_waived
from phasegate.records.editions import edition_of
from phasegate.records.recheck_requirements import due_verdict
from phasegate.records.schema import AttestationEntry, FactEntry, Record, RequirementEntry, WaiverEntry
from phasegate.records.time_zone import validity_of, zone_of
from phasegate.rules.values.validity import Validity

Part = Literal[
    "bound", "content", "max_age", "min_rows", "age", "words", "words_day", "enforcement", "waivers",
    "waivers_day", "rules", "zone",
]  # fmt: skip
PARTS: tuple[Part, ...] = (
    "bound",
    "enforcement",
    "max_age",
    "min_rows",
    "rules",
    "zone",
    "content",
    "words",
    "waivers",
    "waivers_day",
    "words_day",
    "age",
)
"""What a verdict follows from, the most direct one first. Three of them are what the day does."""
_COUNTED = ("id", "unit", "numerator", "denominator", "scale", "truth", "text", "newest")
_BOUND = ("bound", "limit", "unit")


@dataclass(frozen=True, slots=True)
class DecidedRequirement:
    """A requirement of one run with all that its verdict followed from.

    Attributes:
        record: of the run.
        requirement: the requirement.
        fact: what was held against it.
        enforcement: of its criterion.
    """

    record: Record
    requirement: RequirementEntry
    fact: FactEntry
    enforcement: str = "soft"

    @property
    def parts(self) -> Parts | None:
        """What its fact rests on; None where that is not known."""
        return parts_of(self.record, self.fact["measure"])

    @property
    def day(self) -> dt.date:
        """The day that was decided."""
        return dt.date.fromisoformat(self.record["as_of"])

    @property
    def held(self) -> Held:
        """What was held against its fact before any bound was."""
        return held_by(self.parts, self.fact, self.day)

    @property
    def max_age(self) -> int | None:
        """How old its evidence may be; None for any age."""
        return self.held.max_age

    @property
    def min_rows(self) -> int:
        """How many rows it takes."""
        return self.held.min_rows

    @property
    def words(self) -> list[AttestationEntry]:
        """What people signed about its fact."""
        return [each for each in self.record["attestations"] if each["fact"] == self.fact["id"]]

    @property
    def waivers(self) -> list[WaiverEntry]:
        """The waivers that are about it, but for those that nobody vouches for."""
        return [
            each
            for each in self.record["waivers"]
            if each["requirement"] == self.requirement["id"] and each["standing"] != "untrusted"
        ]


class Mixture:
    """Two runs of one requirement, of which each part may be taken from either.

    Args:
        before, after: the requirement in each.
    """

    def __init__(self, before: DecidedRequirement, after: DecidedRequirement) -> None:
        self._sides = before, after
        self._attested = "attested" in (before.fact["kind"], after.fact["kind"])

    def changed(self) -> list[Part]:
        """The parts that are another one in the later run."""
        return [part for part in PARTS if self._says(part, 0) != self._says(part, 1)]

    def verdict(self, back: frozenset[Part] | set[Part]) -> str:
        """The verdict with some parts as they were before, and all others as they are.

        Raises:
            UndecidableError: if the kept facts do not tell.
        """
        sides = {part: self._sides[part not in back] for part in PARTS}
        fact = self._fact(sides)
        bound = sides["bound"].requirement
        requirement: RequirementEntry = {
            **sides["content"].requirement,
            "bound": bound["bound"],
            "limit": bound["limit"],
            "unit": bound["unit"],
        }
        due = due_verdict(requirement, fact)
        return "waived" if self._waived(sides, requirement, fact, due) else due

    def _says(self, part: Part, place: int) -> object:
        side = self._sides[place]
        match part:
            case "bound":
                return [part for key, part in side.requirement.items() if key in _BOUND]
            case "content":
                return None if self._attested else _content(side.fact)
            case "max_age" | "min_rows" | "enforcement":
                return getattr(side, part)
            case "age":
                return side.day
            case "words":
                return [_said(each) for each in side.words]
            case "words_day":
                return (side.day, "statements" in side.record) if self._attested else None
            case "waivers":
                return [_said(each) for each in side.waivers]
            case "waivers_day":
                return (side.day, "statements" in side.record)
            case "zone":
                asked = any(each.words or each.waivers for each in self._sides)
                return zone_of(side.record) if asked else None
            case "rules":
                kept = any(self._waiver_of_both(each["id"]) for each in self._sides[0].waivers)
                return side.record["pack"]["digest"] if kept else None

    def _fact(self, sides: Mapping[Part, DecidedRequirement]) -> FactEntry:
        if self._attested:
            return self._word(sides)
        side = sides["content"]
        held = Held(sides["age"].day, sides["max_age"].max_age, sides["min_rows"].min_rows)
        return resettled(side.fact, side.held, held)

    def _word(self, sides: Mapping[Part, DecidedRequirement]) -> FactEntry:
        """The fact that people's words make, of either run's words on either day."""
        side, day, rules = sides["words"], sides["words_day"], sides["max_age"]
        known = {
            name: each.fact
            for each in (*self._sides, side)  # what its own run has made of a word, where both have
            if (name := answered_by(each.fact, each.words)) is not None
        }
        return attested_on(
            side.fact,
            side.words,
            known,
            day.day,
            lambda word: _validity(word, sides["words_day"], sides["zone"]),
            word_age(rules.parts, rules.fact),
        )

    def _waived(
        self,
        sides: Mapping[Part, DecidedRequirement],
        requirement: RequirementEntry,
        fact: FactEntry,
        due: str,
    ) -> bool:
        if sides["enforcement"].enforcement == "hard":
            return False
        day, side = sides["waivers_day"], sides["waivers"]

        def in_force(waiver: WaiverEntry) -> bool:
            granted = self._granted_under(waiver, sides)
            return granted and _validity(waiver, day, sides["zone"]).on(day.day)[0] == "in_force"

        return is_waived(requirement, fact, due, side.waivers, in_force, edition_of(side.record))

    def _granted_under(self, waiver: WaiverEntry, sides: Mapping[Part, DecidedRequirement]) -> bool:
        """Whether a waiver is about some rules; one that both runs have not is about its own."""
        kept = self._waiver_of_both(waiver["id"])
        rules = sides["rules" if kept else "waivers"].record["pack"]["digest"]
        return waiver["pack_digest"] == rules

    def _waiver_of_both(self, name: str) -> bool:
        """Whether both runs have a waiver as it was granted once."""
        named = [{each["pack_digest"] for each in side.waivers if each["id"] == name} for side in self._sides]
        return named[0] == named[1]


def _validity(
    entry: WaiverEntry | AttestationEntry, day: DecidedRequirement, zone: DecidedRequirement
) -> Validity:
    """When a statement counts: as the one run was decided, by the days of the other's zone."""
    return replace(validity_of(entry, day.record), zone=zone_of(zone.record))


def _content(fact: FactEntry) -> object:
    """What was counted, whatever its age makes of it."""
    status = "present" if fact["status"] == "stale" else fact["status"]
    unsure = fact.get("undetermined", {})
    ends = [unsure.get(end) for end in ("rows", "low", "high")]
    return status, fact["rows"], ends, [part for key, part in fact.items() if key in _COUNTED]


def _said(entry: WaiverEntry | AttestationEntry) -> object:
    """A statement without what became of it; of one whose files are others, that."""
    changed = entry["standing"] in ("evidence_changed", "untrusted")
    beside = ("standing", "reason", "pack_digest")
    return {key: each for key, each in entry.items() if key not in beside}, changed


def combinations(parts: Sequence[Part]) -> Iterator[list[frozenset[Part]]]:
    """Some parts by one, by two, and so on."""
    from itertools import combinations as of_size

    for size in range(1, len(parts) + 1):
        yield [frozenset(each) for each in of_size(parts, size)]
