"""A target, or a point, of a record by itself: whichever lie it tells of its criterion, it is seen."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from phasegate.records.recheck_verdicts import roll_up_part
from phasegate.rules.model.verdict import ANY_OF_ORDER, WORST_FIRST


def faults(of: str, verdict: str, criterion: str) -> list[str]:
    requirement: Any = {"id": "c/m", "criterion": "c", "verdict": criterion, "alternative": None}
    criteria: Any = [{"id": "c", "verdict": criterion, "enforcement": "hard", "requirements": ["c/m"]}]
    return list(roll_up_part(verdict, of, criteria, [requirement], ANY_OF_ORDER))


@pytest.mark.parametrize(("verdict", "criterion"), list(product(WORST_FIRST, WORST_FIRST)))
def test_a_target_is_what_its_criterion_is(verdict: str, criterion: str) -> None:
    said = [] if verdict == criterion else [f"target 1/success is {verdict}, and its criterion is not"]
    assert faults("target 1/success", verdict, criterion) == said


@pytest.mark.parametrize(("verdict", "criterion"), list(product(WORST_FIRST, WORST_FIRST)))
def test_a_point_is_not_better_than_its_criterion(verdict: str, criterion: str) -> None:
    """It may be worse: whether the engines agreed on it is not known of a part."""
    better = WORST_FIRST.index(verdict) > WORST_FIRST.index(criterion)
    assert bool(faults("point 1.1", verdict, criterion)) is better


def test_a_target_has_one_criterion() -> None:
    assert list(roll_up_part("pass", "target 1/success", [], [], ANY_OF_ORDER)) == [
        "target 1/success is pass, and its criterion is not"
    ]
