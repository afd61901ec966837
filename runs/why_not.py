"""Why a gate does not open, as work: the least that opens it, and who has to do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from phasegate.engine.decide import asked
from phasegate.engine.opening.become import Value
from phasegate.engine.opening.ways import Opening, Work, opening, stuck, ways
from phasegate.engine.resolve import Resolved
from phasegate.facts.measures.dependencies import sources_behind
from phasegate.facts.model.fact import Fact
from phasegate.records.facts import recorded_facts
from phasegate.records.schema import GateEntry, Record, RequirementEntry
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.model.role import APPROVER
from phasegate.rules.model.verdict import BY_WORD, OPEN_STATES
from phasegate.runs.replay import inputs_of

Does = Literal["mend", "renew", "bring", "repair", "connect", "attest", "waive", "approve"]
_BY_STATUS: dict[str, Does] = {
    "stale": "renew",
    "unknown": "bring",
    "not_applicable": "bring",
    "error": "repair",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is to be done.

    Attributes:
        does: what is done: rows are mended, renewed, brought or repaired, a table is connected or repaired,
            and people attest, waive and approve.
        id: of the measure, table or requirement that it is about; of an approval, the function.
        slice: which part of the measure; empty for the whole.
        area: the id of the area; empty where it belongs to none.
        by: the role of who does it; None where it is whoever keeps the sources.
        sources: the tables that are behind it.
        gates: those that rest on it, in their order.
        requirements: those that it is done for.
        rows: how many rows more must meet a condition, or fewer where it is less than 0; None where no rows
            are counted.
        waived_by: the role of who may grant waivers instead; None where none opens the gate.
        instead: other things, of which each opens the gate in its place.
    """

    does: Does
    id: str
    slice: str = ""
    area: str = ""
    by: str | None = None
    sources: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    requirements: tuple[RequirementEntry, ...] = ()
    rows: int | None = None
    waived_by: str | None = None
    instead: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What opens a gate.

    Attributes:
        record: how it was decided.
        gate: its entry.
        tasks: what is to be done, by area and in the order of the pack; None where no way was found.
        certain: whether nothing less opens it; it is at most so much otherwise.
        before: the gates that it comes after and that are not open.
        seats: how many waivers more are taken; None for any number.
        stuck: where no way was found, the criteria that hold whatever is done.
    """

    record: Record
    gate: GateEntry
    tasks: tuple[Task, ...] | None
    certain: bool = True
    before: tuple[GateEntry, ...] = ()
    seats: int | None = None
    stuck: tuple[str, ...] = ()


def why_not(record: Record, loaded: LoadedProject) -> WhyNot:
    """The least that opens the gate that was decided.

    Args:
        record: of a gate, decided under the rules of the project.
        loaded: the project.
    """
    name = record["scope"][0]
    gate = next(each for each in record["gates"] if each["id"] == name)
    before = tuple(
        each for each in record["gates"] if each["id"] != name and each["state"] not in OPEN_STATES
    )
    if gate["state"] in OPEN_STATES:
        return WhyNot(record, gate, ())
    pack, resolved = loaded.pack.pack, resolved_again(record, loaded)
    words = {each["id"]: each["verdict"] for each in record["requirements"]}
    verdicts = [BY_WORD[words[each.id]] for each in resolved.plan.requirements]
    broken = {each["name"] for each in record["sources"] if each["status"] != "ok"}
    unsure = {each["id"] for each in record["disagreements"]}
    ways_ = ways(pack, resolved, verdicts, broken, unsure)
    found = opening(ways_, resolved, verdicts, name)
    missing = record["approval"]["missing"]
    # Of a criterion or a gate on which the engines do not agree nobody knows what opens it.
    doubtful = sorted(unsure - words.keys())
    if found is None or doubtful or not (found.work or missing):
        held = doubtful or stuck(ways_, resolved, verdicts, name)
        return WhyNot(record, gate, None, True, before, None, tuple(held))
    telling = _Telling(record, pack, resolved, found)
    tasks = [*map(_approval, missing), *map(telling.task, found.work)]
    order = ["", *pack.areas]
    tasks.sort(key=lambda each: order.index(each.area))
    return WhyNot(record, gate, tuple(tasks), found.certain, before, found.seats)


def resolved_again(record: Record, loaded: LoadedProject) -> Resolved:
    """What was decided, and what the facts said to it.

    Args:
        record: what was decided, under the rules of the project.
        loaded: the project.
    """
    inputs = inputs_of(record, loaded.pack)
    resolved, _ = asked(
        loaded.pack,
        recorded_facts(record["as_of"], record["facts"]),
        inputs.scope,
        inputs.parameters,
        [each.waiver for each in inputs.waivers if each.refused is None],
        inputs.zone,
        today=inputs.statements is not None,
        alternatives=inputs.edition.alternatives,
        floors_unknown=inputs.edition.floors_unknown,
    )
    return resolved


def _approval(function: str) -> Task:
    return Task("approve", function, by=f"{APPROVER}{function}")


class _Telling:
    """Tells what is to be done, and for what."""

    def __init__(self, record: Record, pack: Pack, resolved: Resolved, found: Opening) -> None:
        self._record, self._pack, self._resolved, self._found = record, pack, resolved, found
        self._entries = {each["id"]: each for each in record["requirements"]}
        self._states = {each["name"]: each["status"] for each in record["sources"]}
        self._points = {each["id"]: each["point"] for each in record["criteria"]}
        self._functions = {name: each.function for name, each in pack.criteria()}

    def task(self, work: Work) -> Task:
        """One thing that is to be done, with those that may be done in its place."""
        waivable = work.item in self._found.waivable
        task = self._told(work, self._found.leaves[work.item], waivable=waivable)
        others = self._found.instead[work.item].items()
        return replace(task, instead=tuple(self._told(*each, waivable=False) for each in others))

    def _told(self, work: Work, leaves: Sequence[int], *, waivable: bool) -> Task:
        entries = tuple(self._entries[self._resolved.plan.requirements[leaf].id] for leaf in leaves)
        facts = [self._resolved.asked[leaf].fact for leaf in leaves]
        criteria = list(dict.fromkeys(each["criterion"] for each in entries))
        return Task(
            does=self._does(work, facts),
            id=work.id,
            slice=work.slice,
            area=self._area(criteria),
            by=self._by(work, criteria),
            sources=self._sources(work),
            gates=tuple(each["id"] for each in self._record["gates"] if self._rests(each, criteria)),
            requirements=entries,
            rows=self._rows(facts) if work.kind == "rows" else None,
            waived_by=self._approver(criteria) if waivable else None,
        )

    def _does(self, work: Work, facts: Sequence[Fact]) -> Does:
        if work.kind == "source":
            return "connect" if self._states[work.id] == "absent" else "repair"
        if work.kind == "attestation":
            return "attest"
        if work.kind == "waiver":
            return "waive"
        found = {_BY_STATUS.get(fact.status, "mend") for fact in facts}
        return next((each for each in ("repair", "bring", "renew") if each in found), "mend")

    def _by(self, work: Work, criteria: Sequence[str]) -> str | None:
        if work.kind == "waiver":
            return self._approver(criteria)
        measure = self._pack.measures.get(work.id) if work.kind == "attestation" else None
        return measure.attested.by if measure is not None and measure.attested is not None else None

    def _approver(self, criteria: Sequence[str]) -> str:
        """Who grants waivers of some criteria; any approver where their rules name no function."""
        functions = sorted({self._functions.get(each) or "" for each in criteria})
        return ", ".join(f"{APPROVER}{each}" if each else "any approver" for each in functions)

    def _sources(self, work: Work) -> tuple[str, ...]:
        if work.kind == "source":
            return (work.id,)
        measure = self._pack.measures.get(work.id) if work.kind == "rows" else None
        return sources_behind(measure, self._pack.sources) if measure is not None else ()

    def _rows(self, facts: Sequence[Fact]) -> int | None:
        """How many rows more must meet what is counted, where rows are."""
        found = [
            pair[0] - fact.numerator
            for fact in facts
            if (pair := self._found.values.get(fact.id, Value()).number) is not None
            and fact.numerator is not None
            and pair[1] == fact.denominator
            and self._counts_rows(fact)
        ]
        return max(found, key=abs, default=None)

    def _counts_rows(self, fact: Fact) -> bool:
        name = measure_of(self._pack, fact.measure)
        about = self._pack.measures[name].about if name is not None else None
        return about is not None and (about.two_counts or about.plain) and not fact.scale

    def _area(self, criteria: Sequence[str]) -> str:
        planned = {each.id: each.area for each in self._resolved.plan.criteria}
        found = [planned[each] for each in criteria if planned.get(each) in self._pack.areas]
        return found[0] if found else ""

    def _rests(self, gate: GateEntry, criteria: Sequence[str]) -> bool:
        """Whether a gate asks for some criteria itself."""
        return any(each in gate["targets"] or self._points.get(each) in gate["points"] for each in criteria)
