"""Mutants of packs: what each changes, where, and what it touches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sizes import some

from phasegate.facts.mutants.rewordings import rewordings
from phasegate.rules.loading.pack import LoadedPack, load_pack, pack_of
from phasegate.rules.model.canonical import rules_digest
from phasegate.rules.model.pack import Pack
from phasegate.rules.mutants.mutant import Mutant, mutants_of

RULES = """\
pack: harbour
title: Harbour works
parameters:
  close_days: {value: 5, text: Days to close}
areas:
  docks: {title: Docks}
  quays: {title: Quays, success: {name: On time, measure: crane.ratio, bound: ">= 95 %"}}
points:
  p1:
    title: Cranes
    area: quays
    criteria:
      - id: load
        text: Loads are weighed
        require:
          crane.ratio: ">= success"
          crane.count: ">= 3"
      - id: either
        text: One of two
        enforcement: soft
        require:
          any_of:
            - {crane.count: ">= 1"}
            - {crane.late: "<= 2"}
  p2:
    title: Docks
    area: docks
    criteria: [{id: dry, text: Dry, enforcement: advisory, require: {crane.ratio: [">= 50 %", "<= 99 %"]}}]
phases:
  one: {title: One, points: [p1, p2]}
  two: {title: Two, points: [p2], max_waivers: 2}
sources:
  lifts:
    title: a lift
    columns:
      id: {type: string}
      weight: {type: integer, min: 0}
      state: {type: string, allowed: [done, open]}
    key: [id]
    holds: [weight > 0 OR state = 'open']
    derive: {heavy: weight > 10}
measures:
  crane.ratio:
    title: Weighed
    from: lifts
    where: >-
      heavy
      AND state = 'done'
    ratio: {of: heavy, over: weight > 5}
    max_age: 31 days
    min_rows: 2
  crane.count: {title: Lifts, from: lifts, count: weight > :close_days}
  crane.late: {title: Late lifts, from: lifts, count: state = 'open', when_empty: not_applicable}
  crane.change: {title: Change, change: {of: crane.ratio, as: difference}, unit: "%"}
