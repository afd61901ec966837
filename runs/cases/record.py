"""A case of a run: a few rows of the sources as they are, and what is decided of exactly these."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from phasegate.engine.scope import NOTHING, UnknownIdError
from phasegate.facts.assemble import sources_read
from phasegate.facts.measures.samples import Cells, samples
from phasegate.facts.model.fact import Fact
from phasegate.rules.cases.ids import is_criterion, is_target, owner_of, parts_of, requirements_of
from phasegate.rules.cases.load import LoadedCase, read_cases
from phasegate.rules.cases.model import Case, Expectation, FactExpectation, GivenRow, VerdictWord
from phasegate.rules.cases.write import case_text
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import fact_shapes, measure_of
from phasegate.rules.values.folding import folded
from phasegate.runs.cases.asked import asked_by
from phasegate.runs.cases.outcomes import meets, told
from phasegate.runs.cases.run import CaseResult, Ground, run_cases
from phasegate.runs.open import open_run

MOST_SLICES = 5
PERSON = "person-{}"


class NotRecordedError(PhasegateError):
    """A run of which no case can be made."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(f"no case can be made of it: {why}", hint)


def recorded(
    loaded: LoadedProject, id_: str, as_of: dt.date, existing: Iterable[str] = ()
) -> tuple[str, str]:
    """A case that shows what is decided of a few rows today, as YAML that passes at once.

    Args:
        loaded: the project, free of lint errors.
        id_: a requirement, a criterion or target, or a measure.
        as_of: the day.
        existing: the names of the cases that are there.

    Returns:
        A name for its file, and its text.

    Raises:
        UnknownIdError: if the id names nothing of these.
        NotRecordedError: if the rows can not be read, or would be decided otherwise from a case.
    """
    pack = loaded.pack.pack
    wanted = _wanted(pack, id_)
    name = _name(f"{id_} as of {as_of.isoformat()}", existing)
    blank = Case(name=name, as_of=as_of, cycle_start=_cycle_start(loaded, as_of), expect=wanted)
    asked = asked_by(pack, blank)
    _refuse(pack, asked.measures)
    opened = open_run(loaded, as_of, NOTHING, asked.measures)
    for source in sources_read(pack, set(asked.measures)):
        found = opened.sources.get(source)
        if found is not None and found.there is not None:
            raise NotRecordedError(
                f"the rows of {source!r} stay in their database", "name a measure of another source"
            )
    state = opened.facts().sources  # which reads them
    for broken in state.values():
        if broken.status == "error":
            raise NotRecordedError(
                f"{broken.name}: {broken.reason}", "mend the source, or write the case by hand"
            )
    rows = samples(pack, opened.sources, asked.measures, as_of, opened.parameters, asked.point)
    given = {source: tuple(map(GivenRow, each)) for source, each in masked(pack, rows).items()}
    case = blank.model_copy(update={"given": given})
    ground = Ground.of_project(loaded)
    try:
        result = next(iter(run_cases(ground, [_loaded(pack, case)])))
    except PackError as error:
        why = f"a cell holds what no file of cases may: {error.diagnostics[0].message}"
        raise NotRecordedError(why, "mend the source, or write the case by hand") from None
    if result.facts is None:
        raise NotRecordedError(result.fault or "it can not be decided", "write the case by hand")
    decided = case.model_copy(update={"expect": _found(pack, wanted, result)})
    text = case_text(
        decided, f"Recorded from the project; rows as they were on {as_of.isoformat()}, a few of them."
    )
    again = next(iter(run_cases(ground, read_cases(pack, {"recorded": text.encode()}))))
    if not again.passed:
        raise NotRecordedError("written down, it would come out otherwise", "write the case by hand")
    return f"{re.sub('[^A-Za-z0-9.]+', '-', id_).strip('-')}.yaml", text


def _wanted(pack: Pack, id_: str) -> Expectation:
    """What shall be expected, with words in the place of what nobody knows yet."""
    if is_criterion(pack, id_):
        return Expectation(requirements=_single(pack, requirements_of(pack, id_)), criteria={id_: "unknown"})
    if is_target(pack, id_):
        return Expectation(targets={id_: "unknown"})
    if "/" in id_ and (owner := owner_of(pack, id_)) is not None:
        known = requirements_of(pack, owner)
        if id_.partition("[")[0] in known:
            return Expectation(requirements={id_: "unknown"})
        raise UnknownIdError(id_, known, "requirement", "requirements")
    shapes = fact_shapes(pack)
    name, _ = parts_of(id_)
    fields = [each for each in shapes if measure_of(pack, each) == name]
    facts = [id_] if name in shapes else fields
    if not facts:
        known = [*shapes, *(full_id for full_id, _ in pack.criteria())]
        raise UnknownIdError(id_, known, "requirement, criterion, target or measure", "ids")
    return Expectation(measures={fact: FactExpectation(status="unknown") for fact in facts})


