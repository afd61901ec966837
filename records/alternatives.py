"""Requirements of a record with their alternatives, read as the tree that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from phasegate.records.schema import RequirementEntry
from phasegate.rules.model.verdict import WORST_FIRST, Verdict

_DEEPEST = 64
"""So many alternatives within each other are read; a record has no more."""


class Choice(NamedTuple):
    """What an ``any_of`` and the requirements beside it come to.

    Attributes:
        verdict: of all of it.
        deciding: the requirements beside the alternatives, and those of the alternatives that count.
        counted: which alternatives those are, by number.
        best: the verdict of those alternatives.
        size: how many alternatives there are.
    """

    verdict: str
    deciding: list[RequirementEntry]
    counted: list[str]
    best: str
    size: int


def choice_of(
    requirements: Sequence[RequirementEntry],
    order: Sequence[Verdict],
    without: Collection[str] = (),
    depth: int = 0,
) -> Choice:
    """Reads requirements with their alternatives as the tree that they stand for.

    A word that is no verdict counts as an error.

    Args:
        requirements: those of one criterion, or of one of its alternatives.
        order: in which the verdicts of alternatives count.
        without: the ids of those whose evidence is taken to be stale.
        depth: within how many alternatives they stand.
    """
    deciding: list[RequirementEntry] = []
    groups: dict[str, list[RequirementEntry]] = {}
    for each in requirements:
        numbers = each["alternative"].split(".", _DEEPEST) if each["alternative"] else []
        if len(numbers) > depth:
            groups.setdefault(numbers[depth], []).append(each)
        else:
            deciding.append(each)
    verdicts = [Verdict.STALE.word if each["id"] in without else each["verdict"] for each in deciding]
    found = {number: choice_of(group, order, without, depth + 1) for number, group in groups.items()}
    best_first = [each.word for each in order]
    best = min((choice.verdict for choice in found.values()), key=_place(best_first), default="")
    counted = [number for number, choice in found.items() if choice.verdict == best]
    for number in counted:
        deciding += found[number].deciding
    worst = min([*verdicts, *([best] if best else [])], key=_place(WORST_FIRST), default="error")
    return Choice(worst, deciding, counted, best, len(found))


def _place(order: Sequence[str]) -> Callable[[str], int]:
    return lambda verdict: order.index(verdict) if verdict in order else order.index("error")
