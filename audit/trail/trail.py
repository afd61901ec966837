"""A project's trail: its ledger, and the key that signs what is kept there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry import Appended, Draft, Position
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.ledger.project_entries import ProjectEntries, owner_of
from phasegate.audit.ledger.signer_lists import OWN, Listed
from phasegate.audit.ledger.store import LedgerError, MissingLedgerError
from phasegate.audit.signing.keys import PrivateKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.trail.project import project_entry
from phasegate.audit.trail.run_entries import Envelope
from phasegate.audit.trail.run_key import evaluator, run_key
from phasegate.audit.trail.trust import refuse_revoked, refuse_strangers
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.ledger_address import ledger_address

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import Kept
    from phasegate.records.schema import ProjectEntry, Record
    from phasegate.rules.loading.project import LoadedProject, ProjectReading

REFERENCE = "PHASEGATE_REFERENCE"
"""The variable whose text a run carries beside its time: the address of a pipeline's job, say."""
MOST_WORDS = 50
"""So many words are kept of a refused command."""
LONGEST = 300
"""So many characters are kept of a reference, and of each word of a refused command."""
_NOTHING: Mapping[str, bytes] = MappingProxyType({})


class UnkeptError(TrailError):
    """Something that was to be kept and is not: it counts for nothing."""


class SignersGoneError(TrailError):
    """A project that lists no signers any more, so that whatever needed a signature would need none."""

    def __init__(self, logged: Sequence[str]) -> None:
        super().__init__(
            f"the project lists no signers, and its ledger knows some: {', '.join(logged)}",
            "list them again in 'signers', with 'end' or 'revoked' for those who no longer sign; "
            "or begin another ledger",
        )


@dataclass(frozen=True)
class Trail:
    """Where runs of a project are kept, and by whom.

    Attributes:
        address: of the ledger.
        signers: those whom the project lists; where it lists none, the project's own key.
        key: signs what is kept.
        name: whose key it is.
        now: the moment of the command.
        reference: what the run's envelope carries beside.
        listed: whether it is the project that says who the signers are.
        project: whose what is kept is; None for a project without an id.
    """

    address: str | Path
    signers: Signers
    key: PrivateKey
    name: str
    now: dt.datetime
    reference: str | None = None
    listed: bool = True
    project: ProjectEntry | None = None

    @staticmethod
    def of(
        loaded: LoadedProject | ProjectReading,
        key: Path | None,
        now: dt.datetime,
        environ: Mapping[str, str],
    ) -> Trail:
        """The trail of a project; its own key is made here where it needs one and has none.

        Raises:
            TrailError: if the key may not sign runs, or there is none.
            KeyFault: if the key can not be used.
        """
        listed = Signers.of(loaded.project)
        private = run_key(loaded.root, key, environ, listed=bool(len(listed)))
        own = Signers([Signer(*OWN, private.public)])
        name = evaluator(listed if len(listed) else own, private, now).name
        address = ledger_address(loaded.project.ledger, loaded.root, environ)
        reference = shortened(environ.get(REFERENCE, "")) or None
        signers = listed if len(listed) else own
        whose = project_entry(loaded)
        return Trail(address, signers, private, name, now, reference, bool(len(listed)), whose)

    @property
    def checkpoint_signer(self) -> CheckpointSigner:
        """Signs the checkpoint after each append."""
        return CheckpointSigner(self.name, self.key.public.raw, self.key.sign)

    @property
    def envelope(self) -> Envelope:
        """What is said of the run beside its record."""
        return Envelope(self.now, self.name, self.key.public.fingerprint, self.reference)

    def size(self) -> int:
        """How many entries the ledger has; none while there is no ledger."""
        ledger = reading(self.address)
        if ledger is None:
            return 0
        with ledger:
            return ledger.size()

    def keep(
        self,
        record: Record,
        loaded: LoadedProject,
        files: Mapping[str, bytes] = _NOTHING,
        seen: int | None = None,
    ) -> Kept:
        """Keeps a run.

        Args:
            record: what was decided.
            loaded: the project, with the rules.
            files: the rows behind its verdicts, by digest.
            seen: how many entries there were before it was asked what people have signed; None where
                nobody goes by the run.

        Raises:
            UnkeptError: if it could not be kept; nothing of it was.
            SignersGoneError: if the project no longer lists the signers that its ledger knows.
        """
        from phasegate.audit.trail.pack_snapshot import rules_document
        from phasegate.audit.trail.run_entries import RunDrafts
        from phasegate.audit.trail.runs import Kept

        if "what_if" in record:
            raise UnkeptError("a what-if is never kept: nothing was decided by it")
        kept = RunDrafts(record, loaded.pack.pack, rules_document(loaded), self.envelope, files)

        def drafts(position: Position) -> list[Draft]:
            _still_asked(record, position)
            _still_signed(position, seen)
            return kept.drafts(position.newest_run + 1)

        try:
            with Ledger.open(self.address, create=True, read_only=False) as ledger:
                doubt = self._changed_id(ledger, loaded)
                appended = self._append(ledger, drafts, kept.contents)
                assert appended.run is not None
                place = (appended.run, appended.first, appended.end, appended.note, ledger.shown)
                by = self.envelope.document()
                return Kept(*place, by["recorded_at"], by["evaluator"], doubt, kept.digest)
        except LedgerError as error:
            message = f"the run could not be kept, and so it decides nothing: {error.message}"
            raise UnkeptError(message, error.hint) from error

    def _changed_id(self, ledger: Ledger, loaded: LoadedProject) -> str | None:
        from phasegate.audit.trail.changed_id import changed_id

        if not ledger.size():
            return None
        return changed_id(ledger, self.project, self.address, loaded.root, loaded.pack.digest, self.signers)

    @contextmanager
    def attempt(self, command: Sequence[str]) -> Iterator[None]:
        """Keeps that something was attempted, where it comes to nothing.

        Args:
            command: the command line.

        Raises:
            UnkeptError: instead of what went wrong, if not even that could be kept.
        """
        try:
            yield
        except (LedgerError, UnkeptError, SignersGoneError):  # there is nowhere to keep it
            raise
        except PhasegateError as error:
            self._refused(command, error.message)
            raise
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # polars' panics are no Exception
            # What an unexpected error says may hold anything, data of a row or a password.
            self._refused(command, f"unexpected {type(error).__name__}")
            raise

    def _refused(self, command: Sequence[str], message: str) -> None:
        document = {
            "command": [shortened(word) for word in command[:MOST_WORDS]],
            "error": shortened(message),
            "envelope": self.envelope.document(),
        }
        try:
            self.append(lambda _: [Draft("refused", None, command[0], document)])
        except PhasegateError as error:
            # What went wrong may stand in the way of telling it, too.
            came_to = f", which came to: {message}" if message != error.message else ""
            unkept = f"{error.message}; so nothing tells of this attempt{came_to}"
            raise UnkeptError(unkept, error.hint) from error

    def append(self, drafts: Callable[[Position], Sequence[Draft]]) -> Appended:
        """Appends entries that belong to no run.

        Args:
            drafts: gives them, once nobody else can write any more; what it raises leaves the ledger
                as it is. It finds the project's own entries, without those that were adopted.

        Raises:
            LedgerError: if they could not be kept; nothing of them was.
            StrangerError: if somebody whom the project does not list signed the newest checkpoint.
            RevokedElsewhereError: if another project in the ledger has the key as revoked.
            SignersGoneError: if the project no longer lists the signers that its ledger knows.
        """
        with Ledger.open(self.address, create=True, read_only=False) as ledger:
            return self._append(ledger, drafts)

    def _append(
        self,
        ledger: Ledger,
        drafts: Callable[[Position], Sequence[Draft]],
        contents: Mapping[str, bytes] = _NOTHING,
    ) -> Appended:
        """Appends entries; where the list of signers is not the one that the ledger has, it comes first."""

        def entries(position: Position) -> list[Draft]:
            id_ = self.project["id"] if self.project is not None else None
            own = replace(position, find=ProjectEntries(position, id_, shown=position.shown).find)
            changed = self._signers_changed(position, own)
            refuse_strangers(position, self.signers, id_)
            refuse_revoked(position, self.key.public.fingerprint, self.signers, id_)
            return [self._named(each) for each in (*changed, *drafts(own))]

        return ledger.append(entries, self.checkpoint_signer, contents)

    def _named(self, draft: Draft) -> Draft:
        """A draft that says whose it is."""
        if self.project is None:
            return draft
        return replace(draft, document={**draft.document, "project": self.project})

    def _signers_changed(self, position: Position, own: Position) -> list[Draft]:
        if not self.listed:
            refuse_gone(Listed.of(position.find(("key",))))
        id_ = self.project["id"] if self.project is not None else None
        before = Listed.of(row for row in own.find(("key",)) if owner_of(row) == id_)
        document = self.signers.as_document()
        if before.newest is not None and before.newest.as_document() == document:
            return []
        return [Draft("key", None, "", {"signers": document, "envelope": self.envelope.document()})]


