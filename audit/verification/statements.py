"""The signed statements of a ledger while it is read: who vouches for each, by the rules of those who decide.

The evaluator signs runs and can approve nothing; a run that tells of an approval must not be believed
for that. So a verification reads the statements with the reader that runs are decided by, under the
lists of signers of the ledger itself, as they stood at each place.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import Row, among
from phasegate.audit.signing.canonical_json import canonical
from phasegate.audit.signing.in_toto import read_statement
from phasegate.audit.signing.signers import Signers
from phasegate.audit.statements.reader import SKEW, Said, said
from phasegate.audit.statements.types import RUN_RESTS_ON
from phasegate.audit.trail.revoked_keys import Words
from phasegate.audit.verification.statement_rules import not_through, unmade
from phasegate.records.waivers import instant
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
Told = tuple[int, int]
"""A moment that an entry told, in microseconds since 1970, and the entry's number."""
Rules = Callable[[object, object, Iterable[str]], LoadedPack | None]
"""Gives the rules that are kept under a digest, of a pack's digest; they know which of further digests name
them. None where they are missing."""


@dataclass(slots=True)
class Heard:
    """A signed statement, and what stood in the ledger when it came there.

    Attributes:
        row: its entry.
        signed: the moment that it names; None where it can not be read.
        listing: the entry with the list of signers of that place; None where there is none.
        signers: those whom it lists.
        later: the moments that entries before it had told, of those after the one that it names.
        words: what all projects say of keys at that place.
        said: how it was read last, and under what.
    """

    row: Row
    signed: dt.datetime | None
    listing: Row | None
    signers: Signers
    later: Sequence[Told]
    words: Words
    said: tuple[Signers, Told | None, bool, Said] | None = None


@dataclass(frozen=True, slots=True)
class Stood:
    """What people had said when a run was decided.

    Attributes:
        statements: in the order of the ledger.
        version: the same for two runs before which the same was said, to the same effect.
    """

    statements: Sequence[Said]
    version: int


