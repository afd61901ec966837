"""Running digests: over which entries they run, how a checkpoint has them, what a false one comes to."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_runs import DAYS, keep
from tampering import faults, newest, tamper

from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, read_checkpoint, sign_checkpoint
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.ledger.running_digest import KINDS, NAME_OF, NOTHING, Digests, RunningDigest, running
from phasegate.audit.ledger.store import LedgerError
from phasegate.audit.signing.keys import read_private
from phasegate.audit.statements.reader import DATED
from phasegate.audit.statements.types import TYPES

ALL = ("ledger", "checkpoint", "point", "target", "gate", *NAME_OF)


def test_they_run_over_all_that_people_sign_and_all_that_tells_time() -> None:
    assert {*TYPES, "key"} == {*KINDS["statements"]}
    assert {*DATED} <= NAME_OF.keys()


@given(st.lists(st.tuples(st.sampled_from(ALL), st.binary(min_size=32, max_size=32)), max_size=30))
def test_each_is_a_chain_of_hashes_over_its_kinds(entries: list[tuple[str, bytes]]) -> None:
    for name, kinds in KINDS.items():
        mine, digest = [leaf for kind, leaf in entries if kind in kinds], bytes(32)
        for leaf in mine:
            digest = hashlib.sha256(b"\x02" + digest + leaf).digest()
        assert running(entries)[name] == RunningDigest(len(mine), digest)
        assert running(entries[7:], running(entries[:7]))[name] == RunningDigest(len(mine), digest)


ZEROS = base64.b64encode(NOTHING).decode()
BEGINNING = f"log\n5\n{base64.b64encode(bytes(32)).decode()}\n"
BOTH = f"statements 0 {ZEROS}\nruns 7 {ZEROS}\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (BOTH, None),
        (BOTH + "a line of somebody else's\n", None),
        ("", None),
        ("statement 1 x\n", None),
        (f"statements 0 {ZEROS}\n", "no running digest of runs"),
        (BOTH + f"runs 7 {ZEROS}\n", "two running digests of runs"),
        (BOTH.replace("7", "-7"), "is no running digest"),
        (BOTH.replace("7", "07"), "is no running digest"),
        (BOTH.replace("7 ", "7  "), "is no running digest"),
        (BOTH.replace("7 AA", "7 A"), "is no running digest"),
        (BOTH.replace("7 ", ""), "is no running digest"),
        (BOTH + "runs\n", "is no running digest"),
    ],
)
def test_a_checkpoint_carries_them_in_lines_of_their_own(lines: str, said: str | None) -> None:
    signed = f"{BEGINNING}{lines}\n\u2014 ci {base64.b64encode(bytes(68)).decode()}\n"
    if said is not None:
        with pytest.raises(NoteError, match=said):
            read_checkpoint(signed)
        return
    found = read_checkpoint(signed)[0].digests
    assert found == ({name: RunningDigest(7 * (name == "runs")) for name in KINDS} if BOTH in lines else {})


def signer(place: Path) -> CheckpointSigner:
    key = read_private(place.parent / ".phasegate" / "evaluator")
    return CheckpointSigner("evaluator", key.public.raw, key.sign)


def false_one(change: Callable[[Digests], Digests]) -> Callable[[Path], None]:
    """The evaluator signs the newest checkpoint again, with other digests."""

    def sign(place: Path) -> None:
        by, found = signer(place), read_checkpoint(newest(place))[0]
        note = sign_checkpoint(replace(found, digests=change(found.digests)), by.name, by.sign, by.public)
        tamper(place, f"UPDATE checkpoint SET note = '{note}' WHERE size = {found.size}")

    return sign


def other_log(place: Path) -> None:
    """Those of another log of the same project."""
    other = shutil.copytree(place.parent, place.parent.parent / "other")
    (other / "phasegate.db").unlink()
    keep(other, DAYS[0])
    digests = read_checkpoint(newest(other / "phasegate.db"))[0].digests
    false_one(lambda _: digests)(place)


FALSE: dict[str, tuple[Callable[[Path], None], str]] = {
    "left out": (false_one(lambda _: {}), "it has no running digests, and checkpoint 9 had some"),
    "one entry fewer": (
        false_one(lambda found: {**found, "runs": replace(found["runs"], count=2)}),
        "its running digests are not those of the entries",
    ),
    "exchanged": (
        false_one(lambda found: {"statements": found["runs"], "runs": found["statements"]}),
        "its running digests are not those of the entries",
    ),
    "of another log": (other_log, "its running digests are not those of the entries"),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_one_is_found_and_nothing_goes_on_from_it(name: str, place: Path) -> None:
    change, said = FALSE[name]
    change(place)
    assert ("checkpoint 22", said) in faults(place)
    with Ledger.open(place, read_only=False) as ledger:
        if name == "left out":  # all entries are read then, and the next checkpoint has them again
            ledger.append(lambda _: [Draft("refused", None, "check", {})], signer(place))
            assert ledger.position().find(("run",))
            return
        with pytest.raises(LedgerError, match=r"running digests|its index gives"):
            ledger.position().find(("run", "key"))


def test_a_ledger_from_before_goes_on_with_them(tmp_path: Path) -> None:
    recorded = Path(__file__).parents[1] / "ledgers" / "record-1.db"
    place = shutil.copy(recorded, tmp_path / "phasegate.db")
    before = read_checkpoint(newest(place))[0]
    assert before.digests == {}
    by = CheckpointSigner("evaluator", bytes(32), bytes(64).__add__)
    by = replace(by, sign=lambda data: hashlib.sha512(data).digest())
    with Ledger.open(place, read_only=False) as ledger:
        runs = ledger.find(("run",))
        assert ledger.position().find(("run",)) == runs
        ledger.append(lambda _: [Draft("refused", None, "check", {})], by)
        assert read_checkpoint(str(ledger.newest_checkpoint()))[0].digests["runs"].count == sum(
            row.kind in KINDS["runs"] for row in ledger.rows()
        )
        assert ledger.position().find(("run",)) == runs


def test_they_do_not_make_two_checkpoints_of_one_log_differ() -> None:
    known = Checkpoint("log", 5, bytes(32))
    assert replace(known, digests=running([("run", bytes(32))])) == known
