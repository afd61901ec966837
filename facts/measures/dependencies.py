"""Which sources a measure rests on; needs nothing but the pack, so that they can be opened at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from phasegate.rules.model.contract import Contract
from phasegate.rules.model.measure import Measure


def sources_behind(measure: Measure, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """The names of all sources that a measure rests on.

    Those that it reads, then those of exchange rates, then the one that says which slices there must be and
    the registers in which rows of these are found.

    Args:
        measure: the measure.
        contracts: the contracts of the sources.
    """
    names = sources_of(measure)
    converts = [contract.convert for name in names if (contract := contracts.get(name)) is not None]
    rates = (convert.rates for convert in converts if convert is not None)
    expected = measure.expects.source if measure.expects is not None and measure.kind != "sql" else None
    found = dict.fromkeys((*names, *rates, *([expected] if expected is not None else [])))
    waiting = list(found)
    while waiting:
        contract = contracts.get(waiting.pop(0))
        registers = [name for name in (contract.belongs_to if contract else ()) if name not in found]
        found |= dict.fromkeys(registers)
        waiting += registers
    return tuple(found)


def sources_of(measure: Measure) -> tuple[str, ...]:
    """The names of all sources that a measure reads, its own first."""
    names: list[str] = [] if measure.source is None else [measure.source]
    names += measure.sources
    sides: list[Any] = []
    if measure.attainment is not None:
        sides = [measure.attainment.actual, measure.attainment.expected]
    if measure.accuracy is not None:
        sides = [measure.accuracy.actual, measure.accuracy.forecast]
    names += [side.source for side in sides if not isinstance(side, str)]
    return tuple(dict.fromkeys(names))
