"""Signed statements as a ledger has them: who vouches for each, or why nobody does.

A statement counts if its envelope is right, if it was signed for this ledger, and if the project lists
the signer's key at the moment that the statement names and at the one at which it came into the ledger.
The ledger knows that second moment only as not before any that it told already, by whatever project. The
rule is what a stolen key runs into: it can sign any date, but it can not take an earlier place. Nor does a
key count behind a list of another project that has it as revoked, where the word of that one counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.entry_errors import naming
from phasegate.audit.ledger.project_entries import TELLING, TOLD_BY_ALL, owner
from phasegate.audit.ledger.store import Finding, Row
from phasegate.audit.signing.canonical_json import CanonicalError, read_canonical
from phasegate.audit.signing.dsse import EnvelopeError
from phasegate.audit.signing.in_toto import (
    SignedStatement,
    Statement,
    StatementError,
    open_statement,
    sign_statement,
)
from phasegate.audit.signing.keys import PrivateKey
from phasegate.audit.signing.signers import Signer, Signers, UntrustedError
from phasegate.audit.statements.types import TYPES
from phasegate.audit.trail.revoked_keys import Words, WordsAlong, revoked_elsewhere
from phasegate.records.waivers import instant
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.folding import folded

if TYPE_CHECKING:
    from phasegate.records.schema import ProjectEntry

SKEW = dt.timedelta(hours=1)
"""So far may the clocks of two machines differ before a statement counts as dated back or ahead."""
DATED = TELLING
"""Kinds of entries that tell when they were made."""
_LEDGER, _PROJECT = "ledger", "project"


class EarlyClockError(TrailError):
    """A decision by a clock that is behind what the ledger has told."""

    def __init__(self, seq: int, told: dt.datetime, now: dt.datetime) -> None:
        super().__init__(
            f"the clock says {to_the_second(now)}, and entry {seq} of the ledger was recorded at "
            f"{instant(told)}: nothing is decided by a clock that is behind the ledger",
            "set the clock right; if that entry was recorded by a clock that ran ahead, wait until its "
            "moment has passed, or begin another ledger",
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in a ledger.

    Attributes:
        seq: the sequence number of its entry.
        kind: of the entry.
        predicate: what is said; empty where it can not be read.
        digests: what it is said about: digest by name.
        signer: who vouches for it; None where nobody does.
        signed: the moment that it names; None where it can not be read.
        refused: why it counts for nothing; None if it counts.
        then: the signer as the ledger listed it when the statement came there; None where it did not.
        subject: what the entry says that it is about; nobody has signed that.
    """

    seq: int
    kind: str
    predicate: dict[str, Any]
    digests: dict[str, str]
    signer: Signer | None
    signed: dt.datetime | None
    refused: str | None = None
    then: Signer | None = None
    subject: str = ""

    def has(self, role: str) -> bool:
        """Whether somebody vouches for it who has a role, and had it when it came into the ledger."""
        return all(one is not None and role in one.roles for one in (self.signer, self.then))


def taken_by(id_: str, statements: Iterable[Said]) -> str | None:
    """The id of one of some statements that a reader would take for another id; None if there is none."""
    ids = (each.predicate.get("id") for each in statements)
    return next((each for each in ids if isinstance(each, str) and folded(each) == folded(id_)), None)


def size_of(statements: Sequence[Said]) -> int:
    """Of how many entries of a ledger some statements are: it ends with the last of them.

    So two runs between which nobody has said anything tell the same size.
    """
    return max((each.seq + 1 for each in statements), default=0)


def statement_draft(
    kind: str,
    subject: str,
    statement: Statement,
    key: PrivateKey,
    origin: str,
    project: ProjectEntry | None = None,
) -> Draft:
    """The entry for a statement that a key signs now.

    Args:
        kind: of the entry.
        subject: what it can be found by.
        statement: what is said.
        key: who says it.
        origin: the ledger for which it is said; in another one it counts for nothing.
        project: the project for which it is said, so that it counts for no other; None for one without an
            id.
    """
    whose = {_PROJECT: project} if project is not None else {}
    bound = replace(statement, predicate={**statement.predicate, **whose, _LEDGER: origin})
    return Draft(kind, None, subject, {**whose, "envelope": sign_statement(bound, key)})


def said(
    log: Finding, signers: Signers, now: dt.datetime | None, *kinds: str, words: Words | None = None
) -> Iterator[Said]:
    """The statements of some kinds in the order of the ledger, those that do not count among them.

    Args:
        log: where they stand.
        signers: those whom the project lists today.
        now: the moment at which it is asked, None for any: a statement that is dated ahead of it counts for
            nothing yet.
        kinds: of entries.
        words: what all projects say of keys at that place, where that is known; None to see for each.
    """
    rows = log.find((_LEDGER, *DATED, *kinds, TOLD_BY_ALL))
    if all(row.kind not in kinds for row in rows):
        return
    reader = _Reader(signers, now if now is not None else dt.datetime.max.replace(tzinfo=dt.UTC) - SKEW)
    along = WordsAlong(log) if words is None else None
    for row in rows:
        reader.words = along.before(row.seq) if along is not None else words or {}
        with naming(row):
            found = reader.read(row)
        if found is not None:
            yield found


