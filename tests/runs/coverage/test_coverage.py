"""What cases show of a small pack: only what their expectations name."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

import pytest
from harbour_rules import cases, ground, never, strong, weak

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.runs.cases.run import run_cases
from phasegate.runs.coverage.coverage import Coverage, coverage_of

LIFT = "{state: done, weighed: true}"


def shown_by(*texts: str) -> Coverage:
    results = tuple(run_cases(ground(), cases(*texts)))
    assert all(each.passed for each in results), results
    return coverage_of(ground(), results)


def left(coverage: Coverage) -> dict[str, Collection[str]]:
    return {each.id: each.states for each in coverage.unshown}


ALL = {
    "p1/load/crane.weighed": ("pass", "fail", "stale", "unknown"),
    "p1/load/crane.heavy": ("pass", "fail", "stale", "unknown"),
    "p1/either/crane.late": ("pass", "fail", "stale", "unknown"),
    "p1/either/crane.weighed": ("pass", "fail", "stale", "unknown"),
    "quays/success/crane.on_time": ("pass", "fail", "stale", "unknown"),
    "p1/either/any_of 1": ("pass", "fail"),
    "p1/either/any_of 2": ("pass", "fail"),
    "measure crane.weighed where": ("true", "false"),
    "measure crane.weighed ratio.of": ("true", "false", "undetermined"),
    "measure crane.heavy count": ("true", "false"),
    "measure crane.late count": ("true", "false"),
    "measure crane.on_time where": ("true", "false"),
    "measure crane.on_time ratio.of": ("true", "false"),
    "source lifts holds": ("true", "false"),
}
"""All that there is to show. What 'where' lets in has a due day: no row is undetermined there."""

SHOWN: dict[str, tuple[str, dict[str, Collection[str]]]] = {
    "a requirement, and the conditions of its measure": (
        (
            f"given: {{lifts: [{LIFT}, {LIFT}, {{state: open}}]}}\n"
            "expect: {requirements: {p1/load/crane.weighed: pass}}"
        ),
        {
            "p1/load/crane.weighed": {"pass"},
            "measure crane.weighed where": {"true", "false"},
            "measure crane.weighed ratio.of": {"true"},
            "source lifts holds": {"true"},
        },
    ),
    "a measure alone shows its conditions": (
        (
            f"given: {{lifts: [{LIFT}, {LIFT}, {{state: done}}]}}\n"
            f"expect: {{measures: {{crane.weighed: {{rows: 3}}}}}}"
        ),
        {
            "measure crane.weighed where": {"true"},
            "measure crane.weighed ratio.of": {"true", "undetermined"},
            "source lifts holds": {"true"},
        },
    ),
    "a row that is not in the population shows nothing of what is asked in it": (
        (
            "given: {lifts: [{state: open, weighed: false}, {state: open}]}\n"
            "expect: {requirements: {p1/load/crane.weighed: unknown}}"
        ),
        {
            "p1/load/crane.weighed": {"unknown"},
            "measure crane.weighed where": {"false"},
            "source lifts holds": {"true"},
        },
    ),
    "a row that the contract refuses": (
        (
            "given: {lifts: [{weight: 11, due_on: 2025-12-31}]}\n"
            "expect: {measures: {crane.heavy: {status: error}}}"
        ),
        {"measure crane.heavy count": {"true"}, "source lifts holds": {"false"}},
    ),
    "a criterion shows none of its requirements": (
        f"given: {{lifts: [{LIFT}]}}\nexpect: {{criteria: {{p1/load: fail}}}}",
        {},
    ),
    "a criterion shows the one alternative that carries it": (
        "given: {lifts: [{state: done, weighed: false}]}\nexpect: {criteria: {p1/either: pass}}",
        {"p1/either/any_of 1": {"pass"}},
    ),
    "of two alternatives that both pass none carries it": (
        f"given: {{lifts: [{{repeat: 2, row: {LIFT}}}]}}\nexpect: {{criteria: {{p1/either: pass}}}}",
        {},
    ),
    "a criterion that fails shows each alternative that does": (
        (
            "given: {lifts: [{repeat: 3, row: {state: done, weighed: false, due_on: 2026-03-30}}]}\n"
            "expect: {criteria: {p1/either: fail}}"
        ),
        {"p1/either/any_of 1": {"fail"}, "p1/either/any_of 2": {"fail"}},
    ),
    "a gate shows nothing of what it rests on": (
        f"given: {{lifts: [{LIFT}]}}\nexpect: {{gates: {{one: closed}}}}",
        {},
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_case_shows(name: str) -> None:
    text, shown = SHOWN[name]
    found = shown_by(text)
    expected = {
        part: left_over
        for part, states in ALL.items()
        if (left_over := tuple(state for state in states if state not in shown.get(part, ())))
    }
    assert left(found) == expected
    assert (found.shown, found.whole) == (sum(map(len, shown.values())), sum(map(len, ALL.values())))


def test_cases_show_together_what_each_shows() -> None:
    found = shown_by(*(text for text, _ in SHOWN.values()))
    assert found.shown == len(
        {(part, state) for _, shown in SHOWN.values() for part, of in shown.items() for state in of}
    )


def test_a_case_that_does_not_pass_shows_nothing() -> None:
    results = tuple(run_cases(ground(), cases("expect: {requirements: {p1/load/crane.weighed: pass}}")))
    assert not results[0].passed
    assert left(coverage_of(ground(), results)) == ALL


def test_what_is_not_shown_stands_where_it_is_asked() -> None:
    found = coverage_of(ground(), tuple(run_cases(ground(), weak())))
    places = {each.id: each.position for each in found.unshown}
    lines = (ground().root / "pack.yaml").read_text().splitlines()
    for part, written in {
        "p1/load/crane.heavy": 'crane.heavy: ">= 1"',
        "quays/success/crane.on_time": "success: {name: On time",
        "p1/either/any_of 2": "- crane.weighed",
        "measure crane.weighed ratio.of": "of: weighed",
        "source lifts holds": "holds: [due_on",
    }.items():
        assert written in lines[places[part].line - 1], part
        assert places[part].file.endswith("harbour/pack.yaml")


def test_strong_cases_show_all_of_it() -> None:
    found = coverage_of(ground(), tuple(run_cases(ground(), strong())))
    assert (found.unshown, found.share) == ((), Fraction(1))


LIMITS = "expect: {requirements: {p1/load/crane.weighed: pass}}"
ONE = f"given: {{lifts: [{LIFT}, {LIFT}]}}\n{LIMITS}"


def reason(id_: str, *states: str) -> str:
    return f"never: [{{id: {id_}, states: {list(states)}, why: nobody lifts twice}}]"


def test_what_can_never_be_shown_is_counted_apart() -> None:
    results = tuple(run_cases(ground(), cases(ONE)))
    before = coverage_of(ground(), results)
    found = coverage_of(ground(), results, never({"n.yaml": reason("p1/load/crane.heavy", "stale", "fail")}))
    assert left(found) == {**left(before), "p1/load/crane.heavy": ("pass", "unknown")}
    assert (found.shown, found.whole, found.never) == (before.shown, before.whole - 2, 2)
    assert found.unfounded == ()


UNFOUNDED = {
    "of what is shown after all": reason("p1/load/crane.weighed", "pass"),
    "of a part that there is not": reason("p1/load/crane.light", "pass"),
    "of what the part can not be anyway": reason("measure crane.heavy count", "undetermined"),
}


@pytest.mark.parametrize("of", UNFOUNDED)
def test_a_reason_without_ground_is_told(of: str) -> None:
    results = tuple(run_cases(ground(), cases(ONE)))
    [given] = written = never({"n.yaml": UNFOUNDED[of]})
    found = coverage_of(ground(), results, written)
    assert (found.unfounded, found.never) == ((given,), 0)
    assert found.unshown == coverage_of(ground(), results).unshown
    assert coverage_of(ground(), results, written, whole=False).unfounded == ()


def test_one_reason_for_all_that_is_left_makes_it_whole() -> None:
    results = tuple(run_cases(ground(), weak()))
    lacking = coverage_of(ground(), results).unshown
    files = {f"{place}.yaml": reason(each.id, *each.states) for place, each in enumerate(lacking)}
    found = coverage_of(ground(), results, never(files))
    assert (found.unshown, found.unfounded, found.share) == ((), (), Fraction(1))


def test_two_reasons_for_the_same_are_refused() -> None:
    with pytest.raises(PackError, match="second reason"):
        never({name: reason("p1/load/crane.heavy", "stale") for name in ("a.yaml", "b.yaml")})
