"""Rules and facts in, verdicts and gates out: the one place in which a run is decided, twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from phasegate.engine.cross_check import COLUMNAR, Agreed, agree
from phasegate.engine.gates import withhold
from phasegate.engine.plan import Decisions, Observation, Plan
from phasegate.engine.resolve import Resolved, resolve, with_covers
from phasegate.engine.scope import Scope, undecided_by
from phasegate.engine.waivers import State, WaiverStanding, covers_in_force, standings
from phasegate.facts.model.fact import FactSet
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.verdict import ANY_OF_ORDER, Verdict
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.time_zones import UTC
from phasegate.rules.values.units import Quantity


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was decided.

    Attributes:
        resolved: the plan, with what the facts say to it.
        agreed: the verdicts and gates of record.
        waivers: what became of each waiver, in the order of their ids.
    """

    resolved: Resolved
    agreed: Agreed
    waivers: tuple[WaiverStanding, ...]


def asked(
    rules: LoadedPack,
    facts: FactSet,
    scope: Scope,
    parameters: Mapping[str, Quantity],
    waivers: Sequence[Waiver] = (),
    zone: str = UTC,
    *,
    today: bool = False,
    alternatives: tuple[Verdict, ...] = ANY_OF_ORDER,
    floors_unknown: bool = True,
) -> tuple[Resolved, dict[str, tuple[State, str]]]:
    """What is to be decided, with the waivers that count, and the state of each waiver by its id.

    The arguments are those of `decide`.
    """
    resolved = resolve(rules.pack, facts, parameters, scope, alternatives)
    elsewhere = undecided_by(rules.pack, scope)
    covers, states = covers_in_force(
        waivers,
        facts.as_of,
        rules.digest,
        resolved,
        elsewhere,
        zone,
        today=today,
        floors_unknown=floors_unknown,
    )
    return with_covers(resolved, covers), states


def decide(
    rules: LoadedPack,
    facts: FactSet,
    scope: Scope,
    parameters: Mapping[str, Quantity],
    waivers: Sequence[Waiver] = (),
    zone: str = UTC,
    *,
    withheld: bool = False,
    plainly: bool = False,
    today: bool = False,
    alternatives: tuple[Verdict, ...] = ANY_OF_ORDER,
    floors_unknown: bool = True,
) -> Verdicts:
    """Decides everything in scope by durable-rules and by a second evaluation.

    The same arguments give the same verdicts: there is neither clock nor data beyond them.

    Args:
        rules: a pack that `rules.lint.run` found no error in.
        facts: what was measured, as of the day that is decided.
        scope: which criteria, points and gates are decided.
        parameters: quantities by ``:name``.
        waivers: those that somebody vouches for.
        zone: the time zone whose days count.
        withheld: whether no gate opens, because nobody has approved the rules.
        plainly: whether the second opinion is that of `engine.reference`, not of `engine.columnar`.
        today: whether the day is decided on that day itself, by waivers that were signed before.
        alternatives: the order in which the verdicts of alternatives count.
        floors_unknown: whether waivers hold what has no value to the same, too; see `Cover`.
    """
    from phasegate.engine.inference.rule_base import RuleBase

    resolved, states = asked(
        rules,
        facts,
        scope,
        parameters,
        waivers,
        zone,
        today=today,
        alternatives=alternatives,
        floors_unknown=floors_unknown,
    )
    with RuleBase(resolved.plan) as rule_base:
        inferred = rule_base.decide(resolved.observations)
        faults = rule_base.faults
    name, second = _second(plainly)
    agreed = agree(resolved.plan, inferred, second(resolved.plan, resolved.observations), faults, name)
    if withheld:
        agreed = withhold(agreed)
    return Verdicts(resolved, agreed, tuple(standings(waivers, states, resolved, agreed.decisions)))


def _second(plainly: bool) -> tuple[str, Callable[[Plan, Sequence[Observation]], Decisions]]:
    """Name and function of the evaluation beside durable-rules; polars is imported for one of them."""
    if plainly:
        from phasegate.engine.reference import decide as plain

        return "plain", plain
    from phasegate.engine.columnar.evaluate import decide as columnar

    return COLUMNAR, columnar
