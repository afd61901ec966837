"""Bounds that say something else: another comparison, another figure, one of two ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from phasegate.rules.mutants.rewording import Rewording, arrow, stepped
from phasegate.rules.values.bounds import Bound, BoundError

_OTHER = {">=": (">",), ">": (">=",), "<=": ("<",), "<": ("<=",), "==": (">=", "<="), "!=": ("==",)}
_FIGURE = re.compile(r"(?<![\w.:])[+-]?[0-9][0-9_]*(?:\.[0-9]+)?")


def other_bounds(written: str | bool, *, whole: bool = False) -> Iterator[Rewording]:
    """The bounds that a slip of the author could have written in the place of one.

    Args:
        written: the bound.
        whole: whether it is a bound on a whole number, so that ``> 1`` is ``>= 2``.
    """
    bound = Bound.parse(written)
    text = bound.text
    for other in dict.fromkeys(_others(bound, whole)):
        with suppress(BoundError):  # the ends of a range would have changed places
            if Bound.parse(other).text != text:
                yield Rewording(other, arrow(text, other))


def _others(bound: Bound, whole: bool) -> Iterator[str]:
    text = bound.text
    if bound.expected is not None:
        yield str(not bound.expected).lower()
        return
    if bound.options:
        kept = bound.options
        if len(kept) > 1:
            yield from (f"in [{', '.join(o for o in kept if o != option)}]" for option in kept)
        return
    if bound.operator == "between":
        low, high = re.split(r"\s+and\s+", text.removeprefix("between").strip())
        unit = _FIGURE.sub("", high, count=1).strip()
        bare = _FIGURE.fullmatch(low) is not None
        yield f">= {low} {unit}" if bare else f">= {low}"
        yield f"<= {high}"
    elif not whole or bound.name is not None or bound.operator in ("==", "!="):
        rest = text.removeprefix(bound.operator).strip()
        yield from (f"{other} {rest}" for other in _OTHER[bound.operator])
    yield from other_figures(text)


def other_figures(text: str) -> Iterator[str]:
    """A text with each of its figures one unit of the last digit more and less."""
    for found in _FIGURE.finditer(text):
        for figure in stepped(found[0]):
            yield f"{text[: found.start()]}{figure}{text[found.end() :]}"
