"""Pictures: places are within them, every value is in words, and there is no style and no address."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from read_page import Page

from phasegate.reports.brief.model import Axis, Count, Gate, Places, Score, ScoreOn, StateOn, Target, Week
from phasegate.reports.html.markup import Markup
from phasegate.reports.html.plots.lane import MOST, lane
from phasegate.reports.html.plots.score import score_line
from phasegate.reports.html.plots.strip import strip
from phasegate.reports.html.plots.target import bar, dots, ends_of

BEGIN = dt.date(2026, 1, 5)
TODAY = BEGIN + dt.timedelta(days=49)
AXIS = Axis(
    BEGIN,
    BEGIN + dt.timedelta(days=55),
    TODAY,
    tuple(Week(number + 1, BEGIN + dt.timedelta(days=7 * number)) for number in range(8)),
)


def score(passing: int, apply: int = 100) -> Score:
    return Score(passing, 0, apply, f"{passing} of {apply} pass")


def runs(*passing: int) -> list[ScoreOn]:
    days = (TODAY - dt.timedelta(days=7 * back) for back in reversed(range(len(passing))))
    return [ScoreOn(1, day, "closed", score(each)) for day, each in zip(days, passing, strict=True)]


def gate(*states: str, overdue: int = 0) -> Gate:
    told = tuple(
        StateOn(1, TODAY - dt.timedelta(days=2 * back), state)
        for back, state in zip(reversed(range(len(states))), states, strict=True)
    )
    return Gate("2", "gate 2", "Cost", states[-1], states[-1], score(5), BEGIN, BEGIN, told, overdue=overdue)


def target(value: tuple[float, float] | None, aim: float, start: float | None = None) -> Target:
    said = "no value" if value is None else f"{value[0]:g} %"
    return Target(
        "1/success", "Rate", "success", "1", "Area", "fail", True, said, "", f">= {aim:g} %", "", "%", None,
        Places(value, aim, start),
    )  # fmt: skip


def held(drawn: Markup | None) -> str:
    """A picture that keeps within itself and says in words what it is."""
    assert drawn is not None
    page = Page(drawn)  # which takes no style attribute and no class that is not ours
    assert page.words, "it has no words"
    assert 'role="img"' in drawn
    for share in re.findall(r'(?:x|x1|x2|cx|width)="(-?[0-9.]+)%"', drawn):
        assert 0 <= float(share) <= 100
    assert "url(" not in drawn
    assert "nan" not in drawn
    return page.words[0]


def test_a_strip_is_as_wide_as_its_counts() -> None:
    said = held(strip([Count("fail", 2), Count("unknown", 3), Count("pass", 15)]))
    assert said == "Of 20: 2 fail, 3 unknown, 15 pass"
    drawn = strip([Count("fail", 2), Count("unknown", 3), Count("pass", 15)]) or ""
    assert re.findall('x="([0-9.]+)%" y="0" width="([0-9.]+)%"', drawn) == [
        ("0", "10"), ("10", "15"), ("25", "75"),
    ]  # fmt: skip
    assert strip([Count("fail", 9)]) is None


@pytest.mark.parametrize("passing", [(1, 2, 3), (0, 0, 0), (100, 100, 100), (63, 73, 79, 85, 90, 92, 88, 92)])
def test_a_score_has_every_run_in_words(passing: tuple[int, ...]) -> None:
    said = held(score_line(runs(*passing), AXIS))
    assert re.findall(r"([0-9]+) of 100", said) == [str(each) for each in passing]


def test_two_runs_are_no_line() -> None:
    assert score_line(runs(88, 92), AXIS) is None
    assert score_line(runs(1, 2, 3)[:2], AXIS) is None


def test_a_lane_tells_each_run_and_shows_today_last() -> None:
    told = gate("closed", "undecided", "open", overdue=0)
    said = held(lane(told, AXIS))
    assert said == "gate 2: planned 5 Jan to 5 Jan; 19 Feb closed, 21 Feb undecided, 23 Feb open"
    drawn = lane(told, AXIS)
    assert re.findall(">([✗?✓w!])</text>", drawn) == ["✗", "?", "✓"]
    assert '<circle class="knot pass"' in drawn
    late = lane(gate("closed", "closed", overdue=48), AXIS)
    assert held(late).endswith("; overdue 48 days")
    assert '<line class="late"' in late
    assert '<line class="late"' not in drawn


def test_of_many_runs_a_lane_shows_those_that_changed() -> None:
    states = ["closed"] * MOST + ["undecided"] * MOST
    drawn = lane(gate(*states), AXIS)
    assert drawn.count("<text") == 3  # the first, the change, and today
    assert held(drawn).count("closed") == MOST


@pytest.mark.parametrize(
    ("value", "aim", "start"),
    [
        ((97.5, 97.5), 95, None),
        ((44, 86), 50, None),
        (None, 60, 20.0),
        ((-5, -5), 0, 0.0),
        ((50, 50), 50, 50.0),
    ],
)
def test_a_target_is_on_its_way_within_the_picture(
    value: tuple[float, float] | None, aim: float, start: float | None
) -> None:
    told = target(value, aim, start)
    scale = ends_of([told])
    assert scale is not None
    drawn = dots(told, scale)
    assert held(drawn).endswith(f"target >= {aim:g} %")
    assert (drawn or "").count('class="dot"') == len(dict.fromkeys(value or ()))
    if value is not None:
        held(bar(told, max(*value, aim) * 1.02) or drawn)


def test_what_has_no_place_is_not_drawn() -> None:
    nowhere = replace(target((1, 1), 2), places=None)
    assert dots(nowhere, (0, 1)) is None
    assert bar(nowhere, 1) is None
    assert ends_of([nowhere]) is None
