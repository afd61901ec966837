"""What there is in a pack to be shown by cases, and what none has shown yet.

Only what an expectation of a case names is shown by it. What is merely decided in passing is not: nobody has
said that it should come out so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from phasegate.rules.cases.ids import measure_asked, measures_named, requirements_of, without_slice
from phasegate.rules.cases.reasons import Never
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import bounds_of, measure_of, targets
from phasegate.rules.mutants.mutant import place_in_words
from phasegate.rules.yaml.parser import Path
from phasegate.runs.cases.run import CaseResult, Ground
from phasegate.runs.coverage.alternatives import alternatives_of, shown_alternatives
from phasegate.runs.coverage.conditions import Shown, conditions_of, shown_conditions
from phasegate.runs.preflight import place_from_here


class Part(NamedTuple):
    """A part of a pack that cases can show to be several things.

    Attributes:
        id: its id, in words.
        path: where it stands.
        states: what it can be.
    """

    id: str
    path: Path
    states: tuple[str, ...]


class Unshown(NamedTuple):
    """What no case has shown of a part of a pack.

    Attributes:
        id: the part.
        states: what it was not shown to be.
        position: where it stands.
    """

    id: str
    states: tuple[str, ...]
    position: Position


@dataclass(frozen=True)
class Coverage:
    """How much of a pack cases show.

    Attributes:
        shown: how many things are shown.
        whole: how many there are to be shown.
        unshown: what is not shown, in the order of the pack.
        never: how many there are beside these that can not be shown, for a written reason.
        unfounded: written reasons for what there is not, or is shown.
    """

    shown: int
    whole: int
    unshown: tuple[Unshown, ...]
    never: int = 0
    unfounded: tuple[Never, ...] = ()

    @property
    def share(self) -> Fraction:
        """What is shown, as a part of the whole; none where nothing is left to be shown."""
        return Fraction(self.shown, self.whole) if self.whole else Fraction(0)


def coverage_of(
    ground: Ground, results: Sequence[CaseResult], never: Sequence[Never] = (), *, whole: bool = True
) -> Coverage:
    """What cases show of a pack; those that did not pass show nothing.

    Args:
        ground: what they were decided by.
        results: the cases.
        never: the written reasons for what no case can show.
        whole: whether these are all cases that there are; of some of them, no reason is unfounded.
    """
    pack, held = ground.pack, [each for each in results if each.passed]
    requirements = dict(_requirements(pack))
    alternatives, conditions = list(alternatives_of(pack)), list(conditions_of(pack))
    parts = [
        *(Part(id_, path, _statuses(pack, id_)) for id_, path in requirements.items()),
        *(Part(_numbered(pack, each.path), each.path, ("pass", "fail")) for each in alternatives),
        *(Part(place_in_words(pack, each.path), each.path, each.states) for each in conditions),
    ]
    shown: Shown = shown_conditions(
        ground, [(each, measures_named(pack, each.case.case)) for each in held], conditions
    )
    ways = {(each.criterion, each.group, each.place): each.path for each in alternatives}
    for result in held:
        expected = result.case.case.expect.requirements
        shown |= {(requirements[without_slice(id_)], word) for id_, word in expected.items()}
        shown |= {(ways[way], word) for way, word in shown_alternatives(result)}
    lacking = [(part, state) for part in parts for state in part.states if (part.path, state) not in shown]
    excused = {(each.id, each.state) for each in never} & {(part.id, state) for part, state in lacking}
    missed: dict[Part, list[str]] = {}
    for part, state in lacking:
        if (part.id, state) not in excused:
            missed.setdefault(part, []).append(state)
    unshown = [
        Unshown(part.id, tuple(states), place_from_here(ground.rules.where(part.path, "value"), ground.root))
        for part, states in missed.items()
    ]
    left = len(lacking) - sum(map(len, missed.values()))
    every = sum(len(each.states) for each in parts)
    unfounded = tuple(each for each in never if whole and (each.id, each.state) not in excused)
    return Coverage(every - len(lacking), every - left, tuple(unshown), left, unfounded)


def _requirements(pack: Pack) -> Iterator[tuple[str, Path]]:
    """Each requirement of a pack by its id, and where its bound stands."""
    for point_id, point in pack.points.items():
        for place, criterion in enumerate(point.criteria):
            path: Path = ("points", point_id, "criteria", place, "require")
            paths = (at for _, _, at in bounds_of(criterion.require, path))
            yield from zip(requirements_of(pack, f"{point_id}/{criterion.id}"), paths, strict=True)
    for target_id, _, path, _ in targets(pack):
        [requirement] = requirements_of(pack, target_id)
        yield requirement, (*path, "bound")


def _statuses(pack: Pack, requirement: str) -> tuple[str, ...]:
    """What a requirement can be: stale only where its evidence grows old."""
    measure = measure_asked(pack, requirement)
    ages = False
    while measure is not None:
        found = pack.measures[measure]
        ages = ages or found.max_age is not None or found.attested is not None
        measure = measure_of(pack, found.change.of) if found.change is not None else None
    return ("pass", "fail", "stale", "unknown") if ages else ("pass", "fail", "unknown")


def _numbered(pack: Pack, path: Path) -> str:
    """An alternative by its criterion and its place."""
    places = ".".join(str(each + 1) for each in path[4:] if isinstance(each, int))
    return f"{place_in_words(pack, path[:4])}/any_of {places}"
