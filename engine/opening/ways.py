"""The things that may be done so that a gate opens, and what becomes of its requirements by each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from phasegate.engine.opening.become import Become, Value, becoming, excusable
from phasegate.engine.opening.search import Change, Done, Item, Options, World, goodness, least
from phasegate.engine.plan import Observation, Requirement
from phasegate.engine.resolve import Resolved
from phasegate.facts.measures.dependencies import sources_behind
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.model.verdict import HOLDING, Verdict

Kind = Literal["rows", "source", "attestation", "waiver"]
_MOST_WAIVED = 4
"""So many requirements of one fact are tried to be waived in all combinations."""


class Work(NamedTuple):
    """Something that may be done.

    Attributes:
        kind: ``rows`` must become others, a ``source`` must become readable, an ``attestation`` be signed, or
            a ``waiver`` granted.
        id: of the measure or source, or of the requirement that is waived.
        slice: which part of the measure; empty for the whole.
    """

    kind: Kind
    id: str
    slice: str = ""

    @property
    def item(self) -> Item:
        """Its name, by which it is searched for."""
        return " ".join(self)


class Ways(NamedTuple):
    """What may be done for a gate.

    Attributes:
        work: each thing by its name.
        changes, options: what becomes of requirements by it, as `search.least` takes them; each is tagged
            with the id of a fact, and the value that this becomes.
    """

    work: dict[Item, Work]
    changes: list[Change]
    options: list[Options]


class Opening(NamedTuple):
    """What opens a gate.

    Attributes:
        work: what is to be done, in the order of the pack.
        certain: whether nothing less opens it.
        values: what each fact becomes if what it takes is done, by its id.
        leaves: the requirements that each thing is done for, by their indices, as it is named.
        waivable: the things instead of which waivers of all of these open the gate too.
        seats: how many waivers more the gates take then; None where they take any number.
        instead: other things of which each opens the gate in place of one, by its name, with the requirements
            that it is done for.
    """

    work: tuple[Work, ...]
    certain: bool
    values: dict[str, Value]
    leaves: dict[Item, tuple[int, ...]]
    waivable: frozenset[Item]
    seats: int | None
    instead: dict[Item, dict[Work, tuple[int, ...]]]


def ways(
    pack: Pack,
    resolved: Resolved,
    verdicts: Sequence[Verdict],
    broken: Collection[str],
    fixed: Collection[str],
) -> Ways:
    """What may be done so that requirements pass that do not.

    Args:
        pack: the rules.
        resolved: the plan of a gate and what it comes after.
        verdicts: of record, of its requirements.
        broken: the sources that can not be read.
        fixed: ids of requirements that nothing changes, since nobody knows what they follow from.
    """
    plan = resolved.plan
    binding = {each.id: each.enforcement for each in plan.criteria if each.enforcement != "advisory"}
    facts: dict[str, Fact] = {}
    asked: dict[str, dict[int, Requirement]] = {}
    for leaf, (requirement, origin) in enumerate(zip(plan.requirements, resolved.asked, strict=True)):
        if origin.criterion in binding and requirement.id not in fixed:
            facts[origin.fact.id] = origin.fact
            asked.setdefault(origin.fact.id, {})[leaf] = requirement
    found = Ways({}, [], [])
    for name, of_fact in asked.items():
        if all(verdicts[leaf] is Verdict.PASS for leaf in of_fact):
            continue
        fact = facts[name]
        name_of = measure_of(pack, fact.measure)
        measure = pack.measures[name_of] if name_of is not None else None
        work = _work(pack, fact, broken)
        found.work.update((each.item, each) for each in work)
        needs = Done(each.item for each in work)
        becomes = becoming(fact, of_fact, measure)
        changes = [Change(needs, each.verdicts, (name, each.value)) for each in becomes]
        if len(becomes) == 1 and not _worse(becomes[0], verdicts):
            found.changes.extend(changes)
            continue
        soft = {leaf: each for leaf, each in of_fact.items() if _enforced(binding, resolved, leaf) == "soft"}
        left = Change(Done(), {leaf: verdicts[leaf] for leaf in of_fact}, (name, None))
        shown = [{leaf: resolved.observations[leaf] for leaf in of_fact}]
        shown += [dict.fromkeys(of_fact, each.value.seen) for each in becomes]
        waived = [
            each
            for change, seen in zip([left, *changes], shown, strict=True)
            for each in _waived(change, seen, soft, found.work)
        ]
        if options := [*changes, *waived]:
            found.options.append(options)
    return found


def _enforced(binding: Mapping[str, str], resolved: Resolved, leaf: int) -> str:
    return binding[resolved.asked[leaf].criterion]


def _worse(become: Become, verdicts: Sequence[Verdict]) -> bool:
    """Whether it is worse for a requirement than what it was."""
    return any(goodness(verdict) < goodness(verdicts[leaf]) for leaf, verdict in become.verdicts.items())


def _waived(
    change: Change,
    seen: Mapping[int, Observation],
    soft: Mapping[int, Requirement],
    work: dict[Item, Work],
) -> Iterator[Change]:
    """The same with waivers for some of the requirements that do not hold even so."""
    may = [
        leaf
        for leaf, each in soft.items()
        if change.verdicts[leaf].word not in HOLDING and excusable(each, seen[leaf], change.verdicts[leaf])
    ][:_MOST_WAIVED]
    for size in range(1, len(may) + 1):
        for some in combinations(may, size):
            asked = [Work("waiver", soft[leaf].id) for leaf in some]
            work.update((each.item, each) for each in asked)
            verdicts = {**change.verdicts, **dict.fromkeys(some, Verdict.WAIVED)}
            yield Change(change.needs | {each.item for each in asked}, verdicts, change.tag)


def _work(pack: Pack, fact: Fact, broken: Collection[str]) -> list[Work]:
    """What it takes that a fact becomes another one: all of it.

    A table that can not be read comes first, whatever it says then. The change of a measure is one of the
    rows that this counts, and the fields of the latest row are one row.
    """
    name = measure_of(pack, fact.measure)
    if name is None:
        return [Work("rows", fact.measure, fact.slice)]
    measure = pack.measures[name]
    behind = list(sources_behind(measure, pack.sources))
    if measure.change is not None:
        base = measure_of(pack, measure.change.of)
        behind += [pack.baseline.source] if pack.baseline is not None else []
        if base is not None:
            name, measure = base, pack.measures[base]
            behind = [*sources_behind(measure, pack.sources), *behind]
    if fact.status in ("error", "unknown") and (lost := [each for each in behind if each in broken]):
        return [Work("source", each) for each in dict.fromkeys(lost)]
    return [Work("attestation" if measure.attested is not None else "rows", name, fact.slice)]


def opening(found: Ways, resolved: Resolved, verdicts: Sequence[Verdict], gate: str) -> Opening | None:
    """The least of what may be done that opens a gate; None where no way was found.

    Args:
        found: what may be done.
        resolved: the plan of a gate and what it comes after.
        verdicts: of record, of its requirements.
        gate: which.
    """
    what = least(resolved.plan, gate, verdicts, found.changes, found.options)
    if what is None:
        return None
    world = World(resolved.plan, gate, verdicts, [*found.changes, *what.chosen])
    tags = [change.tag for change in (*found.changes, *what.chosen)]
    values = {name: value for name, value in tags if value is not None}
    leaves = {item: world.served(item, what.done) for item in what.done}
    waivable = frozenset(
        item
        for item, some in leaves.items()
        if found.work[item].kind != "waiver"
        and some
        and all(_may_be_waived(leaf, resolved, verdicts) for leaf in some)
        and world.opens(what.done - {item}, dict.fromkeys(some, Verdict.WAIVED))
    )
    work = tuple(each for item, each in found.work.items() if item in what.done)
    instead = {item: _instead(item, what.done, found, world) for item in what.done}
    return Opening(work, what.certain, values, leaves, waivable, world.seats(what.done), instead)


def _instead(item: Item, done: Done, found: Ways, world: World) -> dict[Work, tuple[int, ...]]:
    """The things of which each opens a gate in place of one, with the requirements that it is done for."""
    others = world.beside(item) - done
    return {
        each: world.served(other, done - {item} | {other})
        for other, each in found.work.items()
        if other in others and world.opens(done - {item} | {other})
    }


def stuck(found: Ways, resolved: Resolved, verdicts: Sequence[Verdict], gate: str) -> list[str]:
    """The criteria that would not hold whatever is done, as far as that is known.

    Args:
        found: what may be done.
        resolved: the plan of a gate and what it comes after.
        verdicts: of record, of its requirements.
        gate: which.
    """
    every = [*found.changes, *(options[0] for options in found.options)]
    return World(resolved.plan, gate, verdicts, every).lost(Done().union(*(each.needs for each in every)))


def _may_be_waived(leaf: int, resolved: Resolved, verdicts: Sequence[Verdict]) -> bool:
    """Whether a waiver may be asked for that covers a requirement as it is."""
    plan, criterion = resolved.plan, resolved.asked[leaf].criterion
    soft = any(each.id == criterion and each.enforcement == "soft" for each in plan.criteria)
    return soft and excusable(plan.requirements[leaf], resolved.observations[leaf], verdicts[leaf])
