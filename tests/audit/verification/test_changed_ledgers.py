"""A ledger in a file that was changed behind its back: each change is found, and named by its place."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kept_runs import DAYS, keep, write_project
from tampering import (
    CHANGES,
    copied,
    faults,
    newest,
    opened,
    own_signers,
    rewrite,
    signer_of,
    size_and_root,
    tamper,
    verified,
)

from phasegate.audit.ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.keys import new_key, read_private
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.verification.ledger import Asked, verify


def test_a_ledger_that_nobody_touched(place: Path) -> None:
    found = verified(place)
    assert found.faults == ()
    assert (found.size, found.runs, found.checkpoints, found.statements) == (22, 3, 3, 0)
    assert found.signed_by is not None
    assert (found.signed_by[0], found.own_key) == ("evaluator", True)
    assert found.root == read_checkpoint(newest(place))[0].root
    quick = verified(place, quick=True)
    assert (quick.faults, quick.root, quick.runs) == ((), found.root, 0)


@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_tables_is_named_by_its_place(place: Path, change: str) -> None:
    statements, where, words = CHANGES[change]
    tamper(place, *statements)
    found = faults(place)
    assert any(at.startswith(where) and words in text for at, text in found), found


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TRIGGER entry_update", "entry_update is missing"),
        ("DROP INDEX entry_kind", "entry_kind is missing"),
        ("CREATE INDEX more ON entry (kind)", "more was added"),
        ("CREATE TABLE more (a)", "more was added"),
        ("CREATE VIEW more AS SELECT 1", "more was added"),
        (
            "CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM content; END",
            "more was added",
        ),
    ],
)
@pytest.mark.parametrize("quick", [False, True], ids=["full", "quick"])
def test_a_change_of_the_schema(place: Path, statement: str, words: str, quick: bool) -> None:
    tamper(place, statement, triggers=False)
    assert ("the store", words) in faults(place, quick=quick)


def test_a_trigger_that_does_nothing_any_more(place: Path) -> None:
    tamper(
        place,
        "DROP TRIGGER entry_delete",
        "CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN SELECT 1; END",
        triggers=False,
    )
    assert faults(place) == [("the store", "entry_delete was changed")]


def bodies(place: Path) -> list[bytes]:
    with Ledger.open(place) as ledger:
        return [row.body for row in ledger.rows()]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A ledger of five short entries."""
    key = new_key(tmp_path / "key", "evaluator")
    path = tmp_path / "small.db"
    with Ledger.open(path, create=True) as ledger:
        for word in ("one", "two"):
            refused = Draft("refused", None, word, {"error": "\u00e9\u4f60"})
            signers = [own_signers(key)] if word == "one" else []
            ledger.append(lambda _, drafts=(*signers, refused): drafts, signer_of(key))  # type: ignore[misc]
    return path


@pytest.mark.sampled(every=2, whole=True)
@pytest.mark.parametrize("mended", [False, True], ids=["as it is", "with its kept hash"])
def test_every_byte_of_every_entry_counts(small: Path, mended: bool) -> None:
    """One byte of an entry is another one; in the second round the kept hash is set right with it."""
    kept = bodies(small)
    assert len(kept) == 5
    for seq, body in enumerate(kept):
        # Every byte in the slow test; here each third of them, shifted so that each is met in one round.
        for at in range(seq % 3 if mended else 0, len(body), 3 if mended else 2):
            changed = bytearray(body)
            changed[at] ^= 1 << at % 8
            rewrite(small, seq, bytes(changed), mended=mended)
            places = [where for where, _ in faults(small)]
            assert f"entry {seq}" in places or (mended and places[-1].startswith("checkpoint")), (seq, at)
            assert any(where.startswith("checkpoint") for where in places), (seq, at)
        rewrite(small, seq, body, mended=True)
    assert faults(small) == []


