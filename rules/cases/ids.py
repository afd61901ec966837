"""The ids that cases name things by."""

from __future__ import annotations

import re

from phasegate.rules.cases.model import Case
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.model.requirements import AREA_TARGETS, bounds_of, measure_of
from phasegate.rules.model.requirements import targets as all_targets

_SLICE = re.compile(r"\[.*\](?=(?:#[0-9]+)?$)", re.DOTALL)


def parts_of(id_: str) -> tuple[str, str]:
    """The name of a measure or requirement, and its slice: ``costs.allocated[1.1.1]``."""
    if not id_.endswith("]") or "[" not in id_:
        return id_, ""
    name, _, slice_ = id_[:-1].partition("[")
    return name, slice_


def owner_of(pack: Pack, requirement: str) -> str | None:
    """The criterion or target whose requirement it is; None where no id of it begins so."""
    name = requirement.partition("[")[0]
    while "/" in name:
        name = name.rpartition("/")[0]
        if is_criterion(pack, name) or is_target(pack, name):
            return name
    return None


def is_criterion(pack: Pack, full_id: str) -> bool:
    """Whether there is such a criterion."""
    point, _, name = full_id.partition("/")
    return point in pack.points and any(each.id == name for each in pack.points[point].criteria)


def is_target(pack: Pack, full_id: str) -> bool:
    """Whether there is such a target."""
    owner, _, name = full_id.partition("/")
    if owner == PROGRAMME:
        return name in pack.programme.targets
    area = pack.areas.get(owner)
    return area is not None and name in AREA_TARGETS and getattr(area, name) is not None


def requirements_of(pack: Pack, owner: str) -> list[str]:
    """The ids of the requirements of a criterion or a target, without the slices that data bring."""
    point, _, name = owner.partition("/")
    criteria = pack.points[point].criteria if point in pack.points else ()
    facts = [fact for each in criteria if each.id == name for fact, *_ in bounds_of(each.require, ())]
    facts += [target.measure for full_id, target, *_ in all_targets(pack) if full_id == owner]
    count: dict[str, int] = {}
    ids = []
    for fact in facts:
        count[fact] = count.get(fact, 0) + 1
        ids.append(f"{owner}/{fact}" + (f"#{count[fact]}" if count[fact] > 1 else ""))
    return ids


def measures_named(pack: Pack, case: Case) -> frozenset[str]:
    """The measures that the expectations of a case name, by themselves or in a requirement."""
    named = [measure_of(pack, parts_of(each)[0]) for each in case.expect.measures]
    named += [measure_asked(pack, each) for each in case.expect.requirements]
    return frozenset(each for each in named if each is not None)


def measure_asked(pack: Pack, requirement: str) -> str | None:
    """The measure that a requirement is about."""
    return measure_of(pack, without_slice(requirement).rpartition("/")[2].partition("#")[0])


def without_slice(requirement: str) -> str:
    """The id of a requirement without the slice that the data bring."""
    return _SLICE.sub("", requirement)
