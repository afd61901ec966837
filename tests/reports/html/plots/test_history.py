"""What earlier runs found, as a picture and in words."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from phasegate.audit.trail.past_verdicts import Past
from phasegate.reports.html.plots.history import HEIGHT, TOP, history, in_words, unmoved


@pytest.mark.parametrize(
    ("past", "unit", "said"),
    [
        ([("d1", "pass", 0.5), ("d2", "pass", 0.75)], "%", "pass d1 to d2, about 50 % to 75 %"),
        ([("d1", "unknown", None), ("d2", "fail", 0.8826)], "%", "unknown d1; fail d2, about 88.26 %"),
        (
            [("d1", "unknown", (0.5, 0.75)), ("d2", "fail", 0.25)],
            "%",
            "unknown d1, about between 50 % and 75 %; fail d2, about 25 %",
        ),
        ([("d1", "pass", 1.0), ("d2", "bogus", 1.0)], None, "pass d1, about 1; unknown d2, about 1"),
        (
            [("d1", "pass", 17.3e6), ("d2", "pass", 1e300)],
            "USD",
            "pass d1 to d2, about 17,300,000 USD to 1e+300 USD",
        ),
    ],
)
def test_a_history_says_in_words_what_it_shows(
    past: list[tuple[str, str, float | tuple[float, float] | None]], unit: str | None, said: str
) -> None:
    runs = [
        Past(number, day, verdict, None, value)
        if isinstance(value, tuple)
        else Past(number, day, verdict, value)
        for number, (day, verdict, value) in enumerate(past)
    ]
    assert in_words(runs, unit) == said
    drawn = history(runs, unit) or ""
    assert f'aria-label="Earlier runs: {said}"' in drawn
    values = sum(2 if each.ends else each.value is not None for each in runs)
    assert drawn.count("<circle") == values
    assert drawn.count('<text class="mark') == len(runs)


@pytest.mark.parametrize(
    ("values", "bound", "at"),
    [
        ((0.8, 0.9), Fraction(1), 0.0),
        ((0.9, 1.0), Fraction(4, 5), 1.0),
        ((0.8, 1.0), Fraction(9, 10), 0.5),
        ((0.9, 0.9), Fraction(9, 10), 0.5),
        ((None, 0.9), Fraction(1), 0.0),
    ],
)
def test_a_line_is_where_the_bound_is(values: tuple[float | None, float], bound: Fraction, at: float) -> None:
    runs = [Past(number, f"d{number}", "pass", value) for number, value in enumerate(values)]
    drawn = history(runs, "%", bound) or ""
    (y,) = re.findall('<line class="bound" x1="0%" x2="100%" y1="([0-9.]+)"', drawn)
    assert float(y) == pytest.approx(TOP + at * HEIGHT)
    assert f'; bound about {float(bound * 100):.4g} %"' in drawn


@pytest.mark.parametrize("bound", [None, Fraction(10**400)])
def test_a_bound_that_can_not_be_drawn_is_not(bound: Fraction | None) -> None:
    runs = [Past(1, "d1", "pass", 0.5), Past(2, "d2", "pass", 0.6)]
    assert "bound" not in (history(runs, "%", bound) or "bound")
    unvalued = [Past(1, "d1", "unknown", None), Past(2, "d2", "fail", None)]
    assert "bound" not in (history(unvalued, "%", Fraction(1)) or "bound")


@pytest.mark.parametrize(
    "values", [(-1.7e308, 1.7e308), (5e-324, 1e-323), (1.0, 1.0), (None, None), (None, 2.0)]
)
def test_a_history_stays_within_its_picture(values: tuple[float | None, ...]) -> None:
    drawn = history([Past(1, "d1", "pass", values[0]), Past(2, "d2", "pass", values[1])], None) or ""
    high = int(re.findall('<svg class="plot past" width="100%" height="([0-9]+)"', drawn)[0])
    for x, y in re.findall('<circle class="dot" cx="([0-9.]+)%" cy="([0-9.]+)"', drawn):
        assert 0 <= float(x) <= 100
        assert 0 <= float(y) <= high
    assert "nan" not in drawn
    assert "inf" not in drawn


def test_runs_stand_on_their_days() -> None:
    days = ("2026-01-05", "2026-01-06", "2026-01-15")
    drawn = history([Past(number, day, "pass", 0.5) for number, day in enumerate(days)], "%") or ""
    first, second, third = (float(each) for each in re.findall('<circle class="dot" cx="([0-9.]+)%"', drawn))
    assert (second - first) / (third - first) == pytest.approx(0.1, abs=0.01)


def test_one_run_has_no_past_and_one_sign_over_and_over_is_no_picture() -> None:
    one = [Past(1, "2026-01-05", "unknown", None)]
    assert history(one, None) is None
    assert unmoved([*one, Past(2, "2026-01-06", "unknown", None)])
    assert not unmoved([*one, Past(2, "2026-01-06", "fail", None)])
    assert not unmoved([Past(1, "2026-01-05", "pass", 0.5), Past(2, "2026-01-06", "pass", 0.5)])
