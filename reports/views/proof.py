"""What a proof shows, in sentences."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, visible
from phasegate.reports.text.undetermined import undetermined_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phasegate.audit.verification.proof import ProofError
    from phasegate.audit.verification.service import ShownProof
    from phasegate.records.recheck_requirements import Followed

_GOOD, _BAD = ("✓ ", "bold green"), ("✗ ", "bold red")
_PARTS = {"points": "point", "targets": "target", "after": "gate"}


def proof_document(shown: ShownProof) -> dict[str, Any]:
    """What a proof shows, as plain JSON."""
    proof = shown.proof
    return {
        "good": shown.good,
        "why": None,
        "seq": proof.seq,
        "size": proof.checkpoint.size,
        "origin": proof.checkpoint.origin,
        "root": base64.b64encode(proof.checkpoint.root).decode(),
        "signed_by": list(proof.signed_by),
        "own_key": proof.own_key,
        "kept": shown.kept,
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
    if shown.good:
        page.line(_GOOD, (f"{visible(_decided(entry))}.", "bold"))
    else:
        page.line(_BAD, (f"{visible(_decided(entry))}, which does not follow from its facts.", "bold"))
    page.line(
        f"It is entry {proof.seq} of {proof.checkpoint.size} in the ledger "
        f"{visible(proof.checkpoint.origin)}, as {by} signed it ({fingerprint}); no byte of it was "
        "changed since.",
        indent=2,
    )
    page.line(f"It was decided as of {entry['as_of']}, under the rules {entry['pack']}.", indent=2)
    if project := entry.get("project"):
        page.line(f"It is of project {visible(project['id'])}, {visible(project['title'])}.", indent=2)
    if proof.own_key:
        page.line(
            "Who signed, only this file says: compare the fingerprint with the one that you were given, or "
            "name the key with --key.",
            indent=2,
        )
    if shown.kept:
        what = "the checkpoint" if shown.kept == 1 else f"the {shown.kept} checkpoints"
        page.line(
            f"It is the ledger of which you kept {what}: nothing that both cover was changed.", indent=2
        )
    if followed is not None:
        _followed(followed, page)
    for criterion in entry.get("criteria", ()):
        page.item(
            [_word(criterion["verdict"])], [visible(f"{criterion['id']}: {criterion['text']}")], indent=2
        )
    if entry["entry"] == "gate":
        _gate(entry, page)
    if proof.evidence is not None:
        _facts(proof.evidence, page)
    return page.text()


def _decided(entry: Mapping[str, Any]) -> str:
    run, kind = entry.get("run"), entry.get("entry")
    if kind == "run":
        return f"Run {run} decided: {str(entry['outcome']).replace('_', ' ')}"
    state = str(entry.get("verdict") or entry.get("state")).replace("_", " ")
    named = {"point": "point", "target": "target", "gate": "gate"}.get(str(kind), "entry")
    return f"Run {run} decided {named} {entry.get('id', '')}: {state}"


def _followed(followed: Followed, page: Page) -> None:
    if followed.against:
        for each in followed.against:
            page.item([_BAD], [visible(each)], indent=2)
    else:
        page.line(
            f"Its verdicts follow from its facts: {counted(followed.checked, 'requirement')} compared again, "
            "with exact fractions.",
            indent=2,
        )


def _word(verdict: str) -> str:
    return f"{verdict.replace('_', ' '):8} "


def _gate(entry: Mapping[str, Any], page: Page) -> None:
    for kind in ("points", "targets", "after"):
        for name, verdict in entry[kind].items():
            page.item([_word(verdict)], [f"{_PARTS[kind]} {visible(name)}"], indent=2)
    for reason in entry["reasons"]:
        page.item([_word("because")], [visible(reason["text"])], indent=2)


def _facts(evidence: Mapping[str, Any], page: Page) -> None:
    facts = {fact["id"]: fact for fact in evidence["facts"]}
    page.heading("Why")
    for each in evidence["requirements"]:
        fact = facts.get(each["fact"])
        told = f"{each['fact']}, which is not there"
        if fact is not None:
            counted_as = f" ({fact['counted']})" if fact["counted"] else ""
            unsure = undetermined_said(fact)
            beside = f", {unsure}" if unsure else ""
            told = f"{fact['title']}: {fact['shown']}{counted_as}{beside}, required {each['bound']}"
        waiver = f", waived by {each['waiver']}" if each["waiver"] is not None else ""
        page.item([_word(each["verdict"])], [visible(f"{told}{waiver}  [{each['at']}]")], indent=2)
    page.heading("From")
    for source in evidence["sources"]:
        rows = f"{source['rows_in_force']:,} of {source['rows']:,} rows in force"
        page.item(
            [f"{visible(source['name'])}  "], [visible(f"{rows}, {source['digest'] or 'no file'}")], indent=2
        )
    if evidence["waivers"]:
        page.heading("Waivers")
    for waiver in evidence["waivers"]:
        who = f"granted by {waiver['approver']}, asked for by {waiver['requester']}"
        when = f"from {waiver['start']} until {waiver['end']}"
        signed = f"signed by {waiver['signer']}" if waiver["signer"] else "which nobody signed"
        page.item(
            [f"{visible(waiver['id'])}  "],
            [visible(f"{who}, {when}, {signed}: {waiver['why']}")],
            indent=2,
        )


def refuted_text(name: str, error: ProofError, *, width: int, colour: bool) -> str:
    """Why a file proves nothing.

    Args:
        name: of the file.
        error: why.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    page.line(_BAD, (f"{visible(name)} proves nothing: {visible(error.why)}.", "bold"))
    page.line(visible(error.hint or ""), indent=2)
    return page.text()


def refuted_document(error: ProofError) -> dict[str, Any]:
    """The same as plain JSON."""
    return {"good": False, "why": error.why}
