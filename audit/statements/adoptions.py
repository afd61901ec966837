"""Adoptions: somebody signs that the entries of nobody, up to a size of the ledger, are a project's.

Entries from before projects had ids are nobody's. They may be verified, replayed and reported as they are;
they count for a decision once an approver of the project has taken them on. What one project has taken on is
nobody's no longer, so that another one gets nothing of it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.checkpoint import Checkpoint, read_checkpoint
from phasegate.audit.ledger.entry import Position
from phasegate.audit.ledger.entry_errors import document_of, naming
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.project_entries import Adopted, ProjectEntries, named_in, owner_of
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.in_toto import ADOPTION, Statement, Subject, read_statement
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.statements.reader import Said, said, to_the_second
from phasegate.audit.trail.locate import LedgerOf
from phasegate.audit.trail.project import title_of
from phasegate.records.schema import ProjectEntry
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.role import APPROVER, EVALUATOR


class SharedLedgerError(TrailError):
    """A ledger of two projects, neither of which has an id."""

    def __init__(self, shown: str, titles: Collection[str]) -> None:
        told = ", ".join(repr(each) for each in sorted(titles))
        super().__init__(
            f"{shown} holds runs of {told} since, and without an id nobody can tell whose the rest is",
            "give the project an id ('phasegate lint' proposes one); 'phasegate ledger adopt' then takes on "
            "what it kept before, also where it had another title",
        )


class AdoptionRefusedError(TrailError):
    """An adoption that would take on nothing, or what is not there."""


def adoption_statement(checkpoint: Checkpoint, signer: Signer, moment: dt.datetime) -> Statement:
    """The statement that takes on the entries of nobody under a checkpoint."""
    subject = Subject(f"the first {checkpoint.size} entries", f"sha256:{checkpoint.root.hex()}")
    predicate = {"size": checkpoint.size, "by": signer.name, "signed": to_the_second(moment)}
    return Statement(ADOPTION, [subject], predicate)


def adopted(
    log: Finding, project: str | None, signers: Signers, now: dt.datetime | None, most: int | None = None
) -> Adopted:
    """The places of the entries of nobody that a project has taken on.

    With the first so many come the revocations that followed on them before the adoption. An attestation
    that a later one among the entries of nobody had replaced stays behind with that one: its time is over.

    Args:
        log: where the entries of all projects stand.
        project: its id; None for one without an id, which has nothing to take on.
        signers: those whom it lists.
        now: the moment at which it is asked; None for any.
        most: adoptions among so many entries count; None for all.
    """
    if project is None:
        return ()
    own = [each for each in _counting(log, project, signers, now) if most is None or each[0] < most]
    if not own:
        return ()
    others = [
        each
        for other in named_in(log)
        if other != project
        for each in _counting(log, other, _newest(log, other), None)
    ]
    places = [
        range(max((taken for before, taken in others if before < seq), default=0), size) for seq, size in own
    ]
    # Where the first entries end is for the adopter to say; what was revoked behind it must not come back,
    # nor what a later word had replaced.
    ended = [row.seq for row in log.find(("revocation",)) if owner_of(row) is None]
    late = [each for each in ended if any(size <= each < seq for seq, size in own)]
    rows = [row for row in log.find(("attestation",)) if owner_of(row) is None]
    stated = {row.seq: facts_attested(document_of(row)) for row in rows}
    kept = [
        piece
        for place, (seq, size) in zip(places, own, strict=True)
        for piece in _without(place, replaced(stated, size, seq))
    ]
    return [*kept, *(range(each, each + 1) for each in late)]


def facts_attested(document: Mapping[str, Any]) -> frozenset[str]:
    """The facts that an attestation's entry speaks of, whoever signed it; none where it can not be read."""
    try:
        payload = base64.b64decode(document["envelope"]["payload"], validate=True)
        said_of = read_statement(payload).predicate
        slice_, several = said_of["slice"], said_of.get("slices", ())
        # The empty slice beside several points is none of them.
        points = [*([slice_] if slice_ or not several else []), *several]
        return frozenset(f"{said_of['fact']}[{each}]" for each in points if isinstance(each, str))
    except (KeyError, TypeError, ValueError, binascii.Error, PhasegateError):
        return frozenset()


def replaced(stated: Mapping[int, frozenset[str]], size: int, before: int) -> frozenset[int]:
    """The attestations of nobody that later ones replaced, behind the entries that an adoption takes on.

    Args:
        stated: of each attestation of nobody, by the number of its entry, the facts that it speaks of.
        size: so many entries are taken on.
        before: the number of the adoption's entry.
    """
    newer = frozenset().union(*(about for seq, about in stated.items() if size <= seq < before))
    return frozenset(seq for seq, about in stated.items() if not about.isdisjoint(newer))


def _without(place: range, gone: Collection[int]) -> Iterator[range]:
    """A range without some of its numbers, in pieces."""
    start = place.start
    for each in sorted(gone):
        if each in place:
            yield range(start, each)
            start = each + 1
    yield range(start, place.stop)


def own_entries(
    log: Position, loaded: LoadedProject, now: dt.datetime | None, most: int | None = None
) -> Position:
    """A ledger in which the entries of one project alone are found, with those that it has taken on.

    Args:
        log: the ledger, in which all are found.
        loaded: the project.
        now: the moment at which it is asked; None for any.
        most: adoptions among so many entries count; None for all.

    Raises:
        UnnamedProjectError: if it has no id, and others in the ledger do.
        SharedLedgerError: if it has no id, and neither has another one whose runs stand there.
    """
    return entries_of(log, loaded.project.id, Signers.of(loaded.project), title_of(loaded), now, most)


