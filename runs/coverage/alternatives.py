"""Alternatives of a pack, and which of them cases show to carry a criterion, and to fail it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from phasegate.engine.plan import AllOf, AnyOf, Plan, Rule
from phasegate.engine.reference import first_of, worst
from phasegate.rules.model.pack import Pack, Require
from phasegate.rules.model.requirements import ANY_OF
from phasegate.rules.model.verdict import Verdict
from phasegate.rules.yaml.parser import Path
from phasegate.runs.cases.run import CaseResult


class Alternative(NamedTuple):
    """One of several ways to meet a criterion.

    Attributes:
        criterion: the criterion's id.
        path: where it stands.
        group: which group of alternatives of the criterion it is in, counted as they stand.
        place: its place in the group.
    """

    criterion: str
    path: Path
    group: int
    place: int


def alternatives_of(pack: Pack) -> Iterator[Alternative]:
    """All alternatives of a pack."""
    for point_id, point in pack.points.items():
        for place, criterion in enumerate(point.criteria):
            path: Path = ("points", point_id, "criteria", place, "require")
            for group, where in enumerate(_groups(criterion.require, path)):
                for choice, each in enumerate(where):
                    yield Alternative(f"{point_id}/{criterion.id}", each, group, choice)


def _groups(require: Require, path: Path) -> Iterator[list[Path]]:
    """Where the alternatives stand, by group, in the order in which a plan has them."""
    for key, wanted in require.root.items():
        if key != ANY_OF or not isinstance(wanted, list):
            continue
        inner = ((each, (*path, key, place)) for place, each in enumerate(wanted))
        choices = [(each, at) for each, at in inner if isinstance(each, Require)]
        yield [at for _, at in choices]
        for choice, at in choices:
            yield from _groups(choice, at)


def shown_alternatives(result: CaseResult) -> Iterator[tuple[tuple[str, int, int], str]]:
    """What a case shows of alternatives of the criteria that it names.

    An alternative passes by itself where no other one does, and is shown to fail where none passes: else
    the criterion would have come out so without it.

    Yields:
        The criterion, the group and the place in it; and ``pass`` or ``fail``.
    """
    if result.verdicts is None:
        return
    plan, named = result.verdicts.resolved.plan, result.case.case.expect.criteria
    decided = result.verdicts.agreed.decisions.requirements
    leaves = [decided[each.id] for each in plan.requirements]
    for criterion in plan.criteria:
        if criterion.id not in named:
            continue
        for group, node in enumerate(_any_of(criterion.rule)):
            verdicts = [_of(part, leaves, plan) for part in node.parts]
            passing = [place for place, each in enumerate(verdicts) if each is Verdict.PASS]
            if len(passing) == 1:
                yield (criterion.id, group, passing[0]), "pass"
            if not passing:
                failing = (place for place, each in enumerate(verdicts) if each is Verdict.FAIL)
                yield from (((criterion.id, group, place), "fail") for place in failing)


def _any_of(rule: Rule) -> Iterator[AnyOf]:
    if isinstance(rule, AnyOf):
        yield rule
    if isinstance(rule, AnyOf | AllOf):
        for part in rule.parts:
            yield from _any_of(part)


def _of(rule: Rule, leaves: list[Verdict], plan: Plan) -> Verdict:
    if isinstance(rule, int):
        return leaves[rule]
    parts = [_of(part, leaves, plan) for part in rule.parts]
    return worst(parts) if isinstance(rule, AllOf) else first_of(plan.alternatives, parts)
