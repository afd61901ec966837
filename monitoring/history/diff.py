"""What two runs decided otherwise, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from phasegate.monitoring.history.causes import causes
from phasegate.monitoring.history.exchanged import DecidedRequirement
from phasegate.monitoring.history.gate_causes import GateCauses
from phasegate.monitoring.history.rests_on import Cause, of_measure
from phasegate.records.alternatives import choice_of
from phasegate.records.editions import edition_of
from phasegate.records.schema import CriterionEntry, Record, RequirementEntry


@dataclass(frozen=True, slots=True)
class RequirementChange:
    """A requirement with another verdict; None on the side of a run that did not ask for it."""

    id: str
    before: RequirementEntry | None
    after: RequirementEntry | None
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """A criterion or target with another verdict, or of which a requirement has one.

    Attributes:
        id, text: those of the criterion.
        before, after: its verdicts; None where a run did not decide it.
        requirements: those of its requirements that changed.
        causes: why it changed, beyond what its requirements say.
        deciding: those of its requirements for which its own verdict is another one.
    """

    id: str
    text: str
    before: str | None
    after: str | None
    requirements: tuple[RequirementChange, ...]
    causes: tuple[Cause, ...] = ()
    deciding: tuple[RequirementChange, ...] = ()

    @property
    def own_causes(self) -> list[Cause]:
        """Why its own verdict is another one."""
        inner = (cause for each in self.deciding for cause in each.causes)
        return list(dict.fromkeys([*self.causes, *inner]))


@dataclass(frozen=True, slots=True)
class GateChange:
    """A gate in another state; None where a run did not decide it.

    Attributes:
        id, title: those of the gate.
        before, after: its states.
        causes: why, the rules first where they opened it.
    """

    id: str
    title: str
    before: str | None
    after: str | None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What two runs decided otherwise.

    Attributes:
        gates: in the order of the later run.
        criteria: likewise.
        narrower: whether one of the runs decided a part alone, so that only what both did is compared.
    """

    gates: tuple[GateChange, ...]
    criteria: tuple[CriterionChange, ...]
    narrower: bool

    @property
    def same(self) -> bool:
        """Whether nothing was decided otherwise."""
        return not self.gates and not self.criteria


def difference(before: Record, after: Record) -> Difference:
    """Holds two records against each other.

    Args:
        before: the one.
        after: the other, whose words and order are shown.
    """
    narrower = (before["kind"], before["scope"]) != (after["kind"], after["scope"])
    criteria = tuple(_criteria(_Side(before), _Side(after), narrower))
    why = {each.id: each.own_causes for each in criteria}
    return Difference(tuple(_gates(before, after, narrower, why)), criteria, narrower)


