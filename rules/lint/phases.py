"""Checks phases: what they schedule, and what they wait for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.pack import PROGRAMME, Pack, Phase
from phasegate.rules.yaml.parser import Path


def phase_problems(pack: Pack) -> Iterator[Problem]:
    """Unknown points and phases, points scheduled twice, circles, gates that need no target."""
    scheduled: dict[str, str] = {}
    for phase_id, phase in pack.phases.items():
        yield from _points(pack, phase_id, phase, scheduled)
        yield from _weeks(pack, phase_id, phase)
        yield from _after(pack, phase_id, phase)
    yield from _unscheduled(pack, scheduled)
    yield from _targets(pack)
    yield from _circles(pack)


def _points(pack: Pack, phase_id: str, phase: Phase, scheduled: dict[str, str]) -> Iterator[Problem]:
    for index, point in enumerate(phase.points):
        path = ("phases", phase_id, "points", index)
        if point not in pack.points:
            hint = suggest(point, pack.points, of="points")
            rests = (("points", point),)
            yield Problem("unknown-point", f"there is no point {point!r}", path, hint, "value", rests=rests)
        elif point in scheduled:
            message = f"point {point} is scheduled a second time; it is in phase {scheduled[point]!r}"
            yield Problem("point-scheduled-twice", message, path, "a point belongs to one phase", "value")
        scheduled.setdefault(point, phase_id)


def _unscheduled(pack: Pack, scheduled: Mapping[str, str]) -> Iterator[Problem]:
    """Points that no phase's gate asks for, unless the programme says that its own gate does."""
    own = pack.programme.points
    for index, point in enumerate(own):
        path: Path = (PROGRAMME, "points", index)
        if point not in pack.points:
            hint = suggest(point, pack.points, of="points")
            message, rests = f"there is no point {point!r}", (("points", point),)
            yield Problem("unknown-point", message, path, hint, "value", rests=rests)
        elif point in scheduled:
            message = f"point {point} is in phase {scheduled[point]!r}"
            yield Problem("point-scheduled-twice", message, path, "take it out of one of the two", "value")
    for point in pack.points if pack.phases else ():
        if point not in scheduled and point not in own:
            message = f"point {point} is in no phase, so that no phase's gate asks for it"
            hint = f"name it in the 'points' of a phase, or in those of {PROGRAMME!r} if none schedules it"
            both: tuple[Path, ...] = (("phases",), (PROGRAMME, "points"))
            yield Problem(
                "point-in-no-phase", message, ("points", point), hint, severity="warning", rests=both
            )


def _weeks(pack: Pack, phase_id: str, phase: Phase) -> Iterator[Problem]:
    if phase.weeks is None:
        return
    first, last = phase.weeks
    path = ("phases", phase_id, "weeks")
    if not 1 <= first <= last:
        yield Problem(
            "bad-weeks", f"weeks {first} to {last} are no period", path, "write [first, last]", "value"
        )
    elif pack.cycle and last > pack.cycle.weeks:
        message = f"week {last} lies behind the cycle of {pack.cycle.weeks} weeks"
        yield Problem("bad-weeks", message, path, None, "value")


def _after(pack: Pack, phase_id: str, phase: Phase) -> Iterator[Problem]:
    for index, before in enumerate(phase.after or ()):
        path = ("phases", phase_id, "after", index)
        if before not in pack.phases:
            hint = suggest(before, pack.phases, of="phases")
            rests = (("phases", before),)
            yield Problem("unknown-phase", f"there is no phase {before!r}", path, hint, "value", rests=rests)
    if phase.after is None:
        yield from _out_of_order(pack, phase_id, phase)


def _out_of_order(pack: Pack, phase_id: str, phase: Phase) -> Iterator[Problem]:
    """A phase that waits for a later one, because that stands before it."""
    for before in pack.before(phase_id):
        weeks = pack.phases[before].weeks
        if phase.weeks and weeks and phase.weeks[0] < weeks[0]:
            message = (
                f"phase {phase_id!r} does not say what it comes after, and so waits for {before!r}, which "
                "stands before it and begins later"
            )
            hint = "put the phases in their order, or write 'after: none'"
            path = ("phases", phase_id)
            yield Problem("phases-out-of-order", message, path, hint, severity="warning")


_SOFTER = {"soft": "a gate may open without it, by a waiver", "advisory": "a gate opens without it"}


def _targets(pack: Pack) -> Iterator[Problem]:
    """Areas whose success no gate could ask for, or could do without."""
    phases: dict[str, list[str]] = {}
    for phase_id, phase in pack.phases.items():
        for name in {pack.points[point].area or "" for point in phase.points if point in pack.points}:
            phases.setdefault(name, []).append(phase_id)
    for area_id, area in pack.areas.items():
        path: Path = ("areas", area_id, "success")
        if area.success is not None and area.success.enforcement != "hard":
            softer = area.success.enforcement
            message = f"the success of area {area_id!r} is {softer}: {_SOFTER[softer]}"
            at = (*path, "enforcement")
            yield Problem("soft-target", message, at, "success targets are hard", "value", "warning")
        if area_id in phases and area.success is None:
            message = (
                f"area {area_id!r} has points in phase {', '.join(phases[area_id])} and no success target"
            )
            rests = (("areas", area_id, "success"),)
            hint = "add 'success' to the area"
            yield Problem("no-success-target", message, ("areas", area_id), hint, rests=rests)


def _circles(pack: Pack) -> Iterator[Problem]:
    """Each circle of phases that wait for each other, told once."""
    waiting = {name: {b for b in pack.before(name) if b in pack.phases} for name in pack.phases}
    while ready := [name for name, before in waiting.items() if not before & waiting.keys()]:
        for name in ready:
            del waiting[name]
    told: set[str] = set()
    for start in waiting:
        trail: list[str] = []
        here = start
        while here not in trail and here not in told:
            trail.append(here)
            here = next(before for before in pack.before(here) if before in waiting)
        if here not in told:
            circle = [*trail[trail.index(here) :], here]
            message = f"phases wait for each other: {' after '.join(circle)}"
            path, hint = ("phases", circle[0], "after"), "remove one of the 'after'"
            if any(pack.phases[name].after is None for name in circle):
                hint = "a phase without 'after' waits for the one that stands before it: write 'after: none'"
            yield Problem("cyclic-phases", message, path, hint)
        told |= set(trail)
