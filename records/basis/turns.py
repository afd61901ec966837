"""The days on which a record's verdicts turn by themselves: evidence ages, and statements begin and end.

What was counted stays as it is. A measure that reads the day may count something else on another one, and
only its sources tell: it is named, and left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from phasegate.records.alternatives import choice_of
from phasegate.records.basis.resettled import (
    Held,
    UndecidableError,
    held_by,
    parts_of,
    resettled,
    word_age,
)
from phasegate.records.basis.statements import answered_by, attested_on, is_waived
from phasegate.records.editions import edition_of
from phasegate.records.recheck_requirements import due_verdict
from phasegate.records.rows_behind import NOT_READ
from phasegate.records.schema import AttestationEntry, FactEntry, Record, RequirementEntry, WaiverEntry
from phasegate.records.time_zone import validity_of
from phasegate.rules.model.verdict import HOLDING
from phasegate.rules.values.time_zones import day_of
from phasegate.rules.values.validity import Validity

_DAY = dt.timedelta(days=1)


class Turn(NamedTuple):
    """A requirement that turns.

    Attributes:
        day: the first day of its other verdict.
        requirement: its id.
        criterion: that of its criterion.
        before: its verdict on the day before.
        after: and on that day.
        gates: those that rest on the criterion, where that holds no longer on that day.
    """

    day: dt.date
    requirement: str
    criterion: str
    before: str
    after: str
    gates: tuple[str, ...] = ()


class Ahead:
    """Decides the requirements of a record on later days.

    Args:
        record: what was decided.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        try:
            self._as_of: dt.date | None = dt.date.fromisoformat(record["as_of"])
        except ValueError:
            self._as_of = None
        self._edition = edition_of(record)
        self._facts = {each["id"]: each for each in record["facts"]}
        self._hard = {each["id"] for each in record["criteria"] if each["enforcement"] == "hard"}
        self._known: dict[tuple[str, dt.date], str | None] = {}
        self._then: dict[str, Held] = {}
        self._due: dict[tuple[str, str], str] = {}
        self._words: dict[str, list[AttestationEntry]] = {}
        for word in record["attestations"]:
            self._words.setdefault(word["fact"], []).append(word)
        self._waivers: dict[str, list[WaiverEntry]] = {}
        for waiver in record["waivers"]:
            if waiver["standing"] != "untrusted" and waiver["pack_digest"] == record["pack"]["digest"]:
                self._waivers.setdefault(waiver["requirement"], []).append(waiver)

    def verdict(self, requirement: RequirementEntry, day: dt.date) -> str | None:
        """The verdict of a requirement on a day; None where the record does not tell.

        Args:
            requirement: of the record.
            day: the day.
        """
        key = requirement["id"], day
        if key not in self._known:
            try:
                self._known[key] = self._verdict(requirement, day)
            except (UndecidableError, *NOT_READ):
                self._known[key] = None
        return self._known[key]

    def ends(self, criterion: str, day: dt.date) -> bool:
        """Whether a criterion holds on the day before a day, and no longer on it.

        Args:
            criterion: its id.
            day: the day.
        """
        asked = [each for each in self._record["requirements"] if each["criterion"] == criterion]
        holds = []
        for each_day in (day - _DAY, day):
            verdicts = [self.verdict(each, each_day) or each["verdict"] for each in asked]
            then: list[RequirementEntry] = [
                {**each, "verdict": verdict} for each, verdict in zip(asked, verdicts, strict=True)
            ]
            holds.append(choice_of(then, self._edition.alternatives).verdict in HOLDING)
        return holds == [True, False]

    def tells(self, requirement: RequirementEntry) -> bool:
        """Whether the verdict of a requirement follows from the record on its own day."""
        day = self._as_of
        return day is not None and self.verdict(requirement, day) == requirement["verdict"]

    def turns(self, until: dt.date) -> Iterator[Turn]:
        """The requirements that turn up to a day, in the order of the record.

        Args:
            until: the last day.
        """
        as_of = self._as_of
        for requirement in self._record["requirements"]:
            if as_of is None:
                continue
            days = sorted({each for each in self._days(requirement) if as_of < each <= until})
            if not days or not self.tells(requirement):
                continue
            before = requirement["verdict"]
            for day in days:
                after = self.verdict(requirement, day)
                if after is not None and after != before:
                    yield Turn(day, requirement["id"], requirement["criterion"], before, after)
                    before = after

    def reading_the_day(self) -> list[str]:
        """The measures that may count something else on another day, as far as that is known."""
        sources = {each["name"]: each for each in self._record["sources"]}
        found: dict[str, None] = {}
        for fact in self._record["facts"]:
            parts = parts_of(self._record, fact["measure"])
            if parts is None:
                continue
            read = [sources.get(part.partition(" ")[2]) for part in parts if part.startswith("table ")]
            kept_back = any(each and each["rows"] != each["rows_in_force"] for each in read)
            if parts.get("day") == "read" or ("day" in parts and kept_back) or self._cycle_comes(parts):
                found[fact["measure"]] = None
        return list(found)

    def _cycle_comes(self, parts: dict[str, str]) -> bool:
        start = (self._record["cycle"] or {}).get("start", "")
        return "cycle" in parts and start > self._record["as_of"]

    def _verdict(self, requirement: RequirementEntry, day: dt.date) -> str:
        fact = self._facts[requirement["fact"]]
        if fact["kind"] == "attested":
            parts = parts_of(self._record, fact["measure"])
            words = self._words.get(fact["id"], [])
            answer = answered_by(fact, words)
            known = {answer: fact} if answer is not None else {}
            fact = attested_on(fact, words, known, day, self._signed, word_age(parts, fact))
        else:
            then = self._held(fact)
            fact = resettled(fact, then, Held(day, then.max_age, then.min_rows)) if self._as_of else fact
        due = self._due_of(requirement, fact)
        waivers = self._waivers.get(requirement["id"])
        if not waivers or requirement["criterion"] in self._hard:
            return due

        def in_force(waiver: WaiverEntry) -> bool:
            return self._granted(waiver).on(day)[0] == "in_force"

        return "waived" if is_waived(requirement, fact, due, waivers, in_force, self._edition) else due

    def _held(self, fact: FactEntry) -> Held:
        """What was held against a fact on the day that was decided."""
        found = self._then.get(fact["id"])
        if found is None:
            parts = parts_of(self._record, fact["measure"])
            found = self._then[fact["id"]] = held_by(parts, fact, self._as_of or dt.date.min)
        return found

    def _due_of(self, requirement: RequirementEntry, fact: FactEntry) -> str:
        """What a fact says of a requirement; of what was measured, a day moves the status alone."""
        if fact["kind"] == "attested":
            return due_verdict(requirement, fact)
        key = requirement["id"], fact["status"]
        if key not in self._due:
            self._due[key] = due_verdict(requirement, fact)
        return self._due[key]

    def _signed(self, word: AttestationEntry) -> Validity:
        return validity_of(word, self._record)

    def _granted(self, waiver: WaiverEntry) -> Validity:
        return validity_of(waiver, self._record)

    def _days(self, requirement: RequirementEntry) -> Iterator[dt.date]:
        """The days on which it can turn."""
        fact = self._facts[requirement["fact"]]
        parts = parts_of(self._record, fact["measure"])
        words = self._words.get(fact["id"], [])
        most = word_age(parts, fact) if fact["kind"] == "attested" else None
        for spans in (map(self._signed, words), map(self._granted, self._waivers.get(requirement["id"], ()))):
            yield from self._of_statements(spans, most)
        age = held_by(parts, fact, dt.date.min).max_age
        if age is not None and fact["newest"] is not None:
            try:
                yield dt.date.fromisoformat(fact["newest"]) + dt.timedelta(days=age + 1)
            except NOT_READ:
                return

    def _of_statements(self, spans: Iterator[Validity], most: int | None) -> Iterator[dt.date]:
        while True:
            try:
                span = next(spans)
                yield from (span.first_day, span.last_day + _DAY)
                if most is not None:
                    yield day_of(span.signed, span.zone) + dt.timedelta(days=most + 1)
            except StopIteration:
                return
            except NOT_READ:
                continue