def refuse_gone(before: Listed) -> None:
    """Refuses a project that lists no signers, under a ledger that knows some.

    Raises:
        SignersGoneError: if it does.
    """
    if before.names:
        raise SignersGoneError(before.names)


def _still_asked(record: Record, position: Position) -> None:
    """Refuses a run that was decided before the ledger knew every function that approves.

    Raises:
        UnkeptError: if somebody else has listed one since.
    """
    approval = record["approval"]
    known = Listed.of(position.find(("key",))).functions
    late = sorted({*known} - {*approval["required"]}) if approval["signers"] else []
    if late:
        raise UnkeptError(
            f"the run could not be kept, and so it decides nothing: since it began, approvers of "
            f"{', '.join(late)} were listed",
            "run the command again",
        )


def _still_signed(position: Position, seen: int | None) -> None:
    """Refuses a run beside which something was revoked, attested or adopted while it was decided.

    Raises:
        UnkeptError: if something was: the run's place in the ledger would say that it had been heard.
    """
    kinds = {"revocation": "revoked", "attestation": "attested", "adoption": "adopted"}
    late = {row.kind for row in position.find(tuple(kinds)) if row.seq >= (seen or 0)}
    if seen is not None and late:
        what = next(said for kind, said in kinds.items() if kind in late)
        raise UnkeptError(
            f"the run could not be kept, and so it decides nothing: since it began, something was {what}",
            "run the command again",
        )


def reading(address: str | Path) -> Ledger | None:
    """A ledger for reading, None while there is none."""
    try:
        return Ledger.open(address, read_only=True)
    except MissingLedgerError:
        return None


def shortened(text: str) -> str:
    """A text from outside as entries have it: printable, and not without end."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text.strip())
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
