"""Of a mutant of a source only cases are asked whose rows it changes; none of the others would notice it."""

from __future__ import annotations

import pytest
from harbour_rules import ground, strong, weak

from phasegate.facts.mutants.rewordings import rewordings
from phasegate.rules.mutants.mutant import Mutant, mutants_of
from phasegate.runs.cases.run import run_cases
from phasegate.runs.mutants import run
from phasegate.runs.mutants.again import Again
from phasegate.runs.mutants.alike import Alike
from phasegate.runs.mutants.rests import Rests
from phasegate.runs.mutants.run import mutate
from phasegate.runs.mutants.shelf import Shelf

RESULTS = tuple(run_cases(ground(), (*weak(), *strong())))
MUTANTS = [each for each in mutants_of(ground().rules, rewordings) if each.touched.sources]


@pytest.fixture(scope="module")
def cases() -> list[Again]:
    shelf = Shelf()
    return [Again(ground(), each, Rests(ground().pack), shelf) for each in RESULTS if each.passed]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.told)
def test_whose_rows_stay_the_same_notices_nothing(mutant: Mutant, cases: list[Again]) -> None:
    alike = Alike(ground()).among(mutant, cases)
    noticing = {each.name for each in cases if each.notices(mutant)}
    assert not alike & noticing
    assert alike
    assert noticing


def test_of_a_mutant_of_something_else_nothing_is_said(cases: list[Again]) -> None:
    others = [each for each in mutants_of(ground().rules, rewordings) if not each.touched.sources]
    assert {Alike(ground()).among(each, cases) for each in others} == {frozenset()}


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("case_by_case", [0, 1_000])
def test_it_comes_out_alike_whoever_is_asked(case_by_case: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_is_refused", lambda _: False)
    monkeypatch.setattr(run, "AT_FIRST", case_by_case)
    found = mutate(ground(), [each for each in RESULTS if each.passed])
    assert [each.mutant.id for each in found.survivors] == []
