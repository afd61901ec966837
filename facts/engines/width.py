"""How many digits numbers can have: what keeps an engine without a limit to the 38 that are exact everywhere.

polars raises where a decimal needs more than 38 digits, some databases count on, and others wrap. So that a fact
is the same everywhere, what may need more is not computed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.tree import Name, Op, Slot, Tree

MOST = 38
_WHOLE = 19
"""The digits of a whole number of 64 bits."""
_OF_THE_FIRST = frozenset({"abs", "whole", "decimal", "unless null"})


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
        if isinstance(each, Name):
            return of_name(each.text)
        if isinstance(each, Slot):
            return of_slot(each) if each.type == "number" else 0
        if not isinstance(each, Op):
            return 0
        at = each.at if each.at >= 0 else at
        parts = [within(part, at) for part in each.of]
        match each.name:
            case "integer" | "days":
                return len(str(each.note).lstrip("-"))
            case "number":
                text, scale = str(each.note).split(":")
                return _held(len(text.lstrip("-").split(".")[0]), int(scale), at)
            case "*":
                return _held(sum(parts), int(each.note or 0), at)
            case "+" | "-":
                return _held(max(parts) + 1, int(each.note or 0), at)
            case "decimal":
                return _held(parts[0], int(each.note), at)
            case "length" | "days between" | "month of" | "whole of truth":
                return _WHOLE
            case "seconds between":
                return _held(14, 6, at)
            case name if name in _OF_THE_FIRST:
                return parts[0]
            case "coalesce" | "least" | "greatest" | "case" | "null if":
                return max(parts)
        return 0

    return within(tree, at)


def _held(before: int, after: int, at: int) -> int:
    if before + after > MOST:
        what = f"its numbers may have {before} digits before the point and {after} after it, and {MOST} are exact"
        raise NotWrittenError(what, at)
    return before
