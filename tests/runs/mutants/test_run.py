"""Mutants, tried: which of them the cases of a small pack notice, and what it takes to notice the others."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import pytest
from harbour_rules import ground, strong, survivors, weak
from sizes import some

from phasegate.facts.mutants.rewordings import rewordings
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.mutants.mutant import Mutant, mutants_of
from phasegate.runs.cases.run import CaseResult, run_cases
from phasegate.runs.mutants import run
from phasegate.runs.mutants.again import Again
from phasegate.runs.mutants.rests import Rests
from phasegate.runs.mutants.run import Mutation, mutate
from phasegate.runs.mutants.shelf import Shelf


@cache
def mutants() -> dict[str, Mutant]:
    return {each.id: each for each in mutants_of(ground().rules, rewordings)}


@cache
def results_of_weak() -> tuple[CaseResult, ...]:
    return tuple(run_cases(ground(), weak()))


@cache
def results_of_strong() -> Mapping[str, CaseResult]:
    found = tuple(run_cases(ground(), strong()))
    assert all(each.passed for each in found)
    return {each.case.name: each for each in found}


@cache
def found_of_weak() -> Mutation:
    return mutate(ground(), results_of_weak())


@pytest.fixture
def unlinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lint of what survives: it takes the most of the time, and another test has it."""
    monkeypatch.setattr(run, "_is_refused", lambda _: False)


def test_mutants_that_weak_cases_notice_and_those_that_they_do_not() -> None:
    found = found_of_weak()
    noticed = {each.mutant.id for each in found.tried if each.noticed_by is not None}
    assert noticed == {
        "p1/load/crane.weighed | crane.weighed >= success dropped",
        "p1/load/crane.weighed | >= success -> > success",
        "p1/load/crane.heavy | crane.heavy >= 1 dropped",
        "p1/either/any_of | crane.late <= :most_late dropped",
        "p1/either | any_of -> all of them",
        "quays/success | >= 75 % -> >= 76 %",
        "measure crane.weighed where | where state = 'done' dropped",
        "measure crane.weighed where | state = 'done' -> NOT (state = 'done')",
        "measure crane.weighed where | state = 'done' -> state <> 'done'",
        "measure crane.weighed where | state = 'done' -> state = 'open'",
        "measure crane.weighed ratio.of | weighed -> NOT (weighed)",
        "measure crane.weighed min_rows | 2 -> 1",
        "measure crane.late count | (lifted_on > due_on) IS TRUE -> (lifted_on > due_on) IS NOT TRUE",
        "measure crane.late count | (lifted_on > due_on) IS TRUE -> (lifted_on > due_on)",
        "source lifts holds | due_on IS NULL -> due_on IS NOT NULL",
        "source lifts holds | OR -> AND before due_on >= '2026-01-01'",
        "source lifts holds | due_on IS NULL dropped",
        "source lifts holds | due_on >= '2026-01-01' dropped",
    }
    [after] = [each for each in found.tried if each.mutant.id.endswith("min_rows | 2 -> 1")]
    assert (after.noticed_by, len(after.touched_by)) == ("too few are done", 3)
    assert not found.passed
    assert {each.mutant.id for each in found.survivors} == {each.mutant.id for each in found.tried} - {
        *noticed
    }
    untouched = {each.mutant.id for each in found.tried if not each.touched_by}
    assert {each.partition(" | ")[0] for each in untouched} == {
        "phase one max_waivers", "quays/success/enforcement", "measure crane.on_time where",
        "measure crane.on_time ratio.of", "measure crane.on_time max_age",
    }  # fmt: skip


NOTICING: dict[str, Sequence[str]] = {
    "the limit of the target itself passes": [
        "p1/load/crane.weighed | >= success -> > success",
        "quays/success | >= 75 % -> >= 76 %",
        "measure crane.weighed where | where state = 'done' dropped",
    ],
    "just below the target fails": ["quays/success | >= 75 % -> >= 74 %"],
    "two rows are enough": ["measure crane.weighed min_rows | 2 -> 3"],
    "one row is not": ["measure crane.weighed min_rows | 2 -> 1"],
    "a row that is as old as it may be": ["measure crane.weighed max_age | 31 days -> 30 days"],
    "a row that is a day older": [
        "measure crane.weighed max_age | 31 days -> 32 days",
        "measure crane.weighed max_age | max_age 31 days dropped",
    ],
    "a lift of 10 is not heavy, and one of 11 is": [
        "p1/load/crane.heavy | >= 1 -> >= 2",
        "measure crane.heavy count | is_heavy -> NOT (is_heavy)",
        "source lifts derive.is_heavy | weight > 10 -> weight >= 10",
        "source lifts derive.is_heavy | weight > 10 -> weight > 11",
    ],
    "two late lifts are none too many": [
        "parameter most_late value | 2 -> 1",
        "p1/either/any_of/crane.late | <= :most_late -> < :most_late",
        "measure crane.late count | lifted_on > due_on -> lifted_on >= due_on",
        "measure crane.late count | (lifted_on > due_on) IS TRUE -> (lifted_on > due_on)",
        "measure crane.on_time where | where due_on IS NOT NULL dropped",
    ],
    "three are": ["parameter most_late value | 2 -> 3"],
    "few are late, which is enough": [
        "p1/either/any_of | crane.late <= :most_late dropped",
        "p1/either | any_of -> all of them",
    ],
    "many are late, but all are weighed": [
        "p1/either/any_of | crane.weighed >= 100 % dropped",
        "p1/either/any_of/crane.weighed | >= 100 % -> >= 101 %",
    ],
    "many are late, and not quite all are weighed": ["p1/either/any_of/crane.weighed | >= 100 % -> >= 99 %"],
    "what should be there since the year before is refused": [
        "source lifts holds | due_on IS NULL OR due_on >= '2026-01-01' dropped",
        "source lifts holds | due_on >= '2026-01-01' -> due_on >= '2025-12-31'",
    ],
    "what is due on the first day of the year is taken": [
        "source lifts holds | due_on IS NULL dropped",
        "source lifts holds | due_on >= '2026-01-01' -> due_on > '2026-01-01'",
    ],
    "a hard criterion takes no waiver, and closes the gate": [
        "p1/load/enforcement | hard -> soft",
        "p1/load/enforcement | hard -> advisory",
    ],
    "a hard target takes no waiver, and closes the gate": [
        "quays/success/enforcement | hard -> soft",
        "quays/success/enforcement | hard -> advisory",
    ],
    "a soft criterion takes a waiver, and its gate takes one": [
        "p1/either/enforcement | soft -> hard",
        "p1/either/enforcement | soft -> advisory",
        "phase one max_waivers | 1 -> 0",
    ],
    "a gate takes no second waiver": [
        "phase one max_waivers | 1 -> 2",
        "phase one max_waivers | max_waivers 1 dropped",
    ],
}


