"""Who may sign what, and when. Every part that trusts a signature asks here, and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from phasegate.audit.signing.keys import PublicKey, read_public
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.role import approves_for, is_role
from phasegate.rules.values.folding import folded

if TYPE_CHECKING:
    from phasegate.rules.model.project import Project
    from phasegate.rules.portfolio.model import PortfolioProject

_REQUIRED = {"name", "roles", "key"}
_INSTANTS = ("start", "end", "revoked")


class UntrustedError(PhasegateError):
    """A signature that does not count."""


class SignersError(PhasegateError):
    """A document that is no list of signers."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose signature counts, from ``start`` (included) to ``end`` (excluded).

    Attributes:
        name: an opaque id.
        roles: ``evaluator``, ``auditor``, or ``approver:`` and a function; sorted.
        public: the key.
        start, end: the instants between which the signature counts; None where there is no limit.
        revoked: the instant from which it no longer counts.
    """

    name: str
    roles: tuple[str, ...]
    public: PublicKey
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    revoked: dt.datetime | None = None

    def why_not(self, at: dt.datetime) -> str | None:
        """Why a signature made at an instant does not count; None if it does."""
        if self.revoked is not None and at >= self.revoked:
            return f"was revoked from {_written(self.revoked)} on"
        if self.start is not None and at < self.start:
            return f"counts from {_written(self.start)} on only"
        if self.end is not None and at >= self.end:
            return f"counted until {_written(self.end)}"
        return None

    def has(self, role: str) -> bool:
        """Whether the signer has a role: ``approver:finance``, or ``approver`` for that of any function."""
        wanted = role.removesuffix(":")
        return any(one == wanted or one.startswith(f"{wanted}:") for one in self.roles)


class Signers:
    """A list of signers; no two have one name or one key.

    Args:
        signers: in any order.

    Raises:
        SignersError: if two have one name or one key.
    """

    def __init__(self, signers: Iterable[Signer]) -> None:
        self._signers = tuple(sorted(signers, key=lambda signer: signer.name))
        self._by_key = {signer.public.fingerprint: signer for signer in self._signers}
        names = {folded(signer.name) for signer in self._signers}
        if not len(self._signers) == len(self._by_key) == len(names):
            raise SignersError("two signers have one name or one key")

    @staticmethod
    def of(written: Project | PortfolioProject) -> Signers:
        """The signers that a file lists; none where it lists none."""
        return Signers(
            Signer(
                one.name,
                tuple(sorted(one.roles)),
                PublicKey(read_public(one.key).raw, one.name),
                one.start,
                one.end,
                one.revoked,
            )
            for one in written.signers
        )

    @staticmethod
    def from_document(document: object) -> Signers:
        """Reads what `as_document` wrote.

        Raises:
            SignersError: if the document is anything else.
        """
        if not isinstance(document, list):
            raise SignersError("this is no list of signers")
        signers = Signers(_signer(one) for one in document)
        if signers.as_document() != document:
            raise SignersError("the list of signers is not written as it must be")
        return signers

    def as_document(self) -> list[dict[str, Any]]:
        """The list as plain JSON, in the order of names: equal lists give equal documents."""
        return [_document(signer) for signer in self._signers]

    @cached_property
    def keys(self) -> Mapping[str, PublicKey]:
        """Every key by its fingerprint, those that no longer count included: for `open_envelope`."""
        return {fingerprint: signer.public for fingerprint, signer in self._by_key.items()}

    def who(self, fingerprint: str, at: dt.datetime) -> Signer:
        """The signer whose signature with a key counts at an instant.

        Raises:
            UntrustedError: if nobody listed has the key, the signer's time has not begun, is over, or
                was cut short, or the instant has no time zone.
        """
        _aware(at)
        signer = self._by_key.get(fingerprint)
        if signer is None:
            raise UntrustedError(
                f"no signer has the key {fingerprint}",
                "the project file lists whose signatures count, in 'signers'",
            )
        if why := signer.why_not(at):
            raise UntrustedError(
                f"the signature of {signer.name!r} does not count at {_written(at)}: it {why}"
            )
        return signer

    def __iter__(self) -> Iterator[Signer]:
        return iter(self._signers)

    def __len__(self) -> int:
        return len(self._signers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signers) and self._signers == other._signers

    def __hash__(self) -> int:
        return hash(self._signers)


def functions(signers: Iterable[Signer]) -> tuple[str, ...]:
    """The functions for which anybody approves, sorted.

    Those whose approvers no longer count are among them: their approval is then still asked for, and
    missing.
    """
    found = (approves_for(role) for one in signers for role in one.roles)
    return tuple(sorted({function for function in found if function is not None}))


def _document(signer: Signer) -> dict[str, Any]:
    limits = ((key, getattr(signer, key)) for key in _INSTANTS)
    return {
        "name": signer.name,
        "roles": sorted(signer.roles),
        "key": PublicKey(signer.public.raw).openssh,
        **{key: _written(limit) for key, limit in limits if limit is not None},
    }


def _signer(document: object) -> Signer:
    if not isinstance(document, dict) or not _REQUIRED <= set(document) <= _REQUIRED | set(_INSTANTS):
        raise SignersError("a signer has not exactly a name, roles and a key, and limits in time")
    name, roles, key = document["name"], document["roles"], document["key"]
    texts = [name, key, *roles] if isinstance(roles, list) else [None]
    limits = {limit: document[limit] for limit in _INSTANTS if limit in document}
    if not all(isinstance(text, str) for text in (*texts, *limits.values())):
        raise SignersError("a signer has something else than texts")
    if not roles or not all(is_role(role) for role in roles):
        raise SignersError(f"the signer {name!r} has no role, or one that is none")
    public = PublicKey(read_public(key).raw, name)
    return Signer(name, tuple(roles), public, **{limit: _read(text) for limit, text in limits.items()})


def _read(text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
        _aware(instant)
        return instant.astimezone(dt.UTC)
    except (ValueError, OverflowError, UntrustedError) as error:
        raise SignersError(f"{text!r} is no instant") from error


def _written(instant: dt.datetime) -> str:
    """An instant in UTC; parts of a second only where there are some."""
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _aware(at: dt.datetime) -> None:
    if at.utcoffset() is None:
        raise UntrustedError(f"{at.isoformat()} does not say in which time zone, so it is no instant")