class _Side:
    """One of the two runs."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._facts = {each["id"]: each for each in record["facts"]}
        self.criteria = {each["id"]: each for each in record["criteria"]}
        self.requirements = {each["id"]: each for each in record["requirements"]}

    def slice_of(self, requirement: RequirementEntry) -> tuple[str, str]:
        """The slice that a requirement is about, and the measure."""
        fact = self._facts[requirement["fact"]]
        return fact["slice"], fact["measure"]

    def lacks(self, measure: str) -> bool:
        """Whether a measure as a whole could not be measured, so that its slices are not known."""
        return self._facts[measure]["status"] == "error"

    def asked(self, requirement: RequirementEntry) -> DecidedRequirement:
        """A requirement with all that its verdict followed from."""
        enforcement = self.criteria[requirement["criterion"]]["enforcement"]
        return DecidedRequirement(self.record, requirement, self._facts[requirement["fact"]], enforcement)


def _gates(
    before: Record, after: Record, narrower: bool, criteria: Mapping[str, Sequence[Cause]]
) -> Iterator[GateChange]:
    causes_of = GateCauses(before, after, criteria)
    then, now = ({each["id"]: each for each in record["gates"]} for record in (before, after))
    for name, gate in {**now, **{name: gate for name, gate in then.items() if name not in now}}.items():
        states = [each[name]["state"] if name in each else None for each in (then, now)]
        if states[0] != states[1] and not (narrower and None in states):
            yield GateChange(name, gate["title"], states[0], states[1], causes_of.of(name))


def _criteria(before: _Side, after: _Side, narrower: bool) -> Iterator[CriterionChange]:
    gone = {name: each for name, each in before.criteria.items() if name not in after.criteria}
    for name, shown in {**after.criteria, **gone}.items():
        then, now = before.criteria.get(name), after.criteria.get(name)
        if narrower and (then is None or now is None):
            continue
        verdicts = [each["verdict"] if each else None for each in (then, now)]
        changed = tuple(_requirements(before, after, then, now))
        if verdicts[0] == verdicts[1] and not any(_decided(each) for each in changed):
            continue
        why = () if changed else tuple(_by_itself(then, now))
        deciding = tuple(_deciding(before, after, name, changed))
        yield CriterionChange(name, shown["text"], verdicts[0], verdicts[1], changed, why, deciding)


def _deciding(
    before: _Side, after: _Side, criterion: str, changes: Sequence[RequirementChange]
) -> Sequence[RequirementChange]:
    """The requirements that restore the verdict of a criterion, put back alone, or bring it, made alone."""
    if len(changes) < 2 or not all(_decided(each) for each in changes):
        return changes
    sides = before, after
    verdicts = [side.criteria[criterion]["verdict"] for side in sides]

    def alone(change: RequirementChange, side: _Side, other: _Side) -> str:
        asked = [side.requirements[each] for each in side.criteria[criterion]["requirements"]]
        taken = other.requirements[change.id]["verdict"]
        mixed: list[RequirementEntry] = [
            {**each, "verdict": taken} if each["id"] == change.id else each for each in asked
        ]
        return choice_of(mixed, edition_of(side.record).alternatives).verdict

    found = [
        each
        for each in changes
        if alone(each, after, before) == verdicts[0] or alone(each, before, after) == verdicts[1]
    ]
    return found or changes


def _by_itself(then: CriterionEntry | None, now: CriterionEntry | None) -> Iterator[Cause]:
    """Why a criterion is decided otherwise although no requirement of it is."""
    if then is None or now is None:
        yield Cause("rule", f"it is new, at {now['at']}" if now else "it is no longer there")
    else:
        yield Cause("rule", f"what it asks for is put together in another way, at {now['at']}")


def _requirements(
    before: _Side, after: _Side, then: CriterionEntry | None, now: CriterionEntry | None
) -> Iterator[RequirementChange]:
    if then is None or now is None:  # the criterion as a whole came or went
        return
    for name in dict.fromkeys([*now["requirements"], *then["requirements"]]):
        old, new = before.requirements.get(name), after.requirements.get(name)
        if old is None:
            why = _one_sided(after.requirements[name], after, before)
            yield RequirementChange(name, old, new, why)
        elif new is None:
            yield RequirementChange(name, old, new, _one_sided(old, before, after, gone=True))
        elif old["verdict"] != new["verdict"]:
            yield RequirementChange(name, old, new, causes(before.asked(old), after.asked(new)))


def _one_sided(
    requirement: RequirementEntry, here: _Side, there: _Side, *, gone: bool = False
) -> tuple[Cause, ...]:
    """Why one run asks for something that the other does not: a slice that came or went, or the rule.

    Args:
        requirement: what is asked for.
        here: the run that asks for it.
        there: the other one.
        gone: whether that is the later one.
    """
    name, measure = here.slice_of(requirement)
    others = [each for each in there.requirements.values() if each["criterion"] == requirement["criterion"]]
    slices = [there.slice_of(each) for each in others]
    if any(slice_ != name and asked == measure for slice_, asked in slices):
        sliced = name and ("", measure) not in slices
        lacks = not sliced and (there if name else here).lacks(measure)
        if sliced:
            said = f"no rows are of {name} any more" if gone else f"rows are of {name} now"
        elif bool(name) is gone:  # it is one fact now
            said = "its slices are not known" if lacks else "it has no slices"
        else:
            said = "its slices are known" if lacks else "it has slices"
        then, now = (here, there) if gone else (there, here)
        behind = of_measure(then.record, now.record, measure)
        if sliced and len(behind) == 1 and behind[0].kind == "data":
            return (Cause("data", said, behind[0].source),)
        told = [cause._replace(said=f"{said}: {cause.said}") for cause in behind]
        return tuple(told) or (Cause("unexplained", said),)
    said = "it is no longer asked for" if gone else f"it is asked for now, at {requirement['at']}"
    return (Cause("rule", said),)


def _decided(change: RequirementChange) -> bool:
    """Whether both runs decided a requirement, and otherwise."""
    return change.before is not None and change.after is not None
