"""From facts to a record: the part of a run that can be repeated without its data."""

from __future__ import annotations

from phasegate.engine.decide import decide
from phasegate.facts.model.fact import FactSet
from phasegate.records.build import RunInputs, build_record
from phasegate.records.schema import Record
from phasegate.records.waivers import UNTRUSTED, waiver_entry


def judge(inputs: RunInputs, facts: FactSet, *, plainly: bool = False) -> Record:
    """Decides everything in scope, and puts the record together; the same arguments give the same record.

    Args:
        inputs: under which rules and with which waivers.
        facts: what was measured, as of the day that is decided.
        plainly: whether the second opinion is that of `engine.reference`, not of `engine.columnar`.
    """
    verdicts = decide(
        inputs.pack,
        facts,
        inputs.scope,
        inputs.parameters,
        [each.waiver for each in inputs.waivers if each.refused is None],
        inputs.zone,
        withheld=inputs.kind == "gate" and bool(inputs.approval["missing"]),
        plainly=plainly,
        today=inputs.statements is not None,
        alternatives=inputs.edition.alternatives,
        floors_unknown=inputs.edition.floors_unknown,
    )
    found = {each.waiver.id: (each.standing, each.reason) for each in verdicts.waivers}
    # In the order of their ids, those that nobody vouches for among them.
    waivers = [
        waiver_entry(
            each, *((UNTRUSTED, each.refused) if each.refused is not None else found[each.waiver.id])
        )
        for each in sorted(inputs.waivers, key=lambda each: each.waiver.id)
    ]
    return build_record(inputs, facts, verdicts.resolved, verdicts.agreed, waivers)
