"""One entry in a file of its own: what proves it, and that nothing else ever does."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_runs import DAYS, keep, write_project
from proofs import proof_of
from sizes import examples
from tampering import newest, opened, own_signers, signer_of, size_and_root

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.checkpoint import Checkpoint, read_checkpoint
from phasegate.audit.ledger.entry import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import LedgerError
from phasegate.audit.signing.keys import new_key, read_private
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.audit.verification.make_proof import make_proof
from phasegate.audit.verification.proof import ProofError, read_proof
from phasegate.audit.verification.proof_evidence import followed, shown
from phasegate.audit.verification.service import verified_proof
from phasegate.rules.loading.given_file import PROOF_BYTES

Change = Callable[[dict[str, Any]], object]


def notes(place: Path) -> list[str]:
    with Ledger.open(place) as ledger:
        return [note for _, note in ledger.store.checkpoints()]


@pytest.fixture(scope="module")
def kept_proof(harbour: Path) -> dict[str, Any]:
    """The proof of a point that was waived, with a link from the first checkpoint; not to be changed."""
    place = harbour / "phasegate.db"
    first = read_checkpoint(notes(place)[0])[0]
    document: dict[str, Any] = json.loads(proof_of(place, "1.1", "2", first))
    return document


@pytest.fixture
def proof(kept_proof: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(kept_proof)


def data(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("run", "run"),
        ("1.1", "point"),
        ("1.1/systems", "point"),
        ("1.1/systems/invoices.reconciled", "point"),
        ("1/success", "target"),
        ("phase:1", "gate"),
        ("programme", "gate"),
    ],
)
@pytest.mark.parametrize("run", ["1", "2"])
def test_whatever_a_run_decided_can_be_proved(harbour: Path, subject: str, kind: str, run: str) -> None:
    proof = read_proof(proof_of(harbour / "phasegate.db", subject, run).encode())
    shown(proof)
    assert (proof.entry["entry"], proof.entry["run"]) == (kind, int(run))
    assert proof.checkpoint == read_checkpoint(newest(harbour / "phasegate.db"))[0]
    assert (proof.signed_by[0], proof.own_key) == ("evaluator", True)
    found = followed(proof)
    assert (found is not None) == (kind in ("point", "target"))
    assert found is None or (found.against == () and found.checked > 0)


def test_a_proof_that_was_made_earlier_holds_when_there_are_more_runs(place: Path) -> None:
    before, note = proof_of(place, "1.1"), newest(place)
    keep(place.parent, DAYS[2], now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    proof = read_proof(before.encode())
    proof.hold("then", read_checkpoint(note)[0])
    now = read_checkpoint(newest(place))[0]
    with pytest.raises(ProofError, match="does not show that they belong together with now") as caught:
        proof.hold("now", now)
    assert caught.value.hint == f"prove it once more, with --against '{now.size} ROOT'"
    again = read_proof(proof_of(place, "1.1", "2", read_checkpoint(note)[0]).encode())
    again.hold("then", read_checkpoint(note)[0])
    again.hold("now", read_checkpoint(newest(place))[0])


def test_a_proof_links_to_every_checkpoint_that_was_kept(harbour: Path) -> None:
    place = harbour / "phasegate.db"
    kept = [read_checkpoint(note)[0] for note in notes(place)]
    proof = read_proof(proof_of(place, "1.1", "1", *kept).encode())
    for each in kept:
        proof.hold("kept", each)
        proof.hold("kept", size_and_root(notes(place)[kept.index(each)]))
        with pytest.raises(ProofError, match="forked or changed"):
            proof.hold("kept", Checkpoint("", each.size, bytes(32)))
        with pytest.raises(ProofError, match="it is of another ledger than kept"):
            proof.hold("kept", Checkpoint("elsewhere", each.size, each.root))


def test_a_proof_without_a_link_says_how_to_get_one(harbour: Path) -> None:
    place = harbour / "phasegate.db"
    proof = read_proof(proof_of(place, "1.1").encode())
    with pytest.raises(ProofError, match="does not show that they belong together with mine") as caught:
        proof.hold("mine", read_checkpoint(notes(place)[0])[0])
    assert caught.value.hint == "prove it once more, with --against '9 ROOT'"


def test_a_link_to_a_checkpoint_of_another_history_is_not_made(harbour: Path) -> None:
    place = harbour / "phasegate.db"
    for kept, said in (
        (Checkpoint("", 9, bytes(32)), "does not go on from kept 9"),
        (Checkpoint("elsewhere", 9, read_checkpoint(notes(place)[0])[0].root), "does not go on from kept 9"),
        (Checkpoint("", 99, bytes(32)), "kept 99 covers 99 entries, and"),
    ):
        with pytest.raises(LedgerError, match=said):
            proof_of(place, "1.1", "2", kept)


@pytest.mark.parametrize("size", [2, 3, 255, 256, 257, 512, 600])
def test_first_and_last_entries_of_ledgers_of_many_sizes(tmp_path: Path, size: int) -> None:
    key = new_key(tmp_path / "key", "evaluator")
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        more = [Draft("refused", None, str(i), {}) for i in range(size - 2)]
        ledger.append(lambda _: [own_signers(key), *more], signer_of(key))
        rows = list(ledger.rows())
        assert len(rows) == size
        for seq in {0, 1, size // 2, size - 2, size - 1}:
            proof = read_proof(make_proof(ledger, rows[seq]).encode())
            assert (proof.seq, proof.checkpoint.size) == (seq, size)


def test_who_must_have_signed(harbour: Path, tmp_path: Path) -> None:
    text = proof_of(harbour / "phasegate.db", "1.1").encode()
    own = read_private(harbour / ".phasegate" / "evaluator").public
    other = new_key(tmp_path / "other", "evaluator").public
    assert read_proof(text, keys=[own]).own_key is False
    assert read_proof(text, trusted=Signers([Signer("evaluator", ("evaluator",), own)])).own_key is False
    for asked in (
        {"keys": [other]},
        {"trusted": Signers([Signer("evaluator", ("evaluator",), other)])},
        {"trusted": Signers([Signer("somebody", ("evaluator",), own)])},
        {"trusted": Signers([Signer("evaluator", ("auditor",), own)])},
        {"trusted": Signers(())},
    ):
        with pytest.raises(ProofError, match="no evaluator has signed its checkpoint"):
            read_proof(text, **asked)  # type: ignore[arg-type]


def test_a_proof_rests_on_what_an_evaluator_signed(place: Path, tmp_path: Path) -> None:
    """Somebody else signs a statement afterwards, and the checkpoint over it; the runs are older."""
    own = read_private(place.parent / ".phasegate" / "evaluator")
    person = new_key(tmp_path / "person", "person")
    both = Signers(
        [Signer("evaluator", ("evaluator",), own.public), Signer("person", ("auditor",), person.public)]
    )
    listed = Draft("key", None, "", {"signers": both.as_document(), "envelope": {}})
    evaluated = newest(place)
    with Ledger.open(place, read_only=False) as ledger:
        ledger.append(lambda _: [listed], signer_of(person, "person"))
    kept = read_checkpoint(newest(place))[0]
    proof = read_proof(proof_of(place, "1.1", "2", kept).encode())
    assert proof.signed_by[0] == "evaluator"
    proof.hold("the evaluator's", read_checkpoint(evaluated)[0])
    proof.hold("the newest", kept)
    with pytest.raises(ProofError, match="does not belong together with mine"):
        proof.hold("mine", Checkpoint("", kept.size, bytes(32)))


def test_a_ledger_whose_kept_hashes_are_damaged_gives_no_proof(place: Path) -> None:
    with opened(place) as connection:
        connection.execute("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 20")
    with pytest.raises(LedgerError, match="entry 11 can not be proved from it"):
        proof_of(place, "1.1")


# Changes

ENTRY = '"entry":"point"'
CHANGES: dict[str, tuple[Change, str]] = {
    "another schema": (lambda proof: proof.update(schema="phasegate/proof/2"), "its schema is"),
    "a schema that is none": (lambda proof: proof.update(schema=["x"]), "its schema is None"),
    "a missing key": (lambda proof: proof.pop("path"), "it has not exactly the keys"),
    "one more key": (lambda proof: proof.update(more=1), "it has not exactly the keys"),
    "another number": (lambda proof: proof.update(seq=proof["seq"] + 1), "does not lead to the root"),
    "a number below 0": (lambda proof: proof.update(seq=-1), "does not lead to the root"),
    "a huge number": (lambda proof: proof.update(seq=10**400), "does not lead to the root"),
    "true for a number": (lambda proof: proof.update(seq=True), "is no whole number"),
    "a fraction for a number": (lambda proof: proof.update(seq=1.5), "is no whole number"),
    "another size": (lambda proof: proof.update(size=23), "its checkpoint covers 22 entries, not 23"),
    "a size that is none": (lambda proof: proof.update(size="22"), "is no whole number"),
    "a step less": (lambda proof: proof["path"].pop(), "does not lead to the root"),
    "a step more": (lambda proof: proof["path"].append("00" * 32), "does not lead to the root"),
    "steps exchanged": (lambda proof: proof["path"].reverse(), "does not lead to the root"),
    "a step in other letters": (
        lambda proof: proof["path"].__setitem__(0, " " + proof["path"][0][1:]),
        "a path in it is no list of hashes",
    ),
    "a step that is none": (lambda proof: proof["path"].append(7), "a path in it is no list of hashes"),
    "endless steps": (
        lambda proof: proof.update(path=["00" * 32] * 100_000),
        "a path in it is no list of hashes",
    ),
    "a path that is none": (lambda proof: proof.update(path={}), "a path in it is no list of hashes"),
    "a verdict": (
        lambda proof: proof.update(entry=proof["entry"].replace('"waived"', '"pass"')),
        "does not lead to the root",
    ),
    "an entry with a blank": (
        lambda proof: proof.update(entry=proof["entry"] + " "),
        "this is not canonical",
    ),
    "an entry that is none": (lambda proof: proof.update(entry=[]), "its entry is no text"),
    "half a character": (lambda proof: proof.update(entry="\ud800"), "its entry is no Unicode text"),
    "NUL": (lambda proof: proof.update(entry="\x00"), "this is not canonical"),
    "a deep entry": (lambda proof: proof.update(entry='{"a":' * 200 + "1" + "}" * 200), "nested"),
    "no checkpoint": (lambda proof: proof.update(checkpoint=""), "this is no signed note"),
    "a checkpoint that is none": (lambda proof: proof.update(checkpoint=None), "its checkpoint is no text"),
    "another root": (
        lambda proof: proof.update(
            checkpoint=proof["checkpoint"].replace(
                proof["checkpoint"].split("\n")[2], "A" * 43 + "="
            )
        ),
        "no evaluator has signed its checkpoint",
    ),
    "a size in the checkpoint": (
        lambda proof: proof.update(
            checkpoint=proof["checkpoint"].replace("\n22\n", "\n23\n"), size=23
        ),
        "no evaluator has signed its checkpoint",
    ),
    "no signers": (lambda proof: proof.update(signers=[]), "no evaluator has signed its checkpoint"),
    "signers that are none": (lambda proof: proof.update(signers="me"), "this is no list of signers"),
    "a key that is none": (lambda proof: proof["signers"][0].update(key="ssh-ed25519 AAAA"), "key"),
    "no evidence": (lambda proof: proof.update(evidence=None), "or none where it does"),
    "other evidence": (
        lambda proof: proof.update(evidence=proof["evidence"].replace('"18"', '"20"')),
        "its evidence is not what its entry names",
    ),
    "evidence that is none": (lambda proof: proof.update(evidence=5), "its evidence is no text"),
    "links that are none": (lambda proof: proof.update(links=None), "its links are no list"),
    "a link that is none": (lambda proof: proof.update(links=[[9, []]]), "has not exactly a size and a path"),
    "a link without a size": (
        lambda proof: proof.update(links=[{"size": "9", "path": []}]),
        "has not exactly a size and a path",
    ),
    "endless links": (
        lambda proof: proof.update(links=[{"size": i, "path": []} for i in range(2_000)]),
        "its links are no list of at most 1000",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_proof_proves_nothing(change: str, proof: dict[str, Any]) -> None:
    read_proof(data(proof))
    what, said = CHANGES[change]
    what(proof)
    with pytest.raises(ProofError) as caught:
        read_proof(data(proof))
    assert said in caught.value.message
    assert caught.value.message.startswith("this proves nothing: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "line 1 is not JSON"),
        (b"\x00", "line 1 is not JSON"),
        (b"\xff\xfe{}", "it is not UTF-8 text"),
        (b"[" * 500_000, "it is nested too deeply"),
        (b'{"a":' * 500_000, "it is nested too deeply"),
        (b"[" * 65 + b"]" * 65, "it is nested too deeply"),
        (b"[" * 64 + b"]" * 64, "its schema is None"),
        (b"9" * 100_000, "a number in it has too many digits"),
        (b"[" + b"[]," * 1_000_000 + b"[]]", "it holds more than 1,000,000 values"),
        (b"[]", "its schema is None"),
        (b"NaN", "NaN is not a number"),
        (b'{"schema": 1, "schema": 2}', "the key 'schema' stands twice in it"),
        (b'{"a": {"b": 1, "b": 1}}', "the key 'b' stands twice in it"),
    ],
    ids=str,
)
def test_what_is_no_proof(text: bytes, said: str) -> None:
    with pytest.raises(ProofError) as caught:
        read_proof(text)
    assert said in caught.value.message
    assert len(caught.value.message) < 200


def test_a_proof_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(PROOF_BYTES + 1)
    with pytest.raises(TrailError, match="it is larger than 8,388,608 bytes"):
        verified_proof(large, [], [], tmp_path)


@pytest.mark.parametrize("name", ["none.json", ".", "a\x00b"])
def test_a_file_that_can_not_be_read_is_no_verdict(name: str, tmp_path: Path) -> None:
    with pytest.raises(TrailError, match="can not be read"):
        verified_proof(tmp_path / name, [], [], tmp_path)


def test_the_evidence_of_another_entry(harbour: Path, proof: dict[str, Any]) -> None:
    other = json.loads(proof_of(harbour / "phasegate.db", "1.2"))
    for name in ("evidence", "entry", "path", "seq"):
        with pytest.raises(ProofError):
            read_proof(data({**proof, name: other[name]}))
    with pytest.raises(ProofError, match="its evidence is not what its entry names"):
        read_proof(data({**other, "evidence": proof["evidence"]}))


def test_the_checkpoint_of_another_ledger(tmp_path: Path, proof: dict[str, Any]) -> None:
    folder = write_project(tmp_path)
    keep(folder, DAYS[0])
    note = newest(folder / "phasegate.db")
    own = read_private(folder / ".phasegate" / "evaluator").public
    listed = Signers([Signer("evaluator", ("evaluator",), own)]).as_document()
    size = read_checkpoint(note)[0].size
    for changed in ({"checkpoint": note}, {"checkpoint": note, "signers": listed, "size": size}):
        with pytest.raises(ProofError):
            read_proof(data({**proof, **changed}))


@pytest.fixture(scope="module")
def proof_bytes(kept_proof: dict[str, Any]) -> bytes:
    return data(kept_proof)


@settings(max_examples=examples(400), deadline=None)
@given(st.data())
def test_no_bytes_beside_the_right_ones_prove_anything(proof_bytes: bytes, draw: st.DataObject) -> None:
    """Flips, cuts, repeats and moves bytes of a proof; what is read still is what was proved."""
    at = draw.draw(st.integers(0, len(proof_bytes) - 1))
    to = draw.draw(st.integers(at, min(len(proof_bytes), at + 400)))
    changed = draw.draw(
        st.one_of(
            st.integers(1, 255).map(
                lambda bits: proof_bytes[:at] + bytes([proof_bytes[at] ^ bits]) + proof_bytes[at + 1 :]
            ),
            st.just(proof_bytes[:at] + proof_bytes[to:]),
            st.just(proof_bytes[:to] + proof_bytes[at:]),
            st.just(proof_bytes[:at]),
            st.binary(max_size=20).map(lambda more: proof_bytes[:at] + more + proof_bytes[at:]),
            st.binary(max_size=200),
        )
    )
    try:
        found = read_proof(changed)
        shown(found)
    except ProofError:
        return
    # White space, an escape, or a part that proves nothing by itself, such as a link or who may sign
    # besides: the entry, its place and its evidence are the ones that were proved.
    right = read_proof(proof_bytes)
    assert (found.entry, found.seq, found.evidence) == (right.entry, right.seq, right.evidence)
    assert (found.checkpoint, found.signed_by) == (right.checkpoint, right.signed_by)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["", "00" * 32]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@settings(max_examples=examples(300), deadline=None)
@given(
    name=st.sampled_from(["entry", "seq", "size", "path", "checkpoint", "links", "signers", "evidence"]),
    value=values,
)
def test_any_value_in_the_place_of_a_part(kept_proof: dict[str, Any], name: str, value: object) -> None:
    try:
        found = read_proof(data({**kept_proof, name: value}))
    except ProofError:
        return
    assert name == "links" or value == kept_proof[name]
    with pytest.raises(ProofError):
        found.hold("mine", Checkpoint("", 9, bytes(32)))


# Entries and evidence that lie


def forged(tmp_path: Path, entry: dict[str, Any], evidence: bytes | None) -> bytes:
    """The proof of an entry that an evaluator has made up, with a right signature."""
    import hashlib

    key = new_key(tmp_path / "key", "evaluator")
    contents = {hashlib.sha256(evidence).hexdigest(): evidence} if evidence is not None else {}
    more = {"evidence": f"sha256:{next(iter(contents))}"} if contents else {}
    with Ledger.open(tmp_path / "forged.db", create=True) as ledger:
        draft = Draft(entry["entry"], entry.get("run"), entry.get("subject", ""), {**entry, **more})
        ledger.append(lambda _: [own_signers(key), draft], signer_of(key), contents)
        (row,) = ledger.rows(2, 3)
        return make_proof(ledger, row).encode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entry": "waiver"}, "its entry is a 'waiver', and nothing that a run decided"),
        ({"criteria": "none"}, "its entry is none of a point: criteria is not a list"),
        ({"verdict": None}, "its entry is none of a point: verdict is not a text"),
        ({"entry": "gate"}, "its entry is none of a gate: it has no"),
    ],
)
def test_an_entry_that_is_not_of_its_form(
    changes: dict[str, Any], said: str, proof: dict[str, Any], tmp_path: Path
) -> None:
    entry = {**json.loads(proof["entry"]), **changes}
    if changes.get("entry") == "waiver":
        entry = {"entry": "waiver"}
    found = read_proof(forged(tmp_path, entry, None if "waiver" in said else proof["evidence"].encode()))
    with pytest.raises(ProofError) as caught:
        shown(found)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda why: why.update(schema="x"), "its evidence is none: its schema is 'x'"),
        (lambda why: why.pop("facts"), "its evidence is none: it has no 'facts'"),
        (lambda why: why["facts"][0].pop("shown"), "its evidence is none: facts[0] has no 'shown'"),
        (lambda why: why.update(requirements=[1]), "its evidence is none: requirements[0] is not an object"),
    ],
)
def test_evidence_that_is_not_of_its_form(
    change: Change, said: str, proof: dict[str, Any], tmp_path: Path
) -> None:
    from phasegate.audit.signing.canonical_json import canonical

    why = json.loads(proof["evidence"])
    change(why)
    found = read_proof(forged(tmp_path, json.loads(proof["entry"]), canonical(why)))
    with pytest.raises(ProofError) as caught:
        shown(found)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("of", "change", "said"),
    [
        (
            "entry",
            lambda it: it.update(verdict="pass"),
            "point 1.1 is pass, and what it rests on makes it waived",
        ),
        (
            "entry",
            lambda it: it["criteria"][0].update(verdict="pass"),
            "the evidence is of other criteria, or verdicts, than the entry",
        ),
        ("entry", lambda it: it.update(as_of="2026-03-09"), "the evidence is of another day than the entry"),
        (
            "evidence",
            lambda it: it["facts"].pop(0),
            "1.1/systems/invoices.reconciled is waived, and there is no fact for it",
        ),
        (
            "evidence",
            lambda it: it["waivers"].clear(),
            "1.1/systems/invoices.reconciled is waived, and there is no waiver for it",
        ),
        (
            "evidence",
            lambda it: it["requirements"].pop(0),
            "criterion 1.1/systems rests on a requirement that is not there",
        ),
        (
            "evidence",
            lambda it: it["facts"][1].update(denominator="0"),
            "1.1/systems/invoices.age is pass, and its facts say error",
        ),
    ],
)
def test_a_proof_whose_verdicts_do_not_follow(
    of: str, change: Change, said: str, proof: dict[str, Any], tmp_path: Path
) -> None:
    from phasegate.audit.signing.canonical_json import canonical

    entry, why = json.loads(proof["entry"]), json.loads(proof["evidence"])
    change(entry if of == "entry" else why)
    found = read_proof(forged(tmp_path, entry, canonical(why)))
    shown(found)
    told = followed(found)
    assert told is not None
    assert said in told.against
