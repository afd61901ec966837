"""Whether the verdicts of a record follow from each other: from requirements up to the outcome.

Each is held against what the reference evaluator makes of those that it rests on, as the record has them.
Where the two engines did not agree, a verdict may be worse than what it rests on, and never better.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from phasegate.engine.reference import gate_state, own_state, worst
from phasegate.records.alternatives import choice_of
from phasegate.records.editions import edition_of
from phasegate.records.schema import CriterionEntry, GateEntry, Record, RequirementEntry, Score
from phasegate.rules.model.verdict import BY_WORD, STATE_BY_WORD, GateState, Verdict

_NOTHING = "nothing"
"""The outcome where nothing was decided."""


def roll_up(record: Record) -> Iterator[str]:
    """What does not follow, in words.

    Args:
        record: of the right shape, and with names that all stand for something.
    """
    yield from _RollUp(record).faults()


def roll_up_part(
    verdict: str,
    of: str,
    criteria: Sequence[CriterionEntry],
    requirements: Sequence[RequirementEntry],
    order: Sequence[Verdict],
) -> Iterator[str]:
    """What does not follow in one point or target; whether the engines agreed on it is not asked.

    Args:
        verdict: of the point or target.
        of: its kind and id.
        criteria: on which it rests.
        requirements: on which they rest.
        order: in which the verdicts of alternatives count.
    """
    by_id = {each["id"]: each for each in requirements}
    for criterion in criteria:
        if any(name not in by_id for name in criterion["requirements"]):
            yield f"criterion {criterion['id']} rests on a requirement that is not there"
        else:
            yield from _criterion(criterion, by_id, order, exact=False)
    binding = [each["verdict"] for each in criteria if each["enforcement"] != "advisory"]
    if of.startswith("point "):
        yield from _differs(of, verdict, _worst(binding), exact=False)
    elif [each["verdict"] for each in criteria] != [verdict]:
        yield f"{of} is {verdict}, and its criterion is not"


class _RollUp:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._exact = not record["disagreements"]
        self._order = edition_of(record).alternatives
        self._requirements = {each["id"]: each for each in record["requirements"]}
        self._criteria = {each["id"]: each for each in record["criteria"]}
        self._points = {each["id"]: each for each in record["points"]}
        self._gates = {each["id"]: each for each in record["gates"]}
        approval = record["approval"]
        # Without the approvals that it needs, a gate is never open.
        self._withheld = record["kind"] == "gate" and bool(approval["missing"])

    def faults(self) -> Iterator[str]:
        record = self._record
        for criterion in record["criteria"]:
            yield from _criterion(criterion, self._requirements, self._order, self._exact)
        for point in record["points"]:
            due = _worst(each["verdict"] for each in self._binding(point["criteria"]))
            yield from _differs(f"point {point['id']}", point["verdict"], due, self._exact)
        for gate in record["gates"]:
            yield from self._gate(gate)
        every = [each["id"] for each in record["criteria"]]
        yield from _differs("the outcome", record["outcome"], self._outcome(), self._exact)
        yield from self._scored("the run", record["score"], every)

    def _binding(self, names: Sequence[str]) -> list[CriterionEntry]:
        criteria = [self._criteria[name] for name in names]
        return [each for each in criteria if each["enforcement"] != "advisory"]

    def _gate(self, gate: GateEntry) -> Iterator[str]:
        what = f"gate {gate['id']}"
        yield from _differs(f"{what} by itself", gate["own"], self._own(gate), self._exact)
        before = [self._gates[name] for name in gate["after"]]
        states = (_state(each["state"]) for each in before)
        state = gate_state(_state(gate["own"]), states, len(gate["waivers"]), gate["max_waivers"])
        yield from _differs(what, gate["state"], state, self._exact)
        rested = self._rested(gate).union(*(each["waivers"] for each in before))
        if missing := sorted(rested - set(gate["waivers"])):
            yield f"{what} rests on the waiver of {missing[0]}, and does not say so"
        if any(self._requirements[each]["verdict"] != "waived" for each in gate["waivers"]):
            yield f"{what} names a waiver of a requirement that is not waived"
        yield from self._scored(what, gate["score"], self._members(gate))

    def _members(self, gate: GateEntry) -> list[str]:
        inside = [name for point in gate["points"] for name in self._points[point]["criteria"]]
        return [*inside, *gate["targets"]]

    def _own(self, gate: GateEntry) -> GateState:
        targets = [each["verdict"] for each in self._binding(gate["targets"])]
        reached = _worst([*(self._points[name]["verdict"] for name in gate["points"]), *targets])
        state = own_state(reached, bool(gate["points"] and self._binding(self._members(gate))))
        return max(state, GateState.UNDECIDED) if self._withheld else state

    def _rested(self, gate: GateEntry) -> set[str]:
        """The waived requirements that its binding criteria rest on."""
        found: list[RequirementEntry] = []
        for each in self._binding(self._members(gate)):
            if each["verdict"] == "waived":
                own = [self._requirements[name] for name in each["requirements"]]
                found += choice_of(own, self._order).deciding
        return {each["id"] for each in found if each["verdict"] == "waived"}

    def _outcome(self) -> GateState | None:
        record = self._record
        if record["kind"] == "gate":
            asked = record["scope"][0] if record["scope"] else ""
            return _state(self._gates[asked]["state"]) if asked in self._gates else None
        binding = self._binding(list(self._criteria))
        if not binding:
            return None
        own = _worst(each["verdict"] for each in binding).gate_state
        return max([own, *(_state(gate["state"]) for gate in record["gates"])])

    def _scored(self, what: str, found: Score, names: Sequence[str]) -> Iterator[str]:
        verdicts = [each["verdict"] for each in self._binding(names)]
        passing = verdicts.count("pass")
        due = Score(
            apply=len(verdicts) - verdicts.count("not_applicable"),
            passing=passing,
            passing_with_waivers=passing + verdicts.count("waived"),
        )
        if found != due:
            yield f"the score of {what} is not that of its criteria"


def _differs(what: str, found: str, due: Verdict | GateState | None, exact: bool) -> Iterator[str]:
    word = due.word if due is not None else _NOTHING
    order = BY_WORD if isinstance(due, Verdict) else STATE_BY_WORD
    if found != word and (exact or due is None or order.get(found, -1) < due):
        yield f"{what} is {found}, and what it rests on makes it {word}"


def _criterion(
    criterion: CriterionEntry,
    requirements: Mapping[str, RequirementEntry],
    order: Sequence[Verdict],
    exact: bool,
) -> Iterator[str]:
    name, found = criterion["id"], criterion["verdict"]
    own = [requirements[each] for each in criterion["requirements"]]
    if any(each["criterion"] != name for each in own):
        yield f"criterion {name} rests on a requirement of another one"
    due = BY_WORD.get(choice_of(own, order).verdict, Verdict.ERROR)
    yield from _differs(f"criterion {name}", found, due, exact)


def _worst(verdicts: Iterable[str]) -> Verdict:
    """The worst of some verdicts; an error where there is none, or one that is no verdict."""
    found = [BY_WORD.get(each) for each in verdicts]
    return Verdict.ERROR if None in found else worst(each for each in found if each is not None)


def _state(word: str) -> GateState:
    """A state; closed where it is none."""
    return STATE_BY_WORD.get(word, GateState.CLOSED)
