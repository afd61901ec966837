"""Warns of percentages whose figure is probably the part of one: 0.95 % where 95 % was meant."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.lint.bounds import resolved
from phasegate.rules.lint.direction import SIDES
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import fact_shapes, required_bounds
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import PERCENT, Quantity

_ONE = Fraction(1, 100)
_LOW = Fraction(1, 10)
"""A measure whose range ends here says that its figures are small."""


def percentage_problems(pack: Pack) -> Iterator[Problem]:
    """Lower bounds and levels of at most one per cent, and upper bounds below that."""
    for id_, measure in pack.measures.items():
        if measure.quantile is not None:
            level = Quantity.parse(measure.quantile.at)
            if level.unit == PERCENT and 0 < level.value <= _ONE:
                message = f"{measure.quantile.at!r} is next to the smallest value of all"
                path = ("measures", id_, "quantile", "at")
                hint = f"did you mean '{_shown(level.value * 100)}'?"
                yield Problem("small-percentage", message, path, hint, "value", "warning")
    shapes = fact_shapes(pack)
    for one in required_bounds(pack):
        shape = shapes.get(one.fact)
        bound = None if shape is None else resolved(pack, one)
        if shape is None or bound is None or not _is_small(bound, shape.definition):
            continue
        limit, upper = bound.limits[0], SIDES[bound.operator] == "lower"
        how = "allows no more than" if upper else "asks for no more than"
        message = f"{bound.text!r} {how} {_shown(limit)}"
        meant = f"did you mean '{bound.operator} {_shown(limit * 100)}'?"
        says = "better: lower" if upper else "valid: [0 %, 5 %]"
        rests = tuple(("measures", shape.measure, key) for key in ("better", "valid"))
        hint = f"{meant} if not, '{says}' in the measure says so"
        yield Problem("small-percentage", message, one.path, hint, "value", "warning", rests)


def quantile_problems(pack: Pack) -> Iterator[Problem]:
    """Warns of quantiles that are held from the side on which most rows may lie as they like."""
    for one in required_bounds(pack):
        measure = pack.measures.get(one.fact)
        bound = resolved(pack, one)
        if measure is None or measure.quantile is None or bound is None or bound.operator not in SIDES:
            continue
        level = Quantity.parse(measure.quantile.at).value
        upper = SIDES[bound.operator] == "lower"
        free = 1 - level if upper else level
        if 2 * free > 1:
            message = f"{_shown(free)} of the rows may lie {'above' if upper else 'below'} this"
            hint = f"the {_shown(1 - level)} quantile is the one that holds most of them"
            rests = (("measures", one.fact, "quantile"),)
            yield Problem("easy-quantile", message, one.path, hint, "value", "warning", rests)


def _is_small(bound: Bound, measure: Measure) -> bool:
    if bound.unit != PERCENT or bound.operator not in SIDES or not 0 < bound.limits[0] <= _ONE:
        return False
    ends = measure.valid_ends
    if ends is not None and ends[1] <= _LOW:
        return False
    return SIDES[bound.operator] == "higher" or (bound.limits[0] < _ONE and measure.better != "lower")


def _shown(share: Fraction) -> str:
    return f"{float(share * 100):g} %"
