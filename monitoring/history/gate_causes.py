"""Why a gate is in another state than in an earlier run.

What its state follows from is exchanged between the two runs one by one, and the gate is decided anew. Of a
gate that opened, all is a cause without which it would not be open; and one that opens because its rules ask
for less says that before all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from phasegate.engine.reference import gate_state, own_state, worst
from phasegate.monitoring.history.rests_on import Cause
from phasegate.records.alternatives import choice_of
from phasegate.records.editions import edition_of
from phasegate.records.schema import CriterionEntry, GateEntry, PointEntry, Record
from phasegate.rules.model.verdict import BY_WORD, OPEN_STATES, STATE_BY_WORD, GateState, Verdict

Lever = tuple[str, str]
"""What a gate's state follows from: a kind, and the id that it is about."""
_MOST_PAIRS = 60
"""So many things that changed are tried by two."""


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
    """A gate with some things as they were, and all others as they are."""

    before: Side
    after: Side
    gate: str
    back: frozenset[Lever]

    def side(self, kind: str, name: str = "") -> Side:
        return self.before if (kind, name) in self.back else self.after

    def _both(self, of: Callable[[Side], Sequence[str]]) -> list[str]:
        return list(dict.fromkeys([*of(self.after), *of(self.before)]))

    def _members(self, kind: str, of: Callable[[Side], Sequence[str]]) -> list[str]:
        """What is a member by the side that each of them is taken from."""
        return [name for name in self._both(of) if name in of(self.side(kind, name))]

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

    def state(self) -> GateState | None:
        """The gate's state; None of one without a point where neither run has it so: no rules say that."""
        gate = self.gate
        reached: list[Verdict] = []
        binding: list[tuple[Verdict, frozenset[str]]] = []
        points = self._members("point", lambda side: side.gates[gate]["points"])
        if not points and all(side.gates[gate]["points"] for side in (self.before, self.after)):
            return None
        for point in points:
            inside = self._members(
                "criterion",
                lambda side, point=point: _inside(side, point),  # type: ignore[misc]
            )
            found = [each for name in inside if (each := self._criterion(name)) is not None]
            reached.append(worst(verdict for verdict, _ in found))
            binding += found
        targets = self._members("target", lambda side: side.gates[gate]["targets"])
        found = [each for name in targets if (each := self._criterion(name)) is not None]
        binding += found
        reached += [verdict for verdict, _ in found]
        own = own_state(worst(reached), bool(points and binding))
        waived = frozenset[str]().union(*(each for _, each in binding))
        before: list[GateState] = []
        for name in self._members("after", lambda side: side.gates[gate]["after"]):
            side = self.side("gate", name)
            side = side if name in side.gates else (self.after if name in self.after.gates else self.before)
            before.append(STATE_BY_WORD[side.gates[name]["state"]])
            waived |= {*side.gates[name]["waivers"]}
        most = self.side("most", gate).gates[gate]["max_waivers"]
        state = gate_state(own, before, len(waived), most)
        withheld = self.side("approval").withheld
        return max(state, GateState.UNDECIDED) if withheld else state


def _opened(states: Sequence[GateState]) -> bool:
    return states[1].word in OPEN_STATES and states[0].word not in OPEN_STATES


def _inside(side: Side, point: str) -> Sequence[str]:
    return side.points[point]["criteria"] if point in side.points else ()