@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=pytest.mark.long if part else pytest.mark.slow) for part in range(10)],
)
def test_every_byte_of_every_entry_of_whole_runs_counts(place: Path, part: int) -> None:
    for seq, body in enumerate(bodies(place)):
        with opened(place) as connection:
            for at in range((part + seq) % 10, len(body), 10):
                changed = bytearray(body)
                changed[at] ^= 1 << at % 8
                connection.execute("UPDATE entry SET body = ? WHERE seq = ?", (bytes(changed), seq))
                with Ledger.open(place) as ledger:
                    found = [fault.place for fault in verify(ledger, Asked(quick=True)).faults]
                assert f"entry {seq}" in found, (seq, at)
            connection.execute("UPDATE entry SET body = ? WHERE seq = ?", (body, seq))
    assert faults(place) == []


def test_an_entry_that_grew_or_shrank(place: Path) -> None:
    body = bodies(place)[3]
    for changed in (b"", body[:-1], body + b" ", body + b"\n", body[:-1] + b',"more":1}'):
        rewrite(place, 3, changed)
        assert ("entry 3", "its bytes are not those that were hashed when it was kept") in faults(place)


def test_an_older_copy_is_found_with_a_checkpoint_that_was_kept(place: Path) -> None:
    """And only so: by itself an older copy is as good as it was."""
    older = place.with_name("older.db")
    shutil.copy(place, older)
    before = newest(place)
    keep(place.parent, DAYS[2], now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    note = newest(place)
    shutil.copy(older, place)
    assert faults(place) == []
    assert faults(place, before) == []
    size = read_checkpoint(note)[0].size
    expected = (
        "kept 0",
        (
            f"it covers {size} entries and the ledger holds 22: {size - 22} are gone, as if an older copy "
            "had been put back"
        ),
    )
    assert faults(place, note) == [expected]
    assert faults(place, note, quick=True) == [expected]


@pytest.mark.parametrize("quick", [False, True], ids=["full", "quick"])
def test_a_fork_that_the_same_key_signed_is_found_with_a_kept_checkpoint(place: Path, quick: bool) -> None:
    """The ledger from its tenth entry on, told once more and otherwise, by the evaluator."""
    first, _, last = checkpoints(place)
    tamper(
        place,
        "DELETE FROM entry WHERE seq >= 9",
        "DELETE FROM checkpoint WHERE size > 9",
        "DELETE FROM content WHERE digest NOT IN (SELECT digest FROM content WHERE 0)",
    )
    put_back_documents(place)
    for day in DAYS[1:]:
        keep(write_project(place.parent, waived=True, open_invoices=(3,)), day)
    assert faults(place, quick=quick) == []
    assert faults(place, first, quick=quick) == []
    fork = "the first 22 entries are not those that it was signed over: the ledger was forked or changed"
    ((where, text),) = faults(place, first, last, quick=quick)
    assert (where, text.startswith(fork)) == ("kept 1", True)


def checkpoints(place: Path) -> list[str]:
    with Ledger.open(place) as ledger:
        return [note for _, note in ledger.store.checkpoints()]


def put_back_documents(place: Path) -> None:
    """The documents of the first run, and no others, as somebody leaves them who takes care."""
    folder = place.parent / "again"
    folder.mkdir()
    write_project(folder)
    (folder / ".phasegate").mkdir()
    for name in ("evaluator", "evaluator.pub"):
        shutil.copy(place.parent / ".phasegate" / name, folder / ".phasegate" / name)
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as made, opened(place) as connection:
        for digest in made.store.contents():
            content = made.content(digest)
            assert content is not None
            import zlib

            values = (digest, zlib.compress(content))
            connection.execute("INSERT INTO content (digest, packed) VALUES (?, ?)", values)


def test_a_ledger_that_another_key_signed(place: Path, tmp_path: Path) -> None:
    """The newest checkpoint is made again with a key of the same name."""
    stranger = new_key(tmp_path / "stranger", "evaluator")
    checkpoint = read_checkpoint(newest(place))[0]
    note = sign_checkpoint(checkpoint, "evaluator", stranger.sign, stranger.public.raw)
    with opened(place) as connection:
        connection.execute("UPDATE checkpoint SET note = ? WHERE size = 22", (note,))
    said = ("checkpoint 22", "no evaluator has signed it, and it covers a run")
    assert faults(place) == [said]
    assert faults(place, quick=True) == [said]
    own = read_private(place.parent / ".phasegate" / "evaluator").public
    assert faults(place, keys=[own]) == [said]
    assert said not in faults(place, keys=[stranger.public])


def test_whose_key_it_must_be_can_be_said(place: Path, tmp_path: Path) -> None:
    own = read_private(place.parent / ".phasegate" / "evaluator").public
    other = new_key(tmp_path / "other", "evaluator").public
    assert verified(place, keys=[own]).own_key is False
    assert verified(place, keys=[other, own]).good
    said = f"only the ledger itself says who evaluator is, who signed it ({own.fingerprint})"
    said += ", and it covers a run"
    every = [(f"checkpoint {size}", said) for size in (9, 17, 22)]
    assert faults(place, keys=[other]) == every
    assert faults(place, keys=[other], quick=True) == every[2:]
    listed = Signers([Signer("evaluator", ("evaluator",), own)])
    assert verified(place, trusted=listed).good
    # Runs from before the project listed anybody count, but not as the newest word.
    assert faults(place, trusted=Signers([Signer("evaluator", ("auditor",), own)])) == every[2:]
    assert faults(place, trusted=Signers([Signer("evaluator", ("evaluator",), other)])) == every[2:]
    assert faults(place, trusted=Signers(())) == every[2:]  # a list that names nobody is one


def test_a_checkpoint_of_another_ledger(place: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    folder = write_project(tmp_path / "other")
    keep(folder, DAYS[0])
    note = newest(folder / "phasegate.db")
    origin = read_checkpoint(note)[0].origin
    assert faults(place, note) == [("kept 0", f"it is of another ledger, {origin}")]
    with opened(place) as connection:
        connection.execute("UPDATE checkpoint SET note = ? WHERE size = 9", (note,))
    assert ("checkpoint 9", f"it is of another ledger, {origin}") in faults(place)


def test_a_checkpoint_can_be_kept_as_size_and_root_alone(place: Path) -> None:
    with Ledger.open(place) as ledger:
        for _, note in ledger.store.checkpoints():
            kept = size_and_root(note)
            assert verify(ledger, Asked([("mine", kept)])).good
            other = Checkpoint("", kept.size, bytes(32))
            assert not verify(ledger, Asked([("mine", other)])).good
        # Also one over a size at which nobody signed: it is only a root.
        assert not verify(ledger, Asked([("mine", Checkpoint("", 10, bytes(32)))], quick=True)).good


def test_an_empty_ledger(tmp_path: Path, place: Path) -> None:
    empty = tmp_path / "empty.db"
    Ledger.open(empty, create=True).close()
    assert faults(empty)[0] == ("the ledger", "it holds no entries")
    found = faults(empty, newest(place))
    assert found[-1][1].startswith("it covers 22 entries and the ledger holds 0: 22 are gone")


def test_a_ledger_that_says_of_nobody_that_he_may_sign(tmp_path: Path) -> None:
    path = tmp_path / "bare.db"
    key = new_key(tmp_path / "key", "evaluator")
    with Ledger.open(path, create=True) as ledger:
        ledger.append(lambda _: [Draft("refused", None, "check", {})], signer_of(key))
    for quick in (False, True):
        assert faults(path, quick=quick) == [("checkpoint 2", "no signer has signed it")]
        assert faults(path, quick=quick, keys=[key.public]) == []


def test_a_list_of_signers_hides_from_no_quick_look(place: Path, tmp_path: Path) -> None:
    """The index says of a later list of signers that it is a point; its bytes say what it is."""
    other = new_key(tmp_path / "other", "other")
    own = read_private(place.parent / ".phasegate" / "evaluator")
    with Ledger.open(place, read_only=False) as ledger:
        ledger.append(lambda _: [own_signers(other, "other")], signer_of(own))
        ledger.append(lambda _: [Draft("refused", None, "check", {})], signer_of(own))
    said = [(f"checkpoint {size}", "no signer has signed it") for size in (24, 26)]
    assert faults(place) == said
    assert faults(place, quick=True) == said[1:]
    tamper(place, "UPDATE entry SET kind = 'point' WHERE kind = 'key' AND seq > 2")
    found = faults(place, quick=True)
    assert ("entry 23", "is not what it says itself: the ledger's index says otherwise") in found
    assert said[1] in found


@pytest.mark.parametrize("trusted", [False, True], ids=["by itself", "with the project's list"])
def test_an_emptied_list_of_signers_lets_nobody_sign(place: Path, trusted: bool) -> None:
    own = read_private(place.parent / ".phasegate" / "evaluator")
    with Ledger.open(place, read_only=False) as ledger:
        emptied = replace(own_signers(own), document={"signers": [], "envelope": {}})
        ledger.append(lambda _: [emptied], signer_of(own))
        ledger.append(lambda _: [Draft("refused", None, "check", {})], signer_of(own))
    for quick in (False, True):
        asked = {"trusted": Signers(())} if trusted else {}
        found = faults(place, quick=quick, **asked)
        assert found[-1] == ("checkpoint 26", "no signer has signed it")


def test_only_the_first_runs_may_rest_on_a_key_that_the_ledger_alone_names(
    project: Path, place: Path, tmp_path: Path
) -> None:
    """Its own key is listed again after people were: what it signs then is not from before."""
    own = read_private(project / ".phasegate" / "evaluator")
    other = new_key(tmp_path / "ci", "ci")
    with Ledger.open(place, read_only=False) as ledger:
        ledger.append(lambda _: [own_signers(other, "ci")], signer_of(own))
        ledger.append(lambda _: [own_signers(own), Draft("run", 4, "", {})], signer_of(own))
        ledger.append(lambda _: [own_signers(other, "ci")], signer_of(own))
        ledger.append(lambda _: [Draft("refused", None, "check", {})], signer_of(other, "ci"))
    found = faults(place, trusted=Signers([Signer("ci", ("evaluator",), other.public)]))
    said = [where for where, text in found if text.endswith(", and it covers a run")]
    assert said == ["checkpoint 27"]


def test_of_many_faults_the_first_are_told_and_the_others_counted(place: Path) -> None:
    with Ledger.open(place, read_only=False) as ledger:
        own = read_private(place.parent / ".phasegate" / "evaluator")
        ledger.append(lambda _: [Draft("point", 9, str(i), {}) for i in range(100)], signer_of(own))
    found = verified(place)
    assert (len(found.faults), found.more > 0) == (50, True)


def test_a_copy_made_entry_by_entry_is_the_same_ledger(place: Path, tmp_path: Path) -> None:
    copied(place, tmp_path / "copy.db")
    assert verified(tmp_path / "copy.db").good
    assert newest(tmp_path / "copy.db") == newest(place)


def test_a_whole_tree_of_kept_hashes_is_computed_again(tmp_path: Path) -> None:
    """With more than 256 entries hashes of subtrees are kept; each one is held against the entries."""
    path = tmp_path / "long.db"
    key = new_key(tmp_path / "key", "evaluator")
    with Ledger.open(path, create=True) as ledger:
        ledger.append(
            lambda _: [own_signers(key), *(Draft("refused", None, str(i), {}) for i in range(600))],
            signer_of(key),
        )
    assert faults(path) == []
    tamper(path, "UPDATE node SET hash = (SELECT leaf FROM entry WHERE seq = 1) WHERE place = 1")
    said = ("subtree 1 of level 8", "its kept hash is not that of its entries")
    assert faults(path) == faults(path, quick=True) == [said]
    tamper(path, "DELETE FROM node WHERE place = 1")
    assert faults(path) == [said]


@pytest.mark.parametrize("seq", [-1, -(2**62) - 1, -(2**63)])
def test_an_entry_before_the_first_one_is_found_however_far_it_stands(place: Path, seq: int) -> None:
    tamper(
        place,
        f"INSERT INTO entry SELECT {seq}, kind, run, subject, leaf, body FROM entry WHERE seq = 3",
    )
    said = (f"entry {seq}", "no entry stands before the first one")
    assert said in faults(place)
    assert said in faults(place, quick=True)


@pytest.mark.parametrize(("level", "at"), [(8, -1), (8, 2**63 - 1), (9, 0), (-8, 0)])
def test_a_hash_of_no_subtree_is_found_wherever_it_stands(place: Path, level: int, at: int) -> None:
    tamper(place, f"INSERT INTO node VALUES ({level}, {at}, zeroblob(32))")
    said = ("the store", "it keeps hashes of subtrees that there are not: 1")
    assert faults(place) == faults(place, quick=True) == [said]


def everything(ledger: Ledger) -> list[object]:
    """All that can be read from a ledger."""
    store = ledger.store
    size = ledger.size()
    found: list[object] = [*store.rows(), *store.rows(-100, 0), *store.leaves(0, size), *store.checkpoints()]
    found += [store.nodes(level, 0, 10) for level in (8, 16, 24)]
    found += [(digest, store.content(digest)) for digest in store.contents()]
    found += [store.newest_run(), store.newest_checkpoint(), store.find(["run", "key", "ledger", "refused"])]
    found += [store.find(["point"], 1, "1.1"), store.schema_faults()]
    return found


def seen_or_harmless(path: Path, before: list[object]) -> bool:
    """Whether a changed file is refused, or has a fault, or reads as it did."""
    from phasegate.audit.ledger.store import LedgerError

    try:
        if faults(path):
            return True
        with Ledger.open(path) as ledger:
            return everything(ledger) == before
    except LedgerError:
        return True


def changed_bytes(path: Path, start: int, step: int) -> None:
    """Changes one byte of a ledger's file after the other, and puts it back."""
    with Ledger.open(path) as ledger:
        before = everything(ledger)
    data = path.read_bytes()
    for at in range(start, len(data), step):
        with path.open("r+b") as file:
            file.seek(at)
            file.write(bytes([data[at] ^ (1 << at % 8 if at % 3 else 0xFF)]))
        assert seen_or_harmless(path, before), at
        for end in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        if at < 4096 or at % 64 == start % 64:
            path.write_bytes(data)
        else:
            with path.open("r+b") as file:
                file.seek(at)
                file.write(data[at : at + 1])
    path.write_bytes(data)
    assert faults(path) == []


def test_a_byte_here_and_there_in_the_file(small: Path) -> None:
    changed_bytes(small, 7, 211)


def test_each_byte_of_the_header_of_the_file(small: Path) -> None:
    data = small.read_bytes()
    with Ledger.open(small) as ledger:
        before = everything(ledger)
    for at in range(100):
        for value in {data[at] ^ 1, data[at] ^ 0x80, 0, 255} - {data[at]}:
            small.write_bytes(data[:at] + bytes([value]) + data[at + 1 :])
            assert seen_or_harmless(small, before), (at, value)
            for end in ("-wal", "-shm", "-journal"):
                small.with_name(small.name + end).unlink(missing_ok=True)


@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=pytest.mark.long if part else pytest.mark.slow) for part in range(16)],
)
def test_every_byte_of_the_file(small: Path, part: int) -> None:
    changed_bytes(small, part, 16)


def test_a_file_that_was_cut(small: Path) -> None:
    """At each page, and in the middle of one."""
    from phasegate.audit.ledger.store import LedgerError

    data = small.read_bytes()
    for size in [*range(0, len(data), 4096), *range(2048, len(data), 4096), len(data) - 1]:
        small.write_bytes(data[:size])
        try:
            assert faults(small), size
        except LedgerError:
            continue


def test_a_reader_of_another_moment_is_not_disturbed(place: Path) -> None:
    """A verification sees the ledger of one moment, whatever is appended meanwhile."""
    with closing(Ledger.open(place)) as ledger:
        ledger.size()
        keep(place.parent, DAYS[2], now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
        assert verify(ledger, Asked()).size == 22
    assert verified(place).size > 22
