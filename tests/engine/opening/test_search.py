"""The least that opens a gate, held against every set of what may be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import oracle
from plans import ERROR, FAIL, NOT_APPLICABLE, PASS, SHOWS, STALE, UNKNOWN, WAIVED, gate, needs, waiver
from sizes import examples

from phasegate.engine.opening import search
from phasegate.engine.opening.search import Change, Done, least
from phasegate.engine.plan import AllOf, AnyOf, Plan, PlannedCriterion, PlannedPoint, Rule
from phasegate.rules.model.verdict import GateState, Verdict

Draw = Any
VERDICTS = [PASS, FAIL, FAIL, ERROR, STALE, UNKNOWN, WAIVED, NOT_APPLICABLE]


def decided(plan: Plan, verdicts: Sequence[Verdict]) -> GateState:
    """The state of the last gate, by the oracle, where requirements have these verdicts."""
    asked = tuple(
        needs(f"r{i}", ">= 1", cover=waiver(FAIL) if each is WAIVED else None)
        for i, each in enumerate(verdicts)
    )
    whole = Plan(asked, plan.criteria, plan.points, plan.gates)
    return oracle(whole, [SHOWS[each] for each in verdicts]).gates[plan.gates[-1].id].state


def after(verdicts: Sequence[Verdict], changes: Sequence[Change], done: Done) -> list[Verdict]:
    now = list(verdicts)
    for change in changes:
        if change.needs <= done:
            for leaf, verdict in change.verdicts.items():
                now[leaf] = verdict
    return now


def opening(
    plan: Plan,
    verdicts: Sequence[Verdict],
    changes: Sequence[Change],
    options: Sequence[Sequence[Change]] = (),
) -> Iterator[Done]:
    """Each set of things that opens the gate, the small ones first; of options at most one is made."""
    items = sorted(
        Done().union(*(each.needs for each in (*changes, *(one for some in options for one in some))))
    )
    for size in range(len(items) + 1):
        for some in combinations(items, size):
            for chosen in ways(options, Done(some)):
                now = after(verdicts, [*changes, *chosen], Done(some))
                if decided(plan, now) <= GateState.OPEN_WITH_WAIVERS:
                    yield Done(some)


def ways(options: Sequence[Sequence[Change]], done: Done) -> Iterator[list[Change]]:
    if not options:
        yield []
        return
    for rest in ways(options[1:], done):
        yield rest
        yield from ([each, *rest] for each in options[0] if each.needs <= done)


@st.composite
def trees(draw: Draw, leaves: Sequence[int], depth: int = 2) -> Rule:
    if len(leaves) == 1 or not depth:
        return AllOf(tuple(leaves))
    cut = draw(st.integers(1, len(leaves) - 1))
    parts = (draw(trees(leaves[:cut], depth - 1)), draw(trees(leaves[cut:], depth - 1)))
    return draw(st.sampled_from([AllOf, AnyOf]))(parts)


@st.composite
def worlds(draw: Draw) -> tuple[Plan, list[Verdict], list[Change]]:
    """Two gates after each other over a few criteria, and things that may be done about their facts."""
    number = draw(st.integers(1, 7))
    verdicts = draw(st.lists(st.sampled_from(VERDICTS), min_size=number, max_size=number))
    cuts = sorted(draw(st.sets(st.integers(1, 6), max_size=3)) | {0, number})
    parts = [list(range(low, min(high, number))) for low, high in pairwise(cuts)]
    criteria = tuple(
        PlannedCriterion(
            f"c{i}", draw(st.sampled_from(["hard", "soft", "soft", "advisory"])), draw(trees(part))
        )
        for i, part in enumerate(part for part in parts if part)
    )
    points = tuple(PlannedPoint(f"p{i}", (i,)) for i in range(len(criteria)))
    cut = draw(st.integers(0, len(points)))
    caps = st.sampled_from([None, None, 0, 1, 2])
    gates = (
        gate("1", range(cut), cap=draw(caps)),
        gate("2", range(cut, len(points)), after=[0] if cut else [], cap=draw(caps)),
    )
    plan = Plan(
        tuple(needs(f"r{i}", ">= 1") for i in range(number)), criteria, points, gates[0 if cut else 1 :]
    )
    facts: list[list[int]] = []
    for leaf in range(number):  # a fact answers one requirement or several
        if facts and draw(st.integers(0, 3)) == 0:
            draw(st.sampled_from(facts)).append(leaf)
        else:
            facts.append([leaf])
    names = st.sampled_from("abcdef")
    changes = [
        Change(frozenset(draw(st.sets(names, min_size=1, max_size=2))), dict.fromkeys(some, PASS))
        for some in facts
        if draw(st.integers(0, 9)) and any(verdicts[leaf] is not PASS for leaf in some)
    ]
    return plan, verdicts, changes


def held_to_all(
    plan: Plan,
    verdicts: list[Verdict],
    changes: list[Change],
    options: Sequence[Sequence[Change]] = (),
) -> None:
    found = least(plan, plan.gates[-1].id, verdicts, changes, options)
    best = next(opening(plan, verdicts, changes, options), None)
    if best is None:
        assert found is None
        return
    assert found is not None
    assert found.certain
    assert len(found.done) == len(best)
    made = [*changes, *found.chosen]
    assert decided(plan, after(verdicts, made, found.done)) <= GateState.OPEN_WITH_WAIVERS
    for item in found.done:
        left = after(verdicts, made, found.done - {item})
        assert decided(plan, left) > GateState.OPEN_WITH_WAIVERS


@given(worlds())
def test_nothing_less_opens_it(world: tuple[Plan, list[Verdict], list[Change]]) -> None:
    held_to_all(*world)


@settings(max_examples=examples(40))
@given(st.data())
def test_of_what_excludes_each_other_one_is_chosen(data: Draw) -> None:
    """One value of a fact meets what another one misses; a waiver may be less than both."""
    plan, verdicts, changes = data.draw(worlds())
    options = []
    for change in changes[:2]:
        some = list(change.verdicts)
        options.append(
            [
                Change(
                    frozenset(data.draw(st.sets(st.sampled_from("abgh"), min_size=1, max_size=2))),
                    {leaf: data.draw(st.sampled_from([PASS, PASS, FAIL, WAIVED])) for leaf in some},
                )
                for _ in range(data.draw(st.integers(1, 3)))
            ]
        )
    held_to_all(plan, verdicts, changes[2:], options)


def choice(number: int) -> tuple[Plan, list[Verdict], list[Change]]:
    """One criterion; each of its choices takes a thing of its own, or one that its neighbour takes too."""
    rule = AllOf(tuple(AnyOf((AllOf((2 * i,)), AllOf((2 * i + 1,)))) for i in range(number)))
    asked = tuple(needs(f"r{i}", ">= 1") for i in range(2 * number))
    plan = Plan(asked, (PlannedCriterion("c", "hard", rule),), (PlannedPoint("p", (0,)),), (gate("1", [0]),))
    changes = []
    for i in range(number):
        changes += [
            Change(frozenset([f"own {i:02}"]), {2 * i: PASS}),
            Change(frozenset([f"shared {i // 2:02}"]), {2 * i + 1: PASS}),
        ]
    return plan, [FAIL] * (2 * number), changes


@pytest.mark.parametrize(("number", "tried", "certain"), [(4, 2**12, True), (8, 2**12, True), (8, 99, False)])
def test_many_choices_are_an_upper_bound(
    number: int, tried: int, certain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to 12 things each set is tried; beyond, what is found opens it, and is said to be at most that."""
    monkeypatch.setattr(search, "MOST_TRIED", tried)
    plan, verdicts, changes = choice(number)
    found = least(plan, "1", verdicts, changes)
    assert found is not None
    assert found.certain is certain
    if certain:
        assert found.done == {f"shared {i:02}" for i in range(number // 2)}
    for item in found.done:
        assert decided(plan, after(verdicts, changes, found.done - {item})) is GateState.CLOSED
    assert decided(plan, after(verdicts, changes, found.done)) is GateState.OPEN


def flat(*rules: Rule, leaves: int) -> Plan:
    """One gate over points of one criterion each."""
    criteria = tuple(PlannedCriterion(f"c{i}", "hard", rule) for i, rule in enumerate(rules))
    points = tuple(PlannedPoint(f"p{i}", (i,)) for i in range(len(rules)))
    asked = tuple(needs(f"r{i}", ">= 1") for i in range(leaves))
    return Plan(asked, criteria, points, (gate("1", range(len(rules))),))


def test_where_nothing_applies_one_thing_that_does_is_enough() -> None:
    changes = [Change(frozenset([name]), {i: PASS}) for i, name in enumerate("abc")]
    found = least(flat(0, 1, 2, leaves=3), "1", [NOT_APPLICABLE] * 3, changes)
    assert found is not None
    assert len(found.done) == 1


def test_what_is_done_for_one_reason_is_done_for_another_too() -> None:
    """The row that is brought for the first fact is the one that the second wants; it is asked for once."""
    plan = flat(0, 1, AnyOf((2, 3)), leaves=4)
    row = frozenset(["row"])
    options = [[Change(row, {0: PASS, 1: PASS}), Change(frozenset(["other"]), {0: PASS, 1: FAIL})]]
    changes = [Change(frozenset(["else", "more"]), {2: PASS}), Change(row | {"still"}, {3: PASS})]
    found = least(plan, "1", [FAIL] * 4, changes, options)
    assert found is not None
    assert found.done == {"row", "still"}
    assert found.certain


def test_all_sets_of_twelve_are_tried() -> None:
    assert search.MOST_TRIED == 2**12


def capped(plan: Plan, cap: int) -> Plan:
    return Plan(plan.requirements, plan.criteria, plan.points, (gate("1", range(len(plan.points)), cap=cap),))


@pytest.mark.parametrize(("cap", "done"), [(0, "ab"), (1, "a")])
def test_a_gate_that_takes_no_waiver_takes_all_that_there_is(cap: int, done: str) -> None:
    changes = [Change(frozenset("a"), {0: WAIVED}), Change(frozenset("ab"), {0: PASS})]
    found = least(capped(flat(0, leaves=1), cap), "1", [FAIL], changes)
    assert found is not None
    assert (found.done, found.certain) == (frozenset(done), True)


def test_what_makes_nothing_better_is_done_for_nothing() -> None:
    """Two things are needed for one requirement; a third changes a verdict to one that is no better."""
    world = search.World(
        flat(0, 1, leaves=2),
        "1",
        [UNKNOWN, PASS],
        [Change(frozenset("a"), {0: PASS, 1: WAIVED}), Change(frozenset("b"), {1: PASS})],
    )
    assert world.served("a", frozenset("a")) == (0,)
    assert world.served("b", frozenset("ab")) == ()


@pytest.mark.parametrize(("tried", "certain"), [(1, False), (2, False), (3, True), (4, True)])
def test_what_was_not_tried_is_not_certain(
    tried: int, certain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No set opens it; that is certain where fewer were tried than may be."""
    monkeypatch.setattr(search, "MOST_TRIED", tried)
    world = search.World(capped(flat(0, leaves=1), 0), "1", [FAIL], [Change(frozenset("a"), {0: WAIVED})])
    assert search._Search(world, ("a",)).by_trying(0) == (None, certain)


def test_what_is_needed_is_not_searched_for() -> None:
    """Thirteen things of which each is needed are more than are tried, and certain all the same."""
    changes = [Change(frozenset([f"{leaf:02}"]), {leaf: PASS}) for leaf in range(13)]
    found = least(flat(AllOf(tuple(range(13))), leaves=13), "1", [FAIL] * 13, changes)
    assert found is not None
    assert (len(found.done), found.certain) == (13, True)


@pytest.mark.parametrize(
    ("options", "done"),
    [
        (["x"], "x"),
        (["xy"], "ab"),  # no less than what needs no choice
        (["xyz", "x"], "x"),
        (["xyz", "xyzw"], "ab"),
    ],
)
def test_a_choice_that_takes_less_is_made(options: list[str], done: str) -> None:
    choice = [Change(frozenset(each), {0: PASS}, each) for each in options]
    found = least(flat(0, leaves=1), "1", [FAIL], [Change(frozenset("ab"), {0: PASS})], [choice])
    assert found is not None
    assert (found.done, found.certain) == (frozenset(done), True)
    assert [each.tag for each in found.chosen] == ([] if done == "ab" else [done])


def test_what_passes_is_better_than_what_holds() -> None:
    assert {each.word: search.goodness(each) for each in Verdict} == {
        "pass": 2, "waived": 1, "not_applicable": 1, "unknown": 0, "stale": 0, "error": 0, "fail": 0,
    }  # fmt: skip
