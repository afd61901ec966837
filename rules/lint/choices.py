"""Checks requirements against each other: which of them add nothing, and which can not hold together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.lint.bounds import resolved
from phasegate.rules.lint.logic.values import EVERY_NUMBER, Numbers
from phasegate.rules.model.pack import Pack, Require
from phasegate.rules.model.requirements import ANY_OF, RequiredBound, bounds_of, fact_shapes
from phasegate.rules.values.bounds import Bound
from phasegate.rules.yaml.parser import Path


class _Owner(NamedTuple):
    """The point that requires, with the units of all facts."""

    pack: Pack
    point: str
    area: str | None
    units: Mapping[str, str | None]


def choice_problems(pack: Pack) -> Iterator[Problem]:
    """Criteria that are there twice, bounds that contradict each other, alternatives that add nothing."""
    units = {fact: shape.unit for fact, shape in fact_shapes(pack).items()}
    for point_id, point in pack.points.items():
        seen: dict[str, str] = {}
        owner = _Owner(pack, point_id, point.area, units)
        for index, criterion in enumerate(point.criteria):
            at: Path = ("points", point_id, "criteria", index)
            asked = repr(criterion.require.root)
            first = seen.setdefault(asked, criterion.id)
            if first != criterion.id and criterion.require.root:
                message = f"{criterion.id!r} requires what {first!r} does, word for word"
                hint = "one of them was meant to require something else, or is not needed"
                rests = (("points", point_id, "criteria"),)
                yield Problem(
                    "same-requirement", message, (*at, "require"), hint, severity="warning", rests=rests
                )
            yield from _require(owner, criterion.require, (*at, "require"))


def _require(owner: _Owner, require: Require, path: Path) -> Iterator[Problem]:
    several = any(isinstance(wanted, list) for wanted in require.root.values())
    for fact, bounds in _by_fact(owner, require, path).items() if several else ():
        met = EVERY_NUMBER
        for one, numbers in bounds:
            met = met & numbers
            if met.empty and not numbers.empty:
                message = f"no value of {fact!r} meets this and the bounds beside it"
                hint = "all bounds of a list must hold; one of several is 'any_of'"
                rests = ((*path, fact),)
                yield Problem("contradictory-bounds", message, one.path, hint, "value", "warning", rests)
                break
    for key, wanted in require.root.items():
        parts = [part for part in wanted if isinstance(part, Require)] if isinstance(wanted, list) else []
        if key == ANY_OF:
            yield from _alternatives(owner, parts, (*path, key))
        for index, part in enumerate(parts):
            yield from _require(owner, part, (*path, key, index))


def _alternatives(owner: _Owner, parts: list[Require], path: Path) -> Iterator[Problem]:
    if len(parts) == 1:
        message = "there is one way to pass, which is no choice"
        hint = "write it without 'any_of'"
        yield Problem("single-alternative", message, path, hint, severity="warning", rests=(path,))
    read = [_by_fact(owner, part, (*path, index)) for index, part in enumerate(parts)]
    told: set[int] = set()
    for index, part in enumerate(read):
        for other, weaker in enumerate(read):
            if other == index or other in told or ANY_OF in parts[index].root or ANY_OF in parts[other].root:
                continue
            if _implies(part, weaker) and _complete(parts[other], weaker):
                told.add(index)
                message = f"whatever meets this meets alternative {other + 1} too, so that it adds nothing"
                hint = "leave it out, or require both without 'any_of'"
                rests = (path,)
                yield Problem(
                    "idle-alternative", message, (*path, index), hint, severity="warning", rests=rests
                )
                break


_Bounds = Mapping[str, list[tuple[RequiredBound, Numbers]]]


def _by_fact(owner: _Owner, require: Require, path: Path) -> _Bounds:
    """The bounds on numbers that must hold together, by fact."""
    found: dict[str, list[tuple[RequiredBound, Numbers]]] = {}
    direct = Require({key: wanted for key, wanted in require.root.items() if key != ANY_OF})
    for fact, written, at in bounds_of(direct, path):
        one = RequiredBound(fact, written, at, owner.point, owner.area)
        bound = resolved(owner.pack, one)
        bound = None if bound is None else bound.within(owner.units.get(fact))
        numbers = None if bound is None else _numbers(bound)
        if numbers is not None:
            found.setdefault(fact, []).append((one, numbers))
    return found


def _numbers(bound: Bound) -> Numbers | None:
    """The numbers that meet a bound; None where it is not about numbers."""
    if not bound.limits:
        return None
    if bound.operator == "between":
        return Numbers.compared(">=", bound.limits[0]) & Numbers.compared("<=", bound.limits[1])
    sign = {"==": "=", "!=": "<>"}.get(bound.operator, bound.operator)
    return Numbers.compared(sign, bound.limits[0])


def _implies(strong: _Bounds, weak: _Bounds) -> bool:
    """Whether what meets all bounds of one alternative meets all of another, on the same facts."""
    if strong.keys() != weak.keys():
        return False
    for fact, bounds in weak.items():
        allowed = EVERY_NUMBER
        for _, numbers in strong.get(fact, ()):
            allowed = allowed & numbers
        for _, numbers in bounds:
            if not (allowed & ~numbers).empty:
                return False
    return bool(weak)


def _complete(require: Require, read: _Bounds) -> bool:
    """Whether all that an alternative requires was read as bounds on numbers."""
    return read.keys() == require.root.keys()