class GateCauses:
    """Finds why gates are in other states.

    Args:
        before, after: the records of both runs.
        criteria: why each criterion is decided otherwise, by its id.
    """

    def __init__(self, before: Record, after: Record, criteria: Mapping[str, Sequence[Cause]]) -> None:
        self._sides = Side(before), Side(after)
        self._criteria = criteria
        self._known: dict[str, tuple[Cause, ...]] = {}
        self._roots: dict[str, set[Cause]] = {}  # why, without the gates by which it reached one

    def of(self, gate: str) -> tuple[Cause, ...]:
        """Why a gate is in another state, the rules first; nothing where it is not.

        Args:
            gate: its id.
        """
        if gate not in self._known:
            self._known[gate] = tuple(self._found(gate))
        return self._known[gate]

    def _found(self, gate: str) -> list[Cause]:
        before, after = self._sides
        if gate not in before.gates or gate not in after.gates:
            there = gate in after.gates
            return [Cause("rule", f"gate {gate} is {'new' if there else 'no longer there'}")]
        states = [STATE_BY_WORD[side.gates[gate]["state"]] for side in self._sides]
        if states[0] == states[1]:
            return []
        levers = list(dict.fromkeys(self._levers(gate)))
        causing = self._causing(gate, levers, states)
        found: list[Cause] = []
        roots = self._roots.setdefault(gate, set())
        for kind, name in causing:
            said = [*self._said(gate, kind, name)]
            further = self._roots.get(name, set()) if kind == "gate" else {*said}
            if kind != "gate" or not further or not further <= roots:  # else all of it is told
                found += said
            roots |= further
        opened = _opened(states)
        rules = [each for each in found if each.kind == "rule"]
        waivers = [each for each in found if each.kind == "waiver"]
        rest = [each for each in found if each not in rules and each not in waivers]
        ordered = [*rules, *waivers, *rest] if opened else found
        return list(dict.fromkeys(ordered)) or [
            Cause("unexplained", "nothing that was recorded explains it; 'phasegate verify' tells more")
        ]

    def _causing(self, gate: str, levers: Sequence[Lever], states: Sequence[GateState]) -> list[Lever]:
        """The smallest sets of what changed that restore its state, put back, or bring it, made alone."""
        every = frozenset(levers)
        opened = _opened(states)

        def decides(some: frozenset[Lever]) -> bool:
            put_back = _World(*self._sides, gate, some).state()
            shut = opened and put_back is not None and put_back.word not in OPEN_STATES
            restored = put_back is states[0] or shut
            return restored or _World(*self._sides, gate, every - some).state() is states[1]

        if not decides(every):
            return []
        if single := [each for each in levers if decides(frozenset([each]))]:
            return single
        if len(levers) <= _MOST_PAIRS:
            pairs = [(one, two) for place, one in enumerate(levers) for two in levers[place + 1 :]]
            if found := [pair for pair in pairs if decides(frozenset(pair))]:
                return list(dict.fromkeys(each for pair in found for each in pair))
        needed = list(levers)  # what is left once nothing more can be left out
        for each in levers:
            fewer = frozenset(needed) - {each}
            if decides(fewer):
                needed.remove(each)
        return needed

    def _levers(self, gate: str) -> Iterator[Lever]:
        """What changed of all that its state follows from; the rules first."""
        before, after = self._sides
        old, new = (side.gates[gate] for side in self._sides)
        if old["max_waivers"] != new["max_waivers"]:
            yield "most", gate
        yield from _one_sided("after", old["after"], new["after"])
        yield from _one_sided("point", old["points"], new["points"])
        yield from _one_sided("target", old["targets"], new["targets"])
        members = dict.fromkeys([*old["targets"], *new["targets"]])
        for point in dict.fromkeys([*old["points"], *new["points"]]):
            inside = [_inside(side, point) for side in self._sides]
            members |= dict.fromkeys([*inside[0], *inside[1]])
            yield from _one_sided("criterion", *inside)
        both = [name for name in members if name in before.criteria and name in after.criteria]
        yield from self._differing("enforcement", both, lambda side, name: side.criteria[name]["enforcement"])
        if before.withheld != after.withheld:
            yield "approval", ""
        yield from self._differing(
            "verdict", both, lambda side, name: (side.criteria[name]["verdict"], side.waived.get(name))
        )
        gates = [each for each in dict.fromkeys([*old["after"], *new["after"]]) if self._in_both(each)]
        yield from self._differing(
            "gate", gates, lambda side, name: (side.gates[name]["state"], side.gates[name]["waivers"])
        )

    def _in_both(self, gate: str) -> bool:
        return all(gate in side.gates for side in self._sides)

    def _differing(
        self, kind: str, names: Iterable[str], of: Callable[[Side, str], object]
    ) -> Iterator[Lever]:
        before, after = self._sides
        yield from ((kind, name) for name in names if of(before, name) != of(after, name))

    def _said(self, gate: str, kind: str, name: str) -> Iterator[Cause]:
        before, after = self._sides
        old, new = before.gates[gate], after.gates[gate]
        match kind:
            case "most":
                was, is_ = (_most(each["max_waivers"]) for each in (old, new))
                yield Cause("rule", f"it takes {is_}, and took {was}")
            case "after":
                waits = "waits for" if name in new["after"] else "no longer waits for"
                yield Cause("rule", f"it {waits} gate {name}")
            case "point":
                asks = "asks for" if name in new["points"] else "no longer asks for"
                yield Cause("rule", f"it {asks} point {name}")
            case "target":
                asks = "asks for" if name in new["targets"] else "no longer asks for"
                yield Cause("rule", f"it {asks} target {name}")
            case "criterion":
                said = "is new" if name in after.criteria else "is no longer there"
                yield Cause("rule", f"criterion {name} {said}")
            case "enforcement":
                was, is_ = (side.criteria[name]["enforcement"] for side in self._sides)
                yield Cause("rule", f"criterion {name} is {is_}, and was {was}")
            case "approval":
                missing = ", ".join(after.record["approval"]["missing"])
                told = f"the rules are not approved for {missing}" if missing else "the rules are approved"
                yield Cause("approval", told)
            case "verdict":
                was, is_ = (_words(side.criteria[name]["verdict"]) for side in self._sides)
                for cause in self._criteria.get(name, ()):
                    yield cause._replace(said=f"{name} was {was} and is {is_}: {cause.said}")
            case "gate":
                was, is_ = (_words(side.gates[name]["state"]) for side in self._sides)
                turned = (
                    f"gate {name} was {was} and is {is_}" if was != is_ else f"gate {name} rests on others"
                )
                for cause in self.of(name) or [Cause("waiver", "its waivers")]:
                    yield cause._replace(said=f"{turned}: {cause.said}")


def _one_sided(kind: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Lever]:
    """What one of two lists has alone."""
    yield from ((kind, name) for name in dict.fromkeys([*old, *new]) if (name in old) != (name in new))


def _words(word: str) -> str:
    return word.replace("_", " ")


def _most(count: int | None) -> str:
    return (
        "any number of waivers" if count is None else f"{count:,} waiver{'s' if count != 1 else ''} at most"
    )
