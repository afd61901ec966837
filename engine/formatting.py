"""Exact numbers in words: values, margins, and the distance to pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil, floor

from phasegate.engine.plan import Comparison, Requirement
from phasegate.facts.model.ends import Pair
from phasegate.facts.model.fact import Fact
from phasegate.facts.model.lacking import cause_said, lacking_said, remedy
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
    differs from, so that 94.999 % is never shown as 95 %, and from zero, so that what is there is never
    shown as nothing.

    Args:
        value: the exact value; a percentage as the fraction it stands for.
        unit: the unit to write behind it.
        near: the limits that it is compared with.
    """
    times = 100 if unit == PERCENT else 1
    others = [limit for limit in (*near, Fraction()) if limit != value]
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

    Where it has two ends, those of both: ``5 to 9 of 20``, ``5 of 22 to 9 of 21``.

    Args:
        fact: the fact.
        kind: the kind of its measure; None where nobody knows it.
    """
    about = MEASURE_KINDS.get(kind or "")  # a record may name what no version knows
    if fact.unit != PERCENT or about is None or not about.told_as_part:
        return ""
    if fact.ends is None:
        whole = fact.numerator is None or fact.denominator in (None, 0, 1)
        return "" if whole else _part((fact.numerator or 0, fact.denominator or 0), fact.scale)
    low, high = fact.ends.low, fact.ends.high
    first = _part(low, fact.scale) if low[1] != high[1] else exact(low[0], fact.scale)
    return f"{first} to {_part(high, fact.scale)}"


def _part(pair: Pair, scale: int) -> str:
    return f"{exact(pair[0], scale)} of {exact(pair[1], scale)}"


def span(fact: Fact, near: Iterable[Fraction] = ()) -> str:
    """A number in words; both ends of one that missing values leave open: ``0 % to 75 %``.

    Args:
        fact: the fact.
        near: the limits that it is compared with, see `number`.
    """
    if fact.extremes is None:
        return "no value"
    limits = (*near, *fact.extremes)
    return " to ".join(dict.fromkeys(number(end, fact.unit, limits) for end in fact.extremes))


def found(requirement: Requirement, fact: Fact, kind: str | None) -> str:
    """What was found, in words: ``266 of 280 = 95 %``, ``5 to 9 of 20 = 25 % to 45 %``, ``yes``."""
    if fact.truth is not None:
        return "yes" if fact.truth else "no"
    if fact.text is not None:
        return fact.text
    text = span(fact, (test.limit for test in requirement.tests))
    counts = parts(fact, kind) if fact.extremes is not None else ""
    return f"{counts} = {text}" if counts else text


def observed(requirement: Requirement, fact: Fact, kind: str | None) -> str:
    """What was found, and beside it how many rows nobody knows of whether they count.

    ``25 % to 45 % (4 rows have no `days`)``: so they are seen wherever the value is.
    """
    text = found(requirement, fact, kind)
    return f"{text} ({lacking_said(fact.undetermined, fact.lacking)})" if fact.undetermined else text


def left_open(fact: Fact, kind: str | None) -> str:
    """Why a value is not known, with what to do about it: ``4 of 20 rows have no `days`: write ...``."""
    among = None
    if fact.ends is not None and kind == "ratio" and fact.ends.low[1] == fact.ends.high[1] == fact.rows:
        among = fact.rows  # none of them is a row that may not belong to the population
    return cause_said(fact.undetermined, fact.lacking, fact.fix, among)


def margin(requirement: Requirement, fact: Fact) -> str | None:
    """How far the value is on the right (+) or wrong (-) side of the nearest limit.

    Of a value with two ends, the least and the greatest: ``-20 points to +55 points``.
    """
    ends = margin_ends(requirement, fact)
    if ends is None:
        return None
    return " to ".join(dict.fromkeys(_signed(gap, fact.unit, ends) for gap in ends))


def margin_ends(requirement: Requirement, fact: Fact) -> tuple[Fraction, Fraction] | None:
    """The least and the greatest of that; the same twice where the value is known, None without any."""
    if fact.status != "present" or fact.extremes is None or not requirement.tests:
        return None
    values = [*fact.extremes]
    if len(requirement.tests) > 1:  # the best place between two limits is half-way
        half = sum((test.limit for test in requirement.tests), Fraction(0)) / len(requirement.tests)
        values.append(max(min(half, values[1]), values[0]))
    nearest = [min(gaps) for value in values if (gaps := list(_gaps(value, requirement.tests)))]
    return (min(nearest), max(nearest)) if nearest else None


def _gaps(value: Fraction, tests: Iterable[Comparison]) -> Iterator[Fraction]:
    for test in tests:
        if (gap := _gap(value, test)) is not None:
            yield gap


def _signed(gap: Fraction, unit: str | None, near: Iterable[Fraction]) -> str:
    sign = "-" if gap < 0 else "+"
    limits = [Fraction(0), *map(abs, near)]
    if unit != PERCENT:
        return f"{sign}{number(abs(gap), unit, limits)}"
    text = number(abs(gap) * 100, None, [limit * 100 for limit in limits])
    return f"{sign}{text} {'point' if text == '1' else 'points'}"


def _gap(value: Fraction, test: Comparison) -> Fraction | None:
    if test.comparator in (">=", ">"):
        return value - test.limit
    if test.comparator in ("<=", "<"):
        return test.limit - value
    return None


def distance(
    requirement: Requirement, fact: Fact, measure: Measure | None, verdict: Verdict, as_of: dt.date
) -> str | None:
    """What is missing to pass, or how long a pass will last.

    Of a value with two ends it is told from the worse one, after what makes it known where that may do.
    """
    if verdict is Verdict.NOT_APPLICABLE:
        return None
    if verdict is Verdict.PASS:
        return _stays_fresh(fact, as_of)
    if fact.status == "stale":
        return "newer evidence is needed"
    if fact.status == "unknown":
        known = remedy(fact.undetermined, fact.lacking, fact.fix) if fact.undetermined else ""
        return known or "evidence is needed"
    if fact.status != "present":
        return "the evidence must be mended"
    if requirement.expected is not None:
        return f"it must become {'true' if requirement.expected else 'false'}"
    if requirement.options:
        return f"it must become one of {', '.join(requirement.options)}"
    missing = [text for test in requirement.tests if (text := _missing(test, fact, measure))]
    if fact.ends is None:
        return "; ".join(missing) or None
    from_worst = "at worst " if requirement.tests[0].comparator not in ("==", "!=") else ""
    worst = f"{from_worst}{' and '.join(missing)}" if missing else ""
    known = remedy(fact.undetermined, fact.lacking, fact.fix) if verdict is Verdict.UNKNOWN else ""
    return "; ".join(part for part in (known, worst) if part) or None


def _stays_fresh(fact: Fact, as_of: dt.date) -> str | None:
    left = days_left(fact, as_of)
    if left is None or left < 0:
        return None
    return f"{left} day{'' if left == 1 else 's'} until it goes stale"


def days_left(fact: Fact, as_of: dt.date) -> int | None:
    """For how many days the evidence is still fresh, that day not counted; None where it does not age.

    Less than none is for how many it has been stale.
    """
    if fact.max_age_days is None or fact.newest is None or fact.status not in ("present", "stale"):
        return None
    return fact.max_age_days - (as_of - fact.newest).days


def _missing(test: Comparison, fact: Fact, measure: Measure | None) -> str | None:
    """What is missing to meet one test, from the end of the value that is worse for it."""
    unit = fact.unit
    if fact.extremes is None:
        return None
    upward = test.comparator in (">=", ">")
    value = fact.extremes[0 if upward else 1]
    gap = _gap(value, test)
    if gap is None:
        return f"it must {'equal' if test.comparator == '==' else 'differ from'} {number(test.limit, unit)}"
    if gap > 0 or (gap == 0 and test.comparator in (">=", "<=")):
        return None
    items = (measure and measure.items) or "items"
    must = (measure and measure.must) or "pass"
    n, d = _counted(fact, low=upward)
    if unit == PERCENT and measure is not None and measure.about.two_counts and fact.scale == 0:
        return _count_missing(test, n, d, items, must)
    if parts(fact, measure.kind if measure else None) and upward:
        short = test.limit * d - n
        least = ceil(short) if test.comparator == ">=" else floor(short) + 1
        amount = exact(least, fact.scale)  # rounded up: with so much it does pass
        if measure is not None and measure.kind == "accuracy":
            whole = exact(d, fact.scale)
            of = f" ({measure.items})" if measure.items else ""
            return f"the differences must shrink by {amount}, measured on {whole}{of}"
        return f"{amount} more of {exact(d, fact.scale)} ({items}) must {must}"
    change = number(
        abs(gap) * (100 if unit == PERCENT else 1), None if unit == PERCENT else unit, (Fraction(0),)
    )
    points = " percentage points" if unit == PERCENT else ""
    if not gap:  # on the limit, where the bound is strict
        return f"it must {'rise above' if upward else 'fall below'} {number(test.limit, unit)}"
    return f"it must {'rise' if upward else 'fall'} by {change}{points}"


def _counted(fact: Fact, *, low: bool) -> Pair:
    """A number as it was counted; of one with two ends the one or the other."""
    if fact.ends is not None:
        return fact.ends.low if low else fact.ends.high
    return fact.numerator or 0, fact.denominator or 1


def _count_missing(test: Comparison, n: int, d: int, items: str, must: str) -> str:
    wanted = test.limit * d
    if test.comparator == ">=":
        return f"{ceil(wanted) - n:,} more of {d:,} {items} must {must}"
    if test.comparator == ">":
        return f"{floor(wanted) + 1 - n:,} more of {d:,} {items} must {must}"
    allowed = floor(wanted) if test.comparator == "<=" else ceil(wanted) - 1
    return f"{n - max(allowed, 0):,} fewer of {d:,} {items} may {must}"
