"""A value that can not be held against its bound is an error that names the value and says why."""

from __future__ import annotations

from fractions import Fraction

import pytest

from phasegate.engine.plan import Comparison, Observation, Requirement
from phasegate.engine.resolve import MOST_BITS, misfit, observe
from phasegate.facts.model.ends import Ends
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.verdict import Evidence


def share(
    bound: str = ">= success", unit: str | None = "%", limit: Fraction = Fraction(95, 100)
) -> Requirement:
    return Requirement("r", "m", "", bound, unit, (Comparison(">=", limit),))


TRUE = Requirement("r", "m", "", "true", expected=True)
LEVEL = Requirement("r", "m", "", "in [low, medium]", options=("low", "medium"))


def found(numerator: int | None = None, denominator: int = 1, unit: str | None = "%", **more: object) -> Fact:
    return Fact("m", "", "present", unit=unit, numerator=numerator, denominator=denominator, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("requirement", "fact", "text"),
    [
        (
            TRUE,
            found(95, 100),
            "found 95 %, which is neither true nor false, as its bound asks (true)",
        ),
        (LEVEL, found(truth=True), "found yes, which is no text, as its bound asks (in [low, medium])"),
        (share(), found(truth=False), "found no, which is no number, as its bound asks (>= success (95 %))"),
        (
            share(),
            found(text="high"),
            "found 'high', which is no number, as its bound asks (>= success (95 %))",
        ),
        (share(), found(5, 0), "found no value, which is no number, as its bound asks (>= success (95 %))"),
        (
            share(),
            found(1250, 100, "USD"),
            "found 12.50 USD, which has the unit USD, where its bound has the unit % (>= success (95 %))",
        ),
        (
            share(">= 3", None, Fraction(3)),
            found(95, 100),
            "found 95 %, which has the unit %, where its bound has no unit (>= 3)",
        ),
        (
            share(),
            found(ends=Ends((3, 4), (1, 4), 2)),
            "found 75 % to 25 %, of which the least is above the greatest (>= success (95 %))",
        ),
        (
            share(),
            found(unit=None, ends=Ends((1, 1), (2, 1), 2)),
            "found 1 to 2, which has no unit, where its bound has the unit % (>= success (95 %))",
        ),
    ],
    ids=[
        "truth",
        "text",
        "number",
        "text for a number",
        "no value",
        "unit",
        "no unit",
        "ends in the wrong order",
        "unit of ends",
    ],
)
def test_a_misfit_names_the_value_and_what_is_wrong(requirement: Requirement, fact: Fact, text: str) -> None:
    assert misfit(requirement, fact) == text
    assert observe(requirement, fact).evidence is Evidence.ERROR


@pytest.mark.parametrize(
    ("requirement", "fact", "value", "bits"),
    [
        (
            share(">= 3 USD", "USD", Fraction(3)),
            found(123456 * 10**36, 1, "USD"),
            "about 1.23 x 10^41 USD",
            138,
        ),
        (share(), found(10**38 + 1, 3 * 10**38), "33.33 %", 133),
        (share(), found(-(10**40), 3), "about -3.33 x 10^41 %", 138),
        (share(), found(ends=Ends((0, 1), (10**40, 3), 1)), "0 % to about 3.33 x 10^41 %", 138),
    ],
    ids=["large", "fine", "low", "one of two ends"],
)
def test_a_value_beyond_the_bits_is_told_by_its_size(
    requirement: Requirement, fact: Fact, value: str, bits: int
) -> None:
    said = misfit(requirement, fact)
    assert said is not None
    assert said.startswith(f"found {value}, which takes {bits} bits to compare exactly with its bound, ")
    assert f"where {MOST_BITS} are the most (" in said
    assert observe(requirement, fact).evidence is Evidence.ERROR


def test_ends_that_can_not_be_held_against_each_other_are_no_number() -> None:
    fact = found(ends=Ends((2**70 + 1, 3**60), (2**71 + 1, 5**40), 1))
    assert misfit(share(), fact) == (
        "found 0.000003 % to 0.00003 %, of which the ends take 168 bits to compare exactly, "
        f"where {MOST_BITS} are the most (>= success (95 %))"
    )
    assert observe(share(), fact).evidence is Evidence.ERROR


def test_ends_of_one_denominator_are_held_against_each_other_as_they_are() -> None:
    fact = found(ends=Ends((10**25 + 1, 10**15), (3 * 10**25 + 7, 10**15), 9))
    assert misfit(share(), fact) is None


def test_both_ends_are_compared() -> None:
    seen = observe(share(), found(ends=Ends((1, 4), (3, 4), 2)))
    assert seen == Observation(Evidence.PRESENT, (1, 4), (3, 4))


@pytest.mark.parametrize(
    ("requirement", "fact"),
    [(TRUE, found(truth=False)), (LEVEL, found(text="high")), (share(), found(0, 7)), (share(), found(1, 7))],
)
def test_what_fits_is_compared(requirement: Requirement, fact: Fact) -> None:
    assert misfit(requirement, fact) is None
    assert observe(requirement, fact).evidence is Evidence.PRESENT


@pytest.mark.parametrize(("bits", "fits"), [(MOST_BITS - 5, True), (MOST_BITS - 4, False)])
def test_125_bits_are_the_most(bits: int, fits: bool) -> None:
    """95 % is 19 of 20, and 20 takes 5 bits."""
    assert (misfit(share(), found(2**bits - 1, 1)) is None) is fits
