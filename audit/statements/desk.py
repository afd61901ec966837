"""Where somebody signs: a project, its ledger, and the key of the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry import Draft, Position
from phasegate.audit.ledger.integrity import hashed_entries
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.in_toto import Statement
from phasegate.audit.signing.keys import PrivateKey, read_private
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.statements.adoptions import own_entries
from phasegate.audit.statements.approvals import approval
from phasegate.audit.statements.reader import Said, said, statement_draft
from phasegate.audit.trail.locate import LedgerOf
from phasegate.audit.trail.named_rules import kept_in, with_earlier_names
from phasegate.audit.trail.project import project_entry
from phasegate.audit.trail.run_key import KEY
from phasegate.audit.trail.trail import Trail, reading
from phasegate.records.schema import ProjectEntry
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.loading.project import LoadedProject
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
        rules = self.named(log, about(said))
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


def about(statements: Iterable[Said]) -> Iterator[str]:
    """The digests that statements are about."""
    return (digest for each in statements for digest in each.digests.values())
