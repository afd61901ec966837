"""How many weeks each phase had, by the rules that were kept with a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.trail.runs import KeptRun, content_of
from phasegate.records.overdue import last_weeks, may_be_overdue
from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.records.schema import Record


def weeks_then(ledger: Ledger, run: KeptRun, record: Record) -> dict[str, int]:
    """The last week of each phase, as it was when a run was decided.

    Where the rules can not be read nothing is known of the weeks: what was decided can be told without
    them, and `verify` tells what is amiss.

    Args:
        ledger: where the run is kept.
        run: the run.
        record: what it decided; the rules are read where a phase in it could be overdue at all.
    """
    if not may_be_overdue(record):
        return {}
    from phasegate.audit.trail.pack_snapshot import rules_of

    try:
        return last_weeks(rules_of(content_of(ledger, str(run.entry["rules"]))).pack)
    except PhasegateError:
        return {}
