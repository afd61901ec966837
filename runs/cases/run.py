"""Cases, run: their rows measured and decided as those of a project are, and held against what they expect.

How to use it::

    ground = Ground.of_pack(load_pack("developer_finance"))
    for result in run_cases(ground, load_cases(ground.pack, folder)):
        print(result.case.name, result.passed)

Another pack, such as one with a rule changed, is another ground: ``replace(ground, rules=...)``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.engine.decide import Verdicts, decide
from phasegate.engine.together import Request, decide_together
from phasegate.facts.assemble import ParameterValue, assemble
from phasegate.facts.model.fact import FactSet
from phasegate.rules.cases.fill import made_up
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
from phasegate.runs.cases.statements import attestations_of, misfit_of, waivers_of
from phasegate.runs.cases.tables import cycle_start, open_cases, with_figures

if TYPE_CHECKING:
    from phasegate.facts.sources.passes import Source

AT_ONCE = 1_000
"""So many cases are read, measured and decided together."""


@dataclass(frozen=True)
class Ground:
    """What cases are decided by.

    Attributes:
        rules: the pack, free of lint errors.
        calendar: which days are no business days.
        zone: the time zone whose days count.
        root: the folder in which the paths of the rules' files begin.
    """

    rules: LoadedPack
    calendar: Calendar = field(default_factory=Calendar)
    zone: str = UTC
    root: Path = Path()

    @classmethod
    def of_pack(cls, rules: LoadedPack, root: Path = Path()) -> Ground:
        """A pack by itself."""
        return cls(rules, root=root)

    @classmethod
    def of_project(cls, loaded: LoadedProject) -> Ground:
        """A project: its pack as it holds there, by its calendar and clocks."""
        return cls(loaded.pack, loaded.project.calendar, loaded.project.time_zone, loaded.root)

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
        fault: why it could not be decided at all, or shows nothing of what it gives.
        filled: what was filled in of the columns that its measures read, where something was missed.
    """

    case: LoadedCase
    outcomes: tuple[Outcome, ...]
    asked: Asked
    facts: FactSet | None
    verdicts: Verdicts | None = None
    fault: str | None = None
    filled: tuple[str, ...] = ()

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
    for begin in range(0, len(cases), AT_ONCE):
        yield from _run_some(ground, cases[begin : begin + AT_ONCE], shared)


def _run_some(ground: Ground, cases: Sequence[LoadedCase], shared: bool) -> Iterator[CaseResult]:
    asking = [prepared(ground, case) for case in cases]
    opened = open_cases(ground.calendar, ground.zone, asking, shared=shared)
    measured: dict[int, FactSet] = {}
    faults: dict[int, PhasegateError] = {}
    for place, ((case, pack, asked), sources) in enumerate(zip(asking, opened, strict=True)):
        if isinstance(sources, PhasegateError):
            faults[place] = sources
        else:
            measured[place] = facts_of(ground, case, pack, asked, sources)
    deciding = [place for place in measured if asking[place][2].decides]
    requests = [request_of(ground, *asking[place], measured[place]) for place in deciding]
    decided: dict[int, Verdicts] = {}
    for place, verdicts in zip(deciding, _decided(requests, shared), strict=True):
        if isinstance(verdicts, PhasegateError):
            faults[place] = verdicts
        else:
            decided[place] = verdicts
    for place, (case, pack, asked) in enumerate(asking):
        facts, verdict = measured.get(place), decided.get(place)
        if facts is None or place in faults:
            yield CaseResult(case, (), asked, facts, fault=str(faults[place]))
        else:
            found = tuple(outcomes(case, pack, facts, verdict))
            result = CaseResult(case, found, asked, facts, verdict, misfit_of(case, verdict))
            yield result if result.passed else replace(result, filled=tuple(_made_up(case, pack, asked)))


def _made_up(case: LoadedCase, pack: Pack, asked: Asked) -> list[str]:
    return made_up(pack, case.case.given, case.as_of, asked.point, asked.measures)


def _decided(requests: Sequence[Request], shared: bool) -> list[Verdicts | PhasegateError]:
    """What was decided of each request, or why it could not be."""
    if shared:
        try:
            return [*decide_together(requests)]
        except PhasegateError:  # whose fault it is shows when each is decided by itself
            pass
    found: list[Verdicts | PhasegateError] = []
    for each in requests:
        try:
            found.append(decide(each.rules, each.facts, each.scope, each.parameters, each.waivers, each.zone))
        except PhasegateError as error:
            found.append(error)
    return found


def prepared(ground: Ground, case: LoadedCase) -> tuple[LoadedCase, Pack, Asked]:
    """A case with the pack as it has it, and what it asks for."""
    pack = with_figures(ground.pack, case.case.parameters)
    return case, pack, asked_by(pack, case.case)


def facts_of(
    ground: Ground,
    case: LoadedCase,
    pack: Pack,
    asked: Asked,
    sources: Mapping[str, Source],
    measures: Collection[str] | None = None,
) -> FactSet:
    """The facts of a case: of what it asks for, or of some measures of it."""
    parameters: dict[str, ParameterValue] = {"cycle_start": cycle_start(case)}
    attested = attestations_of(case, pack, asked.points, ground.zone)
    return assemble(
        pack,
        sources,
        case.as_of,
        parameters,
        set(asked.measures if measures is None else measures),
        None,
        attested,
    )


def request_of(ground: Ground, case: LoadedCase, pack: Pack, asked: Asked, facts: FactSet) -> Request:
    """What is decided of a case."""
    # The digest names what waivers were granted under; of a part of the pack nobody asks for another.
    rules = replace(ground.rules, pack=asked.pack, by_files=True)
    waivers = waivers_of(case, rules.digest, ground.zone)
    return Request(rules, facts, asked.scope, quantities(pack), waivers, ground.zone)
