"""What was signed or given out, in a sentence; and whose signatures count."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import counted, listed, visible
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.validity import Validity

if TYPE_CHECKING:
    from pathlib import Path

    from phasegate.audit.export.entries import Exported
    from phasegate.audit.signing.in_toto import Subject
    from phasegate.audit.signing.keys import PublicKey
    from phasegate.audit.signing.signers import Signers
    from phasegate.rules.model.attestation import Attestation
    from phasegate.rules.model.waiver import Waiver


class UntoldKeyError(PhasegateError):
    """A key that was made, and nobody could be told."""

    def __init__(self, file: Path, public: PublicKey, name: str, role: str, error: OSError) -> None:
        super().__init__(
            f"the key was made, and this could not be printed: {error.strerror or error}",
            f"{file} (keep it to yourself) and {file}.pub ({public.fingerprint}) are whole; "
            f"the line for 'signers' in the project file is: - {_signer(public, name, role)}",
        )


def made(file: Path, public: PublicKey, name: str, role: str) -> str:
    """That a key was made, and the lines for the project file that let it count."""
    return (
        f"wrote {file} (keep it to yourself) and {file}.pub ({public.fingerprint})\n"
        f"for the project file:\nsigners:\n  - {_signer(public, name, role)}\n"
    )


def _signer(public: PublicKey, name: str, role: str) -> str:
    return json.dumps({"name": name, "roles": [role], "key": public.openssh}, ensure_ascii=False)


def signers_text(signers: Signers, now: dt.datetime, *, width: int, colour: bool) -> str:
    """Whose signatures count, for what, and until when."""
    page = Page(width, colour)
    if not len(signers):
        page.line("The project lists no signers: it signs its runs by a key of its own, and no waiver,")
        page.line("attestation or approval counts as signed.")
    for signer in signers:
        why_not = signer.why_not(now)
        page.item(
            [f"{visible(signer.name)}  "],
            [
                f"{', '.join(signer.roles)}  {signer.public.fingerprint}",
                (f"  it {why_not}" if why_not else "", "yellow"),
            ],
        )
    return page.text()


def granted(waiver: Waiver, seq: int, zone: str) -> str:
    """That a waiver was granted, and on which days it counts, by a time zone."""
    span = Validity(waiver.start, waiver.end, waiver.granted, zone=zone, today=True)
    floor = f" down to {waiver.floor}" if waiver.floor else ""
    return (
        f"{waiver.approver} grants waiver {waiver.id} for {visible(waiver.requirement)} "
        f"({', '.join(waiver.covers)}{floor}): it counts from {span.first_day} to {span.last_day}. "
        f"Entry {seq}."
    )


def attested(attestation: Attestation, by: str, evidence: Subject, last: dt.date, seq: int, zone: str) -> str:
    """That something was attested, on which evidence, and on which days it counts.

    Args:
        attestation: what was attested.
        by: who signed it.
        evidence: the file that it rests on.
        last: the last day on which it counts.
        seq: the sequence number of its entry.
        zone: the time zone whose days count.
    """
    span = replace(attestation.validity(zone), today=True)
    value = attestation.value if isinstance(attestation.value, str) else str(attestation.value).lower()
    older = " (then its measure finds it too old)" if last < span.last_day else ""
    return (
        f"{by} attests {listed(attestation.fact_ids)} as {visible(value)}, on {visible(evidence.name)} "
        f"({evidence.digest}): it counts from {span.first_day} to {last}{older}. "
        f"Attestation {attestation.id}, entry {seq}."
    )


def revoked(id_: str, by: str, day: dt.date, seq: int, what: str = "waiver") -> str:
    """That a waiver, or an attestation, was revoked on a day."""
    return f"{by} ends {what} {visible(id_)}: from {day} on it counts no more. Entry {seq}."


def approved(digest: str, function: str, by: str, missing: tuple[str, ...]) -> str:
    """That rules were approved, and whose approval is still missing."""
    left = f" Still missing: {', '.join(missing)}." if missing else " Every function has approved them."
    return f"{by} approves the rules {digest} for {function}.{left}"


def advanced(gate: str, run: int, state: str, by: str) -> str:
    """That the programme goes through a gate."""
    return f"{by} lets the programme go through gate {gate}, which run {run} found {state.replace('_', ' ')}."


def adopted(size: int, by: str, seq: int) -> str:
    """That a project has taken on older entries."""
    return (
        f"{by} takes on what was nobody's among the first {counted(size, 'entry', 'entries')} (entry {seq})."
    )


def entries_exported(folder: Path, found: Exported) -> str:
    """That the log was written."""
    what = [counted(found.entries, "entry", "entries"), counted(found.keys, "key")]
    if found.documents:
        what.append(counted(found.documents, "document"))
    return f"wrote {folder}: {', '.join(what)}, and the checkpoint over all entries"


def result_exported(file: Path, word: str, by: PublicKey) -> str:
    """That a result was written."""
    return f"wrote {file}: {word}, signed by {by.fingerprint}"
