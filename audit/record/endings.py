"""What a record knows of the days on which its verdicts end: evidence ages, waivers and words run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from phasegate.audit.record.document import Record


@dataclass(frozen=True, slots=True, order=True)
class Ending:
    """Something that holds today and no longer does from a day on, if nothing is renewed.

    Attributes:
        day: the first day on which it no longer holds.
        kind: ``evidence`` that goes stale, a ``waiver``, or an ``attestation``.
        id: of the fact, the waiver or the attestation.
        criteria: those that rest on it and are not advisory.
        gates: those that it would shut.
    """

    day: dt.date
    kind: Literal["evidence", "waiver", "attestation"]
    id: str
    criteria: tuple[str, ...]
    gates: tuple[str, ...]


def endings(record: Record) -> list[Ending]:
    """All that ends by itself, the next one first.

    What is no evidence of a passing or waived requirement that counts is left out: nothing rests on it.

    Args:
        record: as it was kept.
    """
    return sorted(_found(record))


def _found(record: Record) -> Iterator[Ending]:
    binding = {each["id"] for each in record["criteria"] if each["enforcement"] != "advisory"}
    on_fact: dict[str, list[str]] = {}
    on_waiver: dict[str, list[str]] = {}
    for each in record["requirements"]:
        if each["criterion"] not in binding:
            continue
        if each["verdict"] in ("pass", "waived"):
            on_fact.setdefault(each["fact"], []).append(each["criterion"])
        if each["verdict"] == "waived" and each["waiver"]:
            on_waiver.setdefault(each["waiver"], []).append(each["criterion"])
    gates = _Gates(record)
    for fact in record["facts"]:
        criteria = on_fact.get(fact["id"], [])
        if criteria and fact["newest"] and fact["max_age_days"] is not None and fact["status"] == "present":
            fresh = dt.timedelta(days=fact["max_age_days"] + 1)
            day = dt.date.fromisoformat(fact["newest"]) + fresh
            yield Ending(day, "evidence", fact["id"], tuple(dict.fromkeys(criteria)), gates.of(criteria))
    for waiver in record["waivers"]:
        criteria = on_waiver.get(waiver["id"], [])
        if criteria:
            yield Ending(_last(waiver["end"]), "waiver", waiver["id"], tuple(criteria), gates.of(criteria))
    for word in record["attestations"]:
        criteria = on_fact.get(word["fact"], [])
        if criteria and word["standing"] == "used":
            yield Ending(_last(word["end"]), "attestation", word["id"], tuple(criteria), gates.of(criteria))


def _last(end: str) -> dt.date:
    """The first day that is not covered as a whole; an end is an instant that no longer counts."""
    return dt.datetime.fromisoformat(end).astimezone(dt.UTC).date()


class _Gates:
    """The gates that rest on a criterion, by themselves or by those before them."""

    def __init__(self, record: Record) -> None:
        inside = {point["id"]: point["criteria"] for point in record["points"]}
        self._under: dict[str, set[str]] = {}
        for gate in record["gates"]:  # those that it comes after stand before it
            found = {*gate["targets"], *(name for point in gate["points"] for name in inside.get(point, ()))}
            self._under[gate["id"]] = found.union(*(self._under.get(each, set()) for each in gate["after"]))

    def of(self, criteria: list[str]) -> tuple[str, ...]:
        return tuple(gate for gate, under in self._under.items() if under.intersection(criteria))
