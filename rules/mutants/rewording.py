"""What a text of a rule could say in its place, one thing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

_LONGEST = 60
_DIGITS = re.compile(r"[0-9]+(?:_[0-9]{3})*(?:\.(?P<behind>[0-9]+))?")


class Rewording(NamedTuple):
    """A text with one thing changed.

    Attributes:
        text: the whole text, changed.
        told: what was changed, as people would say it: ``amount > 5 -> amount >= 5``.
        at: where in the unchanged text the change begins.
    """

    text: str
    told: str
    at: int = 0


Reword = Callable[[str, Mapping[str, tuple[str, ...]]], Iterable[Rewording]]
"""Rewords an expression or a query, given the only texts that some columns may hold; `facts` knows SQL."""


def arrow(before: str, after: str) -> str:
    """A change in words; of long texts the middle is left out."""
    return f"{short(before)} -> {short(after)}"


def dropped(what: str) -> str:
    """What is left out, in words."""
    return f"{short(what)} dropped"


def short(text: str) -> str:
    """A text on one line; of a long one the middle is left out."""
    text = " ".join(text.split())
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half].rstrip()} ... {text[-half:].lstrip()}"


def stepped(number: str) -> Iterator[str]:
    """A number one unit of its last digit more, and one less: ``17.3`` gives ``17.4`` and ``17.2``.

    Args:
        number: digits, with or without a sign.
    """
    sign = -1 if number.startswith("-") else 1
    found = _DIGITS.fullmatch(number.lstrip("+-"))
    if found is None:
        return
    behind = len(found["behind"] or "")
    units = sign * int(found[0].replace(".", "").replace("_", ""))
    for each in (units + 1, units - 1):
        digits = str(abs(each)).rjust(behind + 1, "0")
        whole = f"{digits[:-behind]}.{digits[-behind:]}" if behind else digits
        yield f"-{whole}" if each < 0 else whole
