"""What a verification found, in sentences; the same for a proof."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from phasegate.reports.page import Page
from phasegate.reports.plain import counted, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phasegate.audit.followed import Followed
    from phasegate.audit.ledger.verify import Verified
    from phasegate.audit.verifying import ShownProof

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
            page.item([f"{visible(fault.place)}: "], [visible(fault.text)], indent=2)
        if found.more:
            page.line(f"and {found.more:,} more", indent=2)
        page.line(
            "Go on with a copy that verifies; nothing that was recorded after the first fault is proved."
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
    if found.quick:
        page.line("What the entries say was not looked at; without --quick it is.", indent=2)
    if found.own_key:
        page.line(
            "Who that is, only the ledger itself says: compare the fingerprint with the one that you were "
            "given, or name the key with --key.",
            indent=2,
        )
    if found.kept:
        page.line(
            f"It goes on from {counted(found.kept, 'checkpoint')} kept elsewhere: nothing before was "
            "changed, removed or put back.",
            indent=2,
        )
    else:
        root = base64.b64encode(found.root).decode()
        page.line(
            "An older copy would look as good. Keep this checkpoint elsewhere, and verify against it next "
            "time:",
            indent=2,
        )
        page.unbroken(f"  phasegate verify --against '{found.size} {root}'")


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
        "faults": [{"place": fault.place, "text": fault.text} for fault in found.faults],
        "more_faults": found.more,
    }


def proof_document(shown: ShownProof) -> dict[str, Any]:
    """What a proof shows, as plain JSON."""
    proof = shown.proof
    return {
        "good": shown.good,
        "seq": proof.seq,
        "size": proof.checkpoint.size,
        "origin": proof.checkpoint.origin,
        "root": base64.b64encode(proof.checkpoint.root).decode(),
        "signed_by": list(proof.signed_by),
        "own_key": proof.own_key,
        "entry": dict(proof.entry),
        "against": list(shown.followed.against) if shown.followed else [],
    }


def proof_text(shown: ShownProof, *, width: int, colour: bool) -> str:
    """What a proof shows, in sentences.

    Args:
        shown: the proof, found right.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    proof, followed = shown.proof, shown.followed
    entry, (by, fingerprint) = proof.entry, proof.signed_by
    page.line(_GOOD, (visible(_decided(entry)), "bold"))
    page.line(
        f"It is entry {proof.seq} of {proof.checkpoint.size} in the ledger "
        f"{visible(proof.checkpoint.origin)}, as {by} signed it ({fingerprint}); no byte of it was "
        "changed since.",
        indent=2,
    )
    page.line(f"It was decided as of {entry['as_of']}, under the rules {entry['pack']}.", indent=2)
    if proof.own_key:
        page.line(
            "Who signed, only this file says: compare the fingerprint with the one that you were given, or "
            "name the key with --key.",
            indent=2,
        )
    if shown.kept:
        page.line("The checkpoint is the one that you kept.", indent=2)
    if followed is not None:
        _followed(followed, page)
    for criterion in entry.get("criteria", ()):
        page.item(
            [f"{criterion['verdict']:8} "], [visible(f"{criterion['id']}: {criterion['text']}")], indent=2
        )
    if proof.evidence is not None:
        _facts(proof.evidence, page)
    return page.text()


def _decided(entry: Mapping[str, Any]) -> str:
    run, kind = entry.get("run"), entry.get("entry")
    if kind == "run":
        return f"Run {run} decided: {str(entry['outcome']).replace('_', ' ')}."
    state = str(entry.get("verdict") or entry.get("state")).replace("_", " ")
    named = {"point": "point", "target": "target", "gate": "gate"}.get(str(kind), "entry")
    return f"Run {run} decided {named} {entry.get('id', '')}: {state}."


def _followed(followed: Followed, page: Page) -> None:
    if followed.against:
        page.line(
            _BAD, f"{counted(len(followed.against), 'verdict')} do not follow from the facts:", indent=2
        )
        for each in followed.against:
            page.line(visible(each), indent=4)
    else:
        page.line(
            f"Its verdicts follow from its facts: {counted(followed.checked, 'requirement')} compared again, "
            "with exact fractions.",
            indent=2,
        )


def _facts(evidence: Mapping[str, Any], page: Page) -> None:
    facts = {fact["id"]: fact for fact in evidence["facts"]}
    page.heading("Why")
    for each in evidence["requirements"]:
        fact = facts[each["fact"]]
        counted_as = f" ({fact['counted']})" if fact["counted"] else ""
        told = f"{fact['title']}: {fact['shown']}{counted_as}, required {each['bound']}"
        page.item([f"{each['verdict']:8} "], [visible(f"{told}  [{each['at']}]")], indent=2)
    page.heading("From")
    for source in evidence["sources"]:
        rows = f"{source['rows_in_force']:,} of {source['rows']:,} rows in force"
        page.item(
            [f"{visible(source['name'])}  "], [visible(f"{rows}, {source['digest'] or 'no file'}")], indent=2
        )
