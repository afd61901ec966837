"""Exact numbers in words: values, margins, and the distance to pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from phasegate.engine.plan import Comparison, Requirement
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.measure_kinds import MEASURE_KINDS
from phasegate.rules.model.verdict import Verdict
from phasegate.rules.values.units import DAYS, PERCENT, TIMES, is_currency

_MOST_DIGITS = 40
"""Enough to tell apart any two numbers that are compared: their denominators fit 126 bits together."""
_PLAIN_DIGITS = 15
"""Longer numbers are told by their size where nothing is compared with them."""


def number(value: Fraction, unit: str | None, near: Iterable[Fraction] = ()) -> str:
    """A number as people write it, with its unit.

    Digits are added until the rounded text differs from every number in ``near`` that the value
    differs from, so that 94.999 % is never shown as 95 %.

    Args:
        value: the exact value; a percentage as the fraction it stands for.
        unit: the unit to write behind it.
        near: the limits that it is compared with.
    """
    times = 100 if unit == PERCENT else 1
    others = [limit for limit in near if limit != value]
    digits = 0 if times == 1 and value.denominator == 1 and not is_currency(unit) else 2
    text = _rounded(value, digits, times)
    while digits < _MOST_DIGITS and any(_rounded(other, digits, times) == text for other in others):
        digits += 1
        text = _rounded(value, digits, times)
    if "." in text and not is_currency(unit):
        text = text.rstrip("0").rstrip(".")
    if unit in (DAYS, *TIMES) and text in ("1", "-1"):
        unit = unit.removesuffix("s")
    return f"{text} {unit}" if unit else text


def _rounded(value: Fraction, digits: int, times: int = 1) -> str:
    """So many times a value, rounded to digits after the point (half away from zero)."""
    top, bottom = abs(value.numerator) * times * 10**digits, value.denominator
    scaled = (2 * top + bottom) // (2 * bottom)
    sign = "-" if value < 0 and scaled else ""
    whole, rest = divmod(scaled, 10**digits)
    return f"{sign}{whole:,}.{rest:0{digits}d}" if digits else f"{sign}{whole:,}"


def about(value: Fraction, unit: str | None) -> str:
    """A number of any size in a few characters: ``95 %``, ``about 1.23 x 10^41 USD``."""
    whole = abs(value.numerator) * (100 if unit == PERCENT else 1) // value.denominator
    digits = len(str(whole))
    if digits <= _PLAIN_DIGITS:
        return number(value, unit)
    times = 100 if unit == PERCENT else 1
    text = f"about {_rounded(value / 10 ** (digits - 1), 2, times)} x 10^{digits - 1}"
    return f"{text} {unit}" if unit else text


def exact(numerator: int, scale: int) -> str:
    """An amount counted in units of 10^-scale, without trailing zeros: ``1,234.5``."""
    text = _rounded(Fraction(numerator, 10**scale), scale)
    return text.rstrip("0").rstrip(".") if "." in text else text


def bound_in_words(requirement: Requirement) -> str:
    """The bound as it was written, with the number that a name in it stands for: ``>= success (95 %)``."""
    if len(requirement.tests) != 1 or any(sign.isdigit() for sign in requirement.bound):
        return requirement.bound
    return f"{requirement.bound} ({number(requirement.tests[0].limit, requirement.unit)})"


def parts(fact: Fact, kind: str | None) -> str:
    """The parts that a percentage was counted from, ``266 of 280``; empty where it is no such part.

    Args:
        fact: the fact.
        kind: the kind of its measure; None where nobody knows it.
    """
    if fact.numerator is None or fact.denominator in (None, 0, 1) or fact.unit != PERCENT:
        return ""
    about = MEASURE_KINDS.get(kind or "")  # a record may name what no version knows
    if about is None or not about.told_as_part:
        return ""
    return f"{exact(fact.numerator, fact.scale)} of {exact(fact.denominator or 0, fact.scale)}"


def observed(requirement: Requirement, fact: Fact, kind: str | None) -> str:
    """What was found, in words: ``266 of 280 = 95 %``, ``yes``, ``no value``, ``0 % to 75 %: ...``."""
    return f"{_value(requirement, fact, kind)}{_why_open(fact)}"


def judged(requirement: Requirement, fact: Fact, verdict: Verdict, kind: str | None) -> str:
    """What was found, and what its bound makes of it; what could be done about it first.

    Args:
        requirement: what was asked.
        fact: what answered.
        verdict: what it came to.
        kind: the kind of its measure.
    """
    found, bound = _value(requirement, fact, kind), bound_in_words(requirement)
    if verdict is Verdict.PASS:
        return f"{found}, as required ({bound}){_why_open(fact)}"
    told = f"{found}, where {bound} is required{_why_open(fact)}"
    return f"{fact.fix}; found {told}" if fact.fix and verdict is Verdict.UNKNOWN else told


def why_unknown(fact: Fact) -> str:
    """Why a fact is not there, what could be done about it first."""
    return f"{fact.fix}; {fact.reason}" if fact.fix and fact.fix not in fact.reason else fact.reason


def _value(requirement: Requirement, fact: Fact, kind: str | None) -> str:
    """A value alone: ``yes``, ``266 of 280 = 95 %``, ``0 % to 75 %``."""
    if fact.truth is not None:
        return "yes" if fact.truth else "no"
    if fact.text is not None:
        return fact.text
    if fact.extremes is None:
        return "no value"
    text = span(fact, (test.limit for test in requirement.tests))
    counts = parts(fact, kind)
    return f"{counts} = {text}" if counts else text


def span(fact: Fact, near: Iterable[Fraction] = ()) -> str:
    """A number, or both ends of it where it is not known: ``0 % to 75 %``.

    Args:
        fact: the fact, which has a number.
        near: the limits that it is compared with.
    """
    low, high = fact.extremes or (Fraction(0), Fraction(0))
    limits = [*near, low, high]
    return " to ".join(dict.fromkeys(number(end, fact.unit, limits) for end in (low, high)))


def _why_open(fact: Fact) -> str:
    """Why a number is not known: ``: 3 rows lack what decides whether they count``."""
    if fact.ends is None:
        return ""
    if fact.ends.rows == 1:
        return ": 1 row lacks what decides whether it counts"
    return f": {fact.ends.rows:,} rows lack what decides whether they count"


def margin(requirement: Requirement, fact: Fact) -> str | None:
    """How far the value, or the worst that it can be, is on the right (+) or wrong (-) side of its limit."""
    if fact.status != "present" or fact.extremes is None:
        return None
    gaps = [
        gap for test in requirement.tests for end in fact.extremes if (gap := _gap(end, test)) is not None
    ]
    if not gaps:
        return None
    smallest = min(gaps)
    if fact.unit == PERCENT:
        text = number(abs(smallest) * 100, None, (Fraction(0),))
        text = f"{text} {'point' if text == '1' else 'points'}"
    else:
        text = number(abs(smallest), fact.unit, (Fraction(0),))
    return f"{'-' if smallest < 0 else '+'}{text}"


def _gap(value: Fraction, test: Comparison) -> Fraction | None:
    if test.comparator in (">=", ">"):
        return value - test.limit
    if test.comparator in ("<=", "<"):
        return test.limit - value
    return None


def distance(
    requirement: Requirement, fact: Fact, measure: Measure | None, verdict: Verdict, as_of: dt.date
) -> str | None:
    """What is missing to pass, or how long a pass will last."""
    if verdict is Verdict.NOT_APPLICABLE:
        return None
    if verdict is Verdict.PASS:
        return _stays_fresh(fact, as_of)
    if fact.status == "stale":
        return "newer evidence is needed"
    if fact.status != "present":
        needed = "evidence is needed" if fact.status == "unknown" else "the evidence must be mended"
        return _remedy(fact) or needed
    if requirement.expected is not None:
        return f"it must become {'true' if requirement.expected else 'false'}"
    if requirement.options:
        return f"it must become one of {', '.join(requirement.options)}"
    if fact.ends is None:
        missing = [text for test in requirement.tests if (text := _missing(test, fact, measure))]
        return "; ".join(missing) or None
    sides = [test for test in requirement.tests if test.comparator not in ("==", "!=")]
    worst = [_missing(test, _at_worst(fact, test), measure) for test in sides or requirement.tests]
    at_worst = " and ".join(filter(None, worst))
    told = at_worst if not sides else at_worst and f"at worst {at_worst}"
    return "; ".join(filter(None, (_remedy(fact), told))) or None


def _at_worst(fact: Fact, test: Comparison) -> Fact:
    """The fact with the end of its number that is worst for a test."""
    assert fact.ends is not None
    n, d = fact.ends.low if test.comparator in (">=", ">") else fact.ends.high
    return replace(fact, ends=None, numerator=n, denominator=d)


def _remedy(fact: Fact) -> str:
    """What to do about rows that nobody can tell whether they count; empty where there is nothing."""
    given = [
        f"{'1 row its' if rows == 1 else f'{rows:,} rows their'} `{column}`" for column, rows in fact.lacking
    ]
    told = f"give {' and '.join(given)}" if given else ""
    return ", or ".join(filter(None, (told, fact.fix)))


def _stays_fresh(fact: Fact, as_of: dt.date) -> str | None:
    if fact.max_age_days is None or fact.newest is None:
        return None
    left = fact.max_age_days - (as_of - fact.newest).days
    if left < 0:
        return None
    return f"{left} day{'' if left == 1 else 's'} until it goes stale"


def _missing(test: Comparison, fact: Fact, measure: Measure | None) -> str | None:
    value, unit = fact.value, fact.unit
    if value is None or fact.numerator is None or fact.denominator is None:
        return None
    gap = _gap(value, test)
    if gap is None:
        return f"it must {'equal' if test.comparator == '==' else 'differ from'} {number(test.limit, unit)}"
    if gap > 0 or (gap == 0 and test.comparator in (">=", "<=")):
        return None
    items = (measure and measure.items) or "items"
    must = (measure and measure.must) or "pass"
    upward = test.comparator in (">=", ">")
    if unit == PERCENT and measure is not None and measure.about.two_counts and fact.scale == 0:
        return _count_missing(test, fact.numerator, fact.denominator, items, must)
    if parts(fact, measure.kind if measure else None) and upward:
        short = test.limit * fact.denominator - fact.numerator
        least = ceil(short) if test.comparator == ">=" else floor(short) + 1
        amount = exact(least, fact.scale)  # rounded up: with so much it does pass
        if measure is not None and measure.kind == "accuracy":
            whole = exact(fact.denominator, fact.scale)
            of = f" ({measure.items})" if measure.items else ""
            return f"the differences must shrink by {amount}, measured on {whole}{of}"
        return f"{amount} more of {exact(fact.denominator, fact.scale)} ({items}) must {must}"
    change = number(
        abs(gap) * (100 if unit == PERCENT else 1), None if unit == PERCENT else unit, (Fraction(0),)
    )
    points = " percentage points" if unit == PERCENT else ""
    if not gap:  # on the limit, where the bound is strict
        return f"it must {'rise above' if upward else 'fall below'} {number(test.limit, unit)}"
    return f"it must {'rise' if upward else 'fall'} by {change}{points}"


def _count_missing(test: Comparison, n: int, d: int, items: str, must: str) -> str:
    wanted = test.limit * d
    if test.comparator == ">=":
        return f"{ceil(wanted) - n:,} more of {d:,} {items} must {must}"
    if test.comparator == ">":
        return f"{floor(wanted) + 1 - n:,} more of {d:,} {items} must {must}"
    allowed = floor(wanted) if test.comparator == "<=" else ceil(wanted) - 1
    return f"{n - max(allowed, 0):,} fewer of {d:,} {items} may {must}"
