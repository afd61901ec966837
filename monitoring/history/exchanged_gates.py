"""A gate decided anew with some of what it follows from as one run has it, and all else as the other.

What a gate waits for is decided anew with it: its state follows from the same things.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from phasegate.engine.reference import gate_state, own_state, worst
from phasegate.records.alternatives import choice_of
from phasegate.records.editions import edition_of
from phasegate.records.schema import CriterionEntry, GateEntry, PointEntry, Record
from phasegate.rules.model.verdict import BY_WORD, OPEN_STATES, STATE_BY_WORD, GateState, Verdict

Lever = tuple[str, str, str]
"""What a gate's state follows from: a kind, the id that it is about, and of what is said of a gate, which."""
Edit = frozenset[Lever]
"""What somebody may have changed at once."""
_MOST_PAIRS = 60
"""So many edits are tried by two."""


class Side:
    """One run's gates with what they follow from.

    Args:
        record: of the run.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.gates: dict[str, GateEntry] = {each["id"]: each for each in record["gates"]}
        self.points: dict[str, PointEntry] = {each["id"]: each for each in record["points"]}
        self.criteria: dict[str, CriterionEntry] = {each["id"]: each for each in record["criteria"]}

    @cached_property
    def withheld(self) -> bool:
        """Whether no gate opens because nobody approved the rules."""
        return self.record["kind"] == "gate" and bool(self.record["approval"]["missing"])

    @cached_property
    def waived(self) -> dict[str, frozenset[str]]:
        """The waived requirements that each waived criterion rests on."""
        order = edition_of(self.record).alternatives
        inside: dict[str, list[str]] = {}
        by_id = {each["id"]: each for each in self.record["requirements"]}
        for name, criterion in self.criteria.items():
            if criterion["verdict"] == Verdict.WAIVED.word:
                deciding = choice_of([by_id[each] for each in criterion["requirements"]], order).deciding
                inside[name] = [each["id"] for each in deciding if each["verdict"] == Verdict.WAIVED.word]
        return {name: frozenset(each) for name, each in inside.items()}


@dataclass(frozen=True)
class _World:
    """Gates with some things as they were, and all others as they are."""

    before: Side
    after: Side
    back: frozenset[Lever]
    known: dict[str, tuple[GateState | None, frozenset[str]]] = field(default_factory=dict)

    def side(self, kind: str, name: str = "", gate: str = "") -> Side:
        return self.before if (kind, name, gate) in self.back else self.after

    def _both(self, of: Callable[[Side], Sequence[str]]) -> list[str]:
        return list(dict.fromkeys([*of(self.after), *of(self.before)]))

    def _members(self, kind: str, of: Callable[[Side], Sequence[str]], gate: str = "") -> list[str]:
        """What is a member by the side that each of them is taken from."""
        return [name for name in self._both(of) if name in of(self.side(kind, name, gate))]

    def _criterion(self, name: str) -> tuple[Verdict, frozenset[str]] | None:
        """Verdict and waived requirements of a criterion; None where it is advisory."""
        enforced = self._of("enforcement", name)
        if enforced.criteria[name]["enforcement"] == "advisory":
            return None
        decided = self._of("verdict", name)
        return BY_WORD[decided.criteria[name]["verdict"]], decided.waived.get(name, frozenset())

    def _of(self, kind: str, name: str) -> Side:
        """The side that says something of a criterion; the other one where the one has it not."""
        side = self.side(kind, name)
        return side if name in side.criteria else (self.after if side is self.before else self.before)

    def state(self, gate: str) -> GateState | None:
        """A gate's state; None where no rules of either run say which points it has."""
        return self._settled(gate)[0]

    def _settled(self, gate: str) -> tuple[GateState | None, frozenset[str]]:
        """A gate's state, and the waived requirements that it rests on."""
        if gate not in self.known:
            side = self.after if gate in self.after.gates else self.before
            recorded = side.gates[gate]
            # What a forged record has waiting for itself, and a gate of one run alone, is as it was recorded.
            self.known[gate] = STATE_BY_WORD[recorded["state"]], frozenset(recorded["waivers"])
            if gate in self.before.gates and gate in self.after.gates:
                self.known[gate] = self._decided(gate)
        return self.known[gate]

    def _decided(self, gate: str) -> tuple[GateState | None, frozenset[str]]:
        reached: list[Verdict] = []
        binding: list[tuple[Verdict, frozenset[str]]] = []
        points = self._members("point", lambda side: side.gates[gate]["points"], gate)
        if not points and all(side.gates[gate]["points"] for side in (self.before, self.after)):
            return None, frozenset()
        for point in points:
            within = self._members(
                "criterion",
                lambda side, point=point: inside(side, point),  # type: ignore[misc]
            )
            found = [each for name in within if (each := self._criterion(name)) is not None]
            reached.append(worst(verdict for verdict, _ in found))
            binding += found
        targets = self._members("target", lambda side: side.gates[gate]["targets"], gate)
        found = [each for name in targets if (each := self._criterion(name)) is not None]
        binding += found
        reached += [verdict for verdict, _ in found]
        own = own_state(worst(reached), bool(points and binding))
        waived = frozenset[str]().union(*(each for _, each in binding))
        before: list[GateState] = []
        for name in self._members("after", lambda side: side.gates[gate]["after"], gate):
            state, inherited = self._settled(name)
            if state is None:
                return None, frozenset()
            before.append(state)
            waived |= inherited
        most = self.side("most", gate, gate).gates[gate]["max_waivers"]
        found_state = gate_state(own, before, len(waived), most)
        withheld = self.side("approval").withheld
        return (max(found_state, GateState.UNDECIDED) if withheld else found_state), waived


