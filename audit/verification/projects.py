"""What people have signed in a ledger that several projects may share, kept apart by project."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from phasegate.audit.ledger.project_entries import owner
from phasegate.audit.ledger.store import Row
from phasegate.audit.signing.signers import Signers, functions
from phasegate.audit.statements.adoptions import facts_attested, is_about, replaced, size_adopted
from phasegate.audit.trail.revoked_keys import Words
from phasegate.audit.verification.statements import Backing, Rules, asked_for

_Event = tuple[int, Callable[[Backing], object]]


class Projects:
    """The statements of each project, as far as the ledger has been read.

    What a project adopts is told to it as it was told of nobody: from then on it is read with its own.

    Attributes:
        words: what all of them say of keys, as far as the ledger has been read.

    Args:
        checkpoint: gives the checkpoint that stands as an entry after so many; None where there is none.
    """

    def __init__(self, checkpoint: Callable[[int], Any]) -> None:
        self.words: Words = {}
        self._checkpoint = checkpoint
        self._ledger: Row | None = None
        self._backing: dict[str | None, Backing] = {}
        self._told: dict[str | None, list[_Event]] = {}
        # What every project hears of, moments; with whose each is.
        self._everybodys: list[tuple[int, str | None, Callable[[Backing], object]]] = []
        self._taken = 0
        self._ended: set[int] = set()
        self._attested: dict[int, frozenset[str]] = {}

    def of(self, document: Mapping[str, Any]) -> Backing:
        """What was signed in the project whose an entry or a record is."""
        return self._of(owner(document))

    def ledger(self, row: Row) -> None:
        """Takes note of the ledger's name."""
        self._ledger = row
        self._of(None)

    def listed(self, row: Row, document: Mapping[str, Any], signers: Signers) -> None:
        """Takes note of a list of signers that can be read."""
        whose = owner(document)
        self._tell(row.seq, whose, lambda backing: backing.listed(row, signers))
        if whose is None:
            for id_ in self._backing:
                if id_ is not None:
                    self._backing[id_].ask(functions(signers))

    def dated(self, seq: int, document: Mapping[str, Any]) -> None:
        """Takes note of the moment that an entry tells, if it tells any."""
        envelope = document.get("envelope")
        moment = envelope.get("recorded_at") if isinstance(envelope, dict) else None
        if isinstance(moment, str):  # of a long log no more is kept than what it may be asked for again
            told = {"envelope": {"recorded_at": moment}}
            whose = owner(document)
            self._of(whose).dated(seq, told)
            event = partial(_dated, seq, told)
            self._note(seq, whose, event)
            self._to_others(seq, whose, event)

    def gate(self, row: Row, document: Mapping[str, Any], rules: object) -> None:
        """Takes note of a gate."""
        if asked_for(document):
            told = {name: document[name] for name in ("kind", "asked", "id")}
            self._tell(row.seq, owner(document), lambda backing: backing.gate(row, told, rules))

    def hear(self, row: Row, document: Mapping[str, Any], rules: Rules | None) -> Iterator[str]:
        """Takes note of a statement; gives why nobody could have made it by a command."""
        whose = owner(document)
        backing = self._of(whose)
        words = self.words
        self._note(row.seq, whose, lambda each: deque(each.hear(row, document, None, words), maxlen=0))
        if row.kind == "revocation" and whose is None:
            self._ended.add(row.seq)
        if row.kind == "attestation" and whose is None:
            self._attested[row.seq] = facts_attested(document)
        wrong = list(backing.hear(row, document, rules, words))
        yield from wrong
        if row.kind == "adoption":
            why = self._adopt(row, whose, good=not wrong)
            if why is not None:
                yield f"adoption: {why}"

    def void(self) -> Iterator[tuple[int, str]]:
        """The statements that count for nothing because of when they came there, each told once."""
        found = {seq: text for each in self._backing.values() for seq, text in each.void()}
        yield from sorted(found.items())

    def _of(self, whose: str | None) -> Backing:
        if whose not in self._backing:
            backing = self._begun(whose)
            for _, teller, event in self._everybodys:
                if teller != whose:
                    event(backing)
        return self._backing[whose]

    def _begun(self, whose: str | None) -> Backing:
        """What a project begins with: the ledger's name, and whom lists of nobody had approve."""
        backing = self._backing[whose] = Backing()
        if self._ledger is not None:
            backing.ledger(self._ledger)
        if whose is not None and None in self._backing:
            backing.ask(self._backing[None].asked)
        return backing

    def _note(self, seq: int, whose: str | None, event: Callable[[Backing], object]) -> None:
        self._told.setdefault(whose, []).append((seq, event))

    def _tell(self, seq: int, whose: str | None, event: Callable[[Backing], object]) -> None:
        self._note(seq, whose, event)
        event(self._of(whose))

    def _to_others(self, seq: int, whose: str | None, event: Callable[[Backing], object]) -> None:
        self._everybodys.append((seq, whose, event))
        for other, backing in self._backing.items():
            if other != whose:
                event(backing)

    def _adopt(self, row: Row, whose: str | None, *, good: bool) -> str | None:
        """Tells a project what it has adopted; what is wrong with that, if anything is."""
        said = self._of(whose).newest
        size = size_adopted(said) if said is not None else None
        checkpoint = self._checkpoint(size) if size is not None else None
        if whose is None or size is None or said is None or size > row.seq or checkpoint is None:
            return "it takes on entries that are not before it"
        if not is_about(said, checkpoint):
            return "it takes on other entries than those before it"
        if not good:
            return None
        start, self._taken = self._taken, max(self._taken, size)
        events = [each for each in self._told.get(None, ()) if start <= each[0] < size]
        if not events:
            return "it takes on nothing"
        gone = replaced(self._attested, size, row.seq)
        events = [each for each in events if each[0] not in gone]
        events += [each for each in self._told[None] if each[0] >= size and each[0] in self._ended]
        before = self._backing.pop(whose)
        self._told[whose] = sorted([*events, *self._told[whose]], key=lambda each: each[0])
        backing = self._begun(whose)
        backing.after(before)
        heard = [(seq, event) for seq, teller, event in self._everybodys if teller != whose]
        for _, event in sorted([*heard, *self._told[whose]], key=lambda each: each[0]):
            event(backing)
        return None


def _dated(seq: int, told: Mapping[str, Any], backing: Backing) -> None:
    backing.dated(seq, told)
