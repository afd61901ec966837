"""What is wrong with what a case gives: what the pack does not have, and what can not be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from phasegate.rules.cases.expectations import expectation_problems
from phasegate.rules.cases.known import Known
from phasegate.rules.cases.model import Case, GivenAttestation, GivenRow
from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.attestation import NoValueError, value_of
from phasegate.rules.model.contract import Contract
from phasegate.rules.values.units import Quantity, QuantityError
from phasegate.rules.yaml.parser import Path


def case_problems(known: Known, case: Case, common: Collection[str] = ()) -> Iterator[Problem]:
    """Every problem of a case; paths begin at the case.

    Args:
        known: what the pack has.
        case: the case.
        common: the sources of which its file gives the rows for all cases; they are looked at there.
    """
    yield from given_problems(known, {name: rows for name, rows in case.given.items() if name not in common})
    yield from _control(known, case)
    yield from _parameters(known, case)
    yield from _waivers(known, case)
    for place, given in enumerate(case.attested):
        yield from _attested(known, given, ("attested", place))
    yield from expectation_problems(known, case)


def given_problems(known: Known, given: Mapping[str, Sequence[GivenRow]]) -> Iterator[Problem]:
    """What is wrong with the rows that a case, or a file, gives; paths begin there."""
    for source, rows in given.items():
        contract = known.pack.sources.get(source)
        if contract is None:
            yield known.unknown("source", source, known.pack.sources, ("given", source))
        elif not contract.infer:
            for place, row in enumerate(rows):
                yield from _row(source, contract, row, ("given", source, place))


def _row(source: str, contract: Contract, row: GivenRow, path: Path) -> Iterator[Problem]:
    inner: Path = path if row.cells is row.root else (*path, "row")
    for name in row.cells:
        if name in contract.columns:
            continue
        message, hint = f"{source!r} has no column {name!r}", suggest(name, contract.columns, of="columns")
        if name in contract.derive:
            message = f"{name!r} is derived, and can not be given"
            hint = "give the columns that it follows from"
        yield Problem("unknown-column", message, (*inner, name), hint)


def _control(known: Known, case: Case) -> Iterator[Problem]:
    for source, control in case.control.items():
        path: Path = ("control", source)
        contract = known.pack.sources.get(source)
        if source not in case.given:
            message = f"control totals of {source!r}, of which the case gives no rows"
            yield Problem("unknown-source", message, path, suggest(source, case.given, of="sources given"))
        elif contract is not None:
            numbers = [name for name, each in contract.columns.items() if each.type in ("integer", "decimal")]
            for column in control.sums:
                if column not in numbers:
                    message = f"{column!r} is no integer or decimal column of {source!r}"
                    hint = suggest(column, numbers, of="columns with totals")
                    yield Problem("unknown-column", message, (*path, "sums", column), hint)


def _parameters(known: Known, case: Case) -> Iterator[Problem]:
    for name, value in case.parameters.items():
        path: Path = ("parameters", name)
        declared = known.pack.parameters.get(name)
        if declared is None:
            yield known.unknown("parameter", name, known.pack.parameters, path)
            continue
        try:
            unit = Quantity.parse(str(value)).unit
        except QuantityError as error:
            yield Problem("bad-quantity", error.short, path, error.hint, "value")
            continue
        due = Quantity.parse(str(declared.value)).unit
        if unit != due:
            told, own = (each or "plain numbers" for each in (unit, due))
            message, hint = (
                f"{name!r} is set in {told}, the pack has it in {own}",
                f"the pack's own value is {declared.value}",
            )
            yield Problem("unit-mismatch", message, path, hint, "value")


def _waivers(known: Known, case: Case) -> Iterator[Problem]:
    for place, waiver in enumerate(case.waivers):
        path: Path = ("waivers", place, "requirement")
        problem = known.no_requirement(waiver.requirement, path, decided="fail" in waiver.covers)
        if problem is not None:
            yield problem._replace(part="value")
        if waiver.start is not None and waiver.end is not None and waiver.start >= waiver.end:
            message, hint = "the waiver ends before it begins", "'end' is the first moment not covered"
            yield Problem("empty-period", message, ("waivers", place, "end"), hint, "value")


def _attested(known: Known, given: GivenAttestation, path: Path) -> Iterator[Problem]:
    pack = known.pack
    measure = pack.measures.get(given.measure)
    if measure is None or measure.attested is None:
        attested = [name for name, each in pack.measures.items() if each.attested is not None]
        yield known.unknown("attested measure", given.measure, attested, (*path, "measure"), "value")
        return
    try:
        value_of(measure, given.value if isinstance(given.value, bool) else str(given.value))
    except NoValueError as error:
        yield Problem("bad-value", str(error).splitlines()[0], (*path, "value"), None, "value")
    if given.points and measure.by != "point":
        yield Problem(
            "bad-value", f"{given.measure!r} is not by point", (*path, "points"), "leave 'points' out"
        )
    yield from _points(known, given.points, (*path, "points"))


def _points(known: Known, points: Iterable[str], path: Path) -> Iterator[Problem]:
    for place, point in enumerate(points):
        if point not in known.pack.points:
            yield known.unknown("point", point, known.pack.points, (*path, place), "value")
