"""From facts to a record: the part of a run that can be repeated without its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from phasegate.engine.approval import withhold
from phasegate.engine.cross_check import COLUMNAR, agree
from phasegate.engine.plan import Decisions, Observation, Plan
from phasegate.engine.resolve import resolve, with_covers
from phasegate.engine.scope import undecided_by
from phasegate.engine.waivers import covers_in_force, standings
from phasegate.facts.model.fact import FactSet
from phasegate.records.build import RunInputs, build_record
from phasegate.records.schema import Record, WaiverEntry
from phasegate.records.waivers import UNTRUSTED, waiver_entry


def judge(inputs: RunInputs, facts: FactSet, *, plainly: bool = False) -> Record:
    """Decides everything in scope twice, and puts the record together.

    The same arguments give the same record: there is neither clock nor data beyond them.

    Args:
        inputs: under which rules and with which waivers.
        facts: what was measured, as of the day that is decided.
        plainly: whether the second opinion is that of `engine.reference`, not of `engine.columnar`.
    """
    from phasegate.engine.inference.rule_base import RuleBase

    pack = inputs.pack.pack
    resolved = resolve(pack, facts, inputs.parameters, inputs.scope)
    waivers = [each.waiver for each in inputs.waivers if each.refused is None]
    covers, states = covers_in_force(
        waivers, facts.as_of, inputs.pack.digest, resolved, undecided_by(pack, inputs.scope), inputs.zone
    )
    resolved = with_covers(resolved, covers)
    with RuleBase(resolved.plan) as rules:
        inferred = rules.decide(resolved.observations)
        faults = rules.faults
    name, decide = _second(plainly)
    evaluated = decide(resolved.plan, resolved.observations)
    agreed = agree(resolved.plan, inferred, evaluated, faults, name)
    if inputs.kind == "gate" and inputs.approval["missing"]:
        agreed = withhold(agreed)
    found: dict[str, tuple[str, str]] = {
        each.waiver.id: (each.standing, each.reason)
        for each in standings(waivers, states, covers, agreed.decisions)
    }
    return build_record(inputs, facts, resolved, agreed, _waiver_entries(inputs, found))


def _second(plainly: bool) -> tuple[str, Callable[[Plan, Sequence[Observation]], Decisions]]:
    """Name and function of the evaluation beside durable-rules; polars is imported for one of them."""
    if plainly:
        from phasegate.engine.reference import decide as plain

        return "plain", plain
    from phasegate.engine.columnar.evaluate import decide as columnar

    return COLUMNAR, columnar


def _waiver_entries(inputs: RunInputs, found: Mapping[str, tuple[str, str]]) -> list[WaiverEntry]:
    """All waivers in the order of their ids, those that nobody vouches for among them."""
    return [
        waiver_entry(
            each, *((UNTRUSTED, each.refused) if each.refused is not None else found[each.waiver.id])
        )
        for each in sorted(inputs.waivers, key=lambda each: each.waiver.id)
    ]
