"""A case decided once more under a mutant: what the mutant touches is measured and decided again, and no more.

It is decided by the reference evaluator alone. The verdicts of the cases themselves are decided twice, and a
test sees to it that both ways notice the same mutants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from phasegate.engine.cross_check import Agreed
from phasegate.engine.decide import Verdicts
from phasegate.engine.reference import decide
from phasegate.engine.resolve import resolve, with_covers
from phasegate.engine.scope import undecided_by
from phasegate.engine.waivers import covers_in_force
from phasegate.facts.assemble import ParameterValue, assemble
from phasegate.facts.model.fact import FactSet
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of, quantities
from phasegate.rules.mutants.mutant import Mutant
from phasegate.rules.mutants.touched import Touched
from phasegate.runs.cases.asked import Asked, asked_by
from phasegate.runs.cases.outcomes import outcomes
from phasegate.runs.cases.run import CaseResult, Ground
from phasegate.runs.cases.statements import attestations_of, waivers_of
from phasegate.runs.cases.tables import Tables
from phasegate.runs.mutants.rests import Rests

if TYPE_CHECKING:
    from phasegate.facts.sources.passes import Source


@dataclass(frozen=True)
class Again:
    """A case that passed, to be decided under other rules.

    Attributes:
        ground: what it was decided by.
        result: what became of it.
        rests: what the measures of the pack rest on.
    """

    ground: Ground
    result: CaseResult
    rests: Rests

    def is_touched(self, touched: Touched) -> bool:
        """Whether anything that the case asks for can come out otherwise."""
        asked = self.result.asked
        return bool(
            self._criteria & touched.criteria
            or asked.scope.gates & touched.gates
            or self.rests.touched(asked.measures, touched)
        )

    @property
    def effort(self) -> tuple[int, int]:
        """What sorts cases by how soon they are decided."""
        asked = self.result.asked
        return len(asked.scope.gates), len(asked.measures)

    def notices(self, mutant: Mutant) -> bool:
        """Whether something comes out otherwise than the case expects.

        Raises:
            PhasegateError: if it comes to no verdict.
        """
        pack, touched = self._in_case(mutant.pack), mutant.touched
        if touched.gates or touched.criteria:
            asked = asked_by(pack, self.result.case.case)
        else:
            asked = replace(self.result.asked, pack=self._measuring_as(pack))
        facts, before = self._facts(pack, asked, touched), self.result.facts
        assert before is not None
        if not (touched.gates or touched.criteria) and facts.facts == before.facts:
            return False  # the same is asked of the same facts
        verdicts = self._verdicts(asked, facts) if asked.decides else None
        return any(not each.holds for each in outcomes(self.result.case, pack, facts, verdicts))

    @cached_property
    def _criteria(self) -> frozenset[str]:
        """The criteria and targets that are decided."""
        asked = self.result.asked
        points = asked.scope.points
        named = {full_id for full_id, _ in asked.pack.criteria() if full_id.partition("/")[0] in points}
        return asked.scope.targets | named

    def _in_case(self, pack: Pack) -> Pack:
        """A pack with the figures that the case sets."""
        given = self.result.case.case.parameters
        own = {
            name: pack.parameters[name].model_copy(update={"value": value}) for name, value in given.items()
        }
        return pack.model_copy(update={"parameters": {**pack.parameters, **own}}) if own else pack

    def _measuring_as(self, pack: Pack) -> Pack:
        """What the case asks for, measured as another pack does."""
        measured = {key: getattr(pack, key) for key in ("measures", "sources", "parameters")}
        return self.result.asked.pack.model_copy(update=measured)

    def _facts(self, pack: Pack, asked: Asked, touched: Touched) -> FactSet:
        """The facts of the case, with those measured again that can be others."""
        before, case = self.result.facts, self.result.case
        assert before is not None
        new = asked.measures - self.result.asked.measures
        again = self.rests.touched(asked.measures, touched) | new
        if not again:
            return before
        sources = self._opened(pack, asked) if touched.sources or new else self._open
        start = case.case.cycle_start
        parameters: dict[str, ParameterValue] = {
            "cycle_start": start if start and start <= case.as_of else None
        }
        attested = attestations_of(case, pack, asked.points, self.ground.zone)
        found = assemble(pack, sources, case.as_of, parameters, set(again), None, attested)
        kept = {key: fact for key, fact in before.facts.items() if measure_of(pack, fact.measure) not in again}
        return replace(found, facts=kept | found.facts)

    @cached_property
    def _open(self) -> Mapping[str, Source]:
        return self._opened(self._in_case(self.ground.pack), self.result.asked)

    def _opened(self, pack: Pack, asked: Asked) -> Mapping[str, Source]:
        given = [(self.result.case, pack, asked)]
        return Tables(self.ground.calendar, self.ground.zone, given, shared=False).of(0)

    def _verdicts(self, asked: Asked, facts: FactSet) -> Verdicts:
        zone, digest = self.ground.zone, self.ground.rules.files_digest
        resolved = resolve(asked.pack, facts, quantities(asked.pack), asked.scope)
        waivers, elsewhere = (
            waivers_of(self.result.case, digest, zone),
            undecided_by(asked.pack, asked.scope),
        )
        covers, _ = covers_in_force(waivers, facts.as_of, digest, resolved, elsewhere, zone)
        resolved = with_covers(resolved, covers)
        return Verdicts(resolved, Agreed(decide(resolved.plan, resolved.observations), ()), ())
