"""The changes between two runs of a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from phasegate.audit.ledger.entry_errors import EntryError, document_of
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import KeptRun, content_of, find_run, record_of
from phasegate.monitoring.history.causes import Measures
from phasegate.monitoring.history.diff import Difference, MeasuresOf, difference
from phasegate.monitoring.history.row_diff import Rows, RowsApart


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs and what they decided otherwise.

    Attributes:
        before, after: the runs.
        difference: what is another way.
        rows: of requirements by id, which rows behind their verdict are others.
    """

    before: KeptRun
    after: KeptRun
    difference: Difference
    rows: dict[str, RowsApart]


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
    found = difference(then, now, measures_of(ledger, one), measures_of(ledger, other))
    rows = Rows(ledger, one, other, then, now)
    changed = [each.id for criterion in found.criteria for each in criterion.requirements]
    apart = {name: each for name in changed if (each := rows.apart(name)) is not None}
    return Compared(one, other, found, apart)


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
