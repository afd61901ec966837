"""What the entries of a ledger say, read from first to last and held against each other."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, read_checkpoint
from phasegate.audit.ledger.entry import ENTRY_SCHEMA, OWN_KINDS, entry_index
from phasegate.audit.ledger.project_entries import owner
from phasegate.audit.ledger.signer_lists import Listed, is_own
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.canonical_json import CanonicalError, read_canonical
from phasegate.audit.signing.errors import KeyFault
from phasegate.audit.signing.signers import Signer, Signers, SignersError
from phasegate.audit.statements.types import TYPES
from phasegate.audit.trail.entry_schema import OF_RECORD
from phasegate.audit.trail.notification_entries import NOTIFIED, entry_fault
from phasegate.audit.trail.revoked_keys import RevokedKeys
from phasegate.audit.verification.findings import Faults
from phasegate.audit.verification.projects import Projects
from phasegate.audit.verification.run_signers import Recorder, Recorders
from phasegate.audit.verification.trusted_keys import Vouched
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack

DECIDED = ("point", "target", "gate")
"""What a run decides, one entry each."""
_LEDGER_KEYS = {"entry", "schema", "origin"}
_KEY_KEYS = {"entry", "schema", "signers", "envelope", "project"}
KEY_STARTS = b'{"entry":"key"'
"""How a list of signers begins: its keys are known, and this one is the first of them."""
CHECKPOINT_STARTS = b'{"entry":"checkpoint"'
"""How a checkpoint begins, behind which an append follows."""
_RUN_HAS = b'"entry":"run"'
_PARTS_HAVE = tuple(b'"entry":"%b"' % kind.encode() for kind in DECIDED)


class Foreseen(Protocol):
    """An entry that is to the byte the one that must follow.

    Attributes:
        document: what it says.
        settled: whether the evidence that it names was looked at already, at an earlier entry of the same.
    """

    document: Mapping[str, Any]
    settled: bool


class Retelling(Protocol):
    """Holds the entries of a run against what the ledger keeps of it; `audit.verification.runs` does it."""

    def rules(self, address: object, digest: object, about: Iterable[str] = ()) -> LoadedPack | None:
        """The rules that are kept at an address, and which of further digests name them."""
        ...

    def run(
        self, seq: int, document: Mapping[str, Any], listed: Listed, at: dt.datetime | None
    ) -> Iterable[str]:
        """Begins a run; gives what is wrong with it."""
        ...

    def foreseen(self, row: Row) -> Foreseen | None:
        """What the next entry says, if it is to the byte the one that must follow."""
        ...

    def evidence(self, document: Mapping[str, Any]) -> Iterable[str]:
        """Looks at the evidence of an entry that was foreseen."""
        ...

    def decided(self, document: Mapping[str, Any]) -> Iterable[str]:
        """Goes on with it, by an entry that was not."""
        ...

    def end(self) -> Iterable[str]:
        """Ends it; gives what is missing."""
        ...


class Chapters:
    """Reads entries in their order.

    Args:
        faults: where it is told what is wrong.
        vouched: whom somebody outside of the ledger vouches for.
        project: the id of the project that vouches; None for one without.
    """

    def __init__(
        self,
        faults: Faults,
        vouched: Vouched,
        project: str | None = None,
    ) -> None:
        self._faults = faults
        self._vouched = vouched
        self._project = project
        self.retelling: Retelling | None = None
        self._signers: list[tuple[int, str | None, Signers]] = []
        self._whose: list[tuple[int, bool]] = []
        self._listed: dict[str | None, Listed] = {None: Listed()}
        self._run: Mapping[str, Any] | None = None
        self._run_at = 0
        self.recorders = Recorders()
        self._keys = RevokedKeys()
        self._checkpoints: dict[int, Checkpoint | None] = {}
        self.backing = Projects(self._checkpoints.get)
        self.origin = ""
        self.runs = 0
        self.statements = 0
        self.documents: dict[str, int] = {}
        self._kinds: dict[str, Callable[[Row, dict[str, Any]], None]] = {
            "ledger": self._ledger,
            "key": self._key,
            "run": self._new_run,
            "refused": self._dated,
            NOTIFIED: self._notified,
            **dict.fromkeys(DECIDED, self._decided),
            **dict.fromkeys(TYPES, self._statement),
        }

    def glance(self, seq: int, body: bytes) -> None:
        """Takes from an entry only what bears on keys that one project has as revoked, for the others."""
        with suppress(CanonicalError, SignersError, KeyFault):  # which is told by whoever reads all of it
            self._keys.read(seq, read_canonical(body))

    def skim(self, seq: int, body: bytes) -> None:
        """Takes from an entry only what tells who may sign: the ledger's name, signers, and runs."""
        if seq == 0 or body.startswith(KEY_STARTS):
            try:
                document = read_canonical(body)
            except CanonicalError as error:
                self._faults.add(f"entry {seq}", error.message)
                return
            row = Row(seq, *entry_index(document), body)
            self._note(row, document)
            (self._ledger if seq == 0 else self._key)(row, document)
        elif _RUN_HAS in body:
            document = {}
            try:
                document = read_canonical(body)
            except CanonicalError as error:
                self._faults.add(f"entry {seq}", error.message)
            self.recorders.add(self._recorder(seq, document))
            self._note(Row(seq, "run", None, "", body), document)
        elif not any(part in body for part in _PARTS_HAVE):
            with suppress(CanonicalError):  # which is told where the index is held against it
                self._note(Row(seq, "", None, "", body), read_canonical(body))

    def read(self, row: Row, root: bytes | None = None, note: str | None = None) -> None:
        """Reads one entry.

        Args:
            row: the entry.
            root: the root of all entries before it, where it is known.
            note: the checkpoint over all entries before it, where there is one.
        """
        if self._run is not None and self.retelling is not None:
            told = self.retelling.foreseen(row)
            if told is not None:
                if not told.settled:
                    self._kept_with(row, told.document)
                    if row.kind != "gate":  # a gate is one of its own run, whatever it says
                        self._tell(row.seq, self.retelling.evidence(told.document))
                        told.settled = True
                return
        place = f"entry {row.seq}"
        try:
            document = read_canonical(row.body)
        except CanonicalError as error:
            self._faults.add(place, error.message)
            return
        if document.get("schema") != ENTRY_SCHEMA:
            self._faults.add(place, f"its schema is {document.get('schema')!r}, not {ENTRY_SCHEMA!r}")
            return
        if entry_index(document) != (row.kind, row.run, row.subject):
            self._faults.add(place, "the ledger's index says of it what it does not say itself")
        kind = document.get("entry")
        self._note(row, document)
        if self._run is not None and kind not in DECIDED:
            self.end()
        if kind == "checkpoint":
            self._checkpoint(row, document, root, note)
        elif kind in self._kinds:
            self._kinds[kind](row, document)
        else:
            self._faults.add(place, f"there is no entry of kind {kind!r}")
        if row.seq == 0 and kind != "ledger":
            self._faults.add(place, "the first entry does not name the ledger")

    def end(self) -> None:
        """Ends the run that was read last; what it does not tell of is missing."""
        if self._run is not None and self.retelling is not None:
            self._tell(self._run_at, self.retelling.end())
        self._run = None

    def signers(self, size: int) -> list[Signer]:
        """Those whom the ledger itself lets sign a checkpoint over so many entries, of whatever project."""
        newest = {whose: signers for seq, whose, signers in self._signers if seq < size}
        return [each for signers in newest.values() for each in signers]

    def others(self, start: int, end: int) -> bool:
        """Whether there are entries between two sizes, and none of the project that vouches."""
        first, last = (bisect_left(self._whose, (size, False)) for size in (start, end))
        return first < last and all(foreign for _, foreign in self._whose[first:last])

    def _recorder(self, seq: int, document: Mapping[str, Any]) -> Recorder:
        whose = owner(document)
        listed = self._listed.get(whose)
        signers = listed.newest if listed is not None and listed.newest is not None else Signers(())
        vouched = whose in (None, self._project)
        words = self._keys.words
        return Recorder.of(seq, document.get("envelope"), whose, signers, words, vouched=vouched)

    def _of(self, whose: str | None) -> Listed:
        """What the lists of a project say so far; those of nobody are asked too."""
        if whose not in self._listed:
            self._listed[whose] = Listed().also(self._listed[None].functions)
        return self._listed[whose]

    def _note(self, row: Row, document: Mapping[str, Any]) -> None:
        """Sees whose an entry says it is."""
        said = document.get("project")
        if said is not None and owner(document) is None and document.get("entry") != NOTIFIED:
            self._faults.add(f"entry {row.seq}", "it does not say whose it is")
        with suppress(SignersError, KeyFault):  # which is told where the list is read
            self._keys.read(row.seq, document)
            self.backing.words = self._keys.words
        if document.get("entry") not in OWN_KINDS:
            self._whose.append((row.seq, owner(document) not in (None, self._project)))

    def beginning(self, size: int) -> bool:
        """Whether so many entries were kept before any project listed signers: under its own key alone."""
        lists = [signers for seq, _, signers in self._signers if seq < size]
        return bool(lists) and all(map(is_own, lists))

    def checkpoints(self, expected: Collection[int]) -> None:
        """Compares the checkpoints that are entries with those that the ledger keeps beside."""
        for size in sorted(set(expected) - set(self._checkpoints)):
            self._faults.add(
                f"checkpoint {size}", "it is no entry of the ledger, as each but the newest one is"
            )
        for size in sorted(set(self._checkpoints) - set(expected)):
            self._faults.add(f"checkpoint {size}", "it is an entry of the ledger and was removed beside it")

    def _ledger(self, row: Row, document: dict[str, Any]) -> None:
        origin = document.get("origin")
        if row.seq != 0:
            self._faults.add(f"entry {row.seq}", "it names the ledger once more")
        elif not isinstance(origin, str) or not origin:
            self._faults.add("entry 0", "it does not name the ledger")
        else:
            self.origin = origin
            self.backing.ledger(row)
            if set(document) != _LEDGER_KEYS:
                self._faults.add("entry 0", "it says more than the ledger's name")

    def _key(self, row: Row, document: dict[str, Any]) -> None:
        if not set(document) <= _KEY_KEYS:
            self._faults.add(f"entry {row.seq}", "it says more than who may sign")
        self._dated(row, document)
        try:
            signers = Signers.from_document(document.get("signers"))
        except (SignersError, KeyFault) as error:
            self._faults.add(f"entry {row.seq}", error.message)
            return
        whose = owner(document)
        self._signers.append((row.seq, whose, signers))
        self._listed[whose] = self._of(whose).then(signers)
        if whose is None:
            known = self._listed[None].functions
            self._listed |= {each: listed.also(known) for each, listed in self._listed.items()}
        self.backing.listed(row, document, signers)
        # Whoever listed nobody yet used a key of their own; of another project nobody vouches here.
        if self._listed[whose].names and whose in (None, self._project):
            self._tell(row.seq, self._vouched.contradicted(signers))

    def _notified(self, row: Row, document: Mapping[str, Any]) -> None:
        self._dated(row, document)
        if fault := entry_fault(document):
            self._faults.add(f"entry {row.seq}", fault)

    def _dated(self, row: Row, document: Mapping[str, Any]) -> None:
        self.backing.dated(row.seq, document)

    def _checkpoint(self, row: Row, document: dict[str, Any], root: bytes | None, note: str | None) -> None:
        place, text = f"entry {row.seq}", document.get("note")
        self._checkpoints[row.seq] = None
        try:
            checkpoint, _ = read_checkpoint(text if isinstance(text, str) else "")
        except NoteError as error:
            self._faults.add(place, error.message)
            return
        if checkpoint.size == row.seq:
            self._checkpoints[row.seq] = checkpoint
        if checkpoint.size != row.seq:
            self._faults.add(
                place, f"it is a checkpoint over {checkpoint.size} entries and stands after {row.seq}"
            )
        elif root is not None and checkpoint.root != root:
            self._faults.add(place, "it is a checkpoint over other entries than those before it")
        if note is not None and note != text:
            self._faults.add(place, "it is another checkpoint than the one that the ledger keeps beside")

    def _new_run(self, row: Row, document: dict[str, Any]) -> None:
        self.runs += 1
        if type(document.get("run")) is not int or document["run"] != self.runs:
            self._faults.add(
                f"entry {row.seq}", f"it is run {document.get('run')!r} after run {self.runs - 1}"
            )
        self._run, self._run_at = document, row.seq
        self._dated(row, document)
        recorder = self._recorder(row.seq, document)
        self.recorders.add(recorder)
        parts = document.get("parts")
        rows = document.get("rows", ())
        named = [
            *(parts.values() if isinstance(parts, dict) else ()),
            *(rows if isinstance(rows, list) else ()),
        ]
        for digest in [*named, document.get("rules")]:
            self._refers(row, digest)
        if self.retelling is not None:
            self._tell(row.seq, self.retelling.run(row.seq, document, self._of(owner(document)), recorder.at))

    def _decided(self, row: Row, document: dict[str, Any]) -> None:
        if self._run is None:
            self._faults.add(f"entry {row.seq}", "it does not follow on the run that decided it")
            return
        for key in ("run", "record", "pack", "as_of", *OF_RECORD):
            if document.get(key) != self._run.get(key):
                self._faults.add(f"entry {row.seq}", f"its {key} is not that of the run before it")
        self._kept_with(row, document)
        if self.retelling is not None:
            self._tell(row.seq, self.retelling.decided(document))

    def _kept_with(self, row: Row, document: Mapping[str, Any]) -> None:
        if document.get("entry") == "gate":
            assert self._run is not None
            self.backing.gate(row, document, self._run.get("rules"))
        else:
            self._refers(row, document.get("evidence"))

    def _tell(self, seq: int, found: Iterable[str]) -> None:
        for text in found:
            self._faults.add(f"entry {seq}", text)

    def _refers(self, row: Row, digest: object) -> None:
        if isinstance(digest, str):
            self.documents.setdefault(digest.removeprefix("sha256:"), row.seq)
        else:
            self._faults.add(f"entry {row.seq}", "it does not say where its evidence is kept")

    def _statement(self, row: Row, document: dict[str, Any]) -> None:
        """A statement must be one that its signer could make at its place."""
        self.statements += 1
        here = Row(row.seq, *entry_index(document), row.body)
        rules = self.retelling.rules if self.retelling is not None else None
        try:
            self._tell(row.seq, self.backing.hear(here, document, rules))
        except PhasegateError as error:
            self._faults.add(f"entry {row.seq}", f"it can not be held against the rules: {error.message}")
