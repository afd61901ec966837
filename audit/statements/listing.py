"""What people and machines put into a ledger beside runs: statements, refused attempts, lists of signers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from phasegate.audit.ledger.entry_errors import document_of, naming
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.project_entries import ProjectEntries, named_in
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.reader import Said, said, to_the_second
from phasegate.audit.statements.types import TYPES

TOLD = ("refused", "key", "notified")
"""Kinds of entries that nobody signs by themselves; the checkpoint after them is signed."""


@dataclass(frozen=True, slots=True)
class Act:
    """One entry.

    Attributes:
        seq: its number.
        kind: such as ``approval``, ``refused`` or ``key``.
        at: the moment that it names; None where it names none.
        who: by whom, as far as somebody vouches for it; what it says itself otherwise, which may be nobody.
        said: the rest of what it says.
        refused: why it counts for nothing; None if it counts, or there is nothing to count.
    """

    seq: int
    kind: str
    at: str | None
    who: str | None
    said: Mapping[str, Any]
    refused: str | None = None


def acts(log: Ledger, signers: Signers | None = None, *, apart: bool = False) -> list[Act]:
    """Every entry of a ledger that somebody made beside runs, in their order.

    Args:
        log: the ledger.
        signers: those whose signatures count; None for those whom the ledger lists last.
        apart: whether it is of several projects, and each has signers of its own.

    Raises:
        EntryError: if one can not be read.
    """
    views: list[Finding] = [log]
    if apart:
        nobodys = ProjectEntries(log, "", (range(log.size()),))
        views = [nobodys, *(ProjectEntries(log, project) for project in named_in(log))]
    found = [_act(each) for view in views for each in said(view, signers or _newest(view), None, *TYPES)]
    return sorted([*found, *_told(log)], key=lambda act: act.seq)


def _newest(log: Finding) -> Signers:
    return Listed.of(log.find(("key",))).newest or Signers(())


def _act(each: Said) -> Act:
    claimed = each.predicate.get("approver" if each.kind == "waiver" else "by")
    who = each.signer.name if each.signer else claimed if isinstance(claimed, str) else None
    what = {**each.predicate, "about": each.digests} if each.predicate else {"subject": each.subject}
    return Act(
        each.seq, each.kind, to_the_second(each.signed) if each.signed else None, who, what, each.refused
    )


def _told(log: Ledger) -> Iterator[Act]:
    for row in log.find(TOLD):
        document = document_of(row)
        with naming(row):
            envelope = document.get("envelope")
            by: Mapping[str, Any] = envelope if isinstance(envelope, dict) else {}
            if row.kind == "key":
                what: dict[str, Any] = {
                    "signers": Signers.from_document(document.get("signers")).as_document()
                }
            elif row.kind == "notified":
                what = {name: document.get(name) for name in ("outcome", "about", "tries", "reason")}
                what["to"] = document.get("subject")
            else:
                what = {"command": document.get("command"), "error": document.get("error")}
        yield Act(row.seq, row.kind, by.get("recorded_at"), by.get("evaluator"), what)
