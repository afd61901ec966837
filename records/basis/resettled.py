"""Recorded facts as they would be on another day, or where evidence may be older or must have more rows.

What was counted stays. Of what was counted of too few rows nothing was kept but how many they were.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from phasegate.records.basis.parts import Parts
from phasegate.records.schema import FactEntry, Record


class UndecidableError(Exception):
    """What a fact would be can not be told from what was kept of it."""


class Held(NamedTuple):
    """What is held against a fact before any bound is.

    Attributes:
        day: the day that is decided.
        max_age: how many days old its evidence may be; None for any age.
        min_rows: how many rows it takes.
    """

    day: dt.date
    max_age: int | None
    min_rows: int


def parts_of(record: Record, fact: str) -> Parts | None:
    """What the facts of a measure rest on, by the name that a fact has it by; None where it is not known."""
    known = record.get("basis", {})
    while fact not in known:
        fact, dot, _ = fact.rpartition(".")
        if not dot:
            return None
    return known[fact]


def held_by(parts: Parts | None, fact: FactEntry, day: dt.date) -> Held:
    """What was held against a fact.

    Args:
        parts: what it rests on; None where that is not known.
        fact: the fact.
        day: the day that was decided.
    """
    if parts is None:  # that it takes one row excludes nothing
        return Held(day, fact["max_age_days"], 1)
    return Held(day, _count(parts, "max_age"), _count(parts, "min_rows") or 1)


def _count(parts: Parts, key: str) -> int | None:
    """A number that a part says; None where it is none."""
    written = parts.get(key, "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else None


def word_age(parts: Parts | None, fact: FactEntry) -> int | None:
    """How many days old a signed word about a fact may be; None for any age.

    Args:
        parts: what the fact rests on; None where that is not known: it tells how long its own word lasts.
        fact: the fact.
    """
    if parts is None:
        return fact["max_age_days"]
    return _count(parts, "max_age")


def resettled(fact: FactEntry, then: Held, now: Held) -> FactEntry:
    """A fact as it would be, had something else been held against it.

    Args:
        fact: as it was recorded, of anything but what people attest.
        then: what was held against it.
        now: what is.

    Raises:
        UndecidableError: if that can not be told.
    """
    if then == now:
        return fact
    rows, status = fact["rows"], fact["status"]
    sure = rows - fact["nulls"]  # some measures count no row that lacks what they read
    if status == "unknown" and rows and sure < then.min_rows:
        if rows >= now.min_rows:
            raise UndecidableError
        return {**fact, "reason": _few(rows, now.min_rows)}
    if rows and now.min_rows > then.min_rows and sure < now.min_rows:
        if status in ("present", "stale") and rows < now.min_rows:
            return _without_value(fact, _few(rows, now.min_rows))
        if status != "unknown":  # of an error the number itself may have been none, of too few there is none
            raise UndecidableError
    if status not in ("present", "stale"):
        return fact
    newest = fact["newest"]
    found: FactEntry = {**fact, "status": "present", "reason": "", "max_age_days": now.max_age}
    if now.max_age is None:
        return found
    if newest is None:
        if then.max_age is None:
            return _without_value(found, "no event date tells how old the rows are")
        raise UndecidableError
    age = (now.day - dt.date.fromisoformat(newest)).days
    if age > now.max_age:
        reason = f"the newest row is of {newest}, {age} days old, {now.max_age} are allowed"
        return {**found, "status": "stale", "reason": reason}
    return found


def _without_value(fact: FactEntry, reason: str) -> FactEntry:
    blank = dict.fromkeys(("numerator", "denominator", "truth", "text"))
    found: FactEntry = {**fact, **blank, "status": "unknown", "reason": reason}  # type: ignore[typeddict-item]
    if "undetermined" in fact:
        kept = {key: each for key, each in fact["undetermined"].items() if key not in ("low", "high")}
        found["undetermined"] = kept  # type: ignore[typeddict-item]  # less is what the key may have
    return found


def _few(rows: int, least: int) -> str:
    return f"{rows:,} row{'s' * (rows != 1)}, fewer than the {least:,} that it takes"
