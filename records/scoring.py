"""What was decided, ready to be told: scores, outcome, and the reasons of verdicts and gates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from phasegate.engine.cross_check import Agreed
from phasegate.engine.formatting import bound_in_words, found, left_open, observed
from phasegate.engine.plan import PlannedGate, Requirement
from phasegate.engine.resolve import Resolved, misfit
from phasegate.facts.model.fact import Fact
from phasegate.records.schema import NOTHING, GateEntry, GateReason, Score
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.model.verdict import GateState, Verdict


class Decided:
    """A pack's plan with its verdicts of record."""

    def __init__(self, pack: Pack, resolved: Resolved, agreed: Agreed) -> None:
        self.pack = pack
        self.plan = resolved.plan
        self.decisions = agreed.decisions
        self._doubts = {each.id: each.words for each in agreed.disagreements}
        self.asked = dict(zip((each.id for each in self.plan.requirements), resolved.asked, strict=True))
        self.own: dict[str, list[Requirement]] = {criterion.id: [] for criterion in self.plan.criteria}
        for requirement in self.plan.requirements:
            self.own[self.asked[requirement.id].criterion].append(requirement)

    def score(self, criteria: Iterable[int]) -> Score:
        """How many of some criteria apply and pass; advisory ones are left out."""
        binding = [self.plan.criteria[index] for index in criteria]
        verdicts = [self.decisions.criteria[each.id] for each in binding if each.enforcement != "advisory"]
        passing = verdicts.count(Verdict.PASS)
        return Score(
            apply=len(verdicts) - verdicts.count(Verdict.NOT_APPLICABLE),
            passing=passing,
            passing_with_waivers=passing + verdicts.count(Verdict.WAIVED),
        )

    def outcome(self, gate: str | None) -> str:
        """The state that the run as a whole has: that of the gate it was asked for, or the worst of all."""
        if gate is not None:
            return self.decisions.gates[gate].state.word
        criteria = [each for each in self.plan.criteria if each.enforcement != "advisory"]
        if not criteria:
            return NOTHING
        worst = max(self.decisions.criteria[each.id] for each in criteria)
        return max([worst.gate_state, *(each.state for each in self.decisions.gates.values())]).word

    def gate(self, gate: PlannedGate, unapproved: Sequence[str] = ()) -> GateEntry:
        """A gate with its state, its score, and why it is not simply open.

        Args:
            gate: the gate.
            unapproved: the functions that the rules still want an approval of.
        """
        decision = self.decisions.gates[gate.id]
        title = self.pack.programme.title if gate.id == PROGRAMME else self.pack.phases[gate.id].title
        return GateEntry(
            id=gate.id,
            title=title,
            state=decision.state.word,
            own=decision.own.word,
            points=[self.plan.points[index].id for index in gate.points],
            targets=[self.plan.criteria[index].id for index in gate.targets],
            after=[self.plan.gates[index].id for index in gate.after],
            waivers=list(decision.waivers),
            max_waivers=gate.max_waivers,
            score=self.score(self._members(gate)),
            reasons=[*self._reasons(gate, unapproved), *map(_unapproved, unapproved)],
        )

    def _members(self, gate: PlannedGate) -> list[int]:
        inside = [index for point in gate.points for index in self.plan.points[point].criteria]
        return [*inside, *gate.targets]

    def _reasons(self, gate: PlannedGate, unapproved: Sequence[str]) -> list[GateReason]:
        decision = self.decisions.gates[gate.id]
        reasons = [*self._own_reasons(gate), *self._inherited(gate)]
        if gate.max_waivers is not None and len(decision.waivers) > gate.max_waivers:
            count = len(decision.waivers)
            text = f"it rests on {count:,} waiver{'s'[: count > 1]} and takes {gate.max_waivers:,} at most"
            reasons.append(GateReason(kind="waivers", id=gate.id, verdict="closed", text=text))
        if not reasons and not unapproved and decision.state is not GateState.OPEN:
            text = "it has no criterion that passes" if gate.points else "it has no points"
            reasons.append(GateReason(kind="empty", id=gate.id, verdict="error", text=text))
        return reasons

    def _own_reasons(self, gate: PlannedGate) -> list[GateReason]:
        """Its own criteria and targets that do not pass, the worst first."""
        found: list[tuple[Verdict, GateReason]] = []
        for index in self._members(gate):
            criterion = self.plan.criteria[index]
            verdict = self.decisions.criteria[criterion.id]
            if criterion.enforcement != "advisory" and verdict > Verdict.PASS:
                text = self._story(criterion.id, verdict)
                reason = GateReason(kind="criterion", id=criterion.id, verdict=verdict.word, text=text)
                found.append((verdict, reason))
        return [reason for _, reason in sorted(found, key=lambda each: -each[0])]

    def _inherited(self, gate: PlannedGate) -> list[GateReason]:
        """The gates before it that are not simply open."""
        found: list[GateReason] = []
        for index in gate.after:
            before = self.plan.gates[index].id
            state = self.decisions.gates[before].state
            if state is not GateState.OPEN:
                text = f"gate {before} is {state.word.replace('_', ' ')}"
                found.append(GateReason(kind="gate", id=before, verdict=state.word, text=text))
        return found

    def _story(self, criterion: str, verdict: Verdict) -> str:
        """The worst requirements of a criterion, in words; those with the same reason together."""
        told: dict[tuple[str, str], list[str]] = {}
        for each in self.own[criterion]:
            if self.decisions.requirements[each.id] is verdict:
                title, name = self._title(self.asked[each.id].fact)
                reason = self.reason(each)
                names = told.setdefault((title, reason), [])
                names += [name] if name else []
        parts = [
            f"{title}{' (' + ', '.join(names) + ')' if names else ''}: {reason}"
            for (title, reason), names in told.items()
        ]
        return "; ".join(parts) or "no requirement was decided"

    def reason(self, requirement: Requirement) -> str:
        """Why a requirement has its verdict, in words."""
        fact = self.asked[requirement.id].fact
        verdict = self.decisions.requirements[requirement.id]
        return reason_of(requirement, fact, verdict, self.kind_of(fact), self._doubts.get(requirement.id))

    def kind_of(self, fact: Fact) -> str | None:
        """The kind of a fact's measure."""
        measure = measure_of(self.pack, fact.measure)
        return self.pack.measures[measure].kind if measure else None

    def _title(self, fact: Fact) -> tuple[str, str]:
        """The title of a fact's measure, and the field or slice of it that is meant."""
        measure = measure_of(self.pack, fact.measure)
        title = self.pack.measures[measure].title if measure else fact.measure
        name = fact.measure.removeprefix(measure or "").removeprefix(".").replace("_", " ")
        return title, name or (fact.slice if fact.slice not in self.pack.points else "")


