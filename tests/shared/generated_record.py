"""Records larger than anybody wants to keep in a file."""

from __future__ import annotations

import copy

from phasegate.records.schema import Record


def failing(record: Record, number: int) -> Record:
    """The record with its first criterion, requirement and fact as often as asked, in points of ten.

    Args:
        record: one with one point, criterion and requirement; it stays as it is.
        number: how many of each.
    """
    found = copy.deepcopy(record)
    (point,), (criterion,), (requirement,) = found["points"], found["criteria"], found["requirements"]
    fact, gate = found["facts"][0], found["gates"][0]
    reason = gate["reasons"][0]
    for part in ("points", "criteria", "requirements", "facts"):
        found[part] = []  # type: ignore[literal-required]
    gate["points"], gate["reasons"] = [], []
    for place in range(number):
        point_id = f"p{place // 10}"
        name, asked = f"{point_id}/c{place}", f"{point_id}/c{place}/f{place}"
        if place % 10 == 0:
            found["points"].append({**point, "id": point_id, "criteria": []})
            gate["points"].append(point_id)
        found["points"][-1]["criteria"].append(name)
        found["criteria"].append({**criterion, "id": name, "point": point_id, "requirements": [asked]})
        found["requirements"].append({**requirement, "id": asked, "criterion": name, "fact": f"f{place}"})
        found["facts"].append({**fact, "id": f"f{place}"})
        gate["reasons"].append({**reason, "id": name})
    gate["score"] = found["score"] = {"apply": number, "passing": 0, "passing_with_waivers": 0}
    return found
