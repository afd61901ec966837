"""The changes between two runs of a ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.kept_basis import with_basis
from phasegate.audit.trail.pack_snapshot import rules_of
from phasegate.audit.trail.runs import KeptRun, content_of, find_run, record_of
from phasegate.audit.trail.standing_runs import by_day, newest
from phasegate.monitoring.history.diff import Difference, difference
from phasegate.monitoring.history.not_known import unknown_of
from phasegate.monitoring.history.row_diff import Rows, RowsApart
from phasegate.records.schema import Record
from phasegate.rules.changes.changes import RuleChange, changes
from phasegate.rules.errors import PhasegateError

Told = Callable[[Record], Record]
"""What may be told of a record to who reads it."""


def everything(record: Record) -> Record:
    """All of a record."""
    return record


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs and what they decided otherwise.

    Attributes:
        before, after: the runs.
        difference: what is another way.
        rows: of requirements by id, which rows behind their verdict are others.
        rules: what the rules of the later one say otherwise; None where they can not be read any more.
        unknown: what can not be known of why, each in one line.
    """

    before: KeptRun
    after: KeptRun
    difference: Difference
    rows: dict[str, RowsApart]
    rules: tuple[RuleChange, ...] | None = ()
    unknown: tuple[str, ...] = ()


def compare(
    ledger: Ledger,
    before: str | None = None,
    after: str | None = None,
    *,
    rows: bool = True,
    told: Told = everything,
) -> Compared:
    """Holds two runs of a ledger against each other.

    Args:
        ledger: where they are kept.
        before: the one: a number, or ``latest``; by default the newest before the other, by its day, that
            decided the same.
        after: the other; by default the newest by its day, of those that decided what the one did.
        rows: whether the rows behind verdicts are looked at too.
        told: what may be told of a record.

    Raises:
        TrailError: if a run is not there, or can not be read.
    """
    one, other = _two(ledger, before, after)
    then, now = (with_basis(ledger, run, told(record_of(ledger, run))) for run in (one, other))
    rules = _rule_changes(ledger, one, other)
    if rules == ():  # the digest of the same rules was that of their files once
        then = {**then, "pack": {**then["pack"], "digest": now["pack"]["digest"]}}
    found = difference(then, now)
    unknown = unknown_of(found, then, now, f"run {one.number}", f"run {other.number}")
    apart = _apart(Rows(ledger, one, other, then, now), found) if rows else {}
    return Compared(one, other, found, apart, rules, tuple(unknown))


def _apart(rows: Rows, found: Difference) -> dict[str, RowsApart]:
    changed = [each.id for criterion in found.criteria for each in criterion.requirements]
    return {name: each for name in changed if (each := rows.apart(name)) is not None}


def _two(ledger: Ledger, before: str | None, after: str | None) -> tuple[KeptRun, KeptRun]:
    if before is None:
        other = find_run(ledger, after) if after is not None else newest(ledger) or find_run(ledger, "latest")
        rest = by_day(ledger, lambda run: run.number != other.number)
        return newest(ledger, like=other) or next(rest, None) or other, other
    one = find_run(ledger, before)
    if after is not None:
        return one, find_run(ledger, after)
    later = newest(ledger, like=one)
    return one, later if later is not None and _place(later) > _place(one) else newest(ledger) or one


def _place(run: KeptRun) -> tuple[str, int]:
    return str(run.entry["as_of"]), run.number


def _rule_changes(ledger: Ledger, before: KeptRun, after: KeptRun) -> tuple[RuleChange, ...] | None:
    if before.entry["rules"] == after.entry["rules"] or before.entry["pack"] == after.entry["pack"]:
        return ()
    try:
        then, now = (rules_of(content_of(ledger, str(run.entry["rules"]))) for run in (before, after))
    except PhasegateError:
        return None
    return changes(then, now)
