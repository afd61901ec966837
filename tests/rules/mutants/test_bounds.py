"""What bounds are changed to."""

from __future__ import annotations

import pytest

from phasegate.rules.mutants.bounds import other_bounds

CHANGED: dict[str | bool, tuple[str, ...]] = {
    ">= 95 %": ("> 95 %", ">= 96 %", ">= 94 %"),
    "< 0.5": ("<= 0.5", "< 0.6", "< 0.4"),
    "<= 31 days": ("< 31 days", "<= 32 days", "<= 30 days"),
    ">= 17.3 M USD": ("> 17.3 M USD", ">= 17.4 M USD", ">= 17.2 M USD"),
    ">= 1_000": ("> 1_000", ">= 1001", ">= 999"),
    ">= -1 %": ("> -1 %", ">= 0 %", ">= -2 %"),
    "== 1": (">= 1", "<= 1", "== 2", "== 0"),
    "!= 4": ("== 4", "!= 5", "!= 3"),
    ">= success": ("> success",),
    "<= :band_2": ("< :band_2",),
    "between 85 and 95 %": (
        ">= 85 %",
        "<= 95 %",
        "between 86 and 95 %",
        "between 84 and 95 %",
        "between 85 and 96 %",
        "between 85 and 94 %",
    ),
    "in [low, medium]": ("in [medium]", "in [low]"),
    "in [low]": (),
    True: ("false",),
    "false": ("true",),
}


@pytest.mark.parametrize("written", CHANGED, ids=str)
def test_each_change_of_a_bound(written: str | bool) -> None:
    assert tuple(each.text for each in other_bounds(written)) == CHANGED[written]


def test_of_a_whole_number_the_next_one_says_the_same() -> None:
    assert [each.text for each in other_bounds(">= 3", whole=True)] == [">= 4", ">= 2"]
    assert [each.text for each in other_bounds(">= success", whole=True)] == ["> success"]
