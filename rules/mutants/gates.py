"""What gates could need in the place of what they need, and the figures that a pack gives names."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.mutants.bounds import other_figures
from phasegate.rules.mutants.change import GONE, Change
from phasegate.rules.mutants.rewording import arrow, dropped
from phasegate.rules.yaml.parser import Path


def gate_changes(pack: Pack) -> Iterator[Change]:
    """The changes of the areas of points, of phases, and of how many waivers a gate takes."""
    areas = list(pack.areas)
    for point_id, point in pack.points.items():
        if point.area in areas and len(areas) > 1:
            other = areas[(areas.index(point.area) + 1) % len(areas)]
            yield Change(("points", point_id, "area"), other, arrow(f"area {point.area}", f"area {other}"))
    for phase_id, phase in pack.phases.items():
        path: Path = ("phases", phase_id)
        for place, point_id in enumerate(phase.points if len(phase.points) > 1 else ()):
            yield Change((*path, "points", place), GONE, dropped(f"point {point_id}"))
        before = pack.before(phase_id)
        for each in before:
            kept = [other for other in before if other != each]
            yield Change((*path, "after"), kept or "none", dropped(f"after {each}"))
        yield from _waivers((*path, "max_waivers"), phase.max_waivers)
    yield from _waivers((PROGRAMME, "max_waivers"), pack.programme.max_waivers)


def _waivers(path: Path, most: int | None) -> Iterator[Change]:
    if most is None:
        return
    for other in (most + 1, most - 1):
        if other >= 0:
            yield Change(path, other, arrow(str(most), str(other)))
    yield Change(path, GONE, dropped(f"max_waivers {most}"))


def parameter_changes(pack: Pack) -> Iterator[Change]:
    """Other figures in the place of a pack's own."""
    for name, parameter in pack.parameters.items():
        value = parameter.value
        for other in other_figures(str(value)):
            written = int(other) if isinstance(value, int) else other
            yield Change(("parameters", name, "value"), written, arrow(str(value), other))
