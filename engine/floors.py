"""The floor of a waiver: which values that miss a bound it excuses, and which floors have a meaning.

The one place that says so: whoever loads, signs, counts or verifies a waiver asks here.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from phasegate.engine.formatting import number
from phasegate.engine.plan import Comparison, Side, sides
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.verdict import Verdict
from phasegate.rules.values.units import Quantity


class UnfitFloorError(PhasegateError):
    """A waiver whose floor says nothing of its requirement, or that needs one and has none."""


def floor_of(
    floor: str | None, covers: Collection[str], tests: tuple[Comparison, ...], unit: str | None
) -> tuple[Side, ...] | None:
    """What a number must meet for a waiver to excuse it: to lie between its floor and what passes.

    Args:
        floor: the waiver's floor, as it is written.
        covers: the verdicts that the waiver covers.
        tests: the tests of its requirement; none where that is about a truth value or a text.
        unit: the unit of the requirement.

    Returns:
        The tests; none of them where any number is excused, and None where no number is asked for.

    Raises:
        UnfitFloorError: with the floor that would be taken.
    """
    if not tests:
        if floor is not None:
            raise UnfitFloorError("only a number has a floor, and none is asked for", "leave the floor out")
        return None
    if floor is None:
        if Verdict.FAIL.word not in covers:
            return None
        raise UnfitFloorError(
            "the waiver names no floor, and a number that fails is covered down to a floor only",
            _taken(tests, unit),
        )
    fitted = Quantity.parse(floor).within(unit)
    if fitted is None:
        raise UnfitFloorError(
            f"the floor {floor!r} has not the unit of what is measured",
            f"write it{f' in {unit}' if unit else ' as a number'}: {_taken(tests, unit)}",
        )
    excused = _excused(tests, fitted.value)
    if excused is None:
        raise UnfitFloorError(
            f"the floor {floor!r} excuses nothing: it is a value that passes", _taken(tests, unit)
        )
    return excused


def _excused(tests: tuple[Comparison, ...], floor: Fraction) -> tuple[Side, ...] | None:
    bound = sides(tests)
    limits = [side.limit for side in bound.tests]
    if bound.none is Verdict.PASS:  # "!= 3": of all numbers only 3 fails
        return () if floor == limits[0] else None
    if len(bound.tests) == 1:
        return (bound.tests[0].worst(Side(">=", floor), Side("<=", floor)),)
    least, greatest = min(limits), max(limits)
    if floor <= least:
        return Side(">=", floor), Side("<=", greatest)
    if floor >= greatest:
        return Side(">=", least), Side("<=", floor)
    return None


def _taken(tests: tuple[Comparison, ...], unit: str | None) -> str:
    """The floors that have a meaning, in words."""
    bound = sides(tests)
    limits = [side.limit for side in bound.tests]
    low, high = (number(each, unit, limits) for each in (min(limits), max(limits)))
    if bound.none is Verdict.PASS:
        return f"a floor of {low} is taken, the one number that fails"
    if len(limits) == 1:
        where = bound.tests[0].worst("below", "above")
        return f"a floor {where} {low} is taken, the worst value that is covered"
    return (
        f"a floor below {low} is taken, and covers what lies from it to {low}, "
        f"or one above {high}, and covers what lies from {high} to it"
    )
