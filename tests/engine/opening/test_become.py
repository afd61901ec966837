"""What a fact may become: the nearest value that meets what is asked, and several where nothing meets all."""

from __future__ import annotations

from itertools import permutations, product
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
def test_numbers(
    measure: Measure | None, seen: Fact, bounds: list[str], becomes: list[tuple[int, int]]
) -> None:
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


LIMITS = {"COUNT": ("2", "5", "8"), "RATIO": ("1/10", "33/100", "3/5")}
SIGNS = (">=", ">", "<=", "<", "==", "!=")
BOUNDS = {
    kind: [*(f"{sign} {limit}" for sign in SIGNS for limit in limits), f">= {limits[0]} <= {limits[1]}"]
    for kind, limits in LIMITS.items()
}


@pytest.mark.parametrize("kind", list(LIMITS))
@pytest.mark.parametrize("low", range(0, 13, 4))
@pytest.mark.parametrize("wide", [0, 3])
def test_the_nearest_of_all_whole_numbers(kind: str, low: int, wide: int) -> None:
    """Held against all that can be counted: each that no other is better than, as near as can be."""
    whole, measure, unit = {"COUNT": (1, COUNT, None), "RATIO": (20, RATIO, "%")}[kind]
    ends = Ends((low, whole), (low + wide, whole), wide)
    seen = fact(low, whole, unit) if wide == 0 else fact(unit=unit, ends=ends)
    for one, other in product(BOUNDS[kind], BOUNDS[kind][::3]):
        asked = {3: needs("r3", one), 5: needs("r5", other)}
        nearest: dict[tuple[int, ...], tuple[int, int]] = {}
        for count in range(21):
            observed = Observation(Evidence.PRESENT, (count, whole), (count, whole))
            good = tuple(verdict_of(each, observed) is Verdict.PASS for each in asked.values())
            far = min(abs(count - low), abs(count - low - wide)), count
            nearest[good] = min(nearest.get(good, far), far)
        best = [good for good in nearest if any(good) and not any(_beyond(more, good) for more in nearest)]
        if (True, True) not in nearest:
            continue  # numbers between two counts are looked at then
        found = becoming(seen, asked, measure)
        assert [each.value.number for each in found] == [(nearest[good][1], whole) for good in best]
        assert all([*each.verdicts] == [3, 5] for each in found)


def _beyond(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one != other and all(left >= right for left, right in zip(one, other, strict=True))


@pytest.mark.parametrize("said", ["low", "mid", "top", None])
@pytest.mark.parametrize("options", list(permutations(("low", "mid", "top"))))
def test_a_text_that_will_do_stays(said: str | None, options: tuple[str, ...]) -> None:
    found = becoming(fact(text=said), {0: needs("r", options=options)}, None)
    assert [each.value.text for each in found] == [said or options[0]]


@pytest.mark.parametrize(
    ("measure", "seen", "bounds", "becomes"),
    [
        # A number of nothing that is counted: on the limit, beside it, and between two.
        (None, fact(7, 2), [">= 10"], [(10, 1)]),
        (None, fact(7, 2), ["> 10"], [(11, 1)]),
        (None, fact(7, 2), ["< 1"], [(0, 1)]),
        (None, fact(7, 2), ["> 1", "< 2"], [(3, 2)]),
        (None, fact(7, 2, "%"), ["> 4"], [(401, 100)]),
        (None, fact(7, 2, "%"), ["< 3"], [(299, 100)]),
        (None, fact(), ["!= 0"], [(-1, 1)]),
        (None, fact(7, 2), ["!= 3", "> 5"], [(6, 1)]),
        (None, fact(9, 2), ["< 3", "!= 5"], [(2, 1)]),
        (None, fact(1, 2), ["> 3", "!= 1", "< 5"], [(4, 1)]),
        (None, fact(1, 0), [">= 3"], [(3, 1)]),
        (None, fact(1, -1), [">= 3"], [(3, 1)]),
        # Amounts of two counts are no counts, and so is a ratio in another unit than percent.
        (RATIO, fact(18, 20, "%", scale=2), ["> 19/20"], [(24, 25)]),
        (RATIO, fact(18, 20), ["> 19/20"], [(1, 1)]),
        (RATIO, fact(ends=Ends((1, 4), (3, 5), 2), unit="%"), [">= 19/20"], [(19, 20)]),
        # What is valid limits what it may become.
        (SUM, fact(5, 1, "EUR"), ["< 1/2"], [(0, 1)]),
        (SUM, fact(5, 1, "EUR"), ["< 0"], []),
        (SUM, fact(5, 1, "EUR"), [">= 9"], [(9, 1)]),
        (SUM, fact(12, 1, "EUR"), ["!= 0"], [(9, 1)]),
    ],
)
def test_numbers_that_are_not_counted(
    measure: Measure | None, seen: Fact, bounds: list[str], becomes: list[tuple[int, int]]
) -> None:
    test_numbers(measure, seen, bounds, becomes)
