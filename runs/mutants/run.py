"""Mutants of a pack, tried one by one: does any of its cases notice what was changed?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Thread

from phasegate.rules.cases.reasons import Survivor
from phasegate.rules.diagnostics.position import Position
from phasegate.rules.errors import PhasegateError
from phasegate.rules.mutants.mutant import Mutant, mutants_of
from phasegate.rules.mutants.touched import Touched
from phasegate.runs.cases.run import CaseResult, Ground
from phasegate.runs.mutants.again import Again
from phasegate.runs.mutants.alike import Alike
from phasegate.runs.mutants.rests import Rests
from phasegate.runs.mutants.shelf import Shelf
from phasegate.runs.preflight import pack_faults, place_from_here

AT_FIRST = 6
"""So many cases are asked before it is looked which of the others have other rows under a mutant."""
SECONDS = 20.0
"""How long a case may take under a mutant: hundreds of times what cases take."""


@dataclass(frozen=True)
class Tried:
    """What became of a mutant.

    Attributes:
        mutant: the mutant.
        position: the line that is changed.
        touched_by: the names of the cases that rest on what it changes.
        noticed_by: the first of them that came out otherwise than it expects; None where none did.
        overdue: whether that case came to no end in time, which is noticed too.
        why: the reason that somebody has written for its not being noticed.
    """

    mutant: Mutant
    position: Position
    touched_by: tuple[str, ...]
    noticed_by: str | None = None
    overdue: bool = False
    why: str | None = None

    @property
    def survives(self) -> bool:
        """Whether no case noticed it, and nobody says why."""
        return self.noticed_by is None and self.why is None


@dataclass(frozen=True)
class Mutation:
    """What became of all mutants of a pack.

    Attributes:
        tried: each of them, in the order of the pack's sections.
        unfounded: written reasons for mutants that there are not, or that are noticed.
    """

    tried: tuple[Tried, ...]
    unfounded: tuple[Survivor, ...] = ()

    @property
    def survivors(self) -> tuple[Tried, ...]:
        """Those that no case noticed, without a written reason."""
        return tuple(each for each in self.tried if each.survives)

    @property
    def passed(self) -> bool:
        """Whether each was noticed, or survives for a written reason that holds."""
        return not self.survivors and not self.unfounded


def mutate(
    ground: Ground,
    results: Sequence[CaseResult],
    survivors: Iterable[Survivor] = (),
    seconds: float = SECONDS,
    *,
    whole: bool = True,
) -> Mutation:
    """Tries all mutants of a pack.

    Args:
        ground: what the cases were decided by.
        results: the cases, all of which passed.
        survivors: the written reasons for mutants that nothing notices.
        seconds: how long a case may take under a mutant.
        whole: whether these are all cases that there are; of some of them, only mutants that they rest on are
            tried, and no reason is unfounded.
    """
    from phasegate.facts.mutants.rewordings import rewordings

    why = {each.mutant: each for each in survivors}
    trial = _Trial(ground, results, seconds)
    tried = []
    for mutant in mutants_of(ground.rules, rewordings):
        found = trial.of(mutant)
        if found is not None and found.noticed_by is None and mutant.id in why:
            found = replace(found, why=why[mutant.id].why)
        if found is not None and (whole or found.touched_by):
            tried.append(found)
    holding = {each.mutant.id for each in tried if each.why is not None}
    unfounded = tuple(each for name, each in why.items() if whole and name not in holding)
    return Mutation(tuple(tried), unfounded)


class _Trial:
    """All cases, and those among them that rest on what mutants change.

    Args:
        ground: what the cases were decided by.
        results: the cases.
        seconds: how long a case may take under a mutant.
    """

    def __init__(self, ground: Ground, results: Sequence[CaseResult], seconds: float) -> None:
        rests, shelf = Rests(ground.pack), Shelf()
        self._root, self._seconds = ground.root, seconds
        self._cases = [Again(ground, each, rests, shelf) for each in results]
        self._touched: dict[Touched, tuple[tuple[str, ...], list[Again]]] = {}
        self._alike = Alike(ground)

    def of(self, mutant: Mutant) -> Tried | None:
        """What becomes of a mutant; None where lint refuses it, so that it is none."""
        names, cases = self._resting_on(mutant.touched)
        found = Tried(mutant, place_from_here(mutant.position, self._root), names)
        for case in self._asked(mutant, cases):
            try:
                noticed, overdue = _noticed(case, mutant, self._seconds)
            except Exception:
                if _is_refused(mutant):  # nobody promises how rules with a fault are decided
                    return None
                raise
            if noticed:
                # What notices one mutant often notices the next one, too: it is asked first.
                cases.remove(case)
                cases.insert(0, case)
                return replace(found, noticed_by=case.name, overdue=overdue)
        return None if _is_refused(mutant) else found

    def _asked(self, mutant: Mutant, cases: Sequence[Again]) -> Iterator[Again]:
        """The cases that could notice a mutant, one after the other."""
        yield from cases[:AT_FIRST]
        left = cases[AT_FIRST:]
        try:
            alike = self._alike.among(mutant, left)
        except Exception:  # noqa: BLE001 - what can not be read is told of the case that has it
            alike = frozenset()
        yield from (each for each in left if each.name not in alike)

    def _resting_on(self, touched: Touched) -> tuple[tuple[str, ...], list[Again]]:
        """The cases that rest on something: their names, and they, those that notice soonest first."""
        if touched not in self._touched:
            found = [each for each in self._cases if each.is_touched(touched)]
            names = tuple(each.name for each in found)
            found.sort(key=lambda each: (not each.is_named(touched), each.effort))
            self._touched[touched] = names, found
        return self._touched[touched]


def _noticed(case: Again, mutant: Mutant, seconds: float) -> tuple[bool, bool]:
    """Whether a case notices a mutant, and whether that is because it came to no end."""
    try:
        if not (mutant.touched.measures or mutant.touched.sources):
            return case.notices(mutant), False  # nothing is computed that could go on for long
        found = _in_time(lambda: case.notices(mutant), seconds)
    except PhasegateError:
        return True, False
    return (True, True) if found is None else (found, False)


def _in_time(asked: Callable[[], bool], seconds: float) -> bool | None:
    """An answer; None where it did not come in time. What computes it is left behind then."""
    answers: list[bool | BaseException] = []

    def answer() -> None:
        try:
            answers.append(asked())
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            answers.append(error)

    thread = Thread(target=answer, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        return None
    [found] = answers
    if isinstance(found, BaseException):
        raise found
    return found


def _is_refused(mutant: Mutant) -> bool:
    return any(fault.severity == "error" for fault in pack_faults(mutant.loaded, oddities=False))
