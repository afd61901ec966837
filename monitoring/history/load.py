"""The changes between two runs of a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from phasegate.audit.ledger.entry_errors import EntryError, document_of
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.pack_snapshot import rules_of
from phasegate.audit.trail.runs import KeptRun, content_of, find_run, record_of
from phasegate.monitoring.history.causes import Measures
from phasegate.monitoring.history.diff import Difference, MeasuresOf, difference
from phasegate.monitoring.history.row_diff import Rows, RowsApart
from phasegate.rules.changes.changes import RuleChange, changes
from phasegate.rules.errors import PhasegateError


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs and what they decided otherwise.

    Attributes:
        before, after: the runs.
        difference: what is another way.
        rows: of requirements by id, which rows behind their verdict are others.
        rules: what the rules of the later one say otherwise; None where they can not be read any more.
    """

    before: KeptRun
    after: KeptRun
    difference: Difference
    rows: dict[str, RowsApart]
    rules: tuple[RuleChange, ...] | None = ()


def compare(ledger: Ledger, before: str, after: str) -> Compared:
    """Holds two runs of a ledger against each other.

    Args:
        ledger: where they are kept.
        before: the one: a number, or ``latest``.
        after: the other.

    Raises:
        TrailError: if a run is not there, or can not be read.
    """
    one, other = find_run(ledger, before), find_run(ledger, after)
    then, now = record_of(ledger, one), record_of(ledger, other)
    rules = _rule_changes(ledger, one, other)
    if rules == ():  # the digest of the same rules was that of their files once
        then = {**then, "pack": {**then["pack"], "digest": now["pack"]["digest"]}}
    found = difference(then, now, measures_of(ledger, one), measures_of(ledger, other))
    rows = Rows(ledger, one, other, then, now)
    changed = [each.id for criterion in found.criteria for each in criterion.requirements]
    apart = {name: each for name in changed if (each := rows.apart(name)) is not None}
    return Compared(one, other, found, apart, rules)


def _rule_changes(ledger: Ledger, before: KeptRun, after: KeptRun) -> tuple[RuleChange, ...] | None:
    if before.entry["rules"] == after.entry["rules"] or before.entry["pack"] == after.entry["pack"]:
        return ()
    try:
        then, now = (rules_of(content_of(ledger, str(run.entry["rules"]))) for run in (before, after))
    except PhasegateError:
        return None
    return changes(then, now)


def measures_of(ledger: Ledger, run: KeptRun) -> MeasuresOf:
    """How the facts of a run were measured."""

    @cache
    def of(subject: str) -> Measures:
        for row in ledger.find(("point", "target"), run=run.number, subject=subject):
            try:
                evidence: Any = orjson.loads(content_of(ledger, document_of(row)["evidence"]))
                return dict(evidence["measures"])
            except (KeyError, TypeError, ValueError) as error:
                raise EntryError(row, "names evidence that can not be read") from error
        return {}

    return of
