"""The facts that a pack offers, and the bounds that it holds them against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import PROGRAMME, Pack, Require, Target
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import Quantity
from phasegate.rules.yaml.parser import Path

ANY_OF = "any_of"
AREA_TARGETS = ("success", "kpi", "annual_value")


class FactShape(NamedTuple):
    """What kind of value a fact has.

    Attributes:
        measure: the id of its measure.
        definition: the measure.
        truth: whether it is true or false; it is a number otherwise.
        unit: the unit of the number.
        text: whether it is a text.
        field: whether it is a field of a ``latest`` measure, whose expression alone tells whether
            its value is a truth value, a text or a number.
    """

    measure: str
    definition: Measure
    truth: bool
    unit: str | None
    text: bool = False
    field: bool = False

    @property
    def ratio(self) -> bool:
        """Whether the value is a ratio, which equals a round figure only by chance."""
        return self.definition.about.ratio or self.unit == "%"


class RequiredBound(NamedTuple):
    """One bound on one fact, as it stands in a pack.

    Attributes:
        fact: the fact's id.
        bound: the bound as written.
        path: where it stands; the value there is the bound.
        point: the point that asks, None for a target.
        area: the area whose targets ``success`` and ``kpi`` stand for.
        target: the target that asks, such as ``success``; None for a criterion.
    """

    fact: str
    bound: str | bool
    path: Path
    point: str | None
    area: str | None
    target: str | None = None


def fact_shapes(pack: Pack) -> dict[str, FactShape]:
    """Every fact that can be required, by id."""
    shapes: dict[str, FactShape] = {}
    for measure_id, measure in pack.measures.items():
        if measure.latest is None:
            truth, text = (
                measure.about.value == "truth" or measure.attests == "truth",
                measure.attests == "text",
            )
            unit = None if truth or text else measure.value_unit
            shapes[measure_id] = FactShape(measure_id, measure, truth, unit, text)
        else:
            shapes |= {
                f"{measure_id}.{name}": FactShape(measure_id, measure, False, measure.value_unit, field=True)
                for name in measure.latest
            }
    return shapes


def measure_of(pack: Pack, fact: str) -> str | None:
    """The measure that a fact id belongs to: itself, or the ``latest`` that it is a field of."""
    if fact in pack.measures:
        return fact
    base, _, field = fact.rpartition(".")
    found = pack.measures.get(base)
    return base if found is not None and field in (found.latest or {}) else None


def targets(pack: Pack) -> Iterator[tuple[str, Target, Path, str | None]]:
    """Every target with its id, its path, and the id of its area."""
    for area_id, area in pack.areas.items():
        for name in AREA_TARGETS:
            if target := getattr(area, name):
                yield f"{area_id}/{name}", target, ("areas", area_id, name), area_id
    for name, target in pack.programme.targets.items():
        yield f"{PROGRAMME}/{name}", target, (PROGRAMME, "targets", name), None


def required_bounds(pack: Pack) -> Iterator[RequiredBound]:
    """Every bound of a pack, criteria first, then targets."""
    for point_id, point in pack.points.items():
        for index, criterion in enumerate(point.criteria):
            path: Path = ("points", point_id, "criteria", index, "require")
            for fact, bound, at in bounds_of(criterion.require, path):
                yield RequiredBound(fact, bound, at, point_id, point.area)
    for target_id, target, path, area in targets(pack):
        yield RequiredBound(
            target.measure, target.bound, (*path, "bound"), None, area, target_id.split("/", 1)[1]
        )


def bounds_of(require: Require, path: Path) -> Iterator[tuple[str, str | bool, Path]]:
    """Each fact of a ``require`` with its bound and where it stands, ``any_of`` included."""
    for key, wanted in require.root.items():
        if not isinstance(wanted, list):
            yield key, wanted, (*path, key)
            continue
        for index, part in enumerate(wanted):
            inner = (*path, key, index)
            if isinstance(part, Require):
                yield from bounds_of(part, inner)
            else:
                yield key, part, inner


def quantities(pack: Pack) -> Mapping[str, Quantity]:
    """The parameters of a pack by ``:name``."""
    return {f":{name}": Quantity.parse(str(each.value)) for name, each in pack.parameters.items()}


def target_names(pack: Pack, area_id: str | None) -> dict[str, Quantity]:
    """What ``success`` and ``kpi`` stand for in an area."""
    area = pack.areas.get(area_id) if area_id else None
    if area is None:
        return {}
    named = {"success": area.success, "kpi": area.kpi}
    return {
        name: Quantity(bound.limits[0], bound.unit)
        for name, target in named.items()
        if target is not None and (bound := Bound.parse(target.bound)).limits
    }
