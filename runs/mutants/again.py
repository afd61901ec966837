"""A case decided once more under a mutant: only what the mutant touches is measured and decided again.

It is decided by the reference evaluator alone. The verdicts of the cases themselves are decided twice, and a
test sees to it that both ways notice the same mutants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from phasegate.engine.cross_check import Agreed
from phasegate.engine.decide import Verdicts
from phasegate.engine.decide import asked as ask
from phasegate.engine.reference import decide
from phasegate.engine.together import Request
from phasegate.facts.model.fact import FactSet
from phasegate.rules.cases.ids import measures_named, owner_of
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.mutants.mutant import Mutant
from phasegate.rules.mutants.touched import Touched
from phasegate.runs.cases.asked import Asked
from phasegate.runs.cases.outcomes import outcomes
from phasegate.runs.cases.run import CaseResult, Ground, facts_of, prepared, request_of
from phasegate.runs.cases.tables import cycle_start, open_filled, tables_of
from phasegate.runs.mutants.rests import Rests
from phasegate.runs.mutants.shelf import Rows, Shelf

if TYPE_CHECKING:
    from phasegate.facts.sources.passes import Source
    from phasegate.rules.cases.fill import Row


@dataclass(frozen=True)
class Again:
    """A case that passed, to be decided under other rules.

    Attributes:
        ground: what it was decided by.
        result: what became of it.
        rests: what the measures of the pack rest on.
        shelf: what was measured for other cases.
    """

    ground: Ground
    result: CaseResult
    rests: Rests
    shelf: Shelf

    def is_touched(self, touched: Touched) -> bool:
        """Whether anything that the case asks for can come out otherwise."""
        asked = self.result.asked
        return bool(
            self._criteria & touched.criteria
            or asked.scope.gates & touched.gates
            or asked.measures & self.rests.measures(touched)
        )

    def is_named(self, touched: Touched) -> bool:
        """Whether an expectation names what is touched, so that the case is likely to notice."""
        case, pack = self.result.case.case, self.ground.pack
        owners = (owner_of(pack, each) for each in case.expect.requirements)
        return bool(
            touched.criteria.intersection([*case.expect.criteria, *case.expect.targets, *owners])
            or touched.gates.intersection(case.expect.gates)
            or measures_named(pack, case) & self.rests.measures(touched)
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
        ground = replace(self.ground, rules=mutant.loaded)
        case, pack, asked = prepared(ground, self.result.case)
        facts, touched = self._facts(ground, pack, asked, mutant), mutant.touched
        if not (touched.gates or touched.criteria) and facts.facts == self._before.facts:
            return False  # the same is asked of the same facts
        verdicts = _verdicts(request_of(ground, case, pack, asked, facts)) if asked.decides else None
        return any(not each.holds for each in outcomes(case, pack, facts, verdicts))

    @cached_property
    def _criteria(self) -> frozenset[str]:
        """The criteria and targets that are decided."""
        asked = self.result.asked
        points = asked.scope.points
        named = {full_id for full_id, _ in asked.pack.criteria() if full_id.partition("/")[0] in points}
        return asked.scope.targets | named

    @property
    def _before(self) -> FactSet:
        """The facts under the rules as they are."""
        assert self.result.facts is not None, "the case passed"
        return self.result.facts

    def _facts(self, ground: Ground, pack: Pack, asked: Asked, mutant: Mutant) -> FactSet:
        """The facts under a mutant: only those are measured again that can be others."""
        touched, new = mutant.touched, asked.measures - self.result.asked.measures
        again = (asked.measures & self.rests.measures(touched)) | new
        if not again:
            return self._before
        stated = any(pack.measures[name].attested is not None for name in again)
        if new or stated:  # what people state is of this case alone
            tables = tables_of(self.result.case, pack, asked)
            found = facts_of(ground, self.result.case, pack, asked, self._opened(pack, tables, again), again)
        else:
            rows = self._rows(again)
            found = self.shelf.facts(
                mutant.id,
                rows,
                lambda: facts_of(
                    ground,
                    self.result.case,
                    pack,
                    asked,
                    self.shelf.sources(mutant, rows, lambda: self._opened(pack, self.tables, again)),
                    again,
                ),
            )
        before = self._before.facts.items()
        kept = {key: fact for key, fact in before if measure_of(pack, fact.measure) not in again}
        return replace(found, facts=kept | found.facts)

    @property
    def name(self) -> str:
        """The case's name."""
        return self.result.case.name

    @cached_property
    def tables(self) -> Mapping[str, Sequence[Row]]:
        """The rows of the case, as the pack fills them in: a mutant measures the same ones otherwise."""
        return tables_of(*prepared(self.ground, self.result.case))

    @cached_property
    def _digests(self) -> Mapping[str, str]:
        """What tells the rows of each source from others."""
        return {name: sha256(repr(rows).encode()).hexdigest() for name, rows in self.tables.items()}

    def _rows(self, measures: frozenset[str]) -> Rows:
        """All that some measures are computed from, apart from the rules."""
        case, needed = self.result.case, self.rests.sources(measures)
        own = {name: each for name, each in self._digests.items() if name in needed}
        control = {name: each.model_dump_json() for name, each in case.case.control.items() if name in needed}
        figures = {name: str(value) for name, value in case.case.parameters.items()}
        said = (own, control, figures)
        return measures, case.as_of, cycle_start(case), *(tuple(sorted(each.items())) for each in said)

    def _opened(
        self, pack: Pack, tables: Mapping[str, Sequence[Row]], measures: frozenset[str]
    ) -> Mapping[str, Source]:
        ground, case = self.ground, (self.result.case, pack)
        return open_filled(ground.calendar, ground.zone, case, tables, measures)


def _verdicts(request: Request) -> Verdicts:
    """What the reference evaluator decides."""
    resolved, _ = ask(
        request.rules, request.facts, request.scope, request.parameters, request.waivers, request.zone
    )
    return Verdicts(resolved, Agreed(decide(resolved.plan, resolved.observations), ()), ())
