"""Whether a fact can be held against a bound at all, and why not."""

from __future__ import annotations

from fractions import Fraction

from phasegate.engine.formatting import about, bound_in_words
from phasegate.engine.plan import Requirement
from phasegate.facts.model.fact import Fact

MOST_BITS = 125
"""What n * q and p * d may take, so that both engines compare n/d with p/q exactly, in 128 bits."""


def misfit(requirement: Requirement, fact: Fact) -> str | None:
    """Why a fact that is present can not be held against its bound.

    Returns:
        The value and what is wrong with it, in words; None if it can be compared.
    """
    wrong = _wrong(requirement, fact)
    return wrong and f"found {_found(fact)}, {wrong} ({bound_in_words(requirement)})"


def _wrong(requirement: Requirement, fact: Fact) -> str | None:
    if requirement.expected is not None:
        return None if fact.truth is not None else "which is neither true nor false, as its bound asks"
    if requirement.options:
        return None if fact.text is not None else "which is no text, as its bound asks"
    value = fact.value
    if value is None:
        return "which is no number, as its bound asks"
    if requirement.unit != fact.unit:
        return f"which has {_unit(fact.unit)}, where its bound has {_unit(requirement.unit)}"
    bits = max((_bits(value, test.limit) for test in requirement.tests), default=0)
    if bits > MOST_BITS:
        return f"which takes {bits} bits to compare exactly with its bound, where {MOST_BITS} are the most"
    return None


def _bits(value: Fraction, limit: Fraction) -> int:
    return max(
        value.numerator.bit_length() + limit.denominator.bit_length(),
        limit.numerator.bit_length() + value.denominator.bit_length(),
    )


def _unit(unit: str | None) -> str:
    return f"the unit {unit}" if unit else "no unit"


def _found(fact: Fact) -> str:
    if fact.truth is not None:
        return "yes" if fact.truth else "no"
    if fact.text is not None:
        return repr(fact.text)
    return "no value" if fact.value is None else about(fact.value, fact.unit)
