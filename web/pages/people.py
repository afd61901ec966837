"""Who may sign, and everything that was signed, tried or brought beside runs, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.ledger.project_entries import owner_of
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.listing import TOLD, Act, acts
from phasegate.audit.statements.types import TYPES
from phasegate.reports.html.markup import Markup, section, tag, void
from phasegate.reports.text.plain import moment
from phasegate.reports.views.entries import said_of
from phasegate.web.cache import Answer
from phasegate.web.pages.runs import choice
from phasegate.web.shell import code, document, table

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

MOST = 200
"""So many entries are shown; filters find the others."""


def page(asked: Asked) -> Answer:
    """The page of people and signatures."""
    signers = listed(asked)
    who, kind = asked.given("who"), asked.given("kind")
    found = [
        each
        for each in reversed(acts(asked.ledger.log, asked.ledger.signers))
        if kind in ("", each.kind) and who in ("", each.who)
    ]
    parts = [
        tag("h1", "People and signatures"),
        section("signers", "Whose signatures count", _signers(signers)),
        section("signed", "What was signed", _filters(who, kind), _acts(found)),
    ]
    return Answer(document("People and signatures", *parts, asked=asked, here="people"))


def listed(asked: Asked) -> Signers:
    """The signers of the project: of its file, or where it lists none, of its newest list in the ledger."""
    if (signers := asked.ledger.signers) is not None:
        return signers
    log, id_ = asked.ledger.log, asked.ledger.reading.project.id
    own = [each for each in log.find(("key",)) if owner_of(each) in (id_, None)]
    return Listed.of(own).newest or Signers(())


def _signers(signers: Signers) -> Markup:
    if not len(signers):
        return tag("p", "Nobody is listed.")
    rows = [
        (
            each.name,
            ", ".join(each.roles),
            code(each.public.fingerprint),
            moment(each.start) if each.start else "",
            moment(each.end) if each.end else "",
            moment(each.revoked) if each.revoked else "",
        )
        for each in signers
    ]
    heads = ("Signer", "Roles", "Fingerprint of the key", "From", "Until", "Revoked")
    return table("Signers", "Those who are listed; a key that was revoked counts for nothing.", heads, rows)


def _acts(found: list[Act]) -> Markup:
    if not found:
        return tag("p", "There is no such entry.")
    rows = [
        (
            f"entry {each.seq}",
            each.kind,
            moment(each.at or "at no moment"),
            each.who or "nobody",
            said_of(each),
            "counts" if each.refused is None else f"does not count: {each.refused}",
        )
        for each in found[:MOST]
    ]
    more = f" The newest {MOST} of {len(found):,}." if len(found) > MOST else ""
    heads = ("Entry", "Kind", "When", "Who", "What", "Whether it counts")
    return table("Entries beside runs", f"The newest first.{more}", heads, rows)


def _filters(who: str, kind: str) -> Markup:
    kinds = (("", "all"), *((each, each) for each in sorted({*TYPES, *TOLD})))
    return tag(
        "form",
        choice("kind", "Kind", kinds, kind),
        tag("p", tag("label", "By ", void("input", type="text", name="who", value=who, maxlength="120"))),
        tag("p", tag("button", "Show", type="submit")),
        method="get",
        class_="choose",
        aria_label="Which entries",
    )
