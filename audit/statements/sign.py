"""Puts signed statements of people into a project's ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry import Draft, Position
from phasegate.audit.ledger.integrity import hashed_entries
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.in_toto import Statement, Subject
from phasegate.audit.signing.keys import PrivateKey, read_private
from phasegate.audit.signing.signers import Signer, Signers, functions
from phasegate.audit.statements.adoptions import (
    AdoptionRefusedError,
    adoption_statement,
    narrowed,
    own_entries,
    to_be_adopted,
)
from phasegate.audit.statements.advances import (
    NotOpenError,
    OpenGate,
    advance_statement,
    recorded_gate,
    refuse_changed_signers,
)
from phasegate.audit.statements.approvals import approval, approval_statement, function_of
from phasegate.audit.statements.reader import (
    Said,
    refuse_early,
    said,
    statement_draft,
    taken_by,
    to_the_second,
)
from phasegate.audit.statements.review import Review, reviewed
from phasegate.audit.statements.revocations import revocation_statement
from phasegate.audit.statements.waived_slices import decided_in, refuse_undecided
from phasegate.audit.statements.waivers import (
    WaiverRefusedError,
    presented_waivers,
    refuse_unfit,
    waiver_statement,
)
from phasegate.audit.trail.locate import LedgerOf
from phasegate.audit.trail.named_rules import kept_in, with_earlier_names
from phasegate.audit.trail.project import project_entry
from phasegate.audit.trail.trail import KEY, Trail, reading
from phasegate.records.schema import ProjectEntry
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.ledger_address import ledger_address


class NoSignersError(TrailError):
    """A signature in a project in which none counts."""

    def __init__(self) -> None:
        super().__init__(
            "the project lists no signers, so that no signature counts in it",
            "add 'signers' to the project file; 'phasegate keys new' makes a key and prints the lines",
        )


@dataclass(frozen=True)
class Desk:
    """Where somebody signs: a project, its ledger, and the key of the person.

    Attributes:
        loaded: the project, free of faults.
        signers: those whom it lists.
        signer: the one who signs.
        key: the person's key.
        now: the moment.
        environ: the environment.
    """

    loaded: LoadedProject
    signers: Signers
    signer: Signer
    key: PrivateKey
    now: dt.datetime
    environ: Mapping[str, str]

    @staticmethod
    def of(loaded: LoadedProject, key: Path | None, now: dt.datetime, environ: Mapping[str, str]) -> Desk:
        """The desk of somebody with a key, in a project that is free of faults.

        Raises:
            NoSignersError: if the project lists none.
            UntrustedError: if it does not list this key, or not at this moment.
            KeyFault: if the key can not be used.
        """
        signers = Signers.of(loaded.project)
        if not len(signers):
            raise NoSignersError
        named = key or (Path(environ[KEY]) if environ.get(KEY) else None)
        if named is None:
            raise TrailError("nobody signs", f"name the file of your key with --key or in {KEY}")
        private = read_private(named)
        signer = signers.who(private.public.fingerprint, now)
        return Desk(loaded, signers, signer, private, now.replace(microsecond=0), environ)

    @property
    def zone(self) -> str:
        """The time zone of the project, whose days count."""
        return self.loaded.project.time_zone

    @property
    def project(self) -> ProjectEntry | None:
        """Whose is what is signed here; None for a project without an id."""
        return project_entry(self.loaded)

    @property
    def whose(self) -> LedgerOf:
        """Whose entries are read here."""
        return LedgerOf(self.loaded.project.id, self.signers)

    def own(self, log: Position) -> Position:
        """A ledger in which the project's own entries alone are found, and those that it has adopted."""
        return own_entries(log, self.loaded, self.now)

    def sign(
        self, kind: str, subject: str, says: Callable[[Position], Statement], *, whole: bool = False
    ) -> int:
        """Puts a statement into the ledger, under a checkpoint that its signer signs.

        Args:
            kind: of its entry.
            subject: what it can be found by.
            says: gives the statement, once nobody else can write any more and all entries were hashed;
                what it raises leaves the ledger as it is. It finds the project's own entries.
            whole: whether it finds those of all projects.

        Returns:
            The sequence number of its entry.

        Raises:
            DamagedLedgerError: if the ledger is not what was signed last.
        """

        def drafts(position: Position) -> list[Draft]:
            hashed = replace(position, find=hashed_entries(position).find)
            stated = says(hashed if whole else self.own(hashed))
            return [statement_draft(kind, subject, stated, self.key, position.origin, self.project)]

        return self.trail.append(drafts).end - 1

    def said(self, log: Finding, *kinds: str) -> list[Said]:
        """The statements of some kinds so far."""
        return list(said(log, self.signers, self.now, *kinds))

    def unapproved(self, log: Finding) -> tuple[str, ...]:
        """The functions whose approval the rules in force still need."""
        known = Listed.of(log.find(("key",))).functions
        said = self.said(log, "approval")
        rules = self.named(log, _about(said))
        return tuple(approval(said, self.signers, rules, known)["missing"])

    def named(self, log: Finding, digests: Iterable[str]) -> LoadedPack:
        """The rules in force, which know which of some digests name them."""

        def content(address: str) -> bytes | None:
            ledger = reading(self.trail.address)
            if ledger is None:
                return None
            with ledger:
                return ledger.content(address)

        return with_earlier_names(self.loaded.pack, digests, kept_in(log, content))

    @property
    def trail(self) -> Trail:
        """Where the person's statements are kept."""
        address = ledger_address(self.loaded.project.ledger, self.loaded.root, self.environ)
        return Trail(address, self.signers, self.key, self.signer.name, self.now, project=self.project)

    def attempt(self, command: Sequence[str]) -> AbstractContextManager[None]:
        """Keeps that something was attempted, where it comes to nothing."""
        return self.trail.attempt(command)


