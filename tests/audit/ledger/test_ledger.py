"""What an append keeps, under which checkpoint, and what proves it."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.audit.ledger.checkpoint import read_checkpoint
from phasegate.audit.ledger.compact_range import Edge, subtree_hash
from phasegate.audit.ledger.entry import Draft, Position, entry_index
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.ledger.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from phasegate.audit.ledger.store import LedgerError, Row
from phasegate.audit.signing.canonical_json import CanonicalError, read_canonical

RECORD = b'{"record":1}'
DIGEST = hashlib.sha256(RECORD).hexdigest()
SIGNER = CheckpointSigner("evaluator", bytes(32), lambda data: hashlib.sha512(data).digest())


def point(number: int = 1, run: int | None = 1, **more: Any) -> Draft:
    return Draft("point", run, f"1.1.{number}", {"verdict": "pass", **more})


def points(count: int) -> Callable[[Position], list[Draft]]:
    return lambda position: [point(i, position.newest_run + 1) for i in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "phasegate.db"


def begun(path: Path, *counts: int) -> Path:
    """A ledger after some appends of so many entries each."""
    with Ledger.open(path, create=True) as ledger:
        for count in counts:
            ledger.append(points(count), SIGNER)
    return path


def root_of(rows: Sequence[Row]) -> bytes:
    frontier = Frontier()
    for row in rows:
        frontier.add(leaf_hash(row.body))
    return frontier.root()


def test_the_first_append_begins_the_ledger(path: Path) -> None:
    with Ledger.open(path, create=True) as ledger:
        appended = ledger.append(lambda position: [point()], SIGNER, {DIGEST: RECORD})
        rows = list(ledger.rows())
        assert [(row.seq, row.kind, row.run, row.subject) for row in rows] == [
            (0, "ledger", None, ""),
            (1, "point", 1, "1.1.1"),
        ]
        assert read_canonical(rows[0].body) == {
            "entry": "ledger",
            "schema": "phasegate/entry/1",
            "origin": ledger.origin,
        }
        assert read_canonical(rows[1].body) == {
            "entry": "point",
            "schema": "phasegate/entry/1",
            "run": 1,
            "subject": "1.1.1",
            "verdict": "pass",
        }
        assert ledger.content(DIGEST) == RECORD
        assert (appended.first, appended.end, appended.run) == (1, 2, 1)
        assert appended.note == ledger.newest_checkpoint()
        checkpoint, note = read_checkpoint(appended.note)
        assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ledger.origin, 2, root_of(rows))
        assert [signature.name for signature in note.signatures] == ["evaluator"]


def test_an_origin_is_of_its_ledger_alone(tmp_path: Path) -> None:
    origins = set()
    for name in ("a", "b"):
        with Ledger.open(begun(tmp_path / name, 1)) as ledger:
            assert ledger.origin.startswith("phasegate.local/")
            origins.add(ledger.origin.removeprefix("phasegate.local/"))
    assert len(origins) == 2
    assert {len(bytes.fromhex(origin)) for origin in origins} == {16}


def test_every_checkpoint_but_the_newest_is_an_entry_at_its_own_size(path: Path) -> None:
    with Ledger.open(begun(path, 1, 3, 2)) as ledger:
        checkpoints = list(ledger.store.checkpoints())
        assert [size for size, _ in checkpoints] == [2, 6, 9]
        entered = {row.seq: read_canonical(row.body)["note"] for row in ledger.find(["checkpoint"])}
        assert entered == dict(checkpoints[:-1])
        rows = list(ledger.rows())
        for size, note in checkpoints:
            assert read_checkpoint(note)[0].root == root_of(rows[:size])


def test_an_append_knows_where_it_stands(path: Path) -> None:
    stood: list[Position] = []

    def entries(position: Position) -> list[Draft]:
        stood.append(position)
        assert [row.kind for row in position.find(["point"])] == ["point"] * (len(stood) - 1)
        return [point(run=position.newest_run + 1)]

    with Ledger.open(path, create=True) as ledger:
        appended = [ledger.append(entries, SIGNER) for _ in range(3)]
        assert [(each.size, each.first, each.newest_run) for each in stood] == [
            (0, 1, 0),
            (2, 3, 1),
            (4, 5, 2),
        ]
        assert [(each.first, each.end, each.run) for each in appended] == [(1, 2, 1), (3, 4, 2), (5, 6, 3)]


def test_entries_that_belong_to_no_run(path: Path) -> None:
    with Ledger.open(path, create=True) as ledger:
        appended = ledger.append(lambda position: [Draft("waiver", None, "", {"reason": "x"})], SIGNER)
        assert appended.run is None
        assert read_canonical(next(ledger.rows(1)).body).keys() == {"entry", "schema", "reason"}


@pytest.mark.parametrize(
    ("document", "index"),
    [
        ({"entry": "point", "run": 3, "subject": "1.1.1"}, ("point", 3, "1.1.1")),
        ({"entry": "waiver"}, ("waiver", None, "")),
        ({"entry": "run", "run": "3", "subject": {"a": 1}}, ("run", None, "")),
        ({"entry": "run", "run": True}, ("run", None, "")),
        ({"entry": 3}, ("", None, "")),
        ({}, ("", None, "")),
    ],
)
def test_the_index_of_an_entry_is_in_its_body(
    document: dict[str, Any], index: tuple[str, int | None, str]
) -> None:
    assert entry_index(document) == index


def boom(position: Position) -> list[Draft]:
    raise KeyboardInterrupt


def not_signing(data: bytes) -> bytes:
    raise RuntimeError("the agent is gone")


@pytest.mark.parametrize(
    ("entries", "contents", "sign", "error"),
    [
        (lambda position: [], {}, SIGNER.sign, ValueError),
        (lambda position: [Draft("ledger", None, "", {"origin": "x"})], {}, SIGNER.sign, ValueError),
        (lambda position: [Draft("checkpoint", None, "", {"note": "x"})], {}, SIGNER.sign, ValueError),
        (lambda position: [point(), point(run=7, entry="run")], {}, SIGNER.sign, ValueError),
        (lambda position: [Draft("point", 1, "1.1.1", {"run": 2})], {}, SIGNER.sign, ValueError),
        (lambda position: [Draft("point", None, "", {"run": 2})], {}, SIGNER.sign, ValueError),
        (lambda position: [Draft("point", 1, "", {"subject": "2"})], {}, SIGNER.sign, ValueError),
        (lambda position: [point(schema="other")], {}, SIGNER.sign, ValueError),
        (lambda position: [point(), point(value=0.5)], {}, SIGNER.sign, CanonicalError),
        (lambda position: [point()], {DIGEST: b"another"}, SIGNER.sign, ValueError),
        (boom, {}, SIGNER.sign, KeyboardInterrupt),
        (lambda position: [point()], {}, not_signing, RuntimeError),
    ],
)
@pytest.mark.parametrize("counts", [(), (300,)], ids=["first append", "later append"])
def test_what_can_not_be_appended_leaves_nothing(
    path: Path,
    entries: Callable[[Position], list[Draft]],
    contents: dict[str, bytes],
    sign: Callable[[bytes], bytes],
    error: type[BaseException],
    counts: tuple[int, ...],
) -> None:
    begun(path, *counts)
    before = path.read_bytes()
    with Ledger.open(path, create=True) as ledger, pytest.raises(error):
        ledger.append(entries, CheckpointSigner("evaluator", bytes(32), sign), contents)
    assert path.read_bytes() == before
    begun(path, 1)


def test_a_ledger_without_entries(path: Path) -> None:
    with Ledger.open(begun(path)) as ledger:
        assert (ledger.size(), ledger.newest_checkpoint(), list(ledger.rows())) == (0, None, [])
        with pytest.raises(LedgerError, match="holds no entry yet"):
            assert ledger.origin


def test_a_ledger_is_not_made_by_reading_it(path: Path) -> None:
    for read_only in (True, False):
        with pytest.raises(LedgerError, match="there is no ledger at"):
            Ledger.open(path, read_only=read_only)
    assert list(path.parent.iterdir()) == []


def test_an_address_may_be_text(path: Path) -> None:
    with Ledger.open(str(begun(path, 1))) as ledger:
        assert ledger.size() == 2
        assert repr(ledger) == f"Ledger('{path}')"
        assert ledger.shown == str(path)


# What has been changed is not signed again


def change(path: Path, *statements: str) -> None:
    """Changes a ledger as somebody would who may write the file, and leaves its tables as they were."""
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        triggers = stranger.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            stranger.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            stranger.execute(statement)
        for _, sql in triggers:
            stranger.execute(sql)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM entry WHERE seq = 301", "are not those of its newest checkpoint"),
        ("DELETE FROM entry WHERE seq = 290", "1 kept hashes of level 0 are missing"),
        ("DELETE FROM node", "1 kept hashes of level 8 are missing"),
        ("UPDATE node SET hash = zeroblob(32)", "are not those of its newest checkpoint"),
        ("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 300", "are not those of its newest checkpoint"),
        ("UPDATE checkpoint SET note = 'x'", "is damaged"),
        ("DELETE FROM checkpoint WHERE size = 302", "are not those of its newest checkpoint"),
        ("DELETE FROM checkpoint", "its entries have no checkpoint"),
        ("DELETE FROM entry; DELETE FROM node", "its first entry does not name it"),
        ("UPDATE entry SET kind = 'point' WHERE seq = 0", "its first entry does not name it"),
        ("UPDATE entry SET body = x'7b7d' WHERE seq = 0", "its first entry does not name it"),
        ("UPDATE entry SET body = x'7b' WHERE seq = 0", "is damaged"),
        ("UPDATE entry SET kind = 'ledger' WHERE seq = 5", "its first entry does not name it"),
    ],
)
def test_a_ledger_that_was_changed_is_not_signed_again(path: Path, statement: str, why: str) -> None:
    change(begun(path, 299, 1), *statement.split("; "))
    before = path.read_bytes()
    with Ledger.open(path, read_only=False) as ledger, pytest.raises(LedgerError, match=why) as caught:
        ledger.append(points(1), SIGNER)
    assert "is damaged" in caught.value.message
    assert path.read_bytes() == before


def test_a_checkpoint_of_another_ledger_is_not_taken(tmp_path: Path) -> None:
    one, other = begun(tmp_path / "one", 1), begun(tmp_path / "other", 1)
    with Ledger.open(other) as ledger:
        note = ledger.newest_checkpoint()
    change(one, f"UPDATE checkpoint SET note = '{note}'")
    with Ledger.open(one, read_only=False) as ledger, pytest.raises(LedgerError, match="newest checkpoint"):
        ledger.append(points(1), SIGNER)


# Proofs


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with enough entries for kept subtrees, whose appends end in odd places."""
    return begun(tmp_path_factory.mktemp("long") / "phasegate.db", 1, 253, 254, 1, 255, 300, 3)


