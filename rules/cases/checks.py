"""What is wrong with a case: what the pack does not have, and what can never be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from phasegate.rules.cases.found import HINT, Expected, FoundError, Part, expected
from phasegate.rules.cases.model import Case, FactExpectation
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.attestation import NoValueError, value_of
from phasegate.rules.model.pack import PROGRAMME, Enforcement, Pack
from phasegate.rules.model.requirements import FactShape, bounds_of, fact_shapes, measure_of, targets
from phasegate.rules.values.units import PERCENT, Quantity, QuantityError
from phasegate.rules.yaml.parser import Path


def case_problems(pack: Pack, case: Case) -> Iterator[Problem]:
    """Every problem of a case; paths begin at the case."""
    yield from _given(pack, case)
    yield from _parameters(pack, case)
    yield from _people(pack, case)
    yield from _measures(pack, case)
    yield from _verdicts(pack, case)


def parts_of(id_: str) -> tuple[str, str]:
    """The name of a measure or requirement, and its slice: ``costs.allocated[1.1.1]``."""
    if not id_.endswith("]") or "[" not in id_:
        return id_, ""
    name, _, slice_ = id_[:-1].partition("[")
    return name, slice_


def _unknown(rule: str, what: str, name: str, known: Iterable[str], path: Path) -> Problem:
    known = list(known)
    return Problem(rule, f"the pack has no {what} {name!r}", path, suggest(name, known, of=f"{what}s"))


def _given(pack: Pack, case: Case) -> Iterator[Problem]:
    for source, rows in case.given.items():
        contract = pack.sources.get(source)
        if contract is None:
            yield _unknown("unknown-source", "source", source, pack.sources, ("given", source))
            continue
        if contract.infer:
            continue
        for place, row in enumerate(rows):
            for name in row.cells:
                if name not in contract.columns:
                    at: Path = (
                        "given",
                        source,
                        place,
                        *(("row",) if row.times > 1 or row.cells is not row.root else ()),
                        name,
                    )
                    derived = name in contract.derive
                    message = f"{source!r} has no column {name!r}"
                    if derived:
                        message = f"{name!r} is derived, and can not be given"
                    hint = (
                        contract_hint(name, contract.columns)
                        if not derived
                        else "give the columns that it follows from"
                    )
                    yield Problem("unknown-column", message, at, hint)
    for source in case.control:
        if source not in case.given:
            known = list(case.given)
            message = f"control totals of {source!r}, which the case has no rows of"
            yield Problem(
                "unknown-source", message, ("control", source), suggest(source, known, of="sources given")
            )
            continue
        contract = pack.sources[source] if source in pack.sources else None
        for column in case.control[source].sums:
            of_type = contract.columns.get(column) if contract is not None else None
            if contract is not None and (of_type is None or of_type.type not in ("integer", "decimal")):
                message = f"{column!r} is no integer or decimal column of {source!r}, so that it has no total"
                yield Problem("unknown-column", message, ("control", source, "sums", column))


def contract_hint(name: str, columns: Iterable[str]) -> str | None:
    """What a column was probably meant to be."""
    return suggest(name, columns, of="columns")


def _parameters(pack: Pack, case: Case) -> Iterator[Problem]:
    for name, value in case.parameters.items():
        declared = pack.parameters.get(name)
        if declared is None:
            yield _unknown("unknown-parameter", "parameter", name, pack.parameters, ("parameters", name))
            continue
        try:
            unit = Quantity.parse(str(value)).unit
        except QuantityError as error:
            yield Problem("bad-quantity", error.short, ("parameters", name), error.hint, "value")
            continue
        due = Quantity.parse(str(declared.value)).unit
        if unit != due:
            message = (
                f"{name!r} is set in {unit or 'plain numbers'}, the pack has it in {due or 'plain numbers'}"
            )
            yield Problem(
                "unit-mismatch",
                message,
                ("parameters", name),
                f"the pack's own value is {declared.value}",
                "value",
            )


def _people(pack: Pack, case: Case) -> Iterator[Problem]:
    for place, waiver in enumerate(case.waivers):
        path: Path = ("waivers", place, "requirement")
        problem = _requirement(pack, waiver.requirement, path)
        if problem is not None:
            yield problem._replace(part="value")
        if waiver.start is not None and waiver.end is not None and waiver.start >= waiver.end:
            yield Problem(
                "empty-period",
                "the waiver ends before it begins",
                ("waivers", place, "end"),
                "'end' is the first moment not covered",
                "value",
            )
    for place, given in enumerate(case.attested):
        measure = pack.measures.get(given.measure)
        attested = [name for name, each in pack.measures.items() if each.attested is not None]
        if measure is None or measure.attested is None:
            what = "measure" if measure is None else "attested measure"
            yield Problem(
                "unknown-measure",
                f"the pack has no {what} {given.measure!r}",
                ("attested", place, "measure"),
                suggest(given.measure, attested, of="attested measures"),
                "value",
            )
            continue
        try:
            value_of(measure, given.value if isinstance(given.value, bool) else str(given.value))
        except NoValueError as error:
            yield Problem(
                "bad-value", str(error).splitlines()[0], ("attested", place, "value"), None, "value"
            )
        if given.points and measure.by != "point":
            yield Problem(
                "bad-value",
                f"{given.measure!r} is not by point",
                ("attested", place, "points"),
                "leave 'points' out",
            )
        for at, point in enumerate(given.points):
            if point not in pack.points:
                yield _unknown(
                    "unknown-point", "point", point, pack.points, ("attested", place, "points", at)
                )


def _measures(pack: Pack, case: Case) -> Iterator[Problem]:
    shapes = fact_shapes(pack)
    for id_, wanted in case.expect.measures.items():
        path: Path = ("expect", "measures", id_)
        name, slice_ = parts_of(id_)
        shape = shapes.get(name)
        if shape is None:
            fields = [each for each in shapes if each.startswith(f"{name}.")] if name in pack.measures else []
            if fields:
                yield Problem(
                    "unknown-measure",
                    f"{name!r} has several fields",
                    path,
                    f"name one of {', '.join(fields)}",
                )
            else:
                yield _unknown("unknown-measure", "measure", name, shapes, path)
            continue
        by = shape.definition.by
        if slice_ and by is None:
            yield Problem("unknown-slice", f"{name!r} has no slices", path, f"write {name!r}")
        elif by == "point" and slice_ not in pack.points:
            hint = (
                suggest(slice_, pack.points, of="points")
                if slice_
                else f"name the point, as in {name}[{next(iter(pack.points))}]"
            )
            yield Problem(
                "unknown-slice",
                f"{name!r} is by point, and {slice_!r} is none"
                if slice_
                else f"{name!r} is by point, and none is named",
                path,
                hint,
            )
        yield from _fact(shape, wanted, path)


def _fact(shape: FactShape, wanted: FactExpectation, path: Path) -> Iterator[Problem]:
    found, status = wanted.found, wanted.status
    if not wanted.model_fields_set or all(getattr(wanted, each) is None for each in wanted.model_fields_set):
        yield Problem(
            "no-expectation",
            "nothing is expected of it",
            path,
            "write  {found: 18 of 20}  or  {status: unknown}",
        )
        return
    if found is None:
        return
    at: Path = (*path, "found")
    if status in ("error", "not_applicable"):
        yield Problem("impossible", f"what is {status} has no value", at, "leave out 'found' or 'status'")
        return
    try:
        value = expected(found, text=shape.text)
    except FoundError as error:
        if shape.field:  # whose expression alone tells what it is
            return
        yield Problem("bad-value", str(error), at, HINT, "value")
        return
    why = _impossible(shape, value) if not shape.field else None
    if why is not None:
        yield Problem("impossible", why, at, None, "value")


def _impossible(shape: FactShape, value: Expected) -> str | None:
    """Why a measure can never have a value; None where it can."""
    if shape.truth != (value.truth is not None):
        return "it is true or false" if shape.truth else "it is neither true nor false"
    if value.low is None or value.high is None:
        return None
    for part in dict.fromkeys((value.low, value.high)):
        if (why := _part(shape, part)) is not None:
            return why
    if value.low != value.high and not _has_ends(shape):
        return f"a measure of the kind '{shape.definition.kind}' has one value or none"
    return None


def _part(shape: FactShape, part: Part) -> str | None:
    measure = shape.definition
    kind = measure.about
    if part.pair is not None and not (
        kind.ratio or kind.told_as_part or measure.kind in ("change", "sql", "attested")
    ):
        return f"it is {measure.kind!r}, and no part of something"
    if (
        part.pair is not None
        and kind.two_counts
        and any(each.denominator != 1 or each < 0 for each in part.pair)
    ):
        return "it is counted in whole rows"
    if part.pair is None and part.unit != shape.unit:
        fits = Quantity(part.value, part.unit).within(shape.unit)
        if fits is None:
            return f"it is in {shape.unit or 'plain numbers'}, and this is in {part.unit or 'plain numbers'}"
    if kind.plain and part.value.denominator != 1:
        return "it is a number of things"
    low, high = measure.valid_range
    if high is not None and part.value > high:
        return f"it is never more than {_shown(high, shape.unit)}: beyond, it is an error"
    if low is not None and part.value < low:
        return f"it is never less than {_shown(low, shape.unit)}: below, it is an error"
    return None


def _shown(value: Fraction, unit: str | None) -> str:
    times = 100 if unit == PERCENT else 1
    return f"{float(value * times):g} {unit or ''}".rstrip()


def _has_ends(shape: FactShape) -> bool:
    return shape.definition.kind in ("count", "ratio", "share", "sum", "distinct", "change")


def _verdicts(pack: Pack, case: Case) -> Iterator[Problem]:
    expect = case.expect
    criteria: Mapping[str, Enforcement] = {full_id: each.enforcement for full_id, each in pack.criteria()}
    aims: Mapping[str, Enforcement] = {full_id: each.enforcement for full_id, each, *_ in targets(pack)}
    for id_, verdict in expect.requirements.items():
        path: Path = ("expect", "requirements", id_)
        if (problem := _requirement(pack, id_, path)) is not None:
            yield problem
        elif verdict == "waived":
            yield from _waived(case, {**criteria, **aims}.get(owner_of(pack, id_) or ""), path, id_)
    for key, known in (("criteria", criteria), ("targets", aims)):
        for id_, verdict in getattr(expect, key).items():
            path = ("expect", key, id_)
            if id_ not in known:
                what = "criterion" if key == "criteria" else "target"
                hint = suggest(id_, known, of=key)
                if id_ in (aims if key == "criteria" else criteria):
                    hint = f"it stands under '{'targets' if key == 'criteria' else 'criteria'}'"
                yield Problem(f"unknown-{what}", f"the pack has no {what} {id_!r}", path, hint)
            elif verdict == "waived":
                yield from _waived(case, known[id_], path)
    for id_, verdict in expect.points.items():
        if id_ not in pack.points:
            yield _unknown("unknown-point", "point", id_, pack.points, ("expect", "points", id_))
        elif verdict == "waived":
            yield from _waived(case, None, ("expect", "points", id_))
    gates = [*pack.phases, PROGRAMME]
    for id_, state in expect.gates.items():
        if id_ not in gates:
            yield _unknown("unknown-gate", "gate", id_, gates, ("expect", "gates", id_))
        elif state == "open_with_waivers":
            yield from _waived(case, None, ("expect", "gates", id_))


def _waived(
    case: Case, enforcement: Enforcement | None, path: Path, requirement: str | None = None
) -> Iterator[Problem]:
    if enforcement == "hard":
        yield Problem("impossible", "its criterion is hard: no waiver is taken", path, None, "value")
    elif not case.waivers:
        yield Problem("impossible", "the case has no waiver", path, "add one under 'waivers'", "value")
    elif requirement is not None and requirement not in {each.requirement for each in case.waivers}:
        yield Problem("impossible", "the case has no waiver for it", path, "add one under 'waivers'", "value")


def owner_of(pack: Pack, requirement: str) -> str | None:
    """The criterion or target whose requirement it is; None where no id of it begins so."""
    known = {full_id for full_id, _ in pack.criteria()} | {full_id for full_id, *_ in targets(pack)}
    name, _ = parts_of(requirement)
    while "/" in name:
        name = name.rpartition("/")[0]
        if name in known:
            return name
    return None


def requirements_of(pack: Pack, owner: str) -> list[str]:
    """The ids of the requirements of a criterion or a target, without slices that the data bring."""
    point, _, name = owner.partition("/")
    found = [
        each for each in (pack.points[point].criteria if point in pack.points else ()) if each.id == name
    ]
    facts = [fact for each in found for fact, *_ in bounds_of(each.require, ())]
    facts += [each.measure for full_id, each, *_ in targets(pack) if full_id == owner]
    count: dict[str, int] = {}
    ids = []
    for fact in facts:
        count[fact] = count.get(fact, 0) + 1
        ids.append(f"{owner}/{fact}" + (f"#{count[fact]}" if count[fact] > 1 else ""))
    return ids


def _requirement(pack: Pack, id_: str, path: Path) -> Problem | None:
    owner = owner_of(pack, id_)
    if owner is None:
        known = [each for full_id, _ in pack.criteria() for each in requirements_of(pack, full_id)]
        known += [each for full_id, *_ in targets(pack) for each in requirements_of(pack, full_id)]
        return _unknown("unknown-requirement", "requirement", id_, known, path)
    stem = id_.removeprefix(f"{owner}/").partition("[")[0].partition("#")[0]
    known = requirements_of(pack, owner)
    fact = next((each for each in known if each.removeprefix(f"{owner}/").partition("#")[0] == stem), None)
    if fact is None:
        return Problem(
            "unknown-requirement",
            f"{owner!r} requires nothing of {stem!r}",
            path,
            suggest(id_, known, of="requirements"),
        )
    measure = measure_of(pack, stem)
    if (
        measure is not None
        and "[" not in id_
        and "#" not in id_
        and pack.measures[measure].by not in (None, "point")
    ):
        return Problem(
            "unknown-requirement",
            f"{stem!r} has a slice for each {pack.measures[measure].by}",
            path,
            f"name one, as in {id_}[...]",
        )
    return None