"""


def harbour(rules: str = RULES) -> LoadedPack:
    return pack_of({"pack.yaml": rules.encode()}, "harbour")


def mutants(rules: str = RULES) -> Sequence[Mutant]:
    return tuple(mutants_of(harbour(rules), rewordings))


CHANGED: dict[str, tuple[str, ...]] = {
    "parameter close_days value": ("5 -> 6", "5 -> 4"),
    "point p1 area": ("area quays -> area docks",),
    "point p2 area": ("area docks -> area quays",),
    "phase one points": ("point p1 dropped", "point p2 dropped"),
    "phase two after": ("after one dropped",),
    "phase two max_waivers": ("2 -> 3", "2 -> 1", "max_waivers 2 dropped"),
    "p1/load/enforcement": ("hard -> soft", "hard -> advisory"),
    "p1/load/crane.ratio": ("crane.ratio >= success dropped", ">= success -> > success"),
    "p1/load/crane.count": ("crane.count >= 3 dropped", ">= 3 -> >= 4", ">= 3 -> >= 2"),
    "p1/either/enforcement": ("soft -> advisory", "soft -> hard"),
    "p1/either/any_of": ("crane.count >= 1 dropped", "crane.late <= 2 dropped"),
    "p1/either/any_of/crane.count": (">= 1 -> >= 2", ">= 1 -> >= 0"),
    "p1/either/any_of/crane.late": ("<= 2 -> <= 3", "<= 2 -> <= 1"),
    "p1/either": ("any_of -> all of them",),
    "p2/dry/enforcement": ("advisory -> soft",),
    "p2/dry/crane.ratio": (
        ">= 50 % dropped", ">= 50 % -> > 50 %", ">= 50 % -> >= 51 %", ">= 50 % -> >= 49 %",
        "<= 99 % dropped", "<= 99 % -> < 99 %", "<= 99 % -> <= 100 %", "<= 99 % -> <= 98 %",
    ),
    "quays/success/enforcement": ("hard -> soft", "hard -> advisory"),
    "quays/success": (">= 95 % -> > 95 %", ">= 95 % -> >= 96 %", ">= 95 % -> >= 94 %"),
    "measure crane.ratio where": (
        "where heavy AND state = 'done' dropped",
        "heavy AND state = 'done' -> NOT (heavy AND state = 'done')",
        "AND -> OR before state = 'done'", "heavy dropped", "state = 'done' dropped",
        "state = 'done' -> state <> 'done'", "state = 'done' -> state = 'open'",
    ),
    "measure crane.ratio ratio.of": ("heavy -> NOT (heavy)",),
    "measure crane.ratio ratio.over": (
        "over weight > 5 dropped", "weight > 5 -> NOT (weight > 5)", "weight > 5 -> weight >= 5",
        "weight > 5 -> weight > 6", "weight > 5 -> weight > 4",
    ),
    "measure crane.ratio max_age": ("31 days -> 32 days", "31 days -> 30 days", "max_age 31 days dropped"),
    "measure crane.ratio min_rows": ("2 -> 3", "2 -> 1"),
    "measure crane.count count": ("weight > :close_days -> weight >= :close_days",),
    "measure crane.late count": ("state = 'open' -> state <> 'open'", "state = 'open' -> state = 'done'"),
    "measure crane.late when_empty": ("not_applicable -> unknown",),
    "measure crane.change change.as": ("difference -> rise",),
    "source lifts derive.heavy": ("weight > 10 -> weight >= 10", "weight > 10 -> weight > 11",
        "weight > 10 -> weight > 9"),
    "source lifts holds": (
        "weight > 0 OR state = 'open' dropped", "weight > 0 -> weight >= 0", "weight > 0 -> weight > 1",
        "weight > 0 -> weight > -1", "OR -> AND before state = 'open'", "weight > 0 dropped",
        "state = 'open' dropped",
        "state = 'open' -> state <> 'open'", "state = 'open' -> state = 'done'",
    ),
}  # fmt: skip


def test_every_change_of_a_pack() -> None:
    found: dict[str, list[str]] = {}
    for each in mutants():
        place, _, told = each.id.partition(" | ")
        found.setdefault(place, []).append(told)
        assert told == each.told
    assert {place: tuple(told) for place, told in found.items()} == CHANGED


def test_an_id_does_not_name_the_line() -> None:
    moved = RULES.replace("parameters:", "# moved\n\nno_value: [none]\nparameters:", 1)
    moved = moved.replace(
        "            - {crane.count", "            - {crane.late: '<= 1'}\n            - {crane.count"
    )
    before, after = ({each.id: each.position.line for each in mutants(rules)} for rules in (RULES, moved))
    assert before.keys() <= after.keys()
    assert all(before[name] < after[name] for name in before if not name.startswith("p1/either/any_of"))


def test_the_same_change_twice_has_two_ids() -> None:
    twice = RULES.replace("of: heavy", "of: weight > 1 AND weight > 1")
    ids = [each.id for each in mutants(twice) if "ratio.of | weight > 1 -> weight >= 1" in each.id]
    assert [each.rpartition("1")[2] for each in ids] == ["", " (2)"]
    assert len({each.id for each in mutants(twice)}) == len(mutants(twice))


@pytest.mark.parametrize(
    ("id_", "line", "under"),
    [
        ("p1/load/crane.count | >= 3 -> >= 4", 17, '">= 3"'),
        ("measure crane.ratio where | heavy dropped", 47, "heavy"),
        ("measure crane.ratio where | state = 'done' -> state <> 'done'", 48, "= 'done'"),
        ("measure crane.ratio ratio.over | weight > 5 -> weight > 6", 49, "5}"),
        ("source lifts derive.heavy | weight > 10 -> weight >= 10", 41, "> 10}"),
        ("quays/success | >= 95 % -> > 95 %", 7, '">= 95 %"}}'),
    ],
)
def test_a_mutant_stands_where_it_is_changed(id_: str, line: int, under: str) -> None:
    [found] = [each for each in mutants() if each.id == id_]
    assert found.position.line == line
    assert RULES.splitlines()[line - 1][found.position.column - 1 :] == under


@pytest.mark.parametrize(
    "text",
    [
        "state = 'open' AND weight > 1",
        "'state = ''open'' AND weight > 1'",  # each quote within is written twice
        "\"state = 'open' AND weight > 1\"",
    ],
)
def test_a_place_in_a_text_is_found_however_it_is_quoted(text: str) -> None:
    written = RULES.replace("derive: {heavy: weight > 10}", f"derive:\n      heavy: {text}")
    [found] = [each for each in mutants(written) if each.id.endswith("weight > 1 -> weight > 2")]
    assert found.position.line == 42
    assert written.splitlines()[41][found.position.column - 1 :].startswith("1")


TOUCHED = {
    "parameter close_days value | 5 -> 6": ({"crane.count"}, (), (), ()),
    "point p2 area | area docks -> area quays": ((), (), {"p2/dry"}, {"one", "two"}),
    "phase two max_waivers | 2 -> 3": ((), (), (), {"two"}),
    "quays/success | >= 95 % -> > 95 %": ((), (), {"quays/success", "p1/load"}, ()),
    "quays/success/enforcement | hard -> soft": ((), (), {"quays/success"}, ()),
    "p1/either | any_of -> all of them": ((), (), {"p1/either"}, ()),
    "measure crane.ratio min_rows | 2 -> 1": ({"crane.ratio"}, (), (), ()),
    "source lifts holds | weight > 0 dropped": ((), {"lifts"}, (), ()),
}


@pytest.mark.parametrize("id_", TOUCHED)
def test_what_a_mutant_touches(id_: str) -> None:
    [found] = [each for each in mutants() if each.id == id_]
    assert tuple(map(set, found.touched)) == tuple(map(set, TOUCHED[id_]))


@cache
def _of(name: str) -> Sequence[Mutant]:
    return tuple(mutants_of(load_pack(name), rewordings))


PACKS = (
    "developer_finance",
    *(f"tests/rules/packs/valid/{name}" for name in ("every_form", "attested", "units")),
)


@given(st.sampled_from(PACKS).flatmap(lambda name: st.sampled_from(_of(name))))
def test_every_mutant_can_be_read_and_says_something_else(mutant: Mutant) -> None:
    pack, original = mutant.pack, mutant.original.pack
    assert rules_digest(pack) != rules_digest(original)
    assert mutant.loaded.digest != mutant.original.digest
    assert Pack.model_validate(pack.model_dump(by_alias=True, exclude_unset=True)) == pack


@pytest.mark.sampled
@pytest.mark.parametrize("name", [pytest.param(PACKS[0], marks=pytest.mark.slow), *PACKS[1:]])
def test_no_two_mutants_of_a_pack_are_one(name: str) -> None:
    found = _of(name)
    assert len({each.id for each in found}) == len(found)
    assert len({each.pack.model_dump_json() for each in found}) == len(found)
    digested = some(found, 0, 1, slow=8)
    assert len({rules_digest(each.pack) for each in digested}) == len(digested)