@pytest.mark.parametrize("name", NOTICING)
def test_what_it_takes_to_notice(name: str) -> None:
    again = Again(ground(), results_of_strong()[name], Rests(ground().pack), Shelf())
    for id_ in NOTICING[name]:
        assert again.is_touched(mutants()[id_].touched), id_
        assert again.notices(mutants()[id_]), id_


def test_strong_cases_notice_every_mutant() -> None:
    found = mutate(ground(), tuple(results_of_strong().values()))
    assert [each.mutant.id for each in found.survivors] == []
    assert found.passed
    assert len(found.tried) > 60


@pytest.mark.sampled
def test_a_mutant_is_noticed_by_one_engine_as_it_is_by_both() -> None:
    """What is decided again by the reference evaluator alone comes out as a whole run through both does."""
    shelf = Shelf()
    agains = [Again(ground(), each, Rests(ground().pack), shelf) for each in results_of_weak()]
    for mutant in some(mutants().values(), at=1, every=4):
        whole = list(run_cases(replace(ground(), rules=mutant.loaded), weak()))
        noticing = [each.is_touched(mutant.touched) and each.notices(mutant) for each in agains]
        assert noticing == [not each.passed for each in whole], mutant.id


def test_a_case_that_comes_to_no_end_notices_and_is_told() -> None:
    never = threading.Event()
    try:
        assert run._in_time(never.wait, 0.05) is None
        assert run._in_time(lambda: True, 20) is True
    finally:
        never.set()


@pytest.mark.usefixtures("unlinted")
def test_a_mutant_that_takes_too_long_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    never, notices = threading.Event(), Again.notices

    def slow(self: Again, mutant: Mutant) -> bool:
        return never.wait() if mutant.id.endswith("weighed -> NOT (weighed)") else notices(self, mutant)

    monkeypatch.setattr(Again, "notices", slow)
    try:
        found = mutate(ground(), results_of_weak(), seconds=0.5)
    finally:
        never.set()
    late = [each for each in found.tried if each.overdue]
    assert [each.mutant.id for each in late] == ["measure crane.weighed ratio.of | weighed -> NOT (weighed)"]
    assert not any(each.survives for each in late)


def test_what_can_not_be_computed_in_a_thread_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        run._in_time(lambda: bool(1 / 0), 20)


REASON = "survivors:\n  - mutant: p1/load/crane.heavy | >= 1 -> >= 0\n    why: the count is never below\n"
GONE = "survivors:\n  - mutant: p1/load/crane.heavy | >= 7 -> >= 0\n    why: it was so once\n"
NOTICED = "survivors:\n  - mutant: p1/load/crane.weighed | >= success -> > success\n    why: nobody sees it\n"


@pytest.mark.usefixtures("unlinted")
def test_a_written_reason_lets_a_mutant_survive() -> None:
    found = mutate(ground(), results_of_weak(), survivors({"s.yaml": REASON}))
    [kept] = [each for each in found.tried if each.why is not None]
    assert (kept.why, kept.survives, found.unfounded) == ("the count is never below", False, ())


@pytest.mark.usefixtures("unlinted")
@pytest.mark.parametrize("written", [GONE, NOTICED], ids=["of none", "of one that is noticed"])
def test_a_reason_for_what_does_not_survive_is_told(written: str) -> None:
    [given] = survivors({"s.yaml": written})
    found = mutate(ground(), results_of_weak(), [given])
    assert found.unfounded == (given,)
    assert str(given.position) == "s.yaml:2:5"
    noticing = replace(found, tried=tuple(each for each in found.tried if not each.survives))
    assert not noticing.passed


@pytest.mark.usefixtures("unlinted")
def test_of_some_cases_only_mutants_that_they_rest_on_are_tried() -> None:
    [given] = survivors({"s.yaml": GONE})
    found = mutate(ground(), results_of_weak()[2:], [given], whole=False)
    assert found.unfounded == ()
    assert all(each.touched_by == ("too few are done",) for each in found.tried)
    assert "measure crane.late count" not in {each.mutant.id.partition(" | ")[0] for each in found.tried}


def test_two_reasons_for_one_mutant_are_refused() -> None:
    with pytest.raises(PackError, match="a second reason for the same thing"):
        survivors({"a.yaml": REASON, "b.yaml": REASON})
