"""Whether the ledger is what was kept: every entry read, hashed and compared again, while one watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, joined, section, state_tone, tag
from phasegate.reports.text.labels import Sign, state_sign
from phasegate.reports.views.verification import verified_text
from phasegate.web.cache import Answer
from phasegate.web.links import api, link
from phasegate.web.shell import banner, document

if TYPE_CHECKING:
    from phasegate.web.asked import Asked
    from phasegate.web.verifier import Progress

_GOOD = Sign("✓", "verified", "bold green", ("is verified", "are verified"))
_BAD = Sign("✗", "NOT GOOD", "bold red", ("is not good", "are not good"), "error")
SECONDS = 2
"""After so many the page asks for itself again, as long as there is something to come."""


def page(asked: Asked) -> Answer:
    """The page of verification; whoever looks at it has a ledger verified that has grown since."""
    assert asked.project is not None
    told = asked.verifier.ask(asked.project, asked.ledger.head)
    parts = [tag("h1", "Verification"), *_told(asked, told)]
    parts.append(
        section(
            "elsewhere",
            "Verify it elsewhere",
            tag(
                "p",
                "What this server says of itself proves nothing. Keep the checkpoint at the end of this page "
                "where nobody who can change the ledger can change it, and verify against it.",
            ),
            tag("p", link(api(asked.key, "verification"), "The same for programs (JSON)")),
        )
    )
    over = told.over and told.head == asked.ledger.head
    refresh = None if over else SECONDS
    title = "Verification" if over else f"Verifying: {_share(told)} %"
    return Answer(document(title, *parts, asked=asked, here="verification", refresh=refresh))


def _share(told: Progress) -> int:
    return 100 * told.done // told.total if told.total else 0


def _told(asked: Asked, told: Progress) -> list[Markup]:
    if told.failed is not None:
        return [banner(state_sign("error"), state_tone("error"), f"It could not be verified: {told.failed}.")]
    if told.found is not None:
        good = told.found.good
        sign, tone = (_GOOD, state_tone("open")) if good else (_BAD, state_tone("closed"))
        said = "The ledger holds what was kept." if good else "The ledger is not what was kept."
        text = verified_text(asked.ledger.whole.shown.rpartition("/")[2], told.found, width=92, colour=False)
        lines = joined(text.splitlines(), "\n")
        found = [banner(sign, tone, said), tag("pre", lines, tabindex="0")]
        if told.head != asked.ledger.head:
            found.append(tag("p", f"It has grown since to {asked.ledger.head.size:,} entries."))
        return found
    said = f"{told.done:,} of {told.total:,} entries were read. This page asks again every {SECONDS} seconds."
    bar = tag(
        "progress",
        f"{_share(told)} %",
        value=str(told.done),
        max=str(max(told.total, 1)),
        aria_label="Entries",
    )
    return [tag("p", "Every entry is read, hashed and compared again."), tag("p", bar), tag("p", said)]
