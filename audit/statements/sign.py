"""Puts signed statements of people into a project's ledger."""

from __future__ import annotations

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry import Position
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.in_toto import Statement, Subject
from phasegate.audit.signing.signers import Signer, functions
from phasegate.audit.statements.adoptions import (
    AdoptionRefusedError,
    adoption_statement,
    narrowed,
    to_be_adopted,
)
from phasegate.audit.statements.advances import (
    NotOpenError,
    OpenGate,
    advance_statement,
    recorded_gate,
    refuse_changed_signers,
)
from phasegate.audit.statements.approvals import approval_statement, function_of
from phasegate.audit.statements.desk import Desk, about
from phasegate.audit.statements.reader import refuse_early, taken_by, to_the_second
from phasegate.audit.statements.review import Review, reviewed
from phasegate.audit.statements.revocations import revocation_statement
from phasegate.audit.statements.waived_slices import decided_in, refuse_undecided
from phasegate.audit.statements.waivers import (
    WaiverRefusedError,
    presented_waivers,
    refuse_unfit,
    waiver_statement,
)
from phasegate.audit.trail.trail import reading
from phasegate.rules.model.waiver import Waiver


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
        rules = desk.named(ledger, about(said := desk.said(ledger, "approval")))
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
