"""What other rules would have decided is what a check under them finds, or is named as not known."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from changed_world import KNOBS, SAID, World, day_of_world, decided_world, some_world, turned, write_world
from sizes import first_seed

from phasegate.records.schema import Record
from phasegate.rules.loading.project import load_project
from phasegate.runs.replay import Replayed, replay

OF_RULES = {
    name: choices
    for name, choices in {**KNOBS, **SAID}.items()
    if name
    in {
        "bound", "target", "most_days", "least", "where", "counted", "derive", "allowed", "min_rows",
        "max_age", "enforcement", "rated", "after", "first", "most_waivers", "asked", "sliced", "word_age",
        "agreement",
    }
}  # fmt: skip
"""Knobs of what a pack says."""
OF_DECIDING = {
    "bound",
    "target",
    "enforcement",
    "rated",
    "after",
    "first",
    "most_waivers",
    "sliced",
    "agreement",
}
"""Those that decide once a fact is there: the kept facts speak to all of them."""
PLAIN: World = {name: choices[0] for name, choices in {**KNOBS, **SAID}.items()}
PAIRS = 12


def under(folder: Path, before: World, after: World) -> tuple[Replayed, Record]:
    """What is replayed of a world under the rules of another one, and what a check finds there."""
    day = day_of_world(before)
    then = decided_world(write_world(folder / "then", before), before, day)
    now = write_world(folder / "now", after)
    found = replay(then, load_project(now / "phasegate.yaml").pack), decided_world(now, after, day)
    shutil.rmtree(folder / "then")
    shutil.rmtree(now)
    return found


def verdicts(record: Record) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in record["requirements"]}


def faults(found: Replayed, fresh: Record, turned_now: set[str]) -> list[str]:
    """What is wrong with a replay under other rules."""
    got, due = verdicts(found.record), verdicts(fresh)
    states = [{each["id"]: each["state"] for each in record["gates"]} for record in (found.record, fresh)]
    if not found.unspoken:
        same = got == due and states[0] == states[1]
        return [] if same else [f"{got} {states[0]}; true: {due} {states[1]}"]
    measures = {each["id"]: each["measure"] for each in fresh["facts"]}
    unknown = tuple(name for name, _ in found.unspoken)
    said = []
    for each in fresh["requirements"]:
        measure = measures[each["fact"]]
        if measure not in unknown and not measure.startswith(tuple(f"{name}." for name in unknown)):
            if got.get(each["id"]) != each["verdict"]:
                said.append(f"{each['id']}: {got.get(each['id'])}; true: {each['verdict']}")
        elif got.get(each["id"]) in ("pass", "fail"):
            said.append(f"{each['id']} is decided, and nothing speaks of it")
    opened = [name for name, state in states[0].items() if state.startswith("open")]
    said += [f"gate {name} opens" for name in opened if not states[1].get(name, "").startswith("open")]
    return said + ([f"{unknown} not known"] if turned_now <= OF_DECIDING else [])


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("turned_now", "requirement", "verdict", "beside"),
    [
        ({"bound": ">= 95 %"}, "1.1/systems/done", "fail", {}),
        ({"word_age": "20 days"}, "1.1/agreed/agreed", "stale", {}),
        ({"word_age": "60 days"}, "1.1/agreed/agreed", "pass", {}),
        ({"max_age": "5 days"}, "1.1/rated/review.rating", "stale", {}),
        # Of too few rows there is no value, which no waiver with a floor covers.
        ({"min_rows": 14}, "1.1/systems/done", "unknown", {"least": 200, "waiver": "2026-06-01"}),
    ],
)
def test_other_rules(
    turned_now: World, requirement: str, verdict: str, beside: World, tmp_path: Path
) -> None:
    before = {**PLAIN, **beside}
    found, fresh = under(tmp_path, before, {**before, **turned_now})
    assert faults(found, fresh, {*turned_now}) == []
    assert verdicts(found.record)[requirement] == verdict


@pytest.mark.slow
def test_any_other_rules(tmp_path: Path) -> None:
    seed, wrong = first_seed(), []
    for number in range(seed, seed + PAIRS):
        chance = random.Random(number)
        before = {**some_world(chance), **some_world(chance, SAID)}
        after = turned(before, chance, chance.choice((1, 2, 3, 4)), OF_RULES)
        names = {name for name in OF_RULES if before[name] != after[name]}
        wrong += [f"seed {number} {names} {each}" for each in faults(*under(tmp_path, before, after), names)]
    assert wrong == []
