"""An entry that nobody can read: whoever comes upon it says which one it is, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sizes import some

from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.keys import read_private

# How the ledger of `world` is laid out: entry 0 names it, 1 lists the signers; approvals 2 and 4, a waiver
# 6, checkpoints between them, and run 8 with its point 9 and its gate 10. An append adds checkpoint 11 and
# entry 12.
NOT_CANONICAL = {"no JSON": b"{no", "no object": b"[1]", "other bytes": b'{"a": 1}'}
REWRITTEN = {"ledger": 0, "key": 1, "approval": 4, "waiver": 6, "run": 8, "point": 9, "gate": 10}
APPENDED: Mapping[str, tuple[str, int | None, str, Mapping[str, Any], str]] = {
    "signers that are a text": ("key", None, "", {"signers": "x"}, "this is no list of signers"),
    "no signers": ("key", None, "", {}, "this is no list of signers"),
    "a signer without a key": ("key", None, "", {"signers": [{"name": "a"}]}, "a signer has not exactly"),
    "a key that is none": (
        "key",
        None,
        "",
        {"signers": [{"name": "a", "roles": ["evaluator"], "key": "ssh-ed25519 AAAA"}]},
        "the key is cut short",
    ),
    "a run without anything": ("run", 2, "2", {}, "is not a run that can be read: it has no 'record'"),
    "a gate without anything": (
        "gate",
        1,
        "1",
        {"id": "1", "kind": "gate", "asked": "1"},
        "does not say what an entry of its kind says",
    ),
}
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("ci", "gate", "1"),
    ("ci", "gate", "1", "--no-ledger"),
    ("ci", "check"),
    ("", "runs"),
    ("", "show"),
    ("", "show", "1"),
    ("", "replay"),
    ("", "replay", "--all"),
    ("", "replay", "--from-sources"),
    ("", "prove", "run"),
    ("", "prove", "1.1"),
    ("", "prove", "1.1/systems"),
    ("", "prove", "phase:1"),
    ("", "explain", "1.1"),
    ("", "facts"),
    ("", "checkpoint"),
    ("", "keys", "list"),
    ("fin", "approve"),
    ("fin", "advance", "1"),
    ("fin", "waive", "--revoke", "W-1"),
    ("fin", "waive", "1.1/systems/invoices.reconciled", "--until", "2026-05-01", "--reason", "r"),
    ("", "ledger", "export", "out"),
    ("ci", "ledger", "export", "file", "--as", "in-toto"),
    ("ci", "ledger", "export", "file-2", "--as", "in-toto", "--gate", "1"),
)
EVERYBODY = {"gate 1", "check", "approve", "explain 1.1"}
WHO_STUMBLES = {
    "ledger": {"gate 1", "approve"},
    "key": {*EVERYBODY, "waive --revoke W-1", "prove run"},
    "approval": {"gate 1", "check", "explain 1.1"},
    "waiver": {"gate 1", "check", "explain 1.1", "waive --revoke W-1"},
    "run": {"gate 1", "runs", "show", "replay", "prove run"},
    "point": {"prove 1.1", "prove 1.1/systems"},
    "gate": {"prove phase:1", "advance 1"},
}


def rewrite(ledger: Path, seq: int, body: bytes) -> None:
    """Puts other bytes in the place of an entry."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in found:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE entry SET body = ? WHERE seq = ?", (body, seq))
        for _, statement in found:
            connection.execute(statement)


def stumble(
    world: Any, change: Callable[[], object], seq: int, why: str, needed: set[str], at: int
) -> set[str]:
    """Runs the commands on the changed ledger; returns those that came upon the entry.

    Args:
        world: whose ledger it is.
        change: what is done to it.
        seq: the entry.
        why: what is said of it.
        needed: the commands that are run in any case; of the others the fast tests run some.
        at: the case, so that each runs others of them.
    """
    ledger: Path = world.folder / "phasegate.db"
    kept = ledger.read_bytes()
    found = set()
    others = some((each for each in COMMANDS if " ".join(each[1:]) not in needed), at, 4)
    for who, *command in (each for each in COMMANDS if each in others or " ".join(each[1:]) in needed):
        ledger.write_bytes(kept)
        change()
        result = world.by(who, *command) if who else world.run(*command)
        assert "unexpected" not in result.output, (command, result.output)
        if f"entry {seq} " in result.stderr:
            place, _, _ = result.stderr.partition(f"entry {seq} ")
            assert result.exit_code == 2, command
            assert place.endswith((f"{ledger}: ", f"{ledger} is damaged: ")), result.stderr
            assert why in result.stderr
            assert "\nhelp: 'phasegate verify' tells what " in result.stderr
            assert result.stderr.count(why) == 1 or seq == 0, result.stderr
            found.add(" ".join(command))
        else:
            assert "canonical" not in result.stderr, (command, result.stderr)
            assert "signers" not in result.stderr, (command, result.stderr)
    ledger.write_bytes(kept)
    change()
    verified = world.run("verify")
    assert verified.exit_code == 1, verified.output
    assert f"entry {seq}" in verified.stdout, verified.output
    return found


@pytest.fixture
def kept(world: Any) -> Any:
    world.approve()
    assert world.waive().exit_code == 0
    assert world.at("2026-03-02T12:00:00+00:00").gate().exit_code == 0
    return world


@pytest.mark.sampled(every=2)
@pytest.mark.sampled
@pytest.mark.parametrize(
    ("kind", "what"),
    [*((kind, "no JSON") for kind in REWRITTEN), ("waiver", "no object"), ("waiver", "other bytes")],
)
def test_an_entry_that_is_not_canonical(kind: str, what: str, kept: Any) -> None:
    seq, ledger = REWRITTEN[kind], kept.folder / "phasegate.db"
    needed, why = WHO_STUMBLES[kind], "this is not canonical: "
    assert stumble(kept, lambda: rewrite(ledger, seq, NOT_CANONICAL[what]), seq, why, needed, seq) >= needed


@pytest.mark.sampled(every=2)
@pytest.mark.sampled
@pytest.mark.parametrize("name", APPENDED)
def test_an_entry_that_does_not_say_what_it_must(name: str, kept: Any) -> None:
    kind, run, subject, document, why = APPENDED[name]
    ci = read_private(kept.folder / "keys" / "ci")

    def append() -> None:
        with Ledger.open(kept.folder / "phasegate.db", read_only=False) as ledger:
            ledger.append(
                lambda _: [Draft(kind, run, subject, document)],
                CheckpointSigner("ci", ci.public.raw, ci.sign),
            )

    needed = WHO_STUMBLES[kind] - {"gate 1", "prove phase:1"} if kind in ("run", "gate") else EVERYBODY
    assert stumble(kept, append, 12, why, needed, list(APPENDED).index(name)) >= needed
