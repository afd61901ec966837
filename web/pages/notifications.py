"""Who is told of what, and what came of it. Where anybody is reached stands on no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.trail.notification_entries import NOTIFIED
from phasegate.reports.html.markup import Markup, section, tag
from phasegate.reports.text.plain import moment
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import document, table

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

MOST = 200


def page(asked: Asked) -> Answer:
    """The page of notifications."""
    parts = [
        tag("h1", "Notifications"),
        section("listed", "Who is told", _listed(asked)),
        section("sent", "What came of it", _sent(asked)),
    ]
    return Answer(document("Notifications", *parts, asked=asked, here="notifications"))


def _listed(asked: Asked) -> Markup:
    told = asked.ledger.reading.project.notifications
    if not told:
        return tag("p", "Nobody is told of anything.")
    rows = [
        (
            name,
            ", ".join(each.about),
            ", ".join(each.areas) or "all",
            ", ".join(each.roles) or "all",
            each.within,
        )
        for name, each in told.items()
    ]
    heads = ("Who", "Of what", "Areas", "Roles", "Looks ahead")
    return table("Who is told", "As the project file has it; addresses are not shown.", heads, rows)


def _sent(asked: Asked) -> Markup:
    found = asked.ledger.log.find((NOTIFIED,))[::-1]
    if not found:
        return tag("p", "The ledger tells of no message yet.")
    rows = []
    for each in found[:MOST]:
        document = document_of(each)
        run, envelope = document.get("about"), document.get("envelope")
        at = envelope.get("recorded_at") if isinstance(envelope, dict) else None
        of = (
            link(address(asked.key, "run", run=run), f"run {run}") if isinstance(run, int) and run else "none"
        )
        cells = (
            moment(str(at or "")),
            each.subject,
            str(document.get("outcome")),
            of,
            str(document.get("reason") or ""),
        )
        rows.append((f"entry {each.seq}", *cells))
    caption = f"The newest first, {min(len(found), MOST):,} of {len(found):,}."
    return table("Messages", caption, ("Entry", "When", "To", "Outcome", "About", "Reason"), rows)
