"""Floors of waivers: what each form of bound makes of one, and what it says where it makes nothing of it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from phasegate.engine.floors import UnfitFloorError, floor_of
from phasegate.engine.plan import tests_of as comparisons_of
from phasegate.rules.values.bounds import Bound

NUMBERS = [Fraction(n, 2) for n in range(-4, 17)]


def excused(bound: str, floor: str) -> list[str]:
    """The numbers, in halves, that a waiver of such a floor excuses or that pass."""
    sides = floor_of(floor, ("fail",), comparisons_of(Bound.parse(bound)), None)
    assert sides is not None
    met = {">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}
    return [str(n) for n in NUMBERS if all(met[side.comparator](n, side.limit) for side in sides)]


@pytest.mark.parametrize(
    ("bound", "floor", "least", "greatest"),
    [
        (">= 3", "1", "1", "8"),
        ("> 3", "3", "3", "8"),
        ("<= 3", "5", "-2", "5"),
        ("< 3", "3", "-2", "3"),
        ("between 2 and 5", "1", "1", "5"),
        ("between 2 and 5", "6", "2", "6"),
        ("between 2 and 5", "2", "2", "5"),
        ("between 2 and 5", "5", "2", "5"),
        ("== 3", "1", "1", "3"),
        ("== 3", "7", "3", "7"),
        ("== 3", "3", "3", "3"),
        ("!= 3", "3", "-2", "8"),
    ],
)
def test_what_lies_between_the_floor_and_what_passes_is_excused(bound, floor, least, greatest) -> None:
    found = excused(bound, floor)
    assert (found[0], found[-1]) == (least, greatest)


@pytest.mark.parametrize(
    ("bound", "floor", "covers", "message", "hint"),
    [
        (
            "between 2 and 5",
            "3",
            ["fail"],
            "the floor '3' excuses nothing: it is a value that passes",
            (
                "a floor below 2 is taken, and covers what lies from it to 2, or one above 5, and covers "
                "what lies from 5 to it"
            ),
        ),
        (
            "!= 3",
            "2",
            ["fail"],
            "the floor '2' excuses nothing: it is a value that passes",
            "a floor of 3 is taken, the one number that fails",
        ),
        (
            ">= 95 %",
            "90 days",
            ["fail"],
            "the floor '90 days' has not the unit of what is measured",
            "write it in %: a floor below 95 % is taken, the worst value that is covered",
        ),
        (
            "<= 3",
            "5 %",
            ["fail"],
            "the floor '5 %' has not the unit of what is measured",
            "write it as a number: a floor above 3 is taken, the worst value that is covered",
        ),
        (
            "== 3",
            None,
            ["stale", "fail"],
            "the waiver names no floor, and a number that fails is covered down to a floor only",
            (
                "a floor below 3 is taken, and covers what lies from it to 3, or one above 3, and covers "
                "what lies from 3 to it"
            ),
        ),
        ("true", "1", ["fail"], "only a number has a floor, and none is asked for", "leave the floor out"),
        (
            "in [low]",
            "1",
            ["stale"],
            "only a number has a floor, and none is asked for",
            "leave the floor out",
        ),
    ],
)
def test_a_floor_without_a_meaning_says_which_one_would_have_one(bound, floor, covers, message, hint) -> None:
    parsed = Bound.parse(bound if bound != "true" else True)
    with pytest.raises(UnfitFloorError) as caught:
        floor_of(floor, covers, comparisons_of(parsed), parsed.unit)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("bound", ["true", "in [low]", ">= 3", "!= 3"])
def test_where_no_number_that_fails_is_covered_no_floor_is_asked_for(bound) -> None:
    tests = comparisons_of(Bound.parse(bound if bound != "true" else True))
    assert floor_of(None, ("stale", "unknown"), tests, None) is None