def latest_told(rows: Iterable[Row], before: int | None = None) -> tuple[dt.datetime, int] | None:
    """The latest moment at which something was recorded, and the entry that tells it.

    Args:
        rows: entries.
        before: looks only at those that stand before this one.
    """
    told = [
        (moment, row.seq)
        for row in rows
        if before is None or row.seq < before
        for moment in [_recorded(read_canonical(row.body))]
        if moment is not None
    ]
    return max(told, default=None, key=lambda each: each[0])


def refuse_early(log: Finding, now: dt.datetime) -> None:
    """Refuses to decide by a clock that the ledger is ahead of: what has ended would count again.

    Raises:
        EarlyClockError: if something was recorded later than now, by more than clocks may differ.
    """
    told = latest_told(log.find((*DATED, TOLD_BY_ALL)))
    if told is not None and told[0] > now + SKEW:
        raise EarlyClockError(told[1], told[0], now)


def _recorded(document: dict[str, Any]) -> dt.datetime | None:
    """When an entry says that it was made; None where it tells no instant."""
    try:
        moment = dt.datetime.fromisoformat(document["envelope"]["recorded_at"])
    except (KeyError, TypeError, ValueError):
        return None  # it tells nothing; `verify` says what is wrong with it
    return moment if moment.utcoffset() is not None else None


class _Reader:
    """Reads entries in their order.

    Attributes:
        words: what all projects say of keys before the next one.
    """

    def __init__(self, signers: Signers, now: dt.datetime) -> None:
        self.words: Words = {}
        self._signers = signers
        self._now = now
        self._logged: dict[str | None, Signers] = {}
        self._origin: object = None
        # The latest moment that an entry has told so far, and which one did.
        self._told: dt.datetime | None = None
        self._teller = 0

    def read(self, row: Row) -> Said | None:
        """A statement; None for an entry that only tells of its place."""
        document = read_canonical(row.body)
        if row.kind in TYPES:
            return self._said(row, document)
        if row.kind == _LEDGER:
            self._origin = document.get("origin")
            return None
        self._tell(row.seq, document)
        if row.kind == "key":
            self._logged[owner(document)] = Signers.from_document(document.get("signers"))
        return None

    def _tell(self, seq: int, document: dict[str, Any]) -> None:
        moment = _recorded(document)
        # A clock that once ran ahead must not call back what is signed at the right time.
        if moment is not None and moment <= self._now and (self._told is None or moment > self._told):
            self._told, self._teller = moment, seq

    def _said(self, row: Row, document: dict[str, Any]) -> Said:
        subject = document.get("subject")
        empty = Said(row.seq, row.kind, {}, {}, None, None, subject=subject if type(subject) is str else "")
        try:
            if document.get("entry") != row.kind:
                raise StatementError("the ledger's index says of it what it does not say itself")
            opened = self._opened(row, document)
            signed = dt.datetime.fromisoformat(opened.statement.predicate["signed"])
        except PhasegateError as error:
            return replace(empty, refused=error.message)
        except (KeyError, TypeError, ValueError):
            return replace(empty, refused="the statement does not say when it was signed")
        predicate = dict(opened.statement.predicate)
        origin, whose = predicate.pop(_LEDGER, None), predicate.pop(_PROJECT, None)
        digests = {one.name: one.digest for one in opened.statement.subjects}
        found = replace(empty, predicate=predicate, digests=digests, signed=signed)
        try:
            if origin is None or origin != self._origin:
                raise UntrustedError("it was signed for another ledger")
            if whose != document.get(_PROJECT):
                raise UntrustedError("it was signed for another project")
            self._refuse_revoked(opened.signed_by[0], owner(document))
            signer = self._who(opened.signed_by[0], signed)
        except UntrustedError as error:
            return replace(found, refused=error.message)
        listed = self._logged.get(owner(document), ())
        then = next((each for each in listed if each.public == signer.public), None)
        return replace(found, signer=signer, then=then)

    def _opened(self, row: Row, document: dict[str, Any]) -> SignedStatement:
        logged = self._logged.get(owner(document))
        keys = {**(logged.keys if logged is not None else {}), **self._signers.keys}
        try:
            opened = open_statement(document.get("envelope"), TYPES[row.kind], keys)
        except CanonicalError as error:
            raise EnvelopeError(f"the statement can not be read: {error.message}") from error
        if len(opened.signed_by) != 1:
            raise EnvelopeError("more than one key signed the statement")
        return opened

    def _refuse_revoked(self, fingerprint: str, whose: str | None) -> None:
        """Refuses a key that another project has as revoked: a thief has it for all."""
        why = revoked_elsewhere(self.words, fingerprint, whose, self._signers, self._logged.get(whose))
        if why is not None:
            raise UntrustedError(f"it came into the ledger after {why}")

    def _who(self, fingerprint: str, signed: dt.datetime) -> Signer:
        signer = self._signers.who(fingerprint, signed)
        if signed > self._now + SKEW:
            raise UntrustedError(f"it is dated ahead: {instant(signed)}")
        if self._told is None:
            return signer
        if signed < self._told - SKEW:
            # That entry's clock may have been ahead; from its moment on, who signs again is right again.
            raise UntrustedError(
                f"it is dated back: {instant(signed)}, and entry {self._teller} before it had told "
                f"{instant(self._told)} already; sign it again"
            )
        if signed < self._told and (why := signer.why_not(self._told)):
            raise UntrustedError(
                f"it came into the ledger after {instant(self._told)}, and the key of {signer.name!r} {why}"
            )
        return signer


def to_the_second(moment: dt.datetime) -> str:
    """A moment as statements have it."""
    return instant(moment.replace(microsecond=0))
