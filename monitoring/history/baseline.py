"""The figures of a run as a baseline: what a cycle came to, for the next one to be held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import KeptRun, find_run, record_of
from phasegate.audit.trail.standing_runs import newest_of_everything
from phasegate.facts.model.lacking import cause_said
from phasegate.records.numbers import extremes, read_extremes
from phasegate.records.schema import FactEntry, Record
from phasegate.records.time_zone import zone_of
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.time_zones import day_of

PLACES = 9
"""Digits after the point of a figure, where the contract of the baseline names none."""


class NoEarlierCycleError(TrailError):
    """A ledger in which no run decided everything before a cycle began, or a project without a cycle."""

    def __init__(self, shown: str, start: dt.date | None) -> None:
        why = (
            "the project names no cycle before which a run could have been the last one"
            if start is None
            else f"no run in {shown} decided everything on a day before the cycle began on {start}"
        )
        super().__init__(why, "name the run whose figures are the baseline, as 'phasegate runs' lists them")


class NoBaselineError(TrailError):
    """A pack that holds nothing against a baseline, or not what was named."""

    def __init__(self, lacking: Sequence[str]) -> None:
        named = f"no measure of the pack is the change of {', '.join(lacking)}"
        super().__init__(
            named if lacking else "the pack has no measure of the kind 'change'",
            "those alone are held against a baseline",
        )


class Figure(NamedTuple):
    """One row of a baseline: the figure of a measure, of one slice of it or (empty) of the whole."""

    measure: str
    slice: str
    value: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a run.

    Attributes:
        run: the run.
        as_of: the day that it decided.
        cycle: the cycle that it decided; None where it had none.
        fixed_on: the day since which they stand in the ledger.
        other_rules: whether it was decided under other rules than the project has now.
        figures: in the order of the pack.
        lacking: the measures of which the run has no figure, each with the reason.
    """

    run: KeptRun
    as_of: str
    cycle: str | None
    fixed_on: dt.date
    other_rules: bool
    figures: tuple[Figure, ...]
    lacking: tuple[tuple[str, str], ...]


def figures(
    ledger: Ledger,
    rules: LoadedPack,
    start: dt.date | None,
    given: str | None = None,
    measures: Collection[str] = (),
) -> Figures:
    """What a run found of the measures that a pack holds against its baseline.

    Args:
        ledger: where the run is kept.
        rules: those in force, whose measures of the kind ``change`` tell what a baseline needs.
        start: the day on which the project's cycle begins; None where it names none.
        given: the run; of those that decided everything on a day of their own before that one, the newest by
            day where none is given. One that looked back counts for none.
        measures: those of which figures are wanted; all that the pack holds against its baseline by default.

    Raises:
        NoBaselineError: if the pack holds none of them against a baseline.
        NoEarlierCycleError: if no run is given and there is none.
        TrailError: if the run can not be read.
    """
    pack = rules.pack
    hows: dict[str, set[str]] = {}
    for measure in pack.measures.values():
        if measure.change is not None:
            hows.setdefault(measure.change.of, set()).add(measure.change.as_)
    unknown = [name for name in measures if name not in hows]
    if unknown or not hows:
        raise NoBaselineError(unknown)
    run = _last_before(ledger, start) if given is None else find_run(ledger, given)
    record = record_of(ledger, run)
    wanted = {name: how for name, how in hows.items() if not measures or name in measures}
    try:
        found = {name: list(_figures(record, name, how, _places(pack))) for name, how in wanted.items()}
        fixed_on = _known_on(run, record)
    except ValueError as error:
        message = f"run {run.number}: a figure or a date of it can not be read"
        raise TrailError(message, "'phasegate verify' tells more") from error
    return Figures(
        run,
        record["as_of"],
        (record["cycle"] or {}).get("id"),
        fixed_on,
        not rules.is_named(record["pack"]["digest"]),
        tuple(each for one in found.values() for each in one if isinstance(each, Figure)),
        tuple(_lacking(found)),
    )


def _known_on(run: KeptRun, record: Record) -> dt.date:
    """The day since which a run is known: one as of a day gone by, not before it was recorded."""
    recorded = dt.datetime.fromisoformat(str(run.envelope["recorded_at"]))
    return max(day_of(recorded, zone_of(record)), dt.date.fromisoformat(record["as_of"]))


def _last_before(ledger: Ledger, start: dt.date | None) -> KeptRun:
    last = (start - dt.timedelta(days=1)).isoformat() if start is not None else None
    run = newest_of_everything(ledger, last) if last is not None else None
    if run is None:
        raise NoEarlierCycleError(ledger.shown, start)
    return run


def _places(pack: Pack) -> int:
    source = pack.sources.get(pack.baseline.source) if pack.baseline is not None else None
    column = source.columns.get("value") if source is not None else None
    return column.scale if column is not None and column.type == "decimal" else PLACES


def _figures(record: Record, measure: str, how: set[str], places: int) -> Iterator[Figure | tuple[str, str]]:
    facts = [each for each in record["facts"] if each["measure"] == measure]
    if not facts:
        yield measure, "no requirement of the run was bound to it"
    for fact in facts:
        found = read_extremes(fact) if fact["status"] == "present" else None
        if found is not None and found[0] == found[1]:
            yield Figure(measure, fact["slice"], written(found[0], places, up=how == {"fall"}))
        else:
            yield fact["id"], _why_none(fact)


def _why_none(fact: FactEntry) -> str:
    """Why a fact gives no figure: against what may be one number or another, no cycle can be held."""
    undetermined = fact.get("undetermined")
    if fact["status"] == "present" and undetermined is not None and extremes(fact) is not None:
        columns = [(each["column"], each["rows"]) for each in undetermined["lacking"]]
        return f"it is {fact['shown']}: {cause_said(undetermined['rows'], columns, undetermined['fix'])}"
    return fact["reason"] or f"it is {fact['status'].replace('_', ' ')}"


def written(value: Fraction, places: int, *, up: bool) -> str:
    """A figure as a decimal number that makes a value which stays the same no worse than before.

    Args:
        value: the exact figure.
        places: digits after the point, at most.
        up: whether less is better, so that what is cut off counts as one more.
    """
    scaled = value * 10**places
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    digits = f"{abs(whole):0{places + 1}d}"
    text = f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}".rstrip("0").rstrip(".")
    return f"-{text}" if whole < 0 else text


def _lacking(found: dict[str, list[Figure | tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    for one in found.values():
        for each in one:
            if not isinstance(each, Figure):
                yield each
