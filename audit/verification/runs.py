"""Holds what a ledger says of its runs against the records and the evidence that it keeps of them.

An entry is true to its record, the evidence is what the record has of it, the verdicts of the record
follow from its facts and from each other, and people signed what it says they signed. Nothing is
decided again: that is what a replay does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from phasegate.audit.ledger.project_entries import owner
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import ContentError, Row
from phasegate.audit.signing.canonical_json import CanonicalError, canonical, read_canonical
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.approvals import named_functions
from phasegate.audit.trail.entry_schema import OF_RECORD, Told, of_record
from phasegate.audit.trail.runs import record_from
from phasegate.audit.verification.claims import claims, unapproved, unbacked, unheard
from phasegate.audit.verification.evidence_rows import RowsTold
from phasegate.audit.verification.projects import Projects
from phasegate.audit.verification.rules import KeptRules
from phasegate.records.editions import edition_of
from phasegate.records.recheck_requirements import follow
from phasegate.records.recheck_verdicts import roll_up
from phasegate.records.schema import Record
from phasegate.records.source_diff import read_otherwise
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack

_COMMON = {"entry", "schema", "run", "subject", "record", "pack", "as_of"}
"""What every entry of a run has; that all have the same is seen to elsewhere."""
_SOME = 3
"""So many names are told of things that are missing."""
_RUN = b'"run":0,"schema":'
"""Where the number of a run stands in an entry; no text can hold it, as its quotes would be escaped."""
_EVIDENCE = b'"evidence":"'
_DIGEST = len("sha256:") + 64
Key = tuple[str, str]


@dataclass
class _Expected:
    """What the entries of a run must say, and what was found out about its record."""

    record: Record
    run: dict[str, Any]
    decided: dict[Key, dict[str, Any]]
    places: dict[Key, int]
    evidence: dict[str, dict[str, Any]]
    against: list[str]
    common: dict[str, Any]
    order: list[Key]
    proved: set[tuple[str, str]] = field(default_factory=set)
    bodies: dict[int, _Body] = field(default_factory=dict)

    def body(self, place: int, evidence: str | None) -> _Body | None:
        """The entry at a place, where its evidence is kept there; None if it can not be foreseen."""
        known = self.bodies.get(place)
        if known is None or known.evidence != evidence:
            kind, name = key = self.order[place]
            document = {**self.decided[key], **self.common, "entry": kind, "subject": name, "run": 0}
            if kind != "gate":
                document["evidence"] = evidence
            head, found, tail = canonical(document).partition(_RUN)
            if not found or _RUN in tail:
                return None
            known = self.bodies[place] = _Body(evidence, head + _RUN[:6], _RUN[7:] + tail, document)
        return known


@dataclass(slots=True)
class _Body:
    """The bytes of an entry before and after the number of its run, and what it says.

    Attributes:
        settled: whether the evidence that it names was looked at, as once is enough.
    """

    evidence: str | None
    head: bytes
    tail: bytes
    document: Mapping[str, Any]
    settled: bool = False


class Retold:
    """Reads runs in the order of the ledger.

    Args:
        content: gives a kept document by its digest; None where there is none.
        backing: what people have signed, as far as the ledger has been read.
        trusted: the signers that somebody outside of the ledger vouches for, if anybody does.
        project: the id of the project whose those are; None for one without.
    """

    def __init__(
        self,
        content: Callable[[str], bytes | None],
        backing: Projects,
        trusted: Signers | None = None,
        project: str | None = None,
    ) -> None:
        self._content = content
        self._backing = backing
        self._trusted = trusted
        self._project = project
        self._kept_rules = KeptRules(self._kept)
        self._claimed: tuple[_Expected, object, tuple[str, ...]] | None = None
        self._otherwise: tuple[Record, LoadedPack, tuple[str, ...]] | None = None
        self._rows = RowsTold(self._kept)
        self._known: tuple[object, _Expected] | None = None
        self._expected: _Expected | None = None
        self._number: object = None
        self._last = -1
        self._seen: set[Key] = set()

    def rules(self, address: object, digest: object, about: Iterable[str] = ()) -> LoadedPack | None:
        """The rules that are kept at an address; None where they are missing, which is told by itself.

        Args:
            address: where they are kept.
            digest: of the pack.
            about: further digests; the rules then know which of these name them.

        Raises:
            PhasegateError: if they can not be read, or have another digest.
        """
        return self._kept_rules.of(address, digest, about)

    def run(
        self, seq: int, document: Mapping[str, Any], listed: Listed, at: dt.datetime | None
    ) -> Iterator[str]:
        """Begins a run; gives what is wrong with its entry, and with its record.

        Args:
            seq: the number of the run's entry.
            document: what that says.
            listed: the lists of signers before it.
            at: when it was recorded; None where it does not say.
        """
        self._seen, self._last, self._expected = set(), -1, None
        self._number = document.get("run")
        self._kept_rules.note(document.get("rules"), document.get("pack"))
        try:
            expected = self._expected = self._of(document)
        except PhasegateError as error:
            yield f"its record can not be read: {error.message}"
            return
        if expected is None:  # a part of it is missing or damaged, which is told by itself
            return
        yield from _differing(document, expected.run, {"parts", "rules", "envelope"})
        yield from expected.against
        try:
            yield from self._unbacked(seq, document, expected, listed.newest or Signers(()), at)
            yield from unapproved(expected.record, listed, partial(self._named, document))
            yield from self._read_otherwise(document, expected.record)
        except PhasegateError as error:
            yield f"its rules can not be read, and so nobody knows who must approve them: {error.message}"

    def foreseen(self, row: Row) -> _Body | None:
        """What the next entry says, if it is to the byte the one that must follow.

        That takes a tenth of the time of reading it. Its evidence is still to be looked at.
        """
        expected, place = self._expected, self._last + 1
        if expected is None or place >= len(expected.order) or row.run is None or row.run != self._number:
            return None
        key = expected.order[place]
        if key != (row.kind, row.subject):
            return None
        body = expected.bodies.get(place)
        if body is None or row.body != b"%b%d%b" % (body.head, row.run, body.tail):
            evidence = None
            if row.kind != "gate":
                at = row.body.find(_EVIDENCE) + len(_EVIDENCE)
                evidence = row.body[at : at + _DIGEST].decode("ascii", "replace")
            body = expected.body(place, evidence)
            if body is None or row.body != b"%b%d%b" % (body.head, row.run, body.tail):
                return None
        self._seen.add(key)
        self._last = place
        return body

    def evidence(self, document: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with the evidence of an entry that was foreseen."""
        return self._proved(str(document["subject"]), str(document["evidence"]))

    def decided(self, document: Mapping[str, Any]) -> Iterator[str]:
        """Goes on with a run; gives what is wrong with an entry of what it decided."""
        if self._expected is None:
            return
        key = (str(document["entry"]), str(document.get("subject")))
        due = self._expected.decided.get(key)
        if due is None:
            yield "the record of its run does not decide it"
            return
        if key in self._seen:
            yield "its run tells of it twice"
        elif self._expected.places[key] < self._last:
            yield "it does not stand in the order of its run"
        self._seen.add(key)
        self._last = max(self._last, self._expected.places[key])
        beside = set() if key[0] == "gate" else {"evidence"}
        yield from _differing(document, {**due, **of_record(self._expected.record)}, beside)
        if beside and isinstance(document.get("evidence"), str):
            yield from self._proved(key[1], document["evidence"])

    def end(self) -> Iterator[str]:
        """Ends a run; gives what is missing of it."""
        if self._expected is not None:
            left = [key for key in self._expected.decided if key not in self._seen]
            if left:
                shown = ", ".join(f"{kind} {name}" for kind, name in left[:_SOME])
                more = f" and {len(left) - _SOME} more" if len(left) > _SOME else ""
                yield f"its record decides {shown}{more}, and no entry after it tells of it"
        self._expected = None

    def _unbacked(
        self,
        seq: int,
        document: Mapping[str, Any],
        expected: _Expected,
        signers: Signers,
        at: dt.datetime | None,
    ) -> Iterator[str]:
        """What a record claims that people signed; of many runs alike, the first is looked at."""
        if not claims(expected.record):
            return
        stood = self._backing.of(document).stood(signers, at)
        yield from unheard(expected.record, stood.statements, seq, at)
        name = (stood.version, document.get("rules"))
        if self._claimed is None or self._claimed[0] is not expected or self._claimed[1] != name:
            about = [digest for each in stood.statements for digest in each.digests.values()]
            rules = self.rules(document.get("rules"), document.get("pack"), about)
            if rules is None:
                return
            known = self._trusted if owner(document) in (None, self._project) else None
            found = unbacked(expected.record, stood.statements, signers, rules, known)
            self._claimed = (expected, name, tuple(found))
        yield from self._claimed[2]

    def _named(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        """The functions that the rules of a run name; none where they are missing, which is told by itself.

        Raises:
            PhasegateError: if the rules can not be read, or are others than those of the run.
        """
        rules = self._kept_rules.of(document.get("rules"), document.get("pack"))
        return named_functions(rules.pack) if rules is not None else ()

    def _read_otherwise(self, document: Mapping[str, Any], record: Record) -> Iterator[str]:
        """How a run read its tables otherwise than its rules say; older ones say nothing of it."""
        rules = self._kept_rules.of(document.get("rules"), document.get("pack"))
        if rules is None or edition_of(record).named_by_files:
            return
        known = self._otherwise
        if known is None or known[0] is not record or known[1] is not rules:  # many runs are alike
            known = self._otherwise = (record, rules, tuple(read_otherwise(record, rules.reading)))
        yield from known[2]

    def _of(self, document: Mapping[str, Any]) -> _Expected | None:
        parts, digest = document.get("parts"), document.get("record")
        common = {name: document.get(name) for name in ("schema", "record", "pack", "as_of")}
        common |= {name: document[name] for name in OF_RECORD if name in document}
        name = (common, parts)
        if self._known is None or self._known[0] != name:
            found: dict[str, bytes] = {}
            for part, where in parts.items() if isinstance(parts, dict) else ():
                kept = self._kept(where)
                if kept is None:
                    return None
                found[part] = kept
            record = record_from(found, str(digest))
            expected = _expected(record, common)
            expected.against += self._rows.against(record)
            self._known = (name, expected)
        return self._known[1]

    def _proved(self, subject: str, digest: str) -> Iterator[str]:
        """Whether evidence is what the record has of a point or target; each is looked at once."""
        assert self._expected is not None
        if (subject, digest) in self._expected.proved:
            return
        kept = self._kept(digest)
        if kept is None:
            return
        self._expected.proved.add((subject, digest))
        try:
            found = read_canonical(kept)
        except CanonicalError as error:
            yield f"its evidence can not be read: {error.message}"
            return
        if not isinstance(found.pop("measures", None), dict):
            yield "its evidence does not say how it was measured"
        due = self._expected.evidence[subject]
        for name in sorted({*found, *due}):
            if found.get(name) != due.get(name):
                yield f"its evidence has other {name} than the record of its run"

    def _kept(self, digest: object) -> bytes | None:
        if not isinstance(digest, str):
            return None
        try:
            return self._content(digest.removeprefix("sha256:"))
        except ContentError:
            return None


def _expected(record: Record, common: dict[str, Any]) -> _Expected:
    told = Told(record)
    decided = {(kind, name): document for kind, name, document in told.decided()}
    evidence = {**record, "pack": record["pack"]["digest"]}
    against = [*follow(evidence).against, *roll_up(record)]
    places = {key: place for place, key in enumerate(decided)}
    run = {**told.run(), "pack": evidence["pack"], "as_of": record["as_of"], **of_record(record)}
    return _Expected(record, run, decided, places, dict(told.evidence()), against, common, list(decided))


def _differing(document: Mapping[str, Any], due: Mapping[str, Any], beside: set[str]) -> Iterator[str]:
    """Where an entry says something else than it must, something more, or less."""
    others = [name for name, value in due.items() if document.get(name, due) != value]
    if others:
        yield f"it differs from its record in {', '.join(others)}"
    if len(document) != len({*_COMMON, *due, *beside}):
        extra = sorted(set(document) - set(due) - beside - _COMMON)
        yield f"it says more than its record: {', '.join(extra)}" if extra else "it does not say everything"
