"""Where a run is kept and whose approval its rules have, as the last lines of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.text.plain import visible
from phasegate.reports.text.provenance import approval_line

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import Kept
    from phasegate.records.schema import Record
    from phasegate.reports.terminal.page import Page


def trail(record: Record, kept: Kept | None, page: Page) -> None:
    """Tells the run's project, its place in the ledger, its checkpoint, and whose approval the rules have."""
    page.line((approval_line(record), "dim"))
    if "project" in record:
        page.line((f"Of the project {visible(record['project']['id'])}", "dim"))
    if kept is not None:
        page.line((f"Kept as run {kept.run} in {kept.name}; checkpoint {kept.checkpoint}", "dim"))
