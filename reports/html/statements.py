"""A verdict or state as it stands on the page: a sign and a word, never a colour alone."""

from __future__ import annotations

from functools import lru_cache

from phasegate.reports.html.markup import Markup, tag
from phasegate.reports.text.labels import STATES, VERDICTS, Sign, state_sign, verdict_sign


@lru_cache(maxsize=64)
def verdict(word: str) -> Markup:
    """A verdict."""
    return _signed(verdict_sign(word), verdict_class(word))


def state(word: str) -> Markup:
    """A gate's state, or a run's outcome."""
    return _signed(state_sign(word), state_class(word))


def verdict_class(word: str) -> str:
    """The class of a verdict; what is none looks like unknown."""
    return word if word in VERDICTS else "unknown"


def state_class(word: str) -> str:
    """The class of a state; what is none looks undecided."""
    return word if word in STATES else "undecided"


def _signed(sign: Sign, kind: str) -> Markup:
    return tag("span", f"{sign.mark} {sign.word}", class_=f"sign {kind}")
