"""The cases of the pack: all pass, nothing is left unshown, and no change of a rule goes unnoticed.

The slow tests run a quarter of them, from all of its parts, the long ones all.
"""

from __future__ import annotations

import pytest

from phasegate.rules.cases.reasons import load_reasons
from phasegate.runs.cases.run import CaseResult, run_cases
from phasegate.runs.cases.select import Selected, selected
from phasegate.runs.coverage.coverage import coverage_of
from phasegate.runs.mutants.run import mutate


@pytest.fixture(scope="module")
def chosen() -> Selected:
    return selected("developer_finance", None, ())


@pytest.fixture(scope="module")
def results(chosen: Selected) -> list[CaseResult]:
    return list(run_cases(chosen.ground, chosen.cases))


@pytest.mark.slow(first="cases of the pack")
def test_a_quarter_of_the_cases_come_out_as_they_say(chosen: Selected) -> None:
    results = list(run_cases(chosen.ground, chosen.cases[::4]))
    assert len(results) > 500
    assert [each.case.name for each in results if not each.passed] == []


@pytest.mark.long
def test_each_case_comes_out_as_it_says(results: list[CaseResult]) -> None:
    assert len(results) > 2_000
    assert [each.case.name for each in results if not each.passed] == []


@pytest.mark.long
def test_nothing_is_left_unshown(chosen: Selected, results: list[CaseResult]) -> None:
    found = coverage_of(chosen.ground, results, load_reasons(chosen.folder).never)
    assert (found.unshown, found.unfounded) == ((), ())
    assert found.share == 1


@pytest.mark.long
def test_no_change_goes_unnoticed(chosen: Selected, results: list[CaseResult]) -> None:
    found = mutate(chosen.ground, results, load_reasons(chosen.folder).survivors)
    assert len(found.tried) > 3_000
    assert [each.mutant.id for each in found.survivors] == []
    assert found.unfounded == ()
