"""The record: what a run decided and from what, as one deterministic document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Literal, cast

from phasegate.engine.cross_check import Agreed
from phasegate.engine.formatting import distance, margin, number, observed
from phasegate.engine.plan import Requirement
from phasegate.engine.resolve import Resolved
from phasegate.engine.scope import Scope
from phasegate.facts.model.fact import NO_ROWS, Fact, FactSet
from phasegate.records.basis.parts import basis
from phasegate.records.definitions import definitions
from phasegate.records.editions import TODAY, Edition
from phasegate.records.facts import fact_entry
from phasegate.records.numbers import requirement_numbers
from phasegate.records.overdue import weeks
from phasegate.records.schema import (
    SCHEMA,
    ApprovalEntry,
    AttestationEntry,
    CriterionEntry,
    GateEntry,
    PackEntry,
    PointEntry,
    ProjectEntry,
    Record,
    RequirementEntry,
    SourceEntry,
    TimeZoneEntry,
    WaiverEntry,
)
from phasegate.records.scoring import Decided
from phasegate.records.waivers import PresentedWaiver
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Target
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.model.requirements import targets as all_targets
from phasegate.rules.model.verdict import STATE_BY_WORD, GateState, Verdict
from phasegate.rules.values.time_zones import UTC
from phasegate.rules.values.units import PERCENT, TIMES, Quantity


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What a record is about, apart from what was measured and decided.

    A replay takes all of it from the record that it repeats; ``edition`` is by whose rules it is decided,
    ``statements`` what `Record` says of it, ``based`` whether it says what its facts rest on, and
    ``planned`` in which weeks its gates are due. ``owners`` is whom things concern.
    """

    kind: Literal["check", "gate"]
    title: str
    pack: LoadedPack
    cycle: dict[str, str] | None
    calendar: dict[str, list[str]]
    sources: Sequence[SourceEntry]
    scope: Scope
    parameters: Mapping[str, Quantity]
    versions: Mapping[str, str]
    waivers: Sequence[PresentedWaiver]
    attestations: Sequence[AttestationEntry]
    approval: ApprovalEntry
    time_zone: TimeZoneEntry | None = None
    edition: Edition = TODAY
    statements: int | None = None
    project: ProjectEntry | None = None
    based: bool = True
    planned: bool = True
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """The time zone whose days count."""
        return self.time_zone["name"] if self.time_zone is not None else UTC


def build_record(
    inputs: RunInputs,
    facts: FactSet,
    resolved: Resolved,
    agreed: Agreed,
    waivers: Sequence[WaiverEntry],
) -> Record:
    """Puts a run's record together; the same arguments give the same document."""
    return _Builder(inputs, facts, resolved, agreed).record(waivers)


