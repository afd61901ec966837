"""How many digits numbers can have: what keeps an engine without a limit to the 38 that are exact everywhere.

polars raises where a decimal needs more than 38 digits, some databases count on, and others wrap. So that a
fact is the same everywhere, what may need more is not computed elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.tree import Name, Op, Slot, Tree
from phasegate.facts.expressions.types import PARAMETER_SCALE


class Width(NamedTuple):
    """The most digits that a number has, before the point and after it; none of what is no number."""

    before: int = 0
    after: int = 0


def width(tree: Tree, of_name: Callable[[str], Width], of_slot: Callable[[Slot], int], at: int = 0) -> Width:
    """The most digits that a number has.

    Args:
        tree: it.
        of_name: those of a column.
        of_slot: those of a parameter before the point.
        at: where it stands, if it does not say so itself.

    Raises:
        NotWrittenError: if it, or a number that it is computed from, may need more digits in all than 38.
    """

    def within(each: Tree, at: int) -> Width:
        match each:
            case Name():
                return of_name(each.text)
            case Slot(type="number"):
                return Width(of_slot(each), PARAMETER_SCALE)
            case Op():
                at = each.at if each.at >= 0 else at
                parts = [within(part, at) for part in each.of]
                return _held(_of(each, parts), at)
        return Width()

    return within(tree, at)


def _of(tree: Op, parts: Sequence[Width]) -> Width:
    """The digits of an operation, by those of its operands."""
    match tree.name:
        case "integer":
            return Width(len(str(tree.note).lstrip("-")))
        case "number":
            text, scale = str(tree.note).split(":")
            return Width(len(text.lstrip("-").split(".")[0]), int(scale))
        case "*":
            return Width(sum(each.before for each in parts), int(tree.note or 0))
        case "decimal":
            return Width(parts[0].before, int(tree.note))
    if (known := _KNOWN.get(tree.name)) is not None:
        return known
    # Numbers that are compared, added or chosen from are brought to the most digits of either.
    both = Width(
        max((each.before for each in parts), default=0), max((each.after for each in parts), default=0)
    )
    return both._replace(before=both.before + 1) if tree.name in ("+", "-") else both


_WHOLE = Width(19)
"""The digits of a whole number of 64 bits."""
_KNOWN = {
    **dict.fromkeys(("length", "days between", "month of", "whole of truth"), _WHOLE),
    "seconds between": Width(14, 6),
}


def _held(found: Width, at: int) -> Width:
    if sum(found) > DECIMAL_DIGITS:
        what = f"it may need {found.before} digits before the point and {found.after} after it"
        raise NotWrittenError(f"{what}, and {DECIMAL_DIGITS} are exact", at)
    return found
