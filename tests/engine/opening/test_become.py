"""What a fact may become: the nearest value that meets what is asked, and several where nothing meets all."""

from __future__ import annotations

from typing import Any

import pytest
from plans import needs, value, waiver

from phasegate.engine.opening.become import becoming, excusable
from phasegate.engine.plan import Observation, Requirement
from phasegate.engine.reference import verdict_of
from phasegate.facts.model.ends import Ends
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.verdict import Evidence, Verdict

RATIO = Measure.model_validate({"title": "t", "from": "s", "ratio": {"of": "ok"}})
COUNT = Measure.model_validate({"title": "t", "from": "s", "count": "ok"})
SUM = Measure.model_validate(
    {"title": "t", "from": "s", "sum": "a", "unit": "EUR", "valid": ["0 EUR", "9 EUR"]}
)
TRUTH = Measure.model_validate({"title": "t", "from": "s", "exists": "ok"})


def fact(number: int | None = None, of: int | None = 1, unit: str | None = None, **more: Any) -> Fact:
    status = more.pop("status", "unknown" if number is None and not more else "present")
    below = None if number is None else of
    return Fact("m", "", status, unit=unit, numerator=number, denominator=below, **more)


@pytest.mark.parametrize(
    ("measure", "seen", "bounds", "becomes"),
    [
        (RATIO, fact(18, 20, "%"), [">= 95/100"], [(19, 20)]),
        (RATIO, fact(18, 20, "%"), ["> 95/100"], [(20, 20)]),
        (RATIO, fact(18, 20, "%"), ["<= 1/2"], [(10, 20)]),
        (RATIO, fact(18, 20, "%"), [">= 95/100", ">= 1"], [(20, 20)]),  # one value meets both
        (RATIO, fact(18, 20, "%", status="stale"), [">= 9/10"], [(18, 20)]),  # as it was, once it is renewed
        (RATIO, fact(1, 3, "%"), [">= 2/5 <= 3/5"], [(2, 5)]),  # no count of 3 lies there
        (RATIO, fact(unit="%"), [">= 95/100"], [(19, 20)]),
        (RATIO, fact(18, 20, "%"), [">= 95/100", "<= 1/2"], [(19, 20), (10, 20)]),
        (RATIO, fact(18, 20, "%"), [">= 2"], []),  # beyond all that there is
        (COUNT, fact(5), ["<= 3"], [(3, 1)]),
        (COUNT, fact(5), ["< 3"], [(2, 1)]),
        (COUNT, fact(5), ["< 0"], []),
        (COUNT, fact(5), ["!= 5"], [(4, 1)]),
        (COUNT, fact(1), ["== 4"], [(4, 1)]),
        (COUNT, fact(ends=Ends((1, 1), (6, 1), 5)), [">= 4"], [(6, 1)]),  # the rows turn out to count
        (SUM, fact(12_345, 1000, "EUR"), ["> 8", "<= 17/2"], [(17, 2)]),
        (SUM, fact(5, 1, "EUR"), ["> 17/2"], [(9, 1)]),
        (SUM, fact(5, 1, "EUR"), ["> 9"], []),
    ],
)
def test_numbers(measure: Measure, seen: Fact, bounds: list[str], becomes: list[tuple[int, int]]) -> None:
    asked = {place: needs(f"r{place}", bound) for place, bound in enumerate(bounds)}
    found = becoming(seen, asked, measure)
    assert [each.value.number for each in found] == becomes
    for each in found:
        for place, requirement in asked.items():
            assert verdict_of(requirement, each.value.seen) is each.verdicts[place]


def test_truth_and_text() -> None:
    asked = {0: needs("r0", expected=True), 1: needs("r1", expected=False)}
    assert [each.value.truth for each in becoming(fact(truth=True), asked, TRUTH)] == [True, False]
    assert [each.value.truth for each in becoming(fact(truth=False), {0: asked[0]}, TRUTH)] == [True]
    said = {0: needs("r0", options=("low", "mid")), 1: needs("r1", options=("mid", "high"))}
    assert [each.value.text for each in becoming(fact(text="low"), said, None)] == ["mid"]


def test_what_is_waived_stays_the_nearest_value_that_no_other_is_better_than() -> None:
    """A value that a waiver covers holds; one that passes is better."""
    covered = needs("r", ">= 95/100", cover=waiver(Verdict.FAIL, floor=">= 1/2"))
    (found,) = becoming(fact(18, 20, "%"), {0: covered}, RATIO)
    assert found.value.number == (19, 20)


@pytest.mark.parametrize(
    ("requirement", "seen", "may"),
    [
        (needs("r", ">= 1"), value("0"), True),
        (needs("r", ">= 1"), value("0", Evidence.STALE), True),
        (needs("r", ">= 1"), value(None, Evidence.UNKNOWN), True),
        (needs("r", ">= 1"), value("0 to 2"), True),
        (
            needs("r", ">= 1"),
            value(None, Evidence.UNDETERMINED),
            False,
        ),  # a number that nobody knows may fail
        (needs("r", ">= 1"), value(None, Evidence.ERROR), False),
        (needs("r", ">= 1"), value(None, Evidence.NOT_APPLICABLE), False),
        (needs("r", expected=True), value(False), True),
        (needs("r", expected=True), value(None, Evidence.UNDETERMINED), True),
        (needs("r", expected=True), value(None, Evidence.ERROR), False),
    ],
)
def test_what_a_waiver_may_cover(requirement: Requirement, seen: Observation, may: bool) -> None:
    assert excusable(requirement, seen, verdict_of(requirement, seen)) is may
