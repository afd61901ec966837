"""What the verification of a ledger found, in sentences."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from phasegate.audit.ledger.checkpoint import in_a_line
from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, visible

if TYPE_CHECKING:
    from phasegate.audit.verification.ledger import Verified

_LONGEST_LABEL = 24
_GOOD, _BAD = ("✓ ", "bold green"), ("✗ ", "bold red")


def verified_text(name: str, found: Verified, *, width: int, colour: bool) -> str:
    """What was found of a ledger.

    Args:
        name: the ledger, as it may be shown.
        found: what was found.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    if found.good:
        _good(name, found, page)
    else:
        total = len(found.faults) + found.more
        page.line(_BAD, (f"{visible(name)} is not what was kept: {counted(total, 'fault')}.", "bold"))
        for fault in found.faults:
            if len(fault.place) > _LONGEST_LABEL:
                page.line(f"{visible(fault.place)}: {visible(fault.text)}", indent=2)
            else:
                page.item([f"{visible(fault.place)}: "], [visible(fault.text)], indent=2)
        if found.more:
            page.line(f"and {found.more:,} more", indent=2)
        _notes(found, page)
        page.line(
            "Rely on nothing in it until it is known how that came about; go on with a copy that verifies."
        )
    return page.text()


def _good(name: str, found: Verified, page: Page) -> None:
    by, fingerprint = found.signed_by or ("nobody", "")
    page.line(_GOOD, (f"{visible(name)} holds what was kept.", "bold"))
    what = [counted(found.size, "entry", "entries"), counted(found.checkpoints, "checkpoint")]
    if not found.quick:
        what[1:1] = [
            counted(found.runs, "run"),
            counted(found.statements, "signed statement"),
            counted(found.documents, "document"),
        ]
    looked = (
        "Every entry was hashed again" if found.quick else "Every entry was read, hashed and compared again"
    )
    page.line(f"{looked}: {', '.join(what)}. They make the root that {by} signed ({fingerprint}).", indent=2)
    if found.own_key:
        page.line(
            f"Who {by} is, only the ledger itself says: compare the fingerprint with the one that you were "
            "given, or name the key with --key.",
            indent=2,
        )
    _notes(found, page)
    if found.quick:
        page.line("What the entries say was not looked at; without --quick it is.", indent=2)
    if found.kept:
        page.line(
            f"It goes on from {counted(found.kept, 'checkpoint')} kept elsewhere: nothing before was "
            "changed, removed or put back.",
            indent=2,
        )
    else:
        page.line(
            "An older copy would look as good. Keep this checkpoint elsewhere, and verify against it next "
            "time:",
            indent=2,
        )
        page.unbroken(f"  phasegate verify --against '{in_a_line(found.size, found.root)}'")


def _notes(found: Verified, page: Page) -> None:
    """What is worth knowing, and is no fault."""
    for note in found.notes:
        page.item([f"{visible(note.place)}: "], [visible(note.text)], indent=2)


def verified_document(name: str, found: Verified) -> dict[str, Any]:
    """The same as plain JSON."""
    return {
        "ledger": name,
        "good": found.good,
        "origin": found.origin,
        "size": found.size,
        "root": base64.b64encode(found.root).decode(),
        "runs": found.runs,
        "statements": found.statements,
        "documents": found.documents,
        "checkpoints": found.checkpoints,
        "signed_by": list(found.signed_by) if found.signed_by else None,
        "own_key": found.own_key,
        "kept": found.kept,
        "quick": found.quick,
        "notes": [{"place": note.place, "text": note.text} for note in found.notes],
        "faults": [{"place": fault.place, "text": fault.text} for fault in found.faults],
        "more_faults": found.more,
    }
