"""Cases, run: their rows measured and decided as those of a project are, and held against what they expect.

How to use it::

    ground = Ground.of_pack(load_pack("developer_finance"))
    for result in run_cases(ground, load_cases(ground.pack, folder)):
        print(result.case.name, result.passed)

Another pack, such as one with a rule changed, is another ground: ``replace(ground, rules=...)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from phasegate.engine.decide import Verdicts, decide
from phasegate.facts.assemble import ParameterValue, assemble
from phasegate.facts.model.fact import FactSet
from phasegate.rules.cases.load import LoadedCase
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Calendar
from phasegate.rules.model.requirements import quantities
from phasegate.rules.values.time_zones import UTC
from phasegate.runs.cases.asked import Asked, asked_by
from phasegate.runs.cases.outcomes import Outcome, outcomes
from phasegate.runs.cases.statements import attestations_of, waivers_of
from phasegate.runs.cases.tables import Tables


@dataclass(frozen=True)
class Ground:
    """What cases are decided by.

    Attributes:
        rules: the pack, free of lint errors.
        calendar: which days are no business days.
        zone: the time zone whose days count.
    """

    rules: LoadedPack
    calendar: Calendar = field(default_factory=Calendar)
    zone: str = UTC

    @classmethod
    def of_pack(cls, rules: LoadedPack) -> Ground:
        """A pack by itself."""
        return cls(rules)

    @classmethod
    def of_project(cls, loaded: LoadedProject) -> Ground:
        """A project: its pack as it holds there, by its calendar and clocks."""
        return cls(loaded.pack, loaded.project.calendar, loaded.project.time_zone)

    @property
    def pack(self) -> Pack:
        """The pack."""
        return self.rules.pack


@dataclass(frozen=True)
class CaseResult:
    """What became of a case.

    Attributes:
        case: the case.
        outcomes: each expectation, and what was found.
        asked: what was measured and decided.
        facts: what was measured.
        verdicts: what was decided, with the plan of it; None where the case asks for measures alone.
        fault: why it could not be decided at all.
    """

    case: LoadedCase
    outcomes: tuple[Outcome, ...]
    asked: Asked
    facts: FactSet | None
    verdicts: Verdicts | None = None
    fault: str | None = None

    @property
    def passed(self) -> bool:
        """Whether everything is as it was expected."""
        return self.fault is None and bool(self.outcomes) and all(each.holds for each in self.outcomes)

    @property
    def missed(self) -> tuple[Outcome, ...]:
        """What is not as it was expected."""
        return tuple(each for each in self.outcomes if not each.holds)


def run_cases(ground: Ground, cases: Sequence[LoadedCase], *, shared: bool = True) -> Iterator[CaseResult]:
    """Runs cases, in their order.

    Args:
        ground: what they are decided by.
        cases: the cases, held against the pack already.
        shared: whether their rows are read together; each by itself gives the same results.
    """
    prepared = [_prepared(ground, case) for case in cases]
    tables = Tables(ground.calendar, ground.zone, prepared, shared=shared)
    for place, (case, pack, asked) in enumerate(prepared):
        try:
            yield _run(ground, case, pack, asked, tables, place)
        except PhasegateError as error:
            yield CaseResult(case, (), asked, None, fault=str(error))


def _prepared(ground: Ground, case: LoadedCase) -> tuple[LoadedCase, Pack, Asked]:
    pack = ground.pack
    if case.case.parameters:
        own = {
            name: pack.parameters[name].model_copy(update={"value": value})
            for name, value in case.case.parameters.items()
        }
        pack = pack.model_copy(update={"parameters": {**pack.parameters, **own}})
    return case, pack, asked_by(pack, case.case)


def _run(
    ground: Ground, case: LoadedCase, pack: Pack, asked: Asked, tables: Tables, place: int
) -> CaseResult:
    start = case.case.cycle_start
    parameters: dict[str, ParameterValue] = {"cycle_start": start if start and start <= case.as_of else None}
    attested = attestations_of(case, pack, asked.points, ground.zone)
    facts = assemble(pack, tables.of(place), case.as_of, parameters, set(asked.measures), None, attested)
    verdicts = None
    if asked.decides:
        # The digest names what waivers were granted under; of a part of the pack nobody asks for another.
        rules = replace(ground.rules, pack=asked.pack, by_files=True)
        waivers = waivers_of(case, rules.digest, ground.zone)
        verdicts = decide(rules, facts, asked.scope, quantities(pack), waivers, ground.zone)
    return CaseResult(case, tuple(outcomes(case, pack, facts, verdicts)), asked, facts, verdicts)
