"""What is handed to a ledger to be appended, and the canonical body that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from phasegate.audit.ledger.store import Entries, Row
from phasegate.audit.signing.canonical_json import canonical

ENTRY_SCHEMA = "phasegate/entry/1"
OWN_KINDS = ("ledger", "checkpoint")
"""Kinds that the ledger writes by itself, and nobody else."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has a number.

    Attributes:
        kind: what is told, such as ``run`` or ``waiver``.
        run: the number of the run that it belongs to; None for none.
        subject: what it can be found by, such as the id of a point; may be empty.
        document: the rest of it. ``entry``, ``schema``, ``run`` and ``subject`` are added where it
            does not hold them already.
    """

    kind: str
    run: int | None
    subject: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """Where an append stands; nobody else writes before it has ended.

    Attributes:
        size: how many entries there are before it.
        first: the number that the first draft will have.
        newest_run: the highest number of a run so far, 0 where there is none.
        find: finds entries, as `Ledger.find` does.
        origin: what the checkpoints call the ledger.
        entries: gives the entries from one number up to another.
        note: the checkpoint over all entries before it; None in a ledger without any.
        shown: the ledger's address, as messages may show it.
        whose: tells the id of the project whose an entry is, as `owner_of` does, where that is known; None
            where it is not.
    """

    size: int
    first: int
    newest_run: int
    find: Callable[..., list[Row]]
    origin: str
    entries: Entries
    note: str | None
    shown: str
    whose: Callable[[Row], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append has written.

    Attributes:
        first: the number of the first draft.
        end: the size of the ledger now.
        run: the highest run among the drafts; None where they belong to none.
        note: the signed checkpoint over all of it.
    """

    first: int
    end: int
    run: int | None
    note: str


def entry_index(document: Mapping[str, Any]) -> tuple[str, int | None, str]:
    """Kind, run and subject of an entry, from its document.

    A ``run`` that is no whole number, or a ``subject`` that is no text, is no index.
    """
    kind, run, subject = document.get("entry"), document.get("run"), document.get("subject")
    return (
        kind if type(kind) is str else "",
        run if type(run) is int else None,
        subject if type(subject) is str else "",
    )


def row_of(seq: int, draft: Draft) -> Row:
    """The row that a draft becomes.

    Raises:
        ValueError: if the document says another kind, run or subject than the draft.
        CanonicalError: if the document can not be written canonically.
    """
    document: dict[str, Any] = {"entry": draft.kind, "schema": ENTRY_SCHEMA}
    if draft.run is not None:
        document["run"] = draft.run
    if draft.subject:
        document["subject"] = draft.subject
    document.update(draft.document)
    index = (draft.kind, draft.run, draft.subject)
    if entry_index(document) != index or document["schema"] != ENTRY_SCHEMA:
        raise ValueError(f"the document of {index} says otherwise")
    return Row(seq, draft.kind, draft.run, draft.subject, canonical(document))