def to_json(record: Record) -> str:
    """The record as it is kept: sorted keys, two spaces, one newline at the end."""
    return json.dumps(record, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def exit_code(outcome: str, *, strict: bool = False) -> int:
    """The exit code that an outcome stands for; whatever is not known to be open shuts the gate.

    Args:
        outcome: the state of a gate, or what a record says of its scope.
        strict: whether open with waivers counts as closed.
    """
    state = STATE_BY_WORD.get(outcome, GateState.UNDECIDED)
    if strict and state is GateState.OPEN_WITH_WAIVERS:
        state = GateState.CLOSED
    return state.exit_code


def ends_with(record: Record, *, strict: bool = False) -> int:
    """The exit code of a command that decided a record; that of a what-if is never the one of an open gate.

    Args:
        record: what was decided.
        strict: whether open with waivers counts as closed.
    """
    code = exit_code(record["outcome"], strict=strict)
    if "what_if" not in record or code:
        return code
    return GateState.UNDECIDED.exit_code  # what was decided is nothing


class _Builder:
    def __init__(self, inputs: RunInputs, facts: FactSet, resolved: Resolved, agreed: Agreed) -> None:
        self._inputs = inputs
        self._pack = inputs.pack.pack
        self._facts = facts
        self._plan = resolved.plan
        self._decided = Decided(self._pack, resolved, agreed)
        self._verdicts = agreed.decisions
        self._agreed = agreed

    def record(self, waivers: Sequence[WaiverEntry]) -> Record:
        missing = self._inputs.approval["missing"] if self._inputs.kind == "gate" else []
        gates = [self._decided.gate(gate, missing) for gate in self._plan.gates]
        if self._inputs.planned and self._inputs.edition.defines:
            gates = [self._planned(each) for each in gates]
        gate = self._inputs.scope.asked[0] if self._inputs.kind == "gate" else None
        record = Record(
            schema=SCHEMA,
            kind=self._inputs.kind,
            versions=dict(self._inputs.versions),
            title=self._inputs.title,
            pack=self._pack_entry(),
            cycle=self._inputs.cycle,
            calendar=self._inputs.calendar,
            as_of=self._facts.as_of.isoformat(),
            scope=list(self._inputs.scope.asked),
            parameters={name: quantity_text(each) for name, each in self._inputs.parameters.items()},
            areas={area_id: area.title for area_id, area in self._pack.areas.items()},
            sections={
                key: title for area in self._pack.areas.values() for key, title in area.sections.items()
            },
            sources=list(self._inputs.sources),
            facts=[fact_entry(self._pack, fact) for fact in self._used_facts()],
            requirements=[self._requirement(each) for each in self._plan.requirements],
            criteria=self._criteria(),
            points=self._points(),
            gates=gates,
            waivers=list(waivers),
            attestations=list(self._inputs.attestations),
            approval=self._inputs.approval,
            disagreements=[
                {
                    "id": each.id,
                    "inferred": each.inferred,
                    "evaluated": each.evaluated,
                    "reason": each.reason,
                }
                for each in self._agreed.disagreements
            ],
            score=self._decided.score(range(len(self._plan.criteria))),
            outcome=self._decided.outcome(gate),
        )
        if self._inputs.project is not None:
            record["project"] = self._inputs.project
        if self._inputs.edition.defines:
            names = (fact["measure"] for fact in record["facts"])
            record["definitions"] = definitions(
                self._pack, names, self._facts.as_of, record["cycle"], record["parameters"]
            )
            if self._inputs.based:
                names = (fact["measure"] for fact in record["facts"])
                record["basis"] = basis(self._pack, names, record["parameters"], record["calendar"])
        if self._inputs.time_zone is not None:
            record["time_zone"] = self._inputs.time_zone
        if self._inputs.owners:
            record["owners"] = dict(self._inputs.owners)
        if self._inputs.statements is not None:
            record["statements"] = self._inputs.statements
        return record

    def _planned(self, gate: GateEntry) -> GateEntry:
        """A gate with its weeks, where it has some."""
        found = weeks(self._pack).get(gate["id"])
        return gate if found is None else {**gate, "weeks": list(found)}

    def _pack_entry(self) -> PackEntry:
        pack, document = self._pack, self._pack.map
        described = document.model_dump(mode="json", exclude_none=True) if document else None
        digest = self._inputs.pack.digest
        return PackEntry(id=pack.pack, title=pack.title, version=pack.version, digest=digest, map=described)

    def _used_facts(self) -> Iterable[Fact]:
        seen: set[tuple[str, str]] = set()
        for requirement in self._plan.requirements:
            fact = self._decided.asked[requirement.id].fact
            key = (fact.measure, fact.slice)
            if key not in seen:
                seen.add(key)
                yield fact

    def _requirement(self, requirement: Requirement) -> RequirementEntry:
        asked = self._decided.asked[requirement.id]
        verdict = self._verdicts.requirements[requirement.id]
        measure = measure_of(self._pack, requirement.measure)
        model = self._pack.measures[measure] if measure else None
        waived = verdict is Verdict.WAIVED and requirement.cover is not None
        limits = " and ".join(_limit(test.limit, requirement.unit) for test in requirement.tests)
        entry = RequirementEntry(
            id=requirement.id,
            criterion=asked.criterion,
            alternative=asked.alternative,
            fact=asked.fact.id,
            bound=requirement.bound,
            limit=limits or None,
            unit=requirement.unit,
            verdict=verdict.word,
            observed=observed(requirement, asked.fact, model.kind if model else None),
            margin=margin(requirement, asked.fact),
            distance=distance(requirement, asked.fact, model, verdict, self._facts.as_of),
            reason=self._decided.reason(requirement),
            waiver=requirement.cover.waiver if waived and requirement.cover else None,
            at=self._at(asked.path),
        )
        if (do := _do(model, asked.fact, verdict)) is not None:
            entry["do"] = do
        if not self._inputs.edition.numbers:
            return entry
        numbers = requirement_numbers(requirement, asked.fact, self._facts.as_of)
        return cast("RequirementEntry", {**entry, **numbers})

    def _at(self, path: tuple[str | int, ...]) -> str:
        position = self._inputs.pack.where(path)
        return f"{position.file}:{position.line}"

    def _criteria(self) -> list[CriterionEntry]:
        texts: dict[str, tuple[str | None, str, str | None, tuple[str | int, ...]]] = {}
        for point_id, described in self._pack.points.items():
            for place, criterion in enumerate(described.criteria):
                stands: tuple[str | int, ...] = ("points", point_id, "criteria", place)
                texts[f"{point_id}/{criterion.id}"] = (point_id, criterion.text, criterion.note, stands)
        for target_id, target, path, _ in all_targets(self._pack):
            texts[target_id] = (None, _target_text(target), None, path)
        entries: list[CriterionEntry] = []
        for planned in self._plan.criteria:
            point, text, note, path = texts[planned.id]
            entries.append(
                CriterionEntry(
                    id=planned.id,
                    point=point,
                    text=text,
                    note=note,
                    enforcement=planned.enforcement,
                    verdict=self._verdicts.criteria[planned.id].word,
                    requirements=[requirement.id for requirement in self._decided.own[planned.id]],
                    at=self._at(path),
                )
            )
        return entries

    def _points(self) -> list[PointEntry]:
        return [
            PointEntry(
                id=planned.id,
                title=self._pack.points[planned.id].title,
                area=self._pack.points[planned.id].area,
                section=self._pack.points[planned.id].section,
                phases=[name for name, phase in self._pack.phases.items() if planned.id in phase.points],
                verdict=self._verdicts.points[planned.id].word,
                criteria=[self._plan.criteria[index].id for index in planned.criteria],
            )
            for planned in self._plan.points
        ]


def _do(measure: Measure | None, fact: Fact, verdict: Verdict) -> str | None:
    """What to do about a verdict, in the words of the measure; None where it has none for that."""
    if measure is None or measure.do is None:
        return None
    if verdict is Verdict.STALE:
        return measure.do.get("stale")
    if verdict is Verdict.UNKNOWN and fact.reason == NO_ROWS:
        return measure.do.get("empty")
    if verdict is not Verdict.FAIL:
        return None
    field = fact.measure.rpartition(".")[2] if measure.latest is not None else "short"
    return measure.do.get(field)


def _target_text(target: Target) -> str:
    return f"{target.name} {target.bound}"


def quantity_text(quantity: Quantity) -> str:
    """A parameter as records have it."""
    return _exactly(quantity.value, quantity.unit)


_MOST_DIGITS = 40
"""A number that has no end after so many digits is told as a part of a smaller unit."""


def _limit(limit: Fraction, unit: str | None) -> str:
    """A limit with all of its digits; one that has no end in hours or minutes, in a smaller unit."""
    for smaller in ("minutes", "seconds"):
        if unit not in TIMES or 10**_MOST_DIGITS % limit.denominator == 0:
            break
        fitted = Quantity(limit, unit).within(smaller)
        if fitted is not None and TIMES[smaller] < TIMES[unit]:
            limit, unit = fitted.value, smaller
    return _exactly(limit, unit)


@lru_cache(maxsize=1024)
def _exactly(limit: Fraction, unit: str | None) -> str:
    """A limit with all of its digits: whoever reads a record compares with the number that was meant.

    A limit is written in decimals, so that it has an end.
    """
    near = [Fraction(0)]
    while True:
        text = number(limit, unit, near)
        read = Fraction(text.partition(" ")[0].replace(",", "")) / (100 if unit == PERCENT else 1)
        if read in (limit, near[-1]):
            return text
        near.append(read)