def grant(desk: Desk, waiver: Waiver, function: str | None) -> int:
    """Signs a waiver.

    Returns:
        The sequence number of its entry.

    Raises:
        WaiverRefusedError: if it may not be granted, or would count for nothing.
        NoApproverError: if the signer does not approve for the function.
    """
    granted_for = function_of(desk.signer, function)
    refuse_unfit(waiver, desk.loaded.pack.pack, granted_for, desk.signer, desk.zone)
    ledger = reading(desk.trail.address)
    if ledger is not None:
        narrowed(ledger, desk.whose)
    try:
        refuse_undecided(waiver, desk.loaded.pack.pack, decided_in(ledger, desk.loaded.pack.digest))
    finally:
        if ledger is not None:
            ledger.close()

    def says(log: Finding) -> Statement:
        if (taken := taken_by(waiver.id, desk.said(log, "waiver"))) is not None:
            raise WaiverRefusedError(f"there is a waiver {taken!r} already", "choose another id with --id")
        return waiver_statement(waiver, granted_for)

    return desk.sign("waiver", waiver.id, says)


def revoke(desk: Desk, id_: str, reason: str) -> int:
    """Ends a waiver from now on.

    Returns:
        The sequence number of its entry.

    Raises:
        TrailError: if there is no such waiver, or it was revoked already.
        NoApproverError: if the signer approves for no function.
    """
    _approver(desk.signer)

    def says(log: Finding) -> Statement:
        statements = desk.said(log, "waiver", "revocation")
        found = {
            each.waiver.id: each.waiver for each in presented_waivers(statements, (), desk.loaded.pack.pack)
        }
        if id_ not in found:
            known = ", ".join(sorted(found)) or "none"
            raise TrailError(f"there is no signed waiver {id_!r}", f"the ledger has {known}")
        waiver = found[id_]
        if waiver.revoked is not None:
            raise TrailError(f"waiver {id_!r} was revoked at {to_the_second(waiver.revoked)} already")
        subjects = [Subject(waiver.requirement, waiver.pack_digest)]
        return revocation_statement("waiver", id_, subjects, desk.signer, desk.now, reason)

    return desk.sign("revocation", id_, says)


