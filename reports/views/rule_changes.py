"""What rules say otherwise than others, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, visible
from phasegate.rules.changes.changes import told_first

if TYPE_CHECKING:
    from phasegate.audit.statements.review import Review
    from phasegate.rules.changes.changes import RuleChange


def rules_changed(found: Sequence[RuleChange] | None, page: Page) -> None:
    """The changes of rules under a heading; nothing where there are none."""
    if found is None:
        page.heading("Rules", "they are others, and those of one of the runs can not be read any more")
    elif found:
        page.heading("Rules", f"{counted(len(found), 'change')}")
        _changes(found, page)


def rules_text(found: Sequence[RuleChange], *, width: int, colour: bool) -> str:
    """What rules say otherwise than others."""
    page = Page(width, colour)
    if found:
        page.line((counted(len(found), "change"), "bold"))
        _changes(found, page)
    else:
        page.line(("Both say the same.", "bold"))
    return page.text()


def review_text(found: Review, *, width: int, colour: bool) -> str:
    """What somebody is about to approve."""
    page = Page(width, colour)
    if found.before is None:
        page.line(f"No rules were approved for {found.function} before: all of them are new to it.")
    else:
        who = found.before.signer.name if found.before.signer is not None else "nobody"
        since = f"{who} approved rules for {found.function} on {found.before.predicate['signed']}"
        if found.changes is None:
            page.line(f"{since}; the ledger keeps no run under them, so that nobody can tell what changed.")
        elif not found.changes:
            page.line(f"{since}, and they say the same as those in force.")
        else:
            page.line(f"{since}. Since then: {counted(len(found.changes), 'change')}.")
            _changes(found.changes, page)
    return page.text()


def rules_document(found: Sequence[RuleChange] | None) -> list[dict[str, Any]] | None:
    """The same as plain JSON."""
    return None if found is None else [{**each._asdict(), "path": list(each.path)} for each in found]


def _changes(found: Sequence[RuleChange], page: Page) -> None:
    for each in told_first(found):
        page.item([(f"{each.kind}: ", "bold")], [f"{visible(each.said)}."], indent=2)