def inside(side: Side, point: str) -> Sequence[str]:
    """The criteria of a point; none of one that is not there."""
    return side.points[point]["criteria"] if point in side.points else ()


class GateSearch:
    """Finds which of the things that changed are why a gate is in another state.

    Args:
        before, after: the runs.
        gate: the gate's id.
        levers: what changed of all that its state follows from.
        edits: the same by what may have been changed at once.
    """

    def __init__(
        self, before: Side, after: Side, gate: str, levers: Sequence[Lever], edits: Sequence[Edit]
    ) -> None:
        self._sides, self._gate, self._levers, self._edits = (before, after), gate, levers, edits
        self._states = [STATE_BY_WORD[side.gates[gate]["state"]] for side in self._sides]
        self._opened = self._states[1].word in OPEN_STATES and self._states[0].word not in OPEN_STATES

    def causing(self) -> list[Lever]:
        """The smallest sets of edits that restore its state, put back, or bring it, made alone."""
        if not self._decides(frozenset(self._levers)):
            return []
        edits = self._edits
        if single := [each for each in edits if self._decides(each)]:
            return self._needed(single)
        if len(edits) <= _MOST_PAIRS:
            pairs = [(one, two) for place, one in enumerate(edits) for two in edits[place + 1 :]]
            if found := [pair for pair in pairs if self._decides(pair[0] | pair[1])]:
                return self._needed(list(dict.fromkeys(each for pair in found for each in pair)))
        left = list(edits)  # what is left once nothing more can be left out
        for each in edits:
            fewer = [other for other in left if other is not each]
            if self._decides(Edit().union(*fewer)):
                left = fewer
        return self._needed(left)

    def _decides(self, some: Edit) -> bool:
        put_back = _World(*self._sides, some).state(self._gate)
        if put_back is self._states[0]:
            return True
        if self._opened and put_back is not None and put_back.word not in OPEN_STATES:
            return True
        made = _World(*self._sides, frozenset(self._levers) - some).state(self._gate)
        return made is self._states[1]

    def _needed(self, edits: Sequence[Edit]) -> list[Lever]:
        """What is told of edits: of each what would do it alone, or else what it takes of it."""
        causing: set[Lever] = set()
        for edit in edits:
            needed = {each for each in edit if self._decides(frozenset([each]))}
            if not needed and self._decides(edit):
                needed = {*edit}
                for lever in self._levers:
                    if self._decides(frozenset(needed - {lever})):
                        needed.discard(lever)
            causing |= needed or edit
        return [each for each in self._levers if each in causing]
