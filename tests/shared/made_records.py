"""Records that no run has made: very many verdicts, and one verdict that is another."""

from __future__ import annotations

import copy
from typing import cast

from phasegate.records.schema import CriterionEntry, Record, RequirementEntry
from phasegate.reports.text.labels import VERDICTS


def many(record: Record, number: int, verdict: str) -> Record:
    """A record with so many more criteria of one verdict, each of a point of its own.

    Args:
        record: what is copied from; its waiver stands behind what is waived.
        number: how many.
        verdict: theirs, and that of their requirements and points.
    """
    made = copy.deepcopy(record)
    waiver = made["waivers"][0]["id"] if verdict == "waived" and made["waivers"] else None
    criterion, requirement, point = made["criteria"][0], made["requirements"][0], made["points"][0]
    for place in range(number):
        name = f"9.{place}/made"
        made["criteria"].append(
            cast(
                "CriterionEntry",
                {
                    **criterion,
                    "id": name,
                    "point": f"9.{place}",
                    "enforcement": "hard",
                    "verdict": verdict,
                    "requirements": [f"{name}/it"],
                },
            )
        )
        told = {"id": f"{name}/it", "criterion": name, "verdict": verdict, "waiver": waiver}
        made["requirements"].append(
            cast("RequirementEntry", {**requirement, **told, "reason": f"why {place}"})
        )
        made["points"].append({**point, "id": f"9.{place}", "verdict": verdict, "criteria": [name]})
    return made


def with_verdict(record: Record, requirement: str, verdict: str) -> Record:
    """The record with one other verdict of a requirement, and of the criterion that rests on it alone."""
    made = copy.deepcopy(record)
    for each in made["requirements"]:
        if each["id"] == requirement:
            each["verdict"] = verdict
    for criterion in made["criteria"]:
        if criterion["requirements"] == [requirement]:
            criterion["verdict"] = verdict
    return made


def counted(record: Record) -> dict[str, tuple[int, int]]:
    """How many criteria and requirements have which verdict, without those that nothing has."""
    found = {
        word: (
            sum(each["verdict"] == word for each in record["criteria"]),
            sum(each["verdict"] == word for each in record["requirements"]),
        )
        for word in VERDICTS
    }
    return {word: numbers for word, numbers in found.items() if any(numbers)}
