"""The kind ``change``: another measure held against its figure in the baseline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from phasegate.facts.measures.batch import exact
from phasegate.facts.measures.to_fact import Doubt, Frame, Missing, Number, Population, Value
from phasegate.facts.model.ends import Ends
from phasegate.facts.model.fact import Fact, Figure, SourceState
from phasegate.rules.model.measure import Measure
from phasegate.rules.values.folding import folded
from phasegate.rules.values.people import same_person
from phasegate.rules.values.units import PERCENT, is_currency

COLUMNS = ("measure", "slice", "value", "fixed_on", "finance_approver", "developer_approver")
MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """One figure of the baseline."""

    value: Fraction | None
    fixed_on: dt.date | None
    finance_approver: str | None
    developer_approver: str | None
    currency: str | None = None


@dataclass(frozen=True)
class Baseline:
    """The baseline's figures, or why there are none.

    Attributes:
        source: the name of the source.
        state: what was found of it; None where the pack names no baseline.
        rows: by measure (or ``measure.field``) and slice; two rows for one are both kept.
        cycle_start: the day before which a figure must have been fixed; None without a cycle.
        currency: the one currency of its figures that are amounts; None where each row says it, or
            nobody does.
    """

    source: str = ""
    state: SourceState | None = None
    rows: Mapping[tuple[str, str], Sequence[BaselineRow]] | None = None
    cycle_start: dt.date | None = None
    currency: str | None = None

    def value(self, measure: str, slice_: str, unit: str | None) -> Fraction | Missing:
        """The figure of one fact, or why it does not count.

        Args:
            measure: its measure, or ``measure.field``.
            slice_: its slice.
            unit: the unit of the fact; a figure in another currency says nothing to it.
        """
        if self.state is None:
            return Missing("unknown", "the pack names no baseline")
        if self.state.status == "absent":
            return Missing("unknown", f"the baseline is absent: {self.state.reason}")
        if self.state.status == "error" or self.rows is None:
            return Missing("error", f"{self.source}: {self.state.reason or 'it could not be read'}")
        found = self.rows.get((measure, slice_), ())
        if not found:
            return Missing("unknown", "the baseline has no figure for it")
        if len(found) > 1:
            return Missing("error", f"the baseline has {len(found)} figures for it")
        currency = found[0].currency or self.currency
        if currency is not None and is_currency(unit) and currency != unit:
            return Missing("error", f"the baseline's figure is in {currency}, what is measured in {unit}")
        return self._approved(found[0])

    def _approved(self, row: BaselineRow) -> Fraction | Missing:
        finance, developer = (row.finance_approver or "").strip(), (row.developer_approver or "").strip()
        if not folded(finance) or not folded(developer):
            missing = "Developer" if folded(finance) else "Finance"
            return Missing("unknown", f"no {missing} approver stands behind the baseline's figure")
        if same_person(finance, developer):
            return Missing("unknown", "the same person approved the baseline's figure for both functions")
        if row.fixed_on is None:
            return Missing("unknown", "the baseline does not say when its figure was fixed")
        if self.cycle_start is None:
            return Missing(
                "unknown", "no cycle that has begun tells whether the baseline was fixed before it"
            )
        if row.fixed_on > self.cycle_start:
            return Missing(
                "unknown",
                f"the baseline's figure was fixed on {row.fixed_on.isoformat()}, after the cycle's start on "
                f"{self.cycle_start.isoformat()}",
            )
        if row.value is None:
            return Missing("error", "the baseline's figure is empty")
        return row.value


def baseline_rows(
    rows: Sequence[Mapping[str, Any]], currency: str | None = None
) -> dict[tuple[str, str], list[BaselineRow]]:
    """The baseline's rows by measure and slice.

    Args:
        rows: as they were read.
        currency: the column that names the currency of a row, where there is one.
    """
    found: dict[tuple[str, str], list[BaselineRow]] = {}
    for row in rows:
        value, fixed_on = row["value"], row["fixed_on"]
        whole, digits = (None, 0) if value is None else exact(value)
        found.setdefault((str(row["measure"]), str(row["slice"] or "")), []).append(
            BaselineRow(
                None if whole is None else Fraction(whole, 10**digits),
                fixed_on.date() if isinstance(fixed_on, dt.datetime) else fixed_on,
                row["finance_approver"],
                row["developer_approver"],
                None if currency is None else row[currency],
            )
        )
    return found


def changes(
    id_: str,
    measure: Measure,
    as_of: dt.date,
    now: Sequence[Fact],
    baseline: Baseline,
) -> Iterator[Fact]:
    """The facts of one ``change`` measure.

    Args:
        id_: its id.
        measure: it.
        as_of: the date of the run.
        now: the facts of the measure that it names, one for each slice.
        baseline: the figures of then.
    """
    assert measure.change is not None
    for fact in now:
        sources = tuple(dict.fromkeys((*fact.sources, *([baseline.source] if baseline.source else []))))
        unit = measure.unit or (fact.unit if measure.change.as_ == "difference" else PERCENT)
        frame = Frame(id_, measure.model_copy(update={"unit": unit}), as_of, sources)
        if fact.status not in ("present", "stale"):
            missing = frame.missing(fact.status, f"{fact.id}: {fact.reason}", fact.slice)
            yield replace(missing, undetermined=fact.undetermined, lacking=fact.lacking, fix=fact.fix)
            continue
        doubt = Doubt(fact.undetermined, 0, fact.lacking, fact.fix)
        population = Population(fact.rows, fact.nulls, fact.newest, doubt=doubt)
        settled = frame.settle(fact.slice, population, _value(measure, fact, baseline))
        if fact.status == "stale" and settled.status == "present":
            settled = replace(settled, status="stale", reason=f"{fact.id}: {fact.reason}")
        was = baseline.value(measure.change.of, fact.slice, fact.unit)
        if settled.status in ("present", "stale") and isinstance(was, Fraction):
            settled = replace(settled, baseline=Figure(was, fact.unit))
        yield settled


def _value(measure: Measure, fact: Fact, baseline: Baseline) -> Value:
    assert measure.change is not None
    if fact.extremes is None:
        return Missing("error", f"{fact.id} is no number")
    then = baseline.value(measure.change.of, fact.slice, fact.unit)
    if isinstance(then, Missing):
        return then
    how = measure.change.as_
    if how == "gap_closed" and then >= 1:
        return Missing("unknown", "the baseline leaves no gap to 100 %")
    if how in ("fall", "rise") and then < 0:
        return Missing(
            "error", "the baseline's figure is negative, so that a rise and a fall have no meaning"
        )
    low, high = (_changed(now, then, how) for now in fact.extremes)
    if fact.ends is None:
        return low
    if how == "fall":  # the less there is now, the more it fell
        low, high = high, low
    if not low.denominator:
        return low
    ends = Ends.of_one_denominator(Fraction(*low[:2]), Fraction(*high[:2]), fact.undetermined)
    return low._replace(ends=ends)


def _changed(now: Fraction, then: Fraction, how: str) -> Number:
    """One figure held against another, in a way that `Change` names."""
    match how:
        case "difference":
            return _number(now - then, Fraction(1))
        case "gap_closed":
            return _number(now - then, 1 - then)
        case "fall":
            return _number(then - now, then)
        case _:
            return _number(now - then, then)


def _number(numerator: Fraction, denominator: Fraction) -> Number:
    """Two fractions as integers of one scale."""
    common = numerator.denominator * denominator.denominator
    return Number(int(numerator * common), int(denominator * common))