def entries_of(
    log: Position,
    project: str | None,
    signers: Signers,
    title: str | None,
    now: dt.datetime | None,
    most: int | None = None,
) -> Position:
    """The same by what is known of a project.

    Args:
        log: the ledger, in which all are found.
        project: the id of the project; None for one without.
        signers: those whom it lists.
        title: under which people know it; None where that of its newest run is.
        now: the moment at which it is asked; None for any.
        most: adoptions among so many entries count; None for all.

    Raises:
        UnnamedProjectError: if it has no id, and others in the ledger do.
        SharedLedgerError: if it has no id, and neither has another one whose runs stand there.
    """
    taken = adopted(log, project, signers, now, most)
    own = replace(log, find=ProjectEntries(log, project, taken, log.shown, log.whose).find)
    if project is None:
        titles = [str(document_of(row).get("title")) for row in own.find(("run",))]
        title = title if title is not None else titles[-1] if titles else ""
        # One title that follows on another may be a new one; where the old one goes on, there are two.
        if title in titles and (strange := {*titles[titles.index(title) :]} - {title}):
            raise SharedLedgerError(log.shown, strange)
    return own


def narrowed(ledger: Ledger, whose: LedgerOf) -> Ledger:
    """A ledger in which the entries of one project alone are found, for whoever reads it.

    Args:
        ledger: opened, in which all are found.
        whose: the project.
    """
    signers = whose.signers if whose.signers is not None else _newest(ledger, whose.project)
    return ledger.of(whose.project, adopted(ledger, whose.project, signers, None))


def to_be_adopted(log: Position, project: ProjectEntry, signers: Signers, up_to: int) -> Checkpoint:
    """The checkpoint under which a project takes on the entries of nobody.

    Args:
        log: the ledger, of which it is known that its index does not lie, with the entries of all projects.
        project: which takes them on.
        signers: those whom it lists.
        up_to: so many entries of the ledger.

    Raises:
        AdoptionRefusedError: if there are not so many, no checkpoint is over just so many, or none among
            them is nobody's.
    """
    if not 0 < up_to <= log.size:
        raise AdoptionRefusedError(
            f"{log.shown} holds {log.size} entries, and so there are no first {up_to} of it",
            "'phasegate checkpoint' prints how many there are, and reports how many there were",
        )
    checkpoint = _checkpoint(log, up_to) if up_to < log.size else read_checkpoint(log.note or "")[0]
    if checkpoint is None:
        sizes = [row.seq for row in log.find(("checkpoint",))]
        near = min(sizes, key=lambda size: abs(size - up_to), default=log.size)
        raise AdoptionRefusedError(
            f"nobody has signed a checkpoint over the first {up_to} entries of {log.shown}",
            f"the nearest is over {near}; reports print the checkpoint of their run",
        )
    whose = {
        other: adopted(log, other, signers if other == project["id"] else _newest(log, other), None)
        for other in {*named_in(log), project["id"]}
    }
    kinds = ("run", "refused", "notified", "key", *_SIGNED)
    nobodys = [row.seq for row in log.find(kinds) if row.seq < up_to and owner_of(row) is None]
    taken = {(seq, each) for each, all_ in whose.items() for one in all_ for seq in nobodys if seq in one}
    if not {*nobodys} - {seq for seq, _ in taken}:
        by = ", ".join(sorted({each for _, each in taken}))
        raise AdoptionRefusedError(
            f"of the first {up_to} entries of {log.shown} none is nobody's"
            + (f": they were taken on for {by}" if by else ""),
            "each entry is adopted once",
        )
    return checkpoint


_SIGNED = ("waiver", "revocation", "attestation", "approval", "advance")


def _counting(
    log: Finding, project: str, signers: Signers, now: dt.datetime | None
) -> Iterator[tuple[int, int]]:
    """The adoptions of a project that count: the number of each entry, and the size that it names."""
    for each in said(ProjectEntries(log, project), signers, now, "adoption"):
        size = size_adopted(each)
        if size is None or not _may(each.signer) or not _may(each.then):
            continue
        checkpoint = _checkpoint(log, size)
        if checkpoint is not None and size <= each.seq and is_about(each, checkpoint):
            yield each.seq, size


def size_adopted(each: Said) -> int | None:
    """Up to which size an adoption reaches; None where it does not say."""
    size = each.predicate.get("size")
    return size if each.kind == "adoption" and type(size) is int and size > 0 else None


def is_about(each: Said, checkpoint: Checkpoint) -> bool:
    """Whether an adoption names the entries under a checkpoint."""
    return list(each.digests.values()) == [f"sha256:{checkpoint.root.hex()}"]


def _may(signer: Signer | None) -> bool:
    return signer is not None and signer.has(APPROVER) and not signer.has(EVALUATOR)


def _checkpoint(log: Finding, size: int) -> Checkpoint | None:
    """The checkpoint over so many entries, as the entry that follows on them has it."""
    for row in log.find(("checkpoint",)):
        if row.seq == size:
            with naming(row):
                found = read_checkpoint(str(document_of(row).get("note")))[0]
            return found if found.size == size else None
    return None


def _newest(log: Finding, project: str | None) -> Signers:
    """Those whom the newest list of a project in a ledger names."""
    rows = (row for row in log.find(("key",)) if owner_of(row) == project)
    return Listed.of(rows).newest or Signers(())
