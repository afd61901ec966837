"""A project's trail: its ledger, and the key that signs what is kept there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from phasegate.audit.entries import Envelope
from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.canonical import read_canonical
from phasegate.audit.ledger.draft import Appended, Draft, Position
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.ledger.store import MissingLedgerError
from phasegate.audit.signed.key_errors import KeyExistsError
from phasegate.audit.signed.keys import PrivateKey, new_key, read_private
from phasegate.audit.signed.signers import Signer, Signers
from phasegate.rules.errors import PhasegateError
from phasegate.rules.ledger_address import ledger_address
from phasegate.rules.role import EVALUATOR

if TYPE_CHECKING:
    from phasegate.audit.document import Record
    from phasegate.audit.kept import Kept
    from phasegate.rules.project_file import LoadedProject

KEY = "PHASEGATE_KEY"
"""The variable that names the file of the key, where no option does."""
REFERENCE = "PHASEGATE_REFERENCE"
"""The variable whose text a run carries beside its time: the address of a pipeline's job, say."""
OWN_KEY = Path(".phasegate", "evaluator")
_NOTHING: Mapping[str, bytes] = MappingProxyType({})


class NoKeyError(TrailError):
    """Nobody is there to sign what is to be kept."""

    def __init__(self) -> None:
        super().__init__(
            "the project lists signers, and no key of an evaluator is at hand to sign the run",
            f"name its file with --key or in {KEY}; --no-ledger tries things out without keeping them",
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
    """

    address: str | Path
    signers: Signers
    key: PrivateKey
    name: str
    now: dt.datetime
    reference: str | None = None

    @staticmethod
    def of(loaded: LoadedProject, key: Path | None, now: dt.datetime, environ: Mapping[str, str]) -> Trail:
        """The trail of a project; its own key is made here where it needs one and has none.

        Raises:
            TrailError: if the key may not sign runs, or there is none.
            KeyFault: if the key can not be used.
        """
        listed = Signers.of(loaded.project)
        named = key or (Path(environ[KEY]) if environ.get(KEY) else None)
        if named is not None:
            private = read_private(named)
        elif len(listed):
            raise NoKeyError
        else:
            private = own_key(loaded.root)
        own = Signers([Signer(EVALUATOR, (EVALUATOR,), private.public)])
        name = evaluator(listed if len(listed) else own, private, now).name
        address = ledger_address(loaded.project.ledger, loaded.root, environ)
        reference = environ.get(REFERENCE) or None
        return Trail(address, listed if len(listed) else own, private, name, now, reference)

    @property
    def checkpoint_signer(self) -> CheckpointSigner:
        """Signs the checkpoint after each append."""
        return CheckpointSigner(self.name, self.key.public.raw, self.key.sign)

    @property
    def envelope(self) -> Envelope:
        """What is said of the run beside its record."""
        return Envelope(self.now, self.name, self.key.public.fingerprint, self.reference)

    def reading(self) -> Ledger | None:
        """The ledger as it stands; None while there is none. The caller closes it."""
        return reading(self.address)

    def keep(self, record: Record, loaded: LoadedProject) -> Kept:
        """Keeps a run.

        Raises:
            LedgerError: if it could not be kept; nothing of it was.
        """
        from phasegate.audit.entries import RunDrafts
        from phasegate.audit.kept import Kept
        from phasegate.audit.rules_document import rules_document

        drafts = RunDrafts(record, loaded.pack.pack, rules_document(loaded), self.envelope)
        with Ledger.open(self.address, create=True, read_only=False) as ledger:
            appended = self._append(ledger, drafts.drafts, drafts.contents)
            assert appended.run is not None
            return Kept(appended.run, appended.first, appended.end, appended.note, ledger.shown)

    def refused(self, command: Sequence[str], error: PhasegateError) -> None:
        """Keeps an attempt that came to no verdict."""
        document = {
            "command": list(command),
            "error": error.message,
            "envelope": self.envelope.document(),
        }
        self.append([Draft("refused", None, command[0], document)])

    def append(self, drafts: Sequence[Draft]) -> Appended:
        """Appends entries that belong to no run.

        Raises:
            LedgerError: if they could not be kept; nothing of them was.
        """
        with Ledger.open(self.address, create=True, read_only=False) as ledger:
            return self._append(ledger, lambda _: drafts)

    def _append(
        self,
        ledger: Ledger,
        drafts: Callable[[int], Sequence[Draft]],
        contents: Mapping[str, bytes] = _NOTHING,
    ) -> Appended:
        """Appends entries; where the list of signers is not the one that the ledger has, it comes first."""

        def entries(position: Position) -> list[Draft]:
            return [*self._signers_changed(position), *drafts(position.newest_run + 1)]

        return ledger.append(entries, self.checkpoint_signer, contents)

    def _signers_changed(self, position: Position) -> list[Draft]:
        logged = position.find(("key",))
        document = self.signers.as_document()
        if logged and read_canonical(logged[-1].body)["signers"] == document:
            return []
        return [Draft("key", None, "", {"signers": document, "envelope": self.envelope.document()})]


def reading(address: str | Path) -> Ledger | None:
    """A ledger for reading, None while there is none."""
    try:
        return Ledger.open(address, read_only=True)
    except MissingLedgerError:
        return None


def evaluator(signers: Signers, key: PrivateKey, now: dt.datetime) -> Signer:
    """The signer behind a key that signs runs.

    Raises:
        UntrustedError: if the project does not list the key, or not at this moment.
        TrailError: if the signer is no evaluator.
    """
    signer = signers.who(key.public.fingerprint, now)
    if not signer.has(EVALUATOR):
        raise TrailError(
            f"{signer.name!r} is no evaluator, and only evaluators sign runs",
            f"its roles are {', '.join(signer.roles)}",
        )
    return signer


def own_key(root: Path) -> PrivateKey:
    """The key of a project that lists no signers, made the first time that it is needed."""
    path = root / OWN_KEY
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        ignore = path.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        with suppress(KeyExistsError):  # another run makes it at this moment
            return new_key(path, EVALUATOR)
    return read_private(path)
