"""A project may raise what a pack demands, never lower it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.problem import ANY
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.diagnostics.unresolved import Unread
from phasegate.rules.model.pack import PROGRAMME, Enforcement, Pack
from phasegate.rules.yaml.parser import Path

_STRENGTH: dict[str, int] = {"advisory": 0, "soft": 1, "hard": 2}
AREA_TARGETS = ("success", "kpi", "annual_value")


def enforcements(pack: Pack) -> dict[str, Enforcement]:
    """The enforcement of each criterion (``point/criterion``) and target (``area/kpi``)."""
    found = {name: criterion.enforcement for name, criterion in pack.criteria()}
    for area_id, area in pack.areas.items():
        for kind in AREA_TARGETS:
            if target := getattr(area, kind):
                found[f"{area_id}/{kind}"] = target.enforcement
    found |= {f"{PROGRAMME}/{name}": target.enforcement for name, target in pack.programme.targets.items()}
    return found


def harden(
    pack: Pack,
    raised: Mapping[str, Enforcement],
    diagnose: Callable[..., Diagnostic],
    unread: Unread | None = None,
) -> tuple[Pack, list[Diagnostic]]:
    """The pack with some enforcements raised.

    Args:
        pack: the pack as it was written.
        raised: new enforcement by id of a criterion or target.
        diagnose: makes a diagnostic at a path of the project file.
        unread: what of the pack could not be read; nothing is said of that.

    Returns:
        The pack, and a diagnostic for each unknown id and each attempt to soften.
    """
    faults: list[Diagnostic] = []
    known = enforcements(pack)
    wanted: dict[str, Enforcement] = {}
    for name, level in raised.items():
        path = ("harden", name)
        if unread and any(unread.covers(place) for place in _places(name, name in known)):
            continue
        if name not in known:
            message = f"there is no criterion or target {name!r}"
            faults.append(diagnose("unknown-criterion", message, path, suggest(name, known, of="ids")))
        elif _STRENGTH[level] < _STRENGTH[known[name]]:
            message = f"{name} is {known[name]} in the pack; a project may harden it, not soften it"
            faults.append(
                diagnose("softening", message, path, "change the pack, or remove this line", "value")
            )
        else:
            wanted[name] = level
    return (_raised(pack, wanted) if wanted else pack), faults


def _places(name: str, known: bool) -> list[Path]:
    """Where a criterion or target, or its enforcement, would stand."""
    owner, _, part = name.partition("/")
    if known:
        found: list[Path] = [("points", owner, "criteria", ANY, "enforcement")]
    else:
        found = [("points", owner, "criteria", ANY, "id")]
    found.append(("areas", owner, part, "enforcement"))
    if owner == PROGRAMME:
        found.append((PROGRAMME, "targets", part, "enforcement"))
    return found


def _raised(pack: Pack, wanted: Mapping[str, Enforcement]) -> Pack:
    def at(name: str, part: Any) -> Any:
        return part.model_copy(update={"enforcement": wanted[name]}) if name in wanted else part

    points = {}
    for point_id, point in pack.points.items():
        criteria = tuple(at(f"{point_id}/{criterion.id}", criterion) for criterion in point.criteria)
        points[point_id] = point.model_copy(update={"criteria": criteria})
    areas = {}
    for area_id, area in pack.areas.items():
        targets = {kind: at(f"{area_id}/{kind}", getattr(area, kind)) for kind in AREA_TARGETS}
        areas[area_id] = area.model_copy(update=targets)
    own = {name: at(f"{PROGRAMME}/{name}", target) for name, target in pack.programme.targets.items()}
    programme = pack.programme.model_copy(update={"targets": own})
    return pack.model_copy(update={"points": points, "areas": areas, "programme": programme})
