"""Checks on which side of a bound the good values lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from phasegate.rules.diagnostics.diagnostic import Severity
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.lint.bounds import resolved
from phasegate.rules.model.measure import Better, Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import RequiredBound, fact_shapes, required_bounds
from phasegate.rules.values.bounds import Bound
from phasegate.rules.yaml.parser import Path

SIDES: dict[str, Better] = {">=": "higher", ">": "higher", "<=": "lower", "<": "lower"}
"""By an operator, which values it asks for."""
OTHER: dict[Better, Better] = {"higher": "lower", "lower": "higher"}
_TURNED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


class _Good(NamedTuple):
    """Which values of a measure are the good ones.

    Attributes:
        better: which.
        why: what says so.
        declared: whether the pack says it; else it follows from the kind.
        rests: where it is said.
    """

    better: Better
    why: str
    declared: bool
    rests: tuple[Path, ...]


def direction_problems(pack: Pack) -> Iterator[Problem]:
    """Bounds against what a measure says is better, and bounds from two sides."""
    shapes = fact_shapes(pack)
    for id_, measure in pack.measures.items():
        yield from _useless(id_, measure)
    sides: dict[str, list[tuple[Better, RequiredBound]]] = {}
    for one in required_bounds(pack):
        shape = shapes.get(one.fact)
        bound = None if shape is None else resolved(pack, one)
        if shape is None or bound is None or bound.operator not in SIDES:
            continue
        good, side = _good(pack, shape.measure), SIDES[bound.operator]
        if good is not None and side != good.better:
            yield _against(one, bound, good)
        elif good is None and not shape.field:
            sides.setdefault(one.fact, []).append((side, one))
    for asked in sides.values():
        yield from _from_two_sides(asked)


def _useless(id_: str, measure: Measure) -> Iterator[Problem]:
    if measure.better is not None and (
        measure.about.value != "number" or measure.attests in ("truth", "text")
    ):
        message = "only a number has values that are better for being higher or lower"
        path = ("measures", id_, "better")
        rests = (("measures", id_, "attested"), ("measures", id_, "unit"))
        yield Problem("useless-clause", message, path, "remove it", rests=rests)


def _good(pack: Pack, id_: str) -> _Good | None:
    measure = pack.measures[id_]
    at: Path = ("measures", id_)
    if measure.better is not None:
        return _Good(measure.better, f"'better: {measure.better}'", True, ((*at, "better"),))
    if measure.change is not None and measure.change.of in pack.measures:
        of = _good(pack, measure.change.of)
        if of is None:
            return None
        better = OTHER[of.better] if measure.change.as_ == "fall" else of.better
        why = f"it is the {_AS[measure.change.as_]} of {measure.change.of!r}, of which {of.why}"
        return _Good(better, why, of.declared, (*of.rests, (*at, "change")))
    always = measure.about.better
    return None if always is None else _Good(always, f"it is of kind {measure.kind}", False, ())


_AS = {"fall": "fall", "rise": "rise", "difference": "difference", "gap_closed": "closed gap"}


def _against(one: RequiredBound, bound: Bound, good: _Good) -> Problem:
    message = f"this asks {one.fact!r} to be {OTHER[good.better]}, and {good.better} is better: {good.why}"
    turned = f"{_TURNED[bound.operator]} {bound.text.removeprefix(bound.operator).strip()}"
    hint = f"did you mean '{turned}'?" if good.declared else f"did you mean '{turned}'? else say 'better'"
    severity: Severity = "error" if good.declared else "warning"
    return Problem("against-better", message, one.path, hint, "value", severity, good.rests)


def _from_two_sides(asked: list[tuple[Better, RequiredBound]]) -> Iterator[Problem]:
    """Warns where one place holds a fact from below and another one from above, and none in a band."""
    places: dict[Path, set[Better]] = {}
    for side, one in asked:
        places.setdefault(one.path[:-1], set()).add(side)
    if any(len(sides) > 1 for sides in places.values()):  # a list of bounds is a band
        return
    first, there = asked[0]
    for side, one in asked[1:]:
        if side != first:
            where = there.point or there.target
            message = f"this holds {one.fact!r} from {_FROM[side]}, {where} holds it from {_FROM[first]}"
            hint = f"say which is right with 'better: {first}' or 'better: {side}' in the measure"
            rests = (("measures", one.fact), there.path[:-1], one.path[:-1])
            yield Problem("bounds-disagree", message, one.path, hint, "value", "warning", rests)


_FROM: dict[Better, str] = {"higher": "below", "lower": "above"}
