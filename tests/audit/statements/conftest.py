from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.in_toto import Statement
from phasegate.audit.signing.keys import PrivateKey, new_key
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.statements.reader import Said, said, statement_draft
from phasegate.audit.trail.trail import Trail

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
ROLES: dict[str, tuple[str, ...]] = {
    "ci": ("evaluator",),
    "fin": ("approver:finance",),
    "dev": ("approver:developer",),
    "both": ("approver:developer", "approver:finance"),
    "eyes": ("auditor",),
}


@dataclass
class Book:
    """A ledger into which anybody may write anything, as a thief of its file can."""

    address: Path
    keys: Mapping[str, PrivateKey]
    limits: dict[str, dict[str, dt.datetime]] = field(default_factory=dict)

    @property
    def signers(self) -> Signers:
        return Signers(
            Signer(name, roles, self.keys[name].public, **self.limits.get(name, {}))
            for name, roles in ROLES.items()
        )

    def put(self, make: Callable[[str], list[Draft]], now: dt.datetime = NOON) -> None:
        """Appends entries that are made from the ledger's origin."""
        trail = Trail(self.address, self.signers, self.keys["ci"], "ci", now)
        trail.append(lambda position: make(position.origin))

    def sign(self, name: str, kind: str, subject: str, statement: Statement) -> None:
        """Appends a statement that somebody signs for this ledger."""
        self.put(lambda origin: [statement_draft(kind, subject, statement, self.keys[name], origin)])

    def tell(self, moment: dt.datetime) -> None:
        """Appends an entry that tells a time."""
        document = {"command": ["gate"], "error": "", "envelope": {"recorded_at": moment.isoformat()}}
        self.put(lambda _: [Draft("refused", None, "gate", document)], moment)

    def said(self, *kinds: str, now: dt.datetime | None = NOON) -> list[Said]:
        with Ledger.open(self.address) as ledger:
            return list(said(ledger, self.signers, now, *kinds))

    def envelope(self, kind: str) -> dict[str, Any]:
        """The envelope of the newest statement of a kind."""
        from phasegate.audit.signing.canonical_json import read_canonical

        with Ledger.open(self.address) as ledger:
            found: dict[str, Any] = read_canonical(ledger.find((kind,))[-1].body)["envelope"]
            return found


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PrivateKey]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder / name, name) for name in (*ROLES, "stranger")}


@pytest.fixture
def book(tmp_path: Path, keys: dict[str, PrivateKey]) -> Book:
    return Book(tmp_path / "phasegate.db", keys)


@pytest.fixture(scope="session")
def books() -> type[Book]:
    """Makes ledgers, for tests that need more than one."""
    return Book
