"""Why a gate is in another state than in an earlier run.

What its state follows from is exchanged between the two runs one by one, and the gate is decided anew. Of a
gate that opened, all is a cause without which it would not be open; and one that opens because its rules ask
for less says that before all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from phasegate.monitoring.history.exchanged_gates import Edit, GateSearch, Lever, Side, inside
from phasegate.monitoring.history.rests_on import Cause
from phasegate.records.schema import Record
from phasegate.rules.model.verdict import OPEN_STATES, STATE_BY_WORD, GateState


def _opened(states: Sequence[GateState]) -> bool:
    return states[1].word in OPEN_STATES and states[0].word not in OPEN_STATES


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
        gates = self._behind(gate)
        levers = list(dict.fromkeys(lever for each in gates for lever in self._levers(each)))
        causing = GateSearch(before, after, gate, levers, self._edits(levers)).causing()
        found = [said for lever in causing for said in self._said(gates, lever)]
        opened = _opened(states)
        rules = [each for each in found if each.kind == "rule"]
        waivers = [each for each in found if each.kind == "waiver"]
        rest = [each for each in found if each not in rules and each not in waivers]
        ordered = [*rules, *waivers, *rest] if opened else found
        return list(dict.fromkeys(ordered)) or [
            Cause("unexplained", "nothing that was recorded explains it; 'phasegate verify' tells more")
        ]

    def _behind(self, gate: str) -> list[str]:
        """A gate and those that it waits for in either run, as far as both have them; itself first."""
        found = [gate]
        for name in found:  # which grows meanwhile
            waits = (each for side in self._sides for each in side.gates[name]["after"])
            found += [each for each in dict.fromkeys(waits) if each not in found and self._in_both(each)]
        return found

    def _edits(self, levers: Sequence[Lever]) -> list[Edit]:
        """What changed by what somebody may have changed at once.

        A gate's points are one list, and have its targets with them; of one cause all verdicts turn together.
        """
        edits: dict[object, set[Lever]] = {}
        for lever in levers:
            kind, name, _ = lever
            roots: list[object] = [lever]
            if kind in ("point", "target"):
                roots = ["points"]
            elif kind == "verdict":
                roots = [_root(each) for each in self._criteria.get(name, ())] or roots
            for root in roots:
                edits.setdefault(root, set()).add(lever)
        return list(dict.fromkeys(map(frozenset, edits.values())))

    def _levers(self, gate: str) -> Iterator[Lever]:
        """What changed of all that its state follows from, but for the gates before it; the rules first."""
        before, after = self._sides
        old, new = (side.gates[gate] for side in self._sides)
        if old["max_waivers"] != new["max_waivers"]:
            yield "most", gate, gate
        yield from _one_sided("after", old["after"], new["after"], gate)
        yield from _one_sided("point", old["points"], new["points"], gate)
        yield from _one_sided("target", old["targets"], new["targets"], gate)
        for point in dict.fromkeys([*old["points"], *new["points"]]):
            yield from _one_sided("criterion", inside(before, point), inside(after, point))
        members = self._members(gate)
        both = [name for name in members if name in before.criteria and name in after.criteria]
        yield from self._differing("enforcement", both, lambda side, name: side.criteria[name]["enforcement"])
        if before.withheld != after.withheld:
            yield "approval", "", ""
        yield from self._differing(
            "verdict", both, lambda side, name: (side.criteria[name]["verdict"], side.waived.get(name))
        )

    def _members(self, gate: str) -> Mapping[str, None]:
        """The criteria and targets that a gate rests on by itself in either run."""
        found: dict[str, None] = {}
        gates = [side.gates[gate] for side in self._sides]
        for each in gates:
            found |= dict.fromkeys(each["targets"])
        for point in dict.fromkeys(point for each in gates for point in each["points"]):
            for side in self._sides:
                found |= dict.fromkeys(inside(side, point))
        return found

    def _in_both(self, gate: str) -> bool:
        return all(gate in side.gates for side in self._sides)

    def _differing(
        self, kind: str, names: Iterable[str], of: Callable[[Side, str], object]
    ) -> Iterator[Lever]:
        before, after = self._sides
        yield from ((kind, name, "") for name in names if of(before, name) != of(after, name))

    def _said(self, gates: Sequence[str], lever: Lever) -> Iterator[Cause]:
        """What is told of something that changed, and by which gate before the first one it reached that."""
        kind, name, gate = lever
        if not gate:
            gate = next((each for each in gates if name in self._members(each)), gates[0])
        by = ""
        if gate != gates[0]:
            was, is_ = (_words(side.gates[gate]["state"]) for side in self._sides)
            by = f"gate {gate} was {was} and is {is_}: " if was != is_ else f"gate {gate} rests on others: "
        for cause in self._of_lever(kind, name, gate):
            yield cause._replace(said=f"{by}{cause.said}")

    def _of_lever(self, kind: str, name: str, gate: str) -> Iterator[Cause]:
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


def _root(cause: Cause) -> object:
    """What two causes have in common that are one: the day, a table, or what was said of the rules."""
    if cause.kind == "time":
        return "time"
    return (cause.kind, cause.source) if cause.source is not None else (cause.kind, cause.said)


def _one_sided(kind: str, old: Sequence[str], new: Sequence[str], gate: str = "") -> Iterator[Lever]:
    """What one of two lists has alone."""
    yield from ((kind, name, gate) for name in dict.fromkeys([*old, *new]) if (name in old) != (name in new))


def _words(word: str) -> str:
    return word.replace("_", " ")


def _most(count: int | None) -> str:
    return (
        "any number of waivers" if count is None else f"{count:,} waiver{'s' if count != 1 else ''} at most"
    )
