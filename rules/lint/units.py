"""What to write in place of a bound in a unit that is not the one of its fact."""

from __future__ import annotations

from fractions import Fraction

from phasegate.rules.diagnostics.problem import ANY
from phasegate.rules.diagnostics.suggestions import nearest, suggest
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import FactShape
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import DAYS, KNOWN, PERCENT, TIMES, is_currency, meant_by
from phasegate.rules.yaml.parser import Path

DECLARED: tuple[Path, ...] = (("measures", ANY, "unit"),)
"""Where units are declared: where one of them could not be read, nobody knows which there are."""
_HOURS_OF_A_DAY = 24


def is_word(unit: str | None) -> bool:
    """Whether a unit is a word that a measure has to declare."""
    return unit is not None and unit not in KNOWN and not is_currency(unit)


def misfit(pack: Pack, fact: str, shape: FactShape, bound: Bound) -> tuple[str, str, str | None]:
    """Rule, message and hint for a bound whose unit does not fit its fact."""
    unit = bound.unit
    declared = {measure.unit for measure in pack.measures.values() if measure.unit is not None}
    if unit is not None and is_word(unit) and unit not in declared:
        candidates = {*declared, *KNOWN}
        meant = meant_by(unit) or nearest(unit, candidates)
        hint = (
            f"did you mean {meant!r}?" if meant else suggest(unit, declared, of="units that measures declare")
        )
        return "unknown-unit", f"no measure declares the unit {unit!r}", hint
    if bound.unit in TIMES and shape.unit in TIMES:
        message = f"{bound.text!r} has more digits in {shape.unit} than are compared exactly"
        return "unit-mismatch", message, example(shape)
    message = f"{fact!r} is in {shape.unit or 'plain numbers'}, its bound in {bound.unit or 'plain numbers'}"
    return "unit-mismatch", message, _in_unit(bound, shape)


def example(shape: FactShape) -> str:
    """A bound that fits a number."""
    return f"write for example '>= {'95 %' if shape.unit == PERCENT else f'5 {shape.unit or str()}'.strip()}'"


def _in_unit(bound: Bound, shape: FactShape) -> str | None:
    """The bound as it was probably meant."""
    if bound.operator == "between":
        return None if bound.unit is None else example(shape)
    number = bound.limits[0]
    if bound.unit == DAYS and shape.unit in TIMES:
        # The rules of summer time make days of 23 and of 25 hours, so that the author has to say it.
        number *= _HOURS_OF_A_DAY * TIMES["hours"] // TIMES[shape.unit]
        written = f"{bound.operator} {_shown(number)} {shape.unit}"
        return f"days are those of the calendar: write for example '{written}'"
    if bound.unit is not None:
        return example(shape)
    if shape.unit == PERCENT and number <= 1:
        number *= 100
    return f"did you mean '{bound.operator} {_shown(number)} {shape.unit}'?"


def _shown(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else str(float(number))