def review(desk: Desk, function: str | None, digest: str | None) -> Review:
    """What the rules in force say otherwise than those that were approved last for a function.

    Args:
        desk: who is about to sign.
        function: the function; None for the signer's only one.
        digest: refuses to look at any other rules.

    Raises:
        OtherPackError: if the rules in force are others.
        NoApproverError: if the signer does not approve for the function.
    """
    pack = desk.loaded.pack
    pack.hold_to(digest)
    for_ = function_of(desk.signer, function)
    ledger = reading(desk.trail.address)
    if ledger is None:
        return Review(for_, None, None)
    with ledger:
        narrowed(ledger, desk.whose)
        rules = desk.named(ledger, _about(said := desk.said(ledger, "approval")))
        return reviewed(for_, rules, said, ledger, ledger.content)


def approve(desk: Desk, function: str | None, digest: str | None) -> tuple[str, tuple[str, ...]]:
    """Approves the rules in force for a function.

    Args:
        desk: who signs.
        function: the function; None for the signer's only one.
        digest: refuses to approve any other rules.

    Returns:
        The function, and those whose approval is still missing.
    """
    pack = desk.loaded.pack
    pack.hold_to(digest)
    for_ = function_of(desk.signer, function)
    desk.sign("approval", for_, lambda _: approval_statement(pack, for_, desk.signer, desk.now))
    with Ledger.open(desk.trail.address) as log:
        return for_, desk.unapproved(narrowed(log, desk.whose))


def advance(desk: Desk, gate: str, comment: str | None) -> tuple[int, str]:
    """Signs that the programme goes through an open gate.

    Returns:
        The run that decided the gate, and the gate's state.

    Raises:
        NotOpenError: if the gate's newest decision does not let it pass today, the rules have no longer
            every approval that they need, or somebody counts no longer who counted then.
        EarlyClockError: if the ledger has told of a later moment.
        DamagedLedgerError: if the ledger is not what was signed last.
        NoApproverError: if the signer approves for no function.
    """
    _approver(desk.signer)
    stood: list[OpenGate] = []

    def says(log: Position) -> Statement:
        refuse_early(log, desk.now)
        stood.append(recorded_gate(log, gate, desk.now, desk.loaded.pack.digest, desk.signers))
        if missing := desk.unapproved(log):
            raise NotOpenError(
                f"the rules of gate {gate} are not approved for {', '.join(missing)}",
                f"'phasegate approve' does that; then 'phasegate gate {gate}' decides it anew",
            )
        refuse_changed_signers(log, stood[-1], desk.signers)
        return advance_statement(stood[-1], desk.signer, desk.now, comment)

    desk.sign("advance", gate, says)
    return stood[-1].entry["run"], stood[-1].entry["state"]


def adopt(desk: Desk, up_to: int) -> int:
    """Takes on the entries of nobody, up to a size of the ledger, for the project.

    Returns:
        The sequence number of its entry.

    Raises:
        AdoptionRefusedError: if the project has no id, or there is nothing to take on.
        NoApproverError: if the signer approves for no function.
        DamagedLedgerError: if the ledger is not what was signed last.
    """
    _approver(desk.signer)
    project = desk.project
    if project is None:
        raise AdoptionRefusedError(
            "the project has no id, and so nothing can be told to be its own",
            "'phasegate lint' proposes one for the project file",
        )

    def says(log: Position) -> Statement:
        return adoption_statement(to_be_adopted(log, project, desk.signers, up_to), desk.signer, desk.now)

    return desk.sign("adoption", str(up_to), says, whole=True)


def _approver(signer: Signer) -> None:
    """Refuses whoever approves for no function."""
    function_of(signer, next(iter(functions([signer])), None))


def _about(statements: Iterable[Said]) -> Iterator[str]:
    """The digests that statements are about."""
    return (digest for each in statements for digest in each.digests.values())