def test_proofs_are_those_of_the_whole_tree(long: Path) -> None:
    with Ledger.open(long) as ledger:
        leaves = [leaf_hash(row.body) for row in ledger.rows()]

        def subtree(start: int, end: int) -> bytes:
            frontier = Frontier()
            for leaf in leaves[start:end]:
                frontier.add(leaf)
            return frontier.root()

        total = len(leaves)
        assert total > 1_024
        for size in (1, 2, 255, 256, 257, 511, 512, 1_000, 1_024, total):
            root = root_of(list(ledger.rows(0, size)))
            for seq in {0, 1, 255, 256, 511, 512, size - 1} & set(range(size)):
                path = ledger.prove(seq, size)
                assert path == inclusion_proof(seq, size, subtree)
                assert verify_inclusion(leaves[seq], seq, size, path, root)
            for old in (0, 1, 255, 256, 300, 512, size):
                if old <= size:
                    path = ledger.consistency(old, size)
                    assert path == consistency_proof(old, size, subtree)
                    assert verify_consistency(old, size, root_of(list(ledger.rows(0, old))), root, path)
        assert ledger.prove(5) == ledger.prove(5, total)


@pytest.mark.parametrize(
    ("seq", "size"), [(-1, 5), (5, 5), (0, 0), (0, 5_000), (5_000, None), (5_000, 6_000)]
)
def test_no_proof_of_what_is_not_there(long: Path, seq: int, size: int | None) -> None:
    with Ledger.open(long) as ledger, pytest.raises(LedgerError, match=f"has no entry {seq} among"):
        ledger.prove(seq, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (5, 5_000), (5_000, 5_001)])
