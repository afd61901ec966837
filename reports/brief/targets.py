"""The targets of a page: what was found, what is wanted, and where it began."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

from phasegate.records.numbers import floats
from phasegate.reports.brief.model import Places, Start, Target
from phasegate.reports.brief.takes import area_of
from phasegate.reports.brief.time_axis import day_of
from phasegate.reports.text.sentences import bound_shown
from phasegate.rules.model.pack import PROGRAMME
from phasegate.rules.values.units import PERCENT, Quantity, QuantityError

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, Record, RequirementEntry
    from phasegate.reports.report import Report

NO_VALUE = "no value"


def targets(report: Report) -> tuple[Target, ...]:
    """Success targets and others that count, in the order of the record; then what is advisory."""
    found = [each for each in report.record["criteria"] if each["point"] is None and each["requirements"]]
    return tuple(
        _target(report, each) for each in sorted(found, key=lambda each: each["enforcement"] == "advisory")
    )


def _target(report: Report, criterion: CriterionEntry) -> Target:
    """A target; of one with several requirements the first that has its verdict."""
    asked = report.telling(criterion)[0]
    fact = report.facts[asked["fact"]]
    area = area_of(report, criterion)
    kind = criterion["id"].rpartition("/")[2]
    start = _start(report, asked)
    return Target(
        id=criterion["id"],
        text=criterion["text"],
        kind=PROGRAMME if criterion["id"].startswith(f"{PROGRAMME}/") else kind,
        area=area,
        area_title=report.record["areas"].get(area or "", ""),
        verdict=criterion["verdict"],
        counts=criterion["enforcement"] != "advisory",
        value=value_of(asked) if fact["status"] == "present" else NO_VALUE,
        counted=fact["counted"] if fact["status"] == "present" else "",
        bound=bound_shown(asked),
        margin=asked["margin"] or "",
        unit=asked["unit"],
        start=start,
        places=_places(report, asked, start),
    )


def value_of(requirement: RequirementEntry) -> str:
    """What was found, without what it was counted from."""
    return requirement["observed"].rpartition(" = ")[2]


def _start(report: Report, asked: RequirementEntry) -> Start | None:
    """The baseline of a change, else what the first run of the cycle found."""
    was = report.facts[asked["fact"]].get("baseline")
    if was is not None:
        return Start("baseline", was["shown"], None)
    first = report.beside.first if report.beside is not None else None
    then = _same(first, asked["id"]) if first is not None else None
    if first is None or then is None or _value(then) is None:
        return None
    return Start("cycle", value_of(then), day_of(first["as_of"]))


def _same(record: Record, name: str) -> RequirementEntry | None:
    return next((each for each in record["requirements"] if each["id"] == name), None)


def _places(report: Report, asked: RequirementEntry, start: Start | None) -> Places | None:
    """Where it is drawn; None where the bound is no number, or one is too large for a picture."""
    told: Any = asked
    if "limit_value" not in told:
        return _older(report, asked)
    if start is not None and start.kind == "baseline":
        return _drawn(_value(asked), float(told["limit_value"]), 0.0)
    then = None
    if start is not None and report.beside is not None and report.beside.first is not None:
        then = _value(_same(report.beside.first, asked["id"]))
    return _drawn(_value(asked), float(told["limit_value"]), then[0] if then is not None else None)


def _older(report: Report, asked: RequirementEntry) -> Places | None:
    """The same of a record that was written before requirements had numbers."""
    limit = limit_of(asked)
    if limit is None:
        return None
    try:
        found = floats(report.facts[asked["fact"]])
        whole = 100.0 if asked["unit"] == PERCENT else 1.0
        value = (found[0] * whole, found[1] * whole) if found is not None else None
        return _drawn(value, float(limit) * whole, None)
    except (OverflowError, ValueError):
        return None


def _drawn(value: tuple[float, float] | None, limit: float, start: float | None) -> Places | None:
    numbers = [limit, *(value or ()), *([start] if start is not None else [])]
    return Places(value, limit, start) if all(map(isfinite, numbers)) else None


def limit_of(requirement: RequirementEntry) -> Fraction | None:
    """The number that a requirement is held against; None where it is none, or there are two."""
    limit, unit = requirement["limit"] or "", requirement["unit"]
    of_unit = f" {unit}" if unit and unit != PERCENT and limit.endswith(f" {unit}") else ""
    try:
        found = Quantity.parse(limit.removesuffix(of_unit).replace(",", ""))
    except QuantityError:
        return None
    return (found.within(unit) or found).value


def _value(requirement: RequirementEntry | None) -> tuple[float, float] | None:
    told: Any = requirement or {}
    ends = [told.get(key, told.get("value")) for key in ("value_low", "value_high")]
    return (float(ends[0]), float(ends[1])) if None not in ends else None
