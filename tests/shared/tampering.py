"""Ways to change a ledger behind its back, and what a verification must say of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from phasegate.audit.ledger.checkpoint import Checkpoint, read_checkpoint
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.ledger.merkle import leaf_hash
from phasegate.audit.signing.keys import PrivateKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.trail.run_entries import RunDrafts
from phasegate.audit.verification.ledger import Asked, Verified, verify
from phasegate.audit.verification.runs import Retold

Faults = list[tuple[str, str]]


def verified(address: str | Path, *against: str, **asked: Any) -> Verified:
    """Verifies a ledger as the command does, against notes that were kept."""
    kept = [(f"kept {place}", read_checkpoint(note)[0]) for place, note in enumerate(against)]
    with Ledger.open(address) as ledger:
        return verify(ledger, Asked(kept, retelling=Retold, **asked))


def faults(address: str | Path, *against: str, **asked: Any) -> Faults:
    """The faults of a ledger: place and text."""
    return [(fault.place, fault.text) for fault in verified(address, *against, **asked).faults]


def newest(address: str | Path) -> str:
    """The newest checkpoint of a ledger."""
    with Ledger.open(address) as ledger:
        note = ledger.newest_checkpoint()
    assert note is not None
    return note


def size_and_root(note: str) -> Checkpoint:
    """A checkpoint as somebody has it who kept only what reports print."""
    return replace(read_checkpoint(note)[0], origin="")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger's file under somebody's hands: without triggers, which stand again afterwards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, statement in triggers:
            connection.execute(statement)


def tamper(path: Path, *statements: str, triggers: bool = True) -> None:
    """Runs statements in a ledger's file; ``{p}`` stands before the name of each table."""
    plain = [statement.format(p="", junk="x'ff00'") for statement in statements]
    if not triggers:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in plain:
                connection.execute(statement)
        return
    with opened(path) as connection:
        for statement in plain:
            connection.execute(statement)


def rewrite(path: Path, seq: int, body: bytes, *, mended: bool = False) -> None:
    """Puts other bytes in the place of an entry; mended, its kept hash is that of the new ones."""
    with opened(path) as connection:
        connection.execute("UPDATE entry SET body = ? WHERE seq = ?", (body, seq))
        if mended:
            connection.execute("UPDATE entry SET leaf = ? WHERE seq = ?", (leaf_hash(body), seq))