def test_no_proof_of_sizes_that_are_not_there(long: Path, old: int, new: int) -> None:
    with Ledger.open(long) as ledger, pytest.raises(LedgerError, match=f"has no sizes {old} and {new}"):
        ledger.consistency(old, new)


def test_no_proof_from_hashes_that_are_missing(path: Path) -> None:
    change(begun(path, 600), "DELETE FROM node WHERE place = 1")
    with (
        Ledger.open(path) as ledger,
        pytest.raises(LedgerError, match="1 kept hashes of level 8 are missing"),
    ):
        ledger.prove(0)


class Kept:
    """Hashes as a store keeps them, made from the leaves each time."""

    def __init__(self) -> None:
        self.hashes: dict[int, list[bytes]] = {0: [], 8: [], 16: [], 24: []}
        self.read = 0

    def size(self) -> int:
        return len(self.hashes[0])

    def leaves(self, start: int, end: int) -> list[bytes]:
        return self.nodes(0, start, end)

    def nodes(self, level: int, start: int, end: int) -> list[bytes]:
        self.read += end - start
        return self.hashes[level][start:end]

    def grow(self, count: int) -> bytes:
        edge = Edge.read(self)  # type: ignore[arg-type]  # the part of a store that an edge reads
        for _ in range(count):
            leaf = leaf_hash(b"%d" % self.size())
            self.hashes[0].append(leaf)
            for level, place, node in edge.add(leaf):
                assert place == len(self.hashes[level])
                self.hashes[level].append(node)
        return edge.root()


