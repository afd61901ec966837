"""What is wrong with what a case expects: what the pack does not have, and what can never follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from phasegate.rules.cases.found import HINT, Expected, FoundError, Part, expected
from phasegate.rules.cases.ids import owner_of, parts_of
from phasegate.rules.cases.known import Known
from phasegate.rules.cases.model import Case, FactExpectation
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.pack import Enforcement
from phasegate.rules.model.requirements import FactShape
from phasegate.rules.values.units import PERCENT, Quantity
from phasegate.rules.yaml.parser import Path

OPEN_ENDED = ("count", "ratio", "share", "sum", "distinct", "change")
"""The kinds whose value lies between two ends where cells are missing."""
_PARTS = ("change", "sql", "attested")
"""The kinds of which only their author knows whether they are a part of something."""


def expectation_problems(known: Known, case: Case) -> Iterator[Problem]:
    """Every problem of what a case expects; paths begin at the case."""
    for id_, wanted in case.expect.measures.items():
        path: Path = ("expect", "measures", id_)
        shape = known.shapes.get(parts_of(id_)[0])
        if shape is None:
            yield _no_measure(known, id_, path)
            continue
        yield from _slice(known, shape, id_, path)
        yield from _fact(shape, wanted, path)
    yield from _verdicts(known, case)


def _no_measure(known: Known, id_: str, path: Path) -> Problem:
    name, _ = parts_of(id_)
    fields = [each for each in known.shapes if each.startswith(f"{name}.")]
    if name in known.pack.measures and fields:
        message = f"{name!r} has several fields"
        return Problem("unknown-measure", message, path, f"name one of {', '.join(fields)}")
    return known.unknown("measure", name, known.shapes, path)


def _slice(known: Known, shape: FactShape, id_: str, path: Path) -> Iterator[Problem]:
    name, slice_ = parts_of(id_)
    by, points = shape.definition.by, known.pack.points
    if slice_ and by is None:
        yield Problem("unknown-slice", f"{name!r} has no slices", path, f"write {name!r}")
    elif by == "point" and not slice_:
        hint = f"name the point, as in {name}[{next(iter(points))}]"
        yield Problem("unknown-slice", f"{name!r} is by point, and none is named", path, hint)
    elif by == "point" and slice_ not in points:
        hint = suggest(slice_, points, of="points") or ""
        yield Problem("unknown-slice", f"{name!r} is by point, and {slice_!r} is none", path, hint)


def _fact(shape: FactShape, wanted: FactExpectation, path: Path) -> Iterator[Problem]:
    if wanted == FactExpectation():
        hint = "write  {found: 18 of 20}  or  {status: unknown}"
        yield Problem("no-expectation", "nothing is expected of it", path, hint)
    if wanted.found is None:
        return
    at: Path = (*path, "found")
    if wanted.status in ("error", "not_applicable"):
        what = f"what is {wanted.status} has no value"
        yield Problem("can-not-be", what, at, "leave out 'found' or 'status'")
    if shape.field:  # its expression alone tells what it is
        return
    try:
        why = _impossible(shape, expected(wanted.found, text=shape.text))
    except FoundError as error:
        yield Problem("bad-value", str(error), at, HINT, "value")
        return
    if why is not None:
        yield Problem("can-not-be", why[0], at, why[1], "value")


def _impossible(shape: FactShape, value: Expected) -> tuple[str, str] | None:
    """Why a measure can never have a value, and what to write; None where it can."""
    if shape.truth and value.truth is None:
        return "it is true or false", "write  true  or  false"
    if not shape.truth and value.truth is not None:
        return "it is neither true nor false", HINT
    if value.low is None or value.high is None:
        return None
    if value.low != value.high and shape.definition.kind not in OPEN_ENDED:
        what = f"a measure of the kind {shape.definition.kind!r} has one value or none"
        return what, "where missing cells leave it open, write  {status: unknown}"
    return _part(shape, value.low) or _part(shape, value.high)


def _part(shape: FactShape, part: Part) -> tuple[str, str] | None:
    measure = shape.definition
    kind = measure.about
    own = shape.unit or "plain numbers"
    if part.pair is not None:
        if not (kind.ratio or measure.kind in _PARTS):
            return f"it is a {measure.kind!r}, and no part of something", f"write one number, in {own}"
        if measure.kind == "ratio" and any(each.denominator != 1 or each < 0 for each in part.pair):
            return "it is counted in whole rows", HINT
    elif Quantity(part.value, part.unit).within(shape.unit) is None:
        return f"it is in {own}, and this is in {part.unit or 'plain numbers'}", f"write it in {own}"
    if kind.plain and part.value.denominator != 1:
        return "it is a number of things", "write a whole number"
    low, high = measure.valid_range
    error = "such rows make it an error: write  {status: error}"
    if high is not None and part.value > high:
        return f"it is never more than {_shown(high, shape.unit)}", error
    if low is not None and part.value < low:
        return f"it is never less than {_shown(low, shape.unit)}", error
    return None


def _shown(value: Fraction, unit: str | None) -> str:
    return f"{float(value * (100 if unit == PERCENT else 1)):g} {unit or ''}".rstrip()


def _verdicts(known: Known, case: Case) -> Iterator[Problem]:
    expect = case.expect
    both: Mapping[str, Enforcement] = {**known.criteria, **known.targets}
    for id_, verdict in expect.requirements.items():
        path: Path = ("expect", "requirements", id_)
        decided = verdict in ("pass", "fail")
        if (problem := known.no_requirement(id_, path, decided=decided)) is not None:
            yield problem
        elif verdict == "waived":
            yield from _waived(case, both[owner_of(known.pack, id_) or ""], path, id_)
    yield from _criteria(known, case, "criterion")
    yield from _criteria(known, case, "target")
    for id_, verdict in expect.points.items():
        path = ("expect", "points", id_)
        if id_ not in known.pack.points:
            yield known.unknown("point", id_, known.pack.points, path)
        elif verdict == "waived":
            yield from _waived(case, None, path)
    for id_, state in expect.gates.items():
        path = ("expect", "gates", id_)
        if id_ not in known.gates:
            yield known.unknown("gate", id_, known.gates, path)
        elif state == "open_with_waivers":
            yield from _waived(case, None, path)


def _criteria(known: Known, case: Case, what: str) -> Iterator[Problem]:
    key, other = ("criteria", "targets") if what == "criterion" else ("targets", "criteria")
    those: Mapping[str, Enforcement] = getattr(known, key)
    for id_, verdict in getattr(case.expect, key).items():
        path: Path = ("expect", key, id_)
        if id_ not in those:
            problem = known.unknown(what, id_, those, path)
            elsewhere = id_ in getattr(known, other)
            yield problem._replace(hint=f"it belongs under '{other}'") if elsewhere else problem
        elif verdict == "waived":
            yield from _waived(case, those[id_], path)


def _waived(
    case: Case, enforcement: Enforcement | None, path: Path, requirement: str | None = None
) -> Iterator[Problem]:
    asked = {each.requirement for each in case.waivers}
    if enforcement == "hard":
        hint = "waive what is soft; a hard criterion fails, or is stale or unknown"
        yield Problem("can-not-be", "its criterion is hard: no waiver is taken", path, hint, "value")
    elif not asked or (requirement is not None and requirement not in asked):
        message = "the case has no waiver" + (" for it" if asked else "")
        yield Problem("can-not-be", message, path, "add one under 'waivers'", "value")