def _single(pack: Pack, requirements: Iterable[str]) -> dict[str, VerdictWord]:
    """The requirements whose slices are known without data."""
    found: dict[str, VerdictWord] = {}
    for id_ in requirements:
        owner = owner_of(pack, id_) or ""
        measure = measure_of(pack, id_.removeprefix(f"{owner}/").partition("#")[0])
        if measure is not None and pack.measures[measure].by in (None, "point"):
            found[id_] = "unknown"
    return found


def _refuse(pack: Pack, measures: Iterable[str]) -> None:
    for id_ in sorted(measures):
        measure = pack.measures[id_]
        if measure.attested is not None:
            raise NotRecordedError(
                f"{id_!r} is attested by people", "write the case by hand: 'attested' says what is"
            )
        for source in sources_read(pack, {id_}):
            if pack.sources[source].convert is not None:
                hint = "write the case by hand, with the rates that it takes"
                raise NotRecordedError(f"the amounts of {source!r} are converted", hint)


def _loaded(pack: Pack, case: Case) -> LoadedCase:
    """A case that stands in no file yet."""
    text = case_text(case, "").encode()
    return read_cases(pack, {"recorded": text})[0]


def masked(pack: Pack, rows: Mapping[str, list[Cells]]) -> dict[str, list[Cells]]:
    """The same rows, with other names for people: the same one wherever it was the same.

    Two that are the same only as a reader sees them stay so.
    """
    people: dict[str, dict[str, str]] = {}
    personal = {
        source: {name for name, each in pack.sources[source].columns.items() if each.personal}
        for source in rows
    }

    def other(name: str) -> str:
        spellings = people.setdefault(folded(name), {})
        plain = PERSON.format(list(people).index(folded(name)) + 1)
        return spellings.setdefault(name, plain if not spellings else plain.upper())

    return {
        source: [
            {
                column: other(cell) if isinstance(cell, str) and column in personal[source] else cell
                for column, cell in row.items()
            }
            for row in each
        ]
        for source, each in rows.items()
    }


def _found(pack: Pack, wanted: Expectation, result: CaseResult) -> Expectation:
    """What was found, as what is expected."""
    facts = result.facts.facts if result.facts is not None else {}
    measures: dict[str, FactExpectation] = {}
    for id_ in wanted.measures:
        name, slice_ = parts_of(id_)
        own = [
            fact for key, fact in sorted(facts.items()) if key[0] == name and (not slice_ or key[1] == slice_)
        ]
        for fact in own[:MOST_SLICES]:
            measures[fact.id] = _expectation(pack, fact)
    words: dict[str, dict[str, str]] = {}
    if result.verdicts is not None:
        decided = result.verdicts.agreed.decisions
        words["requirements"] = {
            id_: decided.requirements[id_].word for id_ in wanted.requirements if id_ in decided.requirements
        }
        words["criteria"] = {id_: decided.criteria[id_].word for id_ in wanted.criteria}
        words["targets"] = {id_: decided.criteria[id_].word for id_ in wanted.targets}
        plan = result.verdicts.resolved
        for requirement, origin in zip(plan.plan.requirements, plan.asked, strict=True):
            if requirement.id in words["requirements"] or origin.criterion in wanted.targets:
                measures[origin.fact.id] = _expectation(pack, origin.fact)
    return Expectation.model_validate({"measures": measures, **words})


def _expectation(pack: Pack, fact: Fact) -> FactExpectation:
    """What a fact is, as far as it can be written down exactly."""
    status = None if fact.status == "present" else fact.status
    for written in _written(pack, fact):
        if meets(written, fact):
            return FactExpectation(found=written, status=status)
    return FactExpectation(status=fact.status)


def _written(pack: Pack, fact: Fact) -> Iterable[str | bool]:
    if fact.truth is not None:
        return [fact.truth]
    if fact.text is not None:
        return [fact.text]
    if fact.extremes is None:
        return []
    said = told(fact, pack).removeprefix(f"{fact.status}, ")
    counted, _, value = said.partition(" = ")
    whole = ""
    if fact.ends is not None and " of " in counted:
        first, _, last = counted.partition(" to ")
        whole = f"{first if ' of ' in first else first + ' of ' + last.partition(' of ')[2]} to {last}"
    return [each for each in (whole, counted, value) if each]


def _cycle_start(loaded: LoadedProject, as_of: dt.date) -> dt.date | None:
    cycle = loaded.project.cycle
    return cycle.start if cycle is not None and cycle.start <= as_of else None


def _name(name: str, existing: Iterable[str]) -> str:
    """A name that no case has."""
    taken, number, found = {folded(each) for each in existing}, 1, name
    while folded(found) in taken:
        number += 1
        found = f"{name} ({number})"
    return found
