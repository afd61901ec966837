"""Facts as records have them."""

from __future__ import annotations

from fractions import Fraction

from phasegate.audit.document import FactEntry
from phasegate.engine.wording import number, parts
from phasegate.facts.fact import Fact
from phasegate.rules.pack import Pack
from phasegate.rules.requirements import measure_of
from phasegate.rules.units import PERCENT


def fact_entry(pack: Pack, fact: Fact) -> FactEntry:
    """A fact with what its pack says of its measure, and its value in words."""
    measure = measure_of(pack, fact.measure)
    model = pack.measures[measure] if measure else None
    return FactEntry(
        id=fact.id,
        measure=fact.measure,
        slice=fact.slice,
        title=model.title if model else fact.measure,
        note=model.note if model else None,
        kind=model.kind if model else "",
        status=fact.status,
        reason=fact.reason,
        unit=fact.unit,
        numerator=_text(fact.numerator),
        denominator=_text(fact.denominator),
        scale=fact.scale,
        truth=fact.truth,
        text=fact.text,
        shown=_shown(fact),
        counted=parts(fact, model.kind if model else None),
        rows=fact.rows,
        nulls=fact.nulls,
        newest=fact.newest.isoformat() if fact.newest else None,
        max_age_days=fact.max_age_days,
        sources=list(fact.sources),
    )


def _shown(fact: Fact) -> str:
    if fact.truth is not None:
        return "yes" if fact.truth else "no"
    if fact.text is not None:
        return fact.text
    value = fact.value
    if value is None:
        return "no value"
    whole = Fraction(round(value * 100), 100)  # bounds are mostly whole: 94.999 % is not shown as 95 %
    return number(value, fact.unit, (whole,) if fact.unit == PERCENT else ())


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
