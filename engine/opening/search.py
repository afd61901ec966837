"""The least that opens a gate: which of the things that may be done it takes, and none besides.

Everything that is tried is decided by `engine.reference`, of which nothing is known here but verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice, product
from types import MappingProxyType
from typing import Any, NamedTuple

from phasegate.engine.plan import Plan, leaves
from phasegate.engine.reference import Reached, gates, reached
from phasegate.rules.model.verdict import HOLDING, GateState, Verdict

Item = str
"""Something that may be done; its name."""
Done = frozenset[Item]
_NOTHING: Done = frozenset()
MOST_TRIED = 4096
"""So many sets are tried where a choice is left: all those of 12 items."""
MOST_WAYS = 256
"""Of so many ways to choose what excludes each other the rest is searched."""


def goodness(verdict: Verdict) -> int:
    """How good a verdict is for a gate: what passes, what holds, and what keeps it shut."""
    return 2 if verdict is Verdict.PASS else int(verdict.word in HOLDING)


class Change(NamedTuple):
    """What becomes of some requirements once some things are done.

    Attributes:
        needs: all of what must be done for it.
        verdicts: of the requirements, by their indices.
        tag: what it is to whoever asks.
    """

    needs: Done
    verdicts: Mapping[int, Verdict]
    tag: Any = None


Options = Sequence[Change]
"""Changes of which at most one is made: of one fact, that can not be two values."""


class Least(NamedTuple):
    """What opens a gate.

    Attributes:
        done: what is to be done; without any one of it the gate stays shut.
        certain: whether nothing smaller opens it; it is at most so many things otherwise.
        chosen: of the options, those that are among it.
    """

    done: Done
    certain: bool
    chosen: tuple[Change, ...] = ()


def least(
    plan: Plan,
    gate: str,
    verdicts: Sequence[Verdict],
    changes: Sequence[Change],
    options: Sequence[Options] = (),
) -> Least | None:
    """The least that opens a gate.

    Args:
        plan: of the gate and all that it comes after.
        gate: which.
        verdicts: of the plan's requirements, as they are.
        changes: what may be done; none of them makes a requirement worse.
        options: what may be done of which one excludes the other, or makes a requirement worse.

    Returns:
        None where no way was found.
    """
    best: Least | None = None
    ways = _ways(options)
    certain = len(ways) <= MOST_TRIED
    for number, chosen in enumerate(ways):
        taken = Done().union(*(change.needs for change in chosen))
        if best is not None and len(taken) >= len(best.done):
            break  # so are all that follow
        if number == MOST_WAYS:
            certain = False
            break
        now = list(verdicts)
        for change in chosen:
            for leaf, verdict in change.verdicts.items():
                now[leaf] = verdict
        left = [change._replace(needs=change.needs - taken) for change in changes]
        found, sure = _steadily(plan, gate, now, left)
        certain = certain and sure
        if found is not None and (best is None or len(taken | found) < len(best.done)):
            best = Least(taken | found, certain=False, chosen=chosen)
    if best is None:
        return None
    world = World(plan, gate, verdicts, [*changes, *best.chosen])
    return best._replace(done=_fewer(world, best.done), certain=certain)


def _ways(options: Sequence[Options]) -> list[tuple[Change, ...]]:
    """Each way to choose at most one of several options, those with few first."""
    found = product(*([None, *each] for each in options))
    several = [tuple(each for each in way if each is not None) for way in islice(found, MOST_TRIED + 1)]
    return sorted(several, key=lambda way: len(Done().union(*(each.needs for each in way))))


def _steadily(
    plan: Plan, gate: str, verdicts: Sequence[Verdict], changes: Sequence[Change]
) -> tuple[Done | None, bool]:
    """The least of changes that make nothing worse, and whether it is certain that nothing smaller does.

    What opens a gate that takes any number of waivers opens it with more besides, too, and each criterion can
    be looked at by itself: that makes the search short. Where that is not enough, because waivers are counted
    or nothing applies, all sets are tried.
    """
    uncapped = replace(plan, gates=tuple(replace(each, max_waivers=None) for each in plan.gates))
    items = tuple(dict.fromkeys(item for change in changes for item in sorted(change.needs)))
    done, certain = _Search(World(uncapped, gate, verdicts, changes), items).least()
    world = World(plan, gate, verdicts, changes)
    if done is None or world.opens(done):
        return done, certain
    return _Search(world, items).by_trying(len(done) if certain else 1)


class World:
    """A gate under whatever was done."""

    def __init__(self, plan: Plan, gate: str, verdicts: Sequence[Verdict], changes: Sequence[Change]) -> None:
        self._plan, self._verdicts = plan, verdicts
        self._place = [each.id for each in plan.gates].index(gate)
        self._by_leaf: dict[int, list[Change]] = {}
        for change in changes:
            for leaf in change.verdicts:
                self._by_leaf.setdefault(leaf, []).append(change)
        self.touching = [
            Done().union(*(change.needs for leaf in leaves(each.rule) for change in self._of(leaf)))
            for each in plan.criteria
        ]
        """What each criterion may depend on."""
        self._known: list[dict[Done, Reached]] = [{} for _ in plan.criteria]

    def opens(self, done: Done, waived: Mapping[int, Verdict] = MappingProxyType({})) -> bool:
        """Whether the gate is open once something is done.

        Args:
            done: what.
            waived: the verdicts of requirements that are others besides.
        """
        criteria = [self._reached(place, done, waived) for place in range(len(self._plan.criteria))]
        return gates(self._plan, criteria)[self._place].state <= GateState.OPEN_WITH_WAIVERS

    def _of(self, leaf: int) -> Sequence[Change]:
        return self._by_leaf.get(leaf, ())

    def beside(self, item: Item) -> Done:
        """What may be done for the same criteria as something else."""
        return Done().union(*(each for each in self.touching if item in each)) - {item}

    def seats(self, done: Done) -> int | None:
        """How many waivers more the gate, and those before it, take then; None where they take any number."""
        criteria = [self._reached(place, done) for place in range(len(self._plan.criteria))]
        found = zip(self._plan.gates, gates(self._plan, criteria), strict=True)
        left = [each.max_waivers - len(gate.waivers) for each, gate in found if each.max_waivers is not None]
        return max(0, min(left)) if left else None

    def lost(self, done: Done) -> list[str]:
        """The criteria that count and do not hold even then."""
        return [
            each.id
            for place, each in enumerate(self._plan.criteria)
            if each.enforcement != "advisory" and self._reached(place, done).verdict.word not in HOLDING
        ]

    def served(self, item: Item, done: Done) -> tuple[int, ...]:
        """The requirements for which something is done, by their indices.

        Those of criteria that would not hold without it; where all hold, such as where a gate takes fewer
        waivers than it rests on, all that it makes better.
        """
        changed = [
            (place, leaf)
            for place, each in enumerate(self._plan.criteria)
            if each.enforcement != "advisory"
            for leaf in leaves(each.rule)
            if any(item in change.needs for change in self._of(leaf))
            and goodness(self._verdict(leaf, done)) > goodness(self._verdicts[leaf])
        ]
        lost = {
            place
            for place in dict.fromkeys(place for place, _ in changed)
            if self._reached(place, done - {item}).verdict.word not in HOLDING
        }
        return tuple(leaf for place, leaf in changed if place in lost or not lost)

    def _reached(
        self, place: int, done: Done, waived: Mapping[int, Verdict] = MappingProxyType({})
    ) -> Reached:
        rule = self._plan.criteria[place].rule
        if waived:
            now = {leaf: waived.get(leaf, self._verdict(leaf, done)) for leaf in leaves(rule)}
            return reached(rule, _Leaves(self._verdicts, now), self._plan.alternatives)
        known, some = self._known[place], done & self.touching[place]
        if some not in known:
            now = {leaf: self._verdict(leaf, some) for leaf in leaves(rule)}
            known[some] = reached(rule, _Leaves(self._verdicts, now), self._plan.alternatives)
        return known[some]

    def _verdict(self, leaf: int, done: Done) -> Verdict:
        made = [change.verdicts[leaf] for change in self._of(leaf) if change.needs <= done]
        return made[-1] if made else self._verdicts[leaf]


class _Leaves(Sequence[Verdict]):
    """The verdicts of all requirements, of which some are others."""

    def __init__(self, verdicts: Sequence[Verdict], now: Mapping[int, Verdict]) -> None:
        self._verdicts, self._now = verdicts, now

    def __getitem__(self, leaf: int) -> Verdict:  # type: ignore[override]  # nobody asks for several
        return self._now[leaf]

    def __len__(self) -> int:
        return len(self._verdicts)


class _Search:
    def __init__(self, world: World, items: Sequence[Item]) -> None:
        self._world, self._items, self._all = world, items, Done(items)

    def least(self) -> tuple[Done | None, bool]:
        """The least, where doing more never shuts what is open; a part of it where that is not enough."""
        opens = self._world.opens
        if not opens(self._all):
            return None, True
        needed = Done(item for item in self._items if not opens(self._all - {item}))
        if opens(needed):
            return needed, True
        # What meets in no criterion is chosen apart: the gate asks for all of them.
        found = [self._chosen(part, self._all - part) for part in self._parts(needed)]
        return needed.union(*(done for done, _ in found)), all(certain for _, certain in found)

    def by_trying(self, fewest: int) -> tuple[Done | None, bool]:
        """The least of all sets of so many things and more, as far as that is tried."""
        tried = 0
        for some in self._sets(self._items, fewest):
            tried += 1
            if self._world.opens(some):
                return some, True
        if tried < MOST_TRIED:
            return None, True
        return (_fewer(self._world, self._all) if self._world.opens(self._all) else None), False

    def _parts(self, needed: Done) -> list[Done]:
        """The things that a choice is left among, those together that meet in a criterion."""
        parts: list[Done] = []
        for each in self._world.touching:
            if some := each - needed:
                meeting = [part for part in parts if part & some]
                parts = [part for part in parts if part not in meeting] + [some.union(*meeting)]
        return sorted(parts, key=lambda part: min(map(self._items.index, part)))

    def _chosen(self, part: Done, beside: Done) -> tuple[Done, bool]:
        """The least of a part that opens the gate beside something that is done already."""
        some = [item for item in self._items if item in part]
        for tried in self._sets(some, 0):
            if self._world.opens(beside | tried):
                return tried, True
        return _fewer(self._world, part, beside), False

    def _sets(self, items: Sequence[Item], fewest: int) -> Iterator[Done]:
        """The sets of some things, the small ones first, as many as are tried."""
        every = (Done(each) for size in range(fewest, len(items) + 1) for each in combinations(items, size))
        return islice(every, MOST_TRIED)


def _fewer(world: World, some: Done, beside: Done = _NOTHING) -> Done:
    """What is left of something that opens a gate once nothing more can be left out."""
    left = some
    for item in sorted(some):
        if world.opens(beside | (left - {item})):
            left -= {item}
    return left if left == some else _fewer(world, left, beside)