@given(st.lists(st.integers(0, 400), max_size=6))
@settings(max_examples=examples(50), deadline=None)
def test_a_root_is_the_same_whatever_the_appends(counts: list[int]) -> None:
    kept, frontier = Kept(), Frontier()
    for count in counts:
        for i in range(kept.size(), kept.size() + count):
            frontier.add(leaf_hash(b"%d" % i))
        assert kept.grow(count) == frontier.root()


@pytest.fixture(scope="module")
def large() -> Kept:
    kept = Kept()
    for count in (65_535, 1, 1, 70_000):
        kept.grow(count)
    return kept


def test_kept_subtrees_of_every_level_are_those_of_the_leaves(large: Kept) -> None:
    assert [len(large.hashes[level]) for level in (8, 16, 24)] == [529, 2, 0]
    frontier = Frontier()
    for leaf in large.hashes[0]:
        frontier.add(leaf)
    assert Edge.read(large).root() == frontier.root()  # type: ignore[arg-type]
    for level, kept in large.hashes.items():
        for place in (0, len(kept) - 1) if kept else ():
            part = Frontier()
            for leaf in large.hashes[0][place << level : place + 1 << level]:
                part.add(leaf)
            assert kept[place] == part.root()


def test_a_proof_and_a_root_read_some_hundred_hashes(large: Kept) -> None:
    frontier = Frontier()
    for leaf in large.hashes[0]:
        frontier.add(leaf)
    for seq in (0, 65_535, 65_536, 131_071, large.size() - 1):
        large.read = 0
        path = inclusion_proof(seq, large.size(), lambda start, end: subtree_hash(large, start, end))  # type: ignore[arg-type]
        assert large.read <= 3 * 256
        assert verify_inclusion(large.hashes[0][seq], seq, large.size(), path, frontier.root())
    large.read = 0
    Edge.read(large)  # type: ignore[arg-type]
    assert large.read <= 3 * 256


# Several at once


def test_writers_at_once_take_turns(path: Path) -> None:
    begun(path)
    failed: list[BaseException] = []

    def writes(name: str) -> None:
        try:
            with Ledger.open(path, read_only=False) as ledger:
                for _ in range(10):
                    ledger.append(lambda position: [point(1, position.newest_run + 1, by=name)] * 3, SIGNER)
        except BaseException as error:  # noqa: BLE001 - the test's own thread tells it
            failed.append(error)

    threads = [threading.Thread(target=writes, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with Ledger.open(path) as ledger:
        rows = list(ledger.rows())
        assert [row.seq for row in rows] == list(range(30 * 4))
        # Every run number was given once, though three asked at once.
        runs = [row.run for row in rows if row.kind == "point"]
        assert runs == [run for run in range(1, 31) for _ in range(3)]
        for size, note in ledger.store.checkpoints():
            assert read_checkpoint(note)[0].root == root_of(rows[:size])


def test_nothing_is_imported_that_a_file_does_not_need(path: Path) -> None:
    code = (
        "import sys; from phasegate.audit.ledger.ledger import Ledger; "
        f"Ledger.open({str(begun(path, 1))!r}).close(); "
        "print([name for name in ('cryptography', 'psycopg', 'polars', 'pydantic') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
