"""Exact comparisons of fractions by whole numbers of 64 bits.

durable-rules compares integers exactly, and nothing else. So a limit becomes the integer
``limit * scale``, with a scale at which it is one, and a value is rounded against its comparison:
down for ``>=`` and ``<``, up for ``<=`` and ``>``. As the scaled limit is an integer, rounding never
carries a value across it: ``x >= L`` exactly if ``floor(x) >= L``. Values beyond 64 bits stop at
`LARGEST`, which every limit stays below, so that they keep their side, too.
"""

from __future__ import annotations

from fractions import Fraction

from phasegate.engine.plan import OneSided

LARGEST = 2**62
"""The greatest scaled value; scaled limits are less."""
_SCALES: tuple[int, ...] = tuple(10**digits for digits in range(12, -1, -1))


def choose_scale(limit: Fraction) -> int | None:
    """The scale at which a limit is held: 10^12, or the next smaller power of ten that fits.

    A limit that no power of ten makes whole (1/3) is held at its own denominator.

    Returns:
        The scale, or None if the limit is a whole number of 64 bits at no scale.
    """
    top, bottom = limit.as_integer_ratio()
    for scale in (*_SCALES, bottom):
        if scale % bottom == 0 and abs(top) * (scale // bottom) < LARGEST // 2:
            return scale
    return None


def scaled_limit(limit: Fraction, scale: int) -> int:
    """The limit as the integer that `scaled_value` is compared with."""
    scaled = limit * scale
    assert scaled.denominator == 1, "choose_scale picks a scale at which the limit is whole"
    return scaled.numerator


def scaled_value(numerator: int, denominator: int, comparator: OneSided, scale: int) -> int:
    """The value as an integer that stands to the scaled limit as the value stands to the limit.

    Args:
        numerator: of the value.
        denominator: of the value, positive.
        comparator: what it will be compared by.
        scale: the scale of the limit.
    """
    whole, rest = divmod(numerator * scale, denominator)
    scaled = whole + (rest > 0) if comparator in ("<=", ">") else whole
    return max(-LARGEST, min(LARGEST, scaled))
