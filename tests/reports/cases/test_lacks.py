"""What cases leave open, in words."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.reports.cases.lacks import lines_of, of_coverage, of_mutants, percentage
from phasegate.rules.diagnostics.position import Position
from phasegate.runs.coverage.coverage import Coverage, Unshown


@pytest.mark.parametrize(
    ("shown", "whole", "said"),
    [
        (9899, 10_000, "98.9 %"),
        (999_999, 1_000_000, "99.9 %"),
        (1, 1, "100 %"),
        (0, 7, "0 %"),
        (1, 2, "50 %"),
        (2, 3, "66.6 %"),
    ],
)
def test_a_percentage_is_never_rounded_up(shown: int, whole: int, said: str) -> None:
    assert percentage(Fraction(shown, whole)) == said


@given(st.integers(1, 10**9).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_what_is_said_is_at_most_what_is(pair: tuple[int, int]) -> None:
    share = Fraction(*pair)
    said = Fraction(percentage(share).removesuffix(" %")) / 100
    assert 0 <= share - said < Fraction(1, 1000)


def coverage(shown: int, whole: int) -> Coverage:
    left = (Unshown("p1/load/crane.weighed", ("fail", "stale", "unknown"), Position("pack.yaml", 3, 7)),)
    return Coverage(shown, whole, left if shown < whole else ())


@pytest.mark.parametrize(
    ("shown", "at_least", "passed"),
    [
        (9, None, True),
        (9, Fraction(9, 10), True),
        (9, Fraction(9_000_001, 10_000_000), False),  # nor is it taken for more than it is
        (10, Fraction(1), True),
    ],
)
def test_coverage_is_held_to_a_share_exactly(shown: int, at_least: Fraction | None, passed: bool) -> None:
    assert of_coverage(coverage(shown, 10), at_least).passed is passed


def test_coverage_for_people() -> None:
    assert list(lines_of(of_coverage(coverage(989, 1000), Fraction(1)))) == [
        "    pack.yaml:3  p1/load/crane.weighed: not shown to be fail, stale or unknown",
        "✗ 989 of 1,000 things shown (98.9 %), where at least 100 % is asked",
        "  name them in what a case expects: what is decided in passing does not count",
    ]
    assert list(lines_of(of_coverage(coverage(3, 3)))) == ["✓ 3 of 3 things shown (100 %)"]


def test_mutants_are_not_tried_where_a_case_failed() -> None:
    section = of_mutants(None)
    assert not section.passed
    assert list(lines_of(section)) == ["✗ mutants are tried once all cases pass"]
