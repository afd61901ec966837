"""Checks every bound against the fact that it is held against."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.lint.units import DECLARED, example, is_word, misfit
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import FactShape, RequiredBound, fact_shapes, required_bounds
from phasegate.rules.values.bounds import TARGET_NAMES, Bound, BoundError
from phasegate.rules.values.units import PERCENT, Quantity
from phasegate.rules.yaml.parser import Path

_Range = tuple[Fraction | None, Fraction | None]


def bound_problems(pack: Pack) -> Iterator[Problem]:
    """Unknown facts, bounds of another type or unit, names that stand for nothing."""
    shapes = fact_shapes(pack)
    for one in required_bounds(pack):
        shape = shapes.get(one.fact)
        if shape is None:
            yield _unknown(pack, one, shapes)
            continue
        if one.point is None and shape.definition.by == "point":
            message = f"{one.fact!r} is measured by point, and a target belongs to no point"
            yield Problem("by-point-outside-point", message, _fact_path(one), None, "value")
        try:
            bound = Bound.parse(one.bound)
        except BoundError as error:
            yield Problem("bad-bound", error.short, one.path, error.hint, "value")
            continue
        yield from _fits(pack, one, shape, bound)


def resolved(pack: Pack, one: RequiredBound) -> Bound | None:
    """A bound with what its name stands for; None where it is no bound, or its name stands for nothing."""
    try:
        bound = Bound.parse(one.bound)
    except BoundError:
        return None
    if bound.name is None:
        return bound
    quantity = _named(pack, one, bound.name)
    return None if isinstance(quantity, Problem) else bound.resolve({bound.name: quantity})


def _fact_path(one: RequiredBound) -> Path:
    """Where the fact is named: in a target, beside the bound."""
    return one.path if one.target is None else (*one.path[:-1], "measure")


def _unknown(pack: Pack, one: RequiredBound, shapes: dict[str, FactShape]) -> Problem:
    part: Literal["key", "value"] = "key" if one.target is None else "value"
    measure = pack.measures.get(one.fact)
    if measure is not None and measure.latest:
        fields = ", ".join(f"{one.fact}.{name}" for name in measure.latest)
        message = f"{one.fact!r} has several fields; a bound holds one of them"
        rests: tuple[Path, ...] = (("measures", one.fact, "latest"),)
        return Problem(
            "unknown-measure", message, _fact_path(one), f"name one of {fields}", part, rests=rests
        )
    stem = one.fact.rpartition(".")[0]
    parent = pack.measures.get(stem)
    if parent is not None and parent.latest:
        message = f"{stem!r} has no field {one.fact.rpartition('.')[2]!r}"
        hint = suggest(one.fact, (f"{stem}.{name}" for name in parent.latest), of="fields")
        rests = (("measures", stem, "latest", one.fact.rpartition(".")[2]), ("measures", one.fact))
        return Problem("unknown-measure", message, _fact_path(one), hint, part, rests=rests)
    hint = suggest(one.fact, shapes, of="facts")
    rests = (("measures", one.fact),) if parent or not stem else (("measures", one.fact), ("measures", stem))
    message = f"there is no measure {one.fact!r}"
    return Problem("unknown-measure", message, _fact_path(one), hint, part, rests=rests)


def _fits(pack: Pack, one: RequiredBound, shape: FactShape, bound: Bound) -> Iterator[Problem]:
    measure: Path = ("measures", shape.measure)
    rests: tuple[Path, ...] = ((*measure, "unit"),)

    def problem(rule: str, message: str, hint: str | None = None) -> Problem:
        return Problem(rule, message, one.path, hint, "value", rests=rests)

    if shape.field and (bound.expected is not None or bound.options):
        return  # whether that is the field's type shows in its expression
    if shape.truth or shape.text or bound.expected is not None or bound.options:
        if mismatch := _mismatch(one, shape, bound):
            yield problem("type-mismatch", *mismatch)
        return
    if bound.operator in ("==", "!=") and (shape.definition.about.rounded or shape.ratio):
        what = "in %" if shape.definition.attested else f"a {shape.definition.kind}"
        message = f"{one.fact!r} is {what}, which equals a figure only by chance"
        yield problem("inexact-equality", message, "use >= or <=")
        return
    if bound.name is not None:
        quantity = _named(pack, one, bound.name)
        if isinstance(quantity, Problem):
            yield quantity
            return
        if one.area is not None and bound.name in TARGET_NAMES:
            rests = (*rests, ("areas", one.area, bound.name, "bound"))
        bound = bound.resolve({bound.name: quantity})
    fitted = bound.within(shape.unit)
    if fitted is None:
        rests = (*rests, *DECLARED) if is_word(bound.unit) else rests
        yield problem(*misfit(pack, one.fact, shape, bound))
        return
    yield from _reach(one, shape.definition, fitted, (*rests, (*measure, "valid")))


def _mismatch(one: RequiredBound, shape: FactShape, bound: Bound) -> tuple[str, str] | None:
    """That a bound takes another type of value than its fact has, and what would fit; None if it fits."""
    if shape.text:
        return None if bound.options else (f"{one.fact!r} is a text", "write for example 'in [low, medium]'")
    if shape.truth and bound.expected is None:
        return f"{one.fact!r} is true or false", "write true or false"
    if not shape.truth and bound.expected is not None:
        return f"{one.fact!r} is a number, not true or false", example(shape)
    if not shape.truth:
        return f"{one.fact!r} is a number; 'in [...]' is for texts", example(shape)
    return None


def _named(pack: Pack, one: RequiredBound, name: str) -> Quantity | Problem:
    """What a name in a bound stands for."""
    if name not in TARGET_NAMES:
        parameter = pack.parameters.get(name[1:])
        if parameter is not None:
            return Quantity.parse(str(parameter.value))
        hint = suggest(name[1:], pack.parameters, of="parameters")
        message = f"there is no parameter {name[1:]!r}"
        return Problem(
            "unknown-parameter", message, one.path, hint, "value", rests=(("parameters", name[1:]),)
        )
    if one.target == name:
        return Problem(
            "self-reference", f"the bound of {name!r} names itself", one.path, "write a number", "value"
        )
    area = pack.areas.get(one.area) if one.area else None
    target = getattr(area, name) if area else None
    if target is None:
        who = f"area {one.area!r} has no {name!r}" if area else f"there is no area to take {name!r} from"
        hint = f"write a number, or add {name!r} to the area"
        rests: tuple[Path, ...] = ()
        if one.area is not None:
            rests = (("areas", one.area, name),)
        elif one.point is not None:
            rests = (("points", one.point, "area"),)
        return Problem("no-target", who, one.path, hint, "value", rests=rests)
    try:
        bound = Bound.parse(target.bound)
    except BoundError:
        bound = Bound("is", text="")
    if len(bound.limits) != 1:
        message = f"the {name!r} of area {one.area!r} is no single number"
        rests = (("areas", str(one.area), name, "bound"),)
        return Problem("no-target", message, one.path, f"its bound is {target.bound!r}", "value", rests=rests)
    return Quantity(bound.limits[0], bound.unit)


def _reach(one: RequiredBound, measure: Measure, bound: Bound, rests: tuple[Path, ...]) -> Iterator[Problem]:
    """Warns of bounds that every value meets, or none."""
    low, high = measure.valid_range
    always, never = decided(bound, low, high)
    if always or never:
        rule, how = ("always-true", "every") if always else ("never-true", "no")
        message = f"{how} value that {one.fact!r} can have meets this bound"
        hint = f"it lies {_between(measure, low, high)}"
        yield Problem(rule, message, one.path, hint, "value", "warning", rests)


def decided(bound: Bound, low: Fraction | None, high: Fraction | None) -> tuple[bool, bool]:
    """Whether every value of a range meets a bound, and whether none does."""
    limit = bound.limits[0]
    match bound.operator:
        case ">=":
            return low is not None and low >= limit, high is not None and high < limit
        case ">":
            return low is not None and low > limit, high is not None and high <= limit
        case "<=":
            return high is not None and high <= limit, low is not None and low > limit
        case "<":
            return high is not None and high < limit, low is not None and low >= limit
    outside = (low is not None and bound.limits[-1] < low) or (high is not None and limit > high)
    only = low is not None and low == high == limit
    if bound.operator == "!=":
        return outside, only
    if bound.operator == "between":
        return low is not None and high is not None and limit <= low and bound.limits[-1] >= high, outside
    return only, outside


def _between(measure: Measure, low: Fraction | None, high: Fraction | None) -> str:
    scale, unit = (
        (100, " %") if measure.value_unit == PERCENT else (1, f" {measure.value_unit or ''}".rstrip())
    )
    ends = [
        f"{'from' if end is low else 'to'} {float(end * scale):g}{unit}"
        for end in (low, high)
        if end is not None
    ]
    return " ".join(ends)
