"""Puts signed statements of people into a project's ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.draft import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.preflight import hold_to, ready_project
from phasegate.audit.signed.keys import PrivateKey, read_private
from phasegate.audit.signed.signers import Signer, Signers
from phasegate.audit.signed.statement import Subject
from phasegate.audit.statements.advancing import advance_statement, open_gate
from phasegate.audit.statements.approving import approval, approval_statement, function_of
from phasegate.audit.statements.log import Said, said, statement_draft
from phasegate.audit.statements.revoking import revocation_statement
from phasegate.audit.statements.waiving import (
    WaiverRefusedError,
    presented_waivers,
    refuse_unfit,
    waiver_statement,
)
from phasegate.audit.trail import KEY, Trail, reading
from phasegate.rules.ledger_address import ledger_address
from phasegate.rules.project_file import LoadedProject
from phasegate.rules.waiver import Waiver


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
    def of(project: Path, key: Path | None, now: dt.datetime, environ: Mapping[str, str]) -> Desk:
        """The desk of somebody with a key.

        Raises:
            NoSignersError: if the project lists none.
            UntrustedError: if it does not list this key, or not at this moment.
            KeyFault: if the key can not be used.
        """
        loaded = ready_project(project)
        signers = Signers.of(loaded.project)
        if not len(signers):
            raise NoSignersError
        named = key or (Path(environ[KEY]) if environ.get(KEY) else None)
        if named is None:
            raise TrailError("nobody signs", f"name the file of your key with --key or in {KEY}")
        private = read_private(named)
        signer = signers.who(private.public.fingerprint, now)
        return Desk(loaded, signers, signer, private, now.replace(microsecond=0), environ)

    @contextmanager
    def ledger(self) -> Iterator[Ledger | None]:
        """The ledger as it stands, for reading; None while there is none."""
        log = reading(ledger_address(self.loaded.project.ledger, self.loaded.root, self.environ))
        try:
            yield log
        finally:
            if log is not None:
                log.close()

    def said(self, *kinds: str) -> list[Said]:
        """The statements of some kinds so far."""
        with self.ledger() as log:
            return [] if log is None else list(said(log, self.signers, *kinds))

    def put(self, drafts: Sequence[Draft]) -> int:
        """Puts statements into the ledger, under a checkpoint that their signer signs.

        Returns:
            The sequence number of the last one.
        """
        address = ledger_address(self.loaded.project.ledger, self.loaded.root, self.environ)
        trail = Trail(address, self.signers, self.key, self.signer.name, self.now)
        return trail.append(drafts).end - 1


def grant(desk: Desk, waiver: Waiver, function: str | None) -> int:
    """Signs a waiver.

    Returns:
        The sequence number of its entry.

    Raises:
        WaiverRefusedError: if it may not be granted, or would count for nothing.
        NoApproverError: if the signer does not approve for the function.
    """
    granted_for = function_of(desk.signer, function)
    refuse_unfit(waiver, desk.loaded.pack.pack, granted_for, desk.signer)
    if any(each.predicate.get("id") == waiver.id for each in desk.said("waiver")):
        raise WaiverRefusedError(f"there is a waiver {waiver.id!r} already", "choose another id with --id")
    return desk.put([statement_draft("waiver", waiver.id, waiver_statement(waiver, granted_for), desk.key)])


def revoke(desk: Desk, id_: str, reason: str) -> int:
    """Ends a waiver from now on.

    Raises:
        TrailError: if there is no such waiver, or the signer approves for no function.
    """
    function_of(desk.signer, next(iter(_functions(desk.signer)), None))
    found = {
        each.waiver.id: each.waiver
        for each in presented_waivers(desk.said("waiver", "revocation"), (), desk.loaded.pack.pack)
    }
    if id_ not in found:
        known = ", ".join(sorted(found)) or "none"
        raise TrailError(f"there is no signed waiver {id_!r}", f"the ledger has {known}")
    subjects = [Subject(found[id_].requirement, found[id_].pack_digest)]
    statement = revocation_statement("waiver", id_, subjects, desk.signer, desk.now, reason)
    return desk.put([statement_draft("revocation", id_, statement, desk.key)])


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
    hold_to(pack, digest)
    for_ = function_of(desk.signer, function)
    statement = approval_statement(pack, for_, desk.signer, desk.now)
    desk.put([statement_draft("approval", for_, statement, desk.key)])
    return for_, tuple(approval(desk.said("approval"), desk.signers, pack.digest)["missing"])


def advance(desk: Desk, gate: str, comment: str | None) -> tuple[int, str]:
    """Signs that the programme goes through an open gate.

    Returns:
        The run that decided the gate, and the gate's state.

    Raises:
        NotOpenError: if the gate's newest decision is not open, or of another day.
        NoApproverError: if the signer approves for no function.
    """
    function_of(desk.signer, next(iter(_functions(desk.signer)), None))
    with desk.ledger() as log:
        if log is None:
            raise TrailError("there is no ledger yet", f"'phasegate gate {gate}' decides the gate first")
        found = open_gate(log, gate, desk.now.date())
    if found.entry["pack"] != desk.loaded.pack.digest:
        raise TrailError(f"gate {gate} was decided under other rules than those in force", "decide it again")
    desk.put(
        [statement_draft("advance", gate, advance_statement(found, desk.signer, desk.now, comment), desk.key)]
    )
    return found.entry["run"], found.entry["state"]


def _functions(signer: Signer) -> tuple[str, ...]:
    from phasegate.audit.signed.signers import functions

    return functions([signer])