# How the ledger of `harbour` is laid out: entry 0 names it, 1 lists the signers, 2 is the first run, with
# its two points 3 and 4, a target 5 and three gates 6 to 8; a checkpoint 9, and the second run from 10 on.
CHANGES: Mapping[str, tuple[Sequence[str], str, str]] = {
    "a kind": (["UPDATE {p}entry SET kind = 'gate' WHERE seq = 3"], "entry 3", "index says of it"),
    "a run": (["UPDATE {p}entry SET run = 2 WHERE seq = 3"], "entry 3", "index says of it"),
    "no run": (["UPDATE {p}entry SET run = NULL WHERE seq = 3"], "entry 3", "index says of it"),
    "a run where there is none": (["UPDATE {p}entry SET run = 1 WHERE seq = 1"], "entry 1", "index says"),
    "a subject": (["UPDATE {p}entry SET subject = '1.2' WHERE seq = 3"], "entry 3", "index says of it"),
    "a kept hash": (
        ["UPDATE {p}entry SET leaf = (SELECT leaf FROM {p}entry WHERE seq = 4) WHERE seq = 3"],
        "entry 3",
        "its bytes are not those that were hashed",
    ),
    "two entries exchanged": (
        [
            "UPDATE {p}entry SET seq = 1003 WHERE seq = 3",
            "UPDATE {p}entry SET seq = 3 WHERE seq = 4",
            "UPDATE {p}entry SET seq = 4 WHERE seq = 1003",
        ],
        "entry 4",
        "it does not stand in the order of its run",
    ),
    "two entries exchanged, told by the root": (
        [
            "UPDATE {p}entry SET seq = 1003 WHERE seq = 3",
            "UPDATE {p}entry SET seq = 3 WHERE seq = 4",
            "UPDATE {p}entry SET seq = 4 WHERE seq = 1003",
        ],
        "checkpoint 9",
        "its root is not that of the entries",
    ),
    "an entry removed": (["DELETE FROM {p}entry WHERE seq = 4"], "entry 4", "it is missing"),
    "the first entry removed": (["DELETE FROM {p}entry WHERE seq = 0"], "entry 0", "it is missing"),
    "the last entry removed": (
        ["DELETE FROM {p}entry WHERE seq = 21"],
        "the ledger",
        "it holds 21 entries and its newest checkpoint covers 22 entries, so 1 was removed at the end",
    ),
    "the last entry removed with its checkpoint": (
        ["DELETE FROM {p}entry WHERE seq = 21", "DELETE FROM {p}checkpoint WHERE size = 22"],
        "the ledger",
        "it holds 21 entries and its newest checkpoint covers 17 entries",
    ),
    "an entry repeated at the end": (
        [
            (
                "INSERT INTO {p}entry (seq, kind, run, subject, leaf, body) "
                "SELECT 22, kind, run, subject, leaf, body FROM {p}entry WHERE seq = 21"
            )
        ],
        "entry 22",
        "its run tells of it twice",
    ),
    "an entry repeated at the end, told by the checkpoint": (
        [
            (
                "INSERT INTO {p}entry (seq, kind, run, subject, leaf, body) "
                "SELECT 22, kind, run, subject, leaf, body FROM {p}entry WHERE seq = 21"
            )
        ],
        "the ledger",
        "it holds 23 entries and its newest checkpoint covers 22 entries",
    ),
    "an entry before the first one": (
        [
            (
                "INSERT INTO {p}entry (seq, kind, run, subject, leaf, body) "
                "SELECT -1, kind, run, subject, leaf, body FROM {p}entry WHERE seq = 21"
            )
        ],
        "entry -1",
        "no entry stands before the first one",
    ),
    "an entry with another number": (
        ["UPDATE {p}entry SET seq = 30 WHERE seq = 21"],
        "entry 21",
        "it is missing",
    ),
    "a checkpoint removed": (
        ["DELETE FROM {p}checkpoint WHERE size = 9"],
        "checkpoint 9",
        "it is an entry of the ledger and was removed beside it",
    ),
    "the newest checkpoint removed": (
        ["DELETE FROM {p}checkpoint WHERE size = 22"],
        "the ledger",
        "it holds 22 entries and its newest checkpoint covers 17 entries",
    ),
    "all checkpoints removed": (
        ["DELETE FROM {p}checkpoint"],
        "the ledger",
        "it holds 22 entries and it has no checkpoint",
    ),
    "a checkpoint under another size": (
        ["UPDATE {p}checkpoint SET size = 8 WHERE size = 9"],
        "checkpoint 8",
        "its note is about 9 entries",
    ),
    "a checkpoint in the place of another": (
        ["UPDATE {p}checkpoint SET note = (SELECT note FROM {p}checkpoint WHERE size = 17) WHERE size = 9"],
        "checkpoint 9",
        "its note is about 17 entries",
    ),
    "a checkpoint that is none": (
        ["UPDATE {p}checkpoint SET note = 'nothing' WHERE size = 9"],
        "checkpoint 9",
        "this is no signed note",
    ),
    "a checkpoint whose signature is another's": (
        [
            (
                "UPDATE {p}checkpoint SET note = replace(note, substr(note, length(note) - 20, 4), "
                "CASE substr(note, length(note) - 20, 4) WHEN 'AAAA' THEN 'BBBB' ELSE 'AAAA' END) "
                "WHERE size = 22"
            )
        ],
        "checkpoint 22",
        "no evaluator has signed it",
    ),
    "a document removed": (
        ["DELETE FROM {p}content WHERE digest = (SELECT max(digest) FROM {p}content)"],
        "entry",
        "which is missing",
    ),
    "a document in the place of another": (
        [
            (
                "UPDATE {p}content SET packed = (SELECT packed FROM {p}content ORDER BY digest LIMIT 1) "
                "WHERE digest = (SELECT max(digest) FROM {p}content)"
            )
        ],
        "document",
        "holds other bytes than those that were kept",
    ),
    "a document that nothing can unpack": (
        ["UPDATE {p}content SET packed = {junk} WHERE digest = (SELECT max(digest) FROM {p}content)"],
        "document",
        "can not be unpacked",
    ),
    "a document added": (
        [
            (
                "INSERT INTO {p}content (digest, packed) "
                "SELECT 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', packed "
                "FROM {p}content ORDER BY digest LIMIT 1"
            )
        ],
        "document ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "holds other bytes",
    ),
    "a hash of a subtree added": (
        ["INSERT INTO {p}node (level, place, hash) SELECT 8, 0, leaf FROM {p}entry WHERE seq = 3"],
        "subtree 0 of level 8",
        "there is no such subtree",
    ),
}
"""What is done to the tables, the place of a fault that follows, and some of its words."""


def copied(source: Path, address: str | Path) -> None:
    """Makes a ledger elsewhere with the same entries, documents and checkpoints."""
    with Ledger.open(source) as old, Ledger.open(address, create=True) as new:
        start = 0
        for size, note in old.store.checkpoints():
            with new.store.append() as writer:
                rows = list(old.rows(start, size))
                writer.write(rows, [leaf_hash(row.body) for row in rows])
                if not start:
                    for digest in old.store.contents():
                        content = old.content(digest)
                        assert content is not None
                        writer.write_content(digest, content)
                writer.write_checkpoint(size, note)
            start = size


def signer_of(key: PrivateKey, name: str = "evaluator") -> CheckpointSigner:
    """Signs checkpoints with a key."""
    return CheckpointSigner(name, key.public.raw, key.sign)


def own_signers(key: PrivateKey, name: str = "evaluator") -> Draft:
    """The entry by which a ledger lists one evaluator."""
    document = Signers([Signer(name, ("evaluator",), key.public)]).as_document()
    return Draft("key", None, "", {"signers": document, "envelope": {}})


Change = Callable[[list[Draft], dict[str, bytes]], object]


def lying(address: Path, honest: RunDrafts, key: PrivateKey, change: Change) -> None:
    """Makes a ledger of one run in which an evaluator with a right key has changed something."""
    contents = dict(honest.contents)
    drafts = honest.drafts(1)
    change(drafts, contents)
    with Ledger.open(address, create=True) as ledger:
        ledger.append(lambda _: [own_signers(key), *drafts], signer_of(key), contents)
