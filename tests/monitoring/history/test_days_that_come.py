"""What a record foresees is held against the days that really come: none missed, and none wrong."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from changed_world import SAID, day_of_world, decided_world, some_world, write_world
from kept_runs import write_project
from sizes import first_seed

from phasegate.records.basis.turns import Ahead
from phasegate.records.expirations import endings
from phasegate.rules.loading.project import load_project

WORLDS = 2
"""In each part; the slow tests try one, the long tests 99 more."""
PARTS = 100
FIRST = pytest.mark.slow(first="days that come")
DAY = dt.timedelta(days=1)
DAYS = 45


@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=pytest.mark.long if part else FIRST) for part in range(PARTS)],
)
def test_each_day_that_turns_something_is_foreseen_and_no_other(part: int, tmp_path: Path) -> None:
    seed, turned = first_seed() + part * WORLDS, 0
    for number in range(WORLDS):
        chance = random.Random(seed + number)
        world = {**some_world(chance), "day": "2026-03-06", "max_age": chance.choice(("20 days", "45 days"))}
        world["open"] = chance.choice(((3, 8), (1, 3, 8)))
        world["bound"] = chance.choice((">= 85 %", ">= 95 %"))
        world["waiver"] = chance.choice(("2026-03-15", "2026-04-12"))
        if number % 3 == 2:  # people are asked
            world |= some_world(chance, SAID)
        folder = write_world(tmp_path, world)
        today = day_of_world(world)
        records = [decided_world(folder, world, today + DAY * place) for place in range(DAYS)]
        ahead = Ahead(records[0])
        reading = set(ahead.reading_the_day())
        facts = {each["id"]: each["measure"] for each in records[0]["facts"]}
        asked = [each for each in records[0]["requirements"] if facts[each["fact"]] not in reading]
        really: set[tuple[dt.date, str]] = set()
        verdicts = [{each["id"]: each["verdict"] for each in one["requirements"]} for one in records]
        for place in range(1, DAYS):
            turning = [each["id"] for each in asked if _turns(verdicts[place - 1 : place + 1], each["id"])]
            really |= {(today + DAY * place, name) for name in turning}
        named = {each["id"] for each in asked}
        turns = {(each.day, each.requirement) for each in ahead.turns(today + DAY * (DAYS - 1))}
        assert {each for each in turns if each[1] in named} == really, world
        ends = {each.day for each in endings(records[0]) if each.day < today + DAY * DAYS}
        assert ends <= {day for day, _ in turns}, world
        turned += len(really)
    assert turned >= WORLDS


def _turns(verdicts: Sequence[Mapping[str, str]], name: str) -> bool:
    return len({each[name] for each in verdicts}) > 1


WAIVER = """\
  - id: {name}
    requirement: 1.1/systems/invoices.reconciled
    pack_digest: {digest}
    covers: [fail]
    floor: 10 %
    reason: It is known.
    risk_owner: f-1
    requester: d-1
    approver: f-2
    granted: 2026-02-01T00:00:00Z
    start: {start}T00:00:00Z
    end: {end}T00:00:00Z
"""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("waivers", "days"),
    [
        ([("W-1", "2026-02-01", "2026-03-05")], ["2026-03-05"]),
        # The next one steps in, so that the end of the first turns nothing.
        ([("W-1", "2026-02-01", "2026-03-05"), ("W-2", "2026-02-01", "2026-03-09")], ["2026-03-09"]),
        ([("W-1", "2026-02-01", "2026-03-05"), ("W-2", "2026-03-07", "2026-03-09")],
         ["2026-03-05", "2026-03-07", "2026-03-09"]),
        ([("W-2", "2026-03-03", "2026-03-09")], ["2026-03-03", "2026-03-09"]),
    ],
)  # fmt: skip
def test_a_statement_that_steps_in_and_one_that_begins(
    waivers: list[tuple[str, str, str]], days: list[str], tmp_path: Path
) -> None:
    file = write_project(tmp_path) / "phasegate.yaml"
    digest = load_project(file).pack.digest
    told = "".join(
        WAIVER.format(name=name, digest=digest, start=start, end=end) for name, start, end in waivers
    )
    (tmp_path / "waivers.yaml").write_text(f"waivers:\n{told}", encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8") + "waivers: waivers.yaml\n", encoding="utf-8")
    first = dt.date(2026, 3, 1)
    records = [decided_world(tmp_path, {}, first + DAY * place) for place in range(12)]
    requirement = "1.1/systems/invoices.reconciled"
    verdicts = [next(e["verdict"] for e in one["requirements"] if e["id"] == requirement) for one in records]
    really = [str(first + DAY * place) for place in range(1, 12) if verdicts[place] != verdicts[place - 1]]
    turns = Ahead(records[0]).turns(first + DAY * 11)
    assert [str(each.day) for each in turns if each.requirement == requirement] == really == days
    ends = {str(each.day) for each in endings(records[0]) if each.kind == "waiver"}
    assert ends <= set(days)
