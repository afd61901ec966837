"""How many digits numbers can have: what keeps an engine without a limit to the 38 that are exact everywhere.

polars raises where a decimal needs more than 38 digits, some databases count on, and others wrap. So that a
fact is the same everywhere, what may need more is not computed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.tree import Name, Op, Slot, Tree

MOST = 38
_WHOLE = 19
"""The digits of a whole number of 64 bits."""
_OF_THE_FIRST = frozenset({"abs", "whole", "unless null"})


def digits(tree: Tree, of_name: Callable[[str], int], of_slot: Callable[[Slot], int], at: int = 0) -> int:
    """The most digits before the point that a number has; 0 for what is none.

    Args:
        tree: it.
        of_name: those of a column.
        of_slot: those of a parameter.
        at: where it stands, if it does not say so itself.

    Raises:
        NotWrittenError: if it may need more digits in all than 38.
    """

    def within(each: Tree, at: int) -> int:
        match each:
            case Name():
                return of_name(each.text)
            case Slot(type="number"):
                return of_slot(each)
            case Op():
                at = each.at if each.at >= 0 else at
                return _of(each, [within(part, at) for part in each.of], at)
        return 0

    return within(tree, at)


def _of(tree: Op, parts: list[int], at: int) -> int:
    """The digits of an operation, by those of its operands."""
    if tree.name in ("integer", "days"):
        return len(str(tree.note).lstrip("-"))
    if tree.name == "number":
        text, scale = str(tree.note).split(":")
        return _held(len(text.lstrip("-").split(".")[0]), int(scale), at)
    if (grown := _GROWS.get(tree.name)) is not None:
        return _held(grown(parts), int(tree.note or 0), at)
    if tree.name in _KNOWN:
        return _KNOWN[tree.name]
    return parts[0] if tree.name in _OF_THE_FIRST else max(parts, default=0)


_GROWS: dict[str, Callable[[list[int]], int]] = {
    "*": sum,
    "+": lambda parts: max(parts) + 1,
    "-": lambda parts: max(parts) + 1,
    "decimal": max,
}
_KNOWN = dict.fromkeys(("length", "days between", "month of", "whole of truth"), _WHOLE) | {
    "seconds between": 14
}


def _held(before: int, after: int, at: int) -> int:
    if before + after > MOST:
        what = f"it may need {before} digits before the point and {after} after it, and {MOST} are exact"
        raise NotWrittenError(what, at)
    return before