class _Rows:
    """Some entries, to be found as in a ledger."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        return among(self._rows, kinds, run, subject)


class Backing:
    """The statements of a ledger, as far as it has been read."""

    def __init__(self) -> None:
        self._ledger: Row | None = None
        self._listing: Row | None = None
        self._listed = Listed()
        self._signers = Signers(())
        self._heard: list[Heard] = []
        self._moments, self._tellers = array("q"), array("q")
        self._last = 0
        self._gates: dict[str, tuple[Row, object]] = {}
        self._stood: tuple[Signers, list[Said]] = (self._signers, [])
        self._version = 0

    def after(self, before: Backing) -> None:
        """Takes the place of another one, which was read in another order."""
        self._version = before._version + 1

    @property
    def asked(self) -> tuple[str, ...]:
        """The functions that must approve, as far as lists of signers tell."""
        return self._listed.functions

    def ask(self, asked: Collection[str]) -> None:
        """Takes note of functions that lists of nobody knew."""
        self._listed = self._listed.also(asked)

    @property
    def newest(self) -> Said | None:
        """The statement that came last, as it was read at its place."""
        last = self._heard[-1] if self._heard else None
        return self._said(last, last.signers, last.signed) if last is not None else None

    def ledger(self, row: Row) -> None:
        """Takes note of the ledger's name."""
        self._ledger = row

    def listed(self, row: Row, signers: Signers) -> None:
        """Takes note of a list of signers that can be read."""
        self._listing, self._signers = row, signers
        self._listed = self._listed.then(signers)

    def dated(self, seq: int, document: Mapping[str, Any]) -> None:
        """Takes note of the moment that an entry tells, if it tells any."""
        try:
            moment = dt.datetime.fromisoformat(document["envelope"]["recorded_at"])
            told = (moment - _EPOCH) // _MICROSECOND
        except (KeyError, TypeError, ValueError, OverflowError):
            return
        self._last = told
        at = bisect_left(self._moments, told)
        if at == len(self._moments) or self._moments[at] != told:
            self._moments.insert(at, told)
            self._tellers.insert(at, seq)

    def gate(self, row: Row, document: Mapping[str, Any], rules: object) -> None:
        """Takes note of a gate, if it is what its run was asked for.

        Args:
            row: its entry.
            document: what that says.
            rules: where the rules of its run are kept.
        """
        if asked_for(document):
            name = document["id"]
            found = Row(row.seq, "gate", row.run, name, row.body)
            self._gates[name] = (found, rules)

    def hear(self, row: Row, document: Mapping[str, Any], rules: Rules | None, words: Words) -> Iterator[str]:
        """Takes note of a statement; gives why nobody could have made it by a command.

        Args:
            row: its entry.
            document: what that says.
            rules: gives kept rules; None where they are not to be looked at.
            words: what all projects say of keys at that place.
        """
        signed = _signed(document)
        at = bisect_right(self._moments, (signed - _EPOCH) // _MICROSECOND) if signed is not None else 0
        later = tuple(zip(self._moments[at:], self._tellers[at:], strict=True)) if signed is not None else ()
        heard = Heard(row, signed, self._listing, self._signers, later, words)
        found = self._said(heard, self._signers, signed)
        if (why := unmade(found)) is not None:
            yield f"{row.kind}: {why}"
        elif row.kind == "advance":
            yield from self._advanced(heard, found, rules)
        self._heard.append(heard)

    def stood(self, signers: Signers, now: dt.datetime | None) -> Stood:
        """What people had said so far, as a run reads it.

        Args:
            signers: those whom the run's project listed.
            now: the moment of the run; None for any.
        """
        known, before = self._stood
        again = [self._said(each, signers, now) for each in self._heard if each.row.kind in RUN_RESTS_ON]
        if known is not signers or len(before) != len(again) or any(map(_others, before, again)):
            self._version += 1
            self._stood = (signers, again)
        return Stood(self._stood[1], self._version)

    def void(self) -> Iterator[tuple[int, str]]:
        """The statements that count for nothing because of when they came there: number and reason.

        A command may have put them there: clocks differ.
        """
        now = _EPOCH + self._last * _MICROSECOND
        for each in self._heard:
            if each.later and self._said(each, each.signers, each.signed).refused is None:
                why = self._said(each, each.signers, now).refused
                if why is not None:
                    yield each.row.seq, f"this {each.row.kind} counts for nothing: {why}"

    def _said(self, heard: Heard, signers: Signers, now: dt.datetime | None) -> Said:
        limit = None if now is None else (now - _EPOCH) // _MICROSECOND
        told = next((each for each in reversed(heard.later) if limit is None or each[0] <= limit), None)
        ahead = now is not None and heard.signed is not None and heard.signed > now + SKEW
        known = heard.said
        if known is not None and known[0] is signers and known[1:3] == (told, ahead):
            return known[3]
        rows = [row for row in (self._ledger, heard.listing) if row is not None]
        if told is not None:
            document = {"envelope": {"recorded_at": instant(_EPOCH + told[0] * _MICROSECOND)}}
            rows.append(Row(told[1], "refused", None, "", canonical(document)))
        rows.append(heard.row)
        (found,) = said(_Rows(rows), signers, now, heard.row.kind, words=heard.words)
        heard.said = (signers, told, ahead, found)
        return found

    def _advanced(self, heard: Heard, found: Said, rules: Rules | None) -> Iterator[str]:
        """What speaks against a step through a gate."""
        gate, kept = self._gates.get(str(found.predicate.get("gate")), (None, None))
        revoked = [each.row for each in self._heard if each.row.kind == "revocation"]
        why = not_through(found, _Rows([*([gate] if gate is not None else []), *revoked]))
        if why is not None:
            yield why
            return
        assert found.signer is not None
        if heard.later and (limit := found.signer.why_not(_EPOCH + heard.later[-1][0] * _MICROSECOND)):
            yield f"it came into the ledger after that, and the key of {found.signer.name!r} {limit}"
        if rules is None:
            return
        stood = self.stood(self._signers, found.signed).statements
        given = [each for each in stood if each.kind == "approval"]
        about = [digest for each in given for digest in each.digests.values()]
        read = rules(kept, found.predicate.get("pack"), about)
        if read is not None:
            from phasegate.audit.statements.approvals import approval

            asked = approval(
                given,
                self._signers,
                read,
                self._listed.functions,
            )
            if asked["missing"]:
                yield f"it goes through a gate whose rules are not approved for {', '.join(asked['missing'])}"


def _others(one: Said, other: Said) -> bool:
    return one is not other


def asked_for(document: Mapping[str, Any]) -> bool:
    """Whether a gate's entry is of a gate that its run was asked for; others are decided on the way."""
    name = document.get("id")
    return document.get("kind") == "gate" and document.get("asked") == name and isinstance(name, str)


def _signed(document: Mapping[str, Any]) -> dt.datetime | None:
    """The moment that a statement names, whoever signed it; None where it names none."""
    try:
        payload = base64.b64decode(document["envelope"]["payload"], validate=True)
        signed = dt.datetime.fromisoformat(read_statement(payload).predicate["signed"])
        return signed.astimezone(dt.UTC) if signed.utcoffset() is not None else None
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error, PhasegateError):
        return None