def _unapproved(function: str) -> GateReason:
    text = f"these rules are not approved for {function}"
    return GateReason(kind="approval", id=function, verdict="unknown", text=text)


def reason_of(
    requirement: Requirement, fact: Fact, verdict: Verdict, kind: str | None, doubt: str | None = None
) -> str:
    """Why a requirement has its verdict, in words.

    Args:
        requirement: what was asked.
        fact: what answered.
        verdict: of record.
        kind: the kind of the fact's measure.
        doubt: what the two engines say of it, where they differ.
    """
    waiver = requirement.cover.waiver if requirement.cover and verdict is Verdict.WAIVED else None
    if verdict is Verdict.ERROR and fact.status != "error":
        why = fact.reason or misfit(requirement, fact)
        if doubt is None:
            return why or "it could not be decided"
        missed = f"{observed(requirement, fact, kind)}, where {bound_in_words(requirement)} is required"
        return f"{doubt}; {why or missed}"
    if fact.status != "present":
        return f"{fact.reason}; waived by {waiver}" if waiver else fact.reason
    said = observed(requirement, fact, kind)
    if verdict is Verdict.PASS:
        return f"{said}, as required ({bound_in_words(requirement)})"
    if verdict is Verdict.UNKNOWN:  # some of the numbers that it can be hold, and some do not
        said = f"{left_open(fact, kind)}; {found(requirement, fact, kind)}"
    missed = f"{said}, where {bound_in_words(requirement)} is required"
    return f"{missed}; waived by {waiver}" if waiver else missed
