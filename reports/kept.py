"""The foot of a report: where the run is kept, and who vouches for its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.page import Page

if TYPE_CHECKING:
    from phasegate.audit.kept.kept_runs import Kept
    from phasegate.audit.record.document import Record, RefusedApproval


def trail(record: Record, kept: Kept | None, page: Page) -> None:
    """Tells the run's place in the ledger, its checkpoint, and whose approval the rules have."""
    page.line((approval_line(record), "dim"))
    if kept is not None:
        page.line((f"Kept as run {kept.run} in {kept.name}; checkpoint {kept.checkpoint}", "dim"))


def approval_line(record: Record) -> str:
    """Who has approved the rules, in a sentence."""
    approval = record["approval"]
    if not approval["signers"]:
        return "Nobody has approved these rules: the project lists no signers."
    given = [f"{each['signer']} for {each['function']}" for each in approval["given"]]
    refused = {each["function"]: each for each in approval.get("refused", ())}
    missing = [_nobody(function, refused.get(function)) for function in approval["missing"]]
    return f"Rules approved by {', '.join([*given, *missing]) or 'nobody'}."


def _nobody(function: str, refused: RefusedApproval | None) -> str:
    if refused is None:
        return f"nobody for {function}"
    return f"nobody for {function} (entry {refused['entry']} does not count: {refused['reason']})"
