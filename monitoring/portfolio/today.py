"""How the gates of a project stand on a day, by the newest runs that decided them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from phasegate.engine.reference import gate_state, own_state, worst
from phasegate.monitoring.portfolio.carried import Carried, Decided, carried
from phasegate.monitoring.portfolio.model import EndsNext, GateRow
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.records.overdue import PhaseEnd, phase_ends
from phasegate.records.schema import GateEntry, Record, Score
from phasegate.rules.model.verdict import STATE_BY_WORD, GateState, Verdict


class Today:
    """How gates stand on a day.

    A criterion is as the newest run says that decided it, and a gate as the newest one that decided the
    gate. Where a criterion of it is worse by a newer run, or by what has ended since, the gate is too.

    Args:
        decided: what the newest runs decided, the newest first.
        day: the day.
        max_age: so many days old may be what opens a gate.
        undecided: why no gate is open whatever was decided, in sentences.
    """

    def __init__(
        self, decided: Sequence[Decided], day: dt.date, max_age: int, undecided: Iterable[str] = ()
    ) -> None:
        self._decided, self._day, self._max_age = decided, day, max_age
        self.undecided = tuple(undecided)
        self._criteria: dict[str, Carried] = {}
        self._newest: dict[str, tuple[Decided, GateEntry]] = {}
        for each in decided:
            for criterion in carried(each, day):
                self._criteria.setdefault(criterion.id, criterion)
            for gate in each.record["gates"]:
                self._newest.setdefault(gate["id"], (each, gate))
        self._states: dict[str, GateState] = {}
        order = dict.fromkeys(gate["id"] for each in reversed(decided) for gate in each.record["gates"])
        for name in order:
            self._state(name, ())
        self._phases = {end.gate: end for end in self._phase_ends()}
        self.gates = tuple(self._row(name) for name in order)

    def standing(self, gate: str | None) -> Standing:
        """That of a gate, or the worst of all that was decided.

        An error among what it rests on makes it one, unless it is closed whatever becomes of that.

        Args:
            gate: the gate's id; None for all of it. Of one that no run decided nothing is known.
        """
        found = self._state_of(gate)
        if found is not Standing.CLOSED and self._named(gate, Verdict.ERROR):
            return Standing.ERROR
        return found

    def _state_of(self, gate: str | None) -> Standing:
        if gate is not None:
            return Standing(self._states[gate]) if gate in self._states else self._unheard_of()
        binding = self._binding(self._criteria)
        own = worst(binding).gate_state if binding else GateState.UNDECIDED
        old = any(self._old(each.decided) for each in self._criteria.values())
        withheld = bool(self.undecided) or old or self._parts_alone
        states = [own, *self._states.values(), *([GateState.UNDECIDED] if withheld else [])]
        return Standing(max(states))

    def why(self, gate: str | None) -> list[str]:
        """Why a gate, or all of it, is not simply open, in sentences."""
        found = list(self.undecided)
        if gate is None and self._decided and self._parts_alone:
            found.append("no run decided a gate, or all that there is: some ids alone were checked")
        if gate is not None and gate not in self._states:
            known = ", ".join(self._states) or "none"
            found.append(f"no run decided gate {gate}; those that were decided: {known}")
        rows = [each for each in self.gates if gate in (None, each.id)]
        found += dict.fromkeys(each for row in rows for each in row.why)
        if not rows:
            old = (self._old(each.decided) for each in self._criteria.values())
            found += dict.fromkeys(each for each in old if each is not None)
            found += [each.changed for each in self._criteria.values() if each.counts and each.changed]
        for verdict in (Verdict.FAIL, Verdict.ERROR):
            found += [f"{name}: {verdict.word}" for name in self._named(gate, verdict)]
        return found

    def counts(self, gate: str | None) -> dict[str, int]:
        """How many of the criteria that a gate rests on have which verdict; of all where it is None."""
        verdicts = self._binding(self._under(gate))
        return {each.word: verdicts.count(each) for each in sorted({*verdicts}, reverse=True)}

    def score(self, gate: str | None) -> Score:
        """That of a gate by itself, or of all of it."""
        return _score(self._binding(self._criteria if gate is None else self._members(gate)))

    def ends_next(self) -> EndsNext | None:
        """What ends first after the day: evidence, a statement, or the weeks of a phase."""
        found = [
            EndsNext(end.day, "phase", end.gate, end.title, (end.gate,)) for end in self._phases.values()
        ]
        for decided in self._decided:
            titles = _titles(decided.record)
            for each in decided.endings:
                if any(self._criteria[name].decided is decided for name in each.criteria):
                    title = titles.get((each.kind, each.id), each.id)
                    found.append(EndsNext(each.day, each.kind, each.id, title, each.gates))
        coming = (each for each in found if each.day > self._day)
        return min(coming, key=lambda each: (each.day, each.kind, each.id), default=None)

    def _unheard_of(self) -> Standing:
        """That of a gate that no run decided: an error where one decided all that there are."""
        return Standing.ERROR if self._whole else Standing.UNDECIDED

    @property
    def _whole(self) -> bool:
        """Whether a run decided all that there is."""
        return any(each.record["kind"] == "check" and not each.record["scope"] for each in self._decided)

    @property
    def _parts_alone(self) -> bool:
        """Whether nothing but some ids was decided: whoever picks those that pass opens nothing."""
        return not self._states and not self._whole

    def _row(self, name: str) -> GateRow:
        decided, gate = self._newest[name]
        old = self._old(decided)
        members = self._under(name)
        changed = [
            each.changed
            for each in self._criteria.values()
            if each.id in members and each.counts and each.changed
        ]
        end = self._phases.get(name)
        return GateRow(
            id=name,
            title=gate["title"],
            standing=Standing(self._states[name]),
            decided=gate["state"],
            run=decided.run,
            as_of=decided.record["as_of"],
            score=self.score(name),
            overdue_days=end.days(self._day) if end is not None else 0,
            why=(*([old] if old is not None else []), *changed),
        )

    def _state(self, name: str, within: Collection[str]) -> GateState:
        """The state of a gate, whose earlier gates may have been decided by other runs."""
        if name not in self._newest or name in within:
            return GateState.UNDECIDED
        if name not in self._states:
            decided, gate = self._newest[name]
            points = {each["id"]: each["criteria"] for each in decided.record["points"]}
            inside = [self._binding(points.get(each, ())) for each in gate["points"]]
            targets = self._binding(gate["targets"])
            rests = bool(inside) and any([*inside, targets])
            own = own_state(worst([*map(worst, inside), *targets]), rests)
            before = [self._state(each, (*within, name)) for each in gate["after"]]
            now = gate_state(own, before, len(gate["waivers"]), gate["max_waivers"])
            then = STATE_BY_WORD.get(gate["state"], GateState.UNDECIDED)
            withheld = bool(self.undecided) or self._old(decided) is not None
            self._states[name] = max(then, now, GateState.UNDECIDED if withheld else GateState.OPEN)
        return self._states[name]

    def _old(self, decided: Decided) -> str | None:
        """That a run is too old to open a gate, in a sentence; None where it is not."""
        as_of = decided.record["as_of"]
        days = (self._day - dt.date.fromisoformat(as_of)).days
        if days <= self._max_age:
            return None
        return f"run {decided.run} is of {as_of}, {days:,} days ago, and at most {self._max_age:,} count"

    def _members(self, gate: str) -> list[str]:
        """The criteria of a gate by itself."""
        if gate not in self._newest:
            return []
        decided, found = self._newest[gate]
        points = {each["id"]: each["criteria"] for each in decided.record["points"]}
        return [*(name for point in found["points"] for name in points.get(point, ())), *found["targets"]]

    def _under(self, gate: str | None) -> Collection[str]:
        """The criteria that a gate rests on, by itself or by those before it; all where it is None."""
        if gate is None:
            return self._criteria
        found: dict[str, None] = {}
        waiting, seen = [gate], {gate}
        while waiting:
            name = waiting.pop()
            found |= dict.fromkeys(self._members(name))
            after = self._newest[name][1]["after"] if name in self._newest else ()
            waiting += [each for each in after if each not in seen]
            seen |= {*after}
        return found

    def _binding(self, names: Iterable[str]) -> list[Verdict]:
        """The verdicts of the criteria among some that count."""
        return [self._criteria[name].verdict for name in names if self._criteria[name].counts]

    def _named(self, gate: str | None, verdict: Verdict) -> list[str]:
        """The criteria that count and have a verdict, of those that a gate rests on."""
        found = [self._criteria[name] for name in self._under(gate)]
        return [each.id for each in found if each.counts and each.verdict is verdict]

    def _phase_ends(self) -> Iterable[PhaseEnd]:
        """The phases whose gates are not open on the day, with the end of their weeks."""
        for decided in self._decided:
            own = [gate for each, gate in self._newest.values() if each is decided]
            today: list[GateEntry] = [{**each, "state": self._states[each["id"]].word} for each in own]
            record: Record = {**decided.record, "gates": today}
            yield from phase_ends(record, decided.weeks(record))


def _score(verdicts: Sequence[Verdict]) -> Score:
    passing = verdicts.count(Verdict.PASS)
    return Score(
        apply=len(verdicts) - verdicts.count(Verdict.NOT_APPLICABLE),
        passing=passing,
        passing_with_waivers=passing + verdicts.count(Verdict.WAIVED),
    )


def _titles(record: Record) -> dict[tuple[str, str], str]:
    """What each piece of evidence and each statement is called, by its kind and id."""
    return {
        **{("evidence", each["id"]): each["title"] for each in record["facts"]},
        **{("waiver", each["id"]): each["why"] for each in record["waivers"]},
        **{("attestation", each["id"]): each["statement"] for each in record["attestations"]},
    }
