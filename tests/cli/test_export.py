"""What is given out to those who work without phasegate."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

World = Any
Run = Callable[..., Result]


def refused(result: Result, said: str) -> None:
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert result.stdout == ""


def root(leaves: list[bytes]) -> bytes:
    """The root of a log, as RFC 6962 defines it."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


# The whole log


def test_the_whole_log_as_plain_files(world: World, tmp_path: Path) -> None:
    world.approve()
    world.gate()
    result = world.run("ledger", "export", "out")
    assert result.stdout == "wrote out: 9 entries, 6 keys, and the checkpoint over all entries\n"
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "checkpoint.txt", "entries.ndjson", "keys", "signers.json",
    ]  # fmt: skip
    lines = (out / "entries.ndjson").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == [document for _, document in world.log()]
    origin, size, kept, *digests, _, signature = (
        (out / "checkpoint.txt").read_text(encoding="utf-8").splitlines()
    )
    assert (origin, int(size), base64.b64decode(kept)) == (
        json.loads(lines[0])["origin"],
        len(lines),
        root(lines),
    )
    assert [line.split(" ")[0] for line in digests] == ["statements", "runs"]
    assert signature.startswith("\u2014 ci ")
    assert (out / "checkpoint.txt").read_text(encoding="utf-8") == world.run("checkpoint").stdout
    ((entry, signers),) = [each.values() for each in json.loads((out / "signers.json").read_text())]
    assert (entry, [each["name"] for each in signers]) == (1, ["both", "ci", "dev", "eyes", "fin", "fin-2"])
    for name in ("ci", "fin-2"):
        listed = (tmp_path / "keys" / f"{name}.pub").read_text(encoding="utf-8")
        assert (out / "keys" / f"{name}.pub").read_text(encoding="utf-8").split()[:2] == listed.split()[:2]
        assert (
            (out / "keys" / f"{name}.pem")
            .read_text(encoding="utf-8")
            .startswith("-----BEGIN PUBLIC KEY-----")
        )


def test_the_kept_documents_are_named_by_what_they_are(world: World, tmp_path: Path) -> None:
    world.gate()
    assert "documents" in world.run("ledger", "export", "out", "--contents").stdout
    found = {path.name: path.read_bytes() for path in (tmp_path / "out" / "contents").iterdir()}
    assert found
    assert all(hashlib.sha256(content).hexdigest() == name for name, content in found.items())
    run = dict(world.log())["run"]
    assert {digest.removeprefix("sha256:") for digest in (run["rules"], *run["parts"].values())} <= set(found)


def test_every_key_that_a_name_ever_had_is_there(world: World, tmp_path: Path) -> None:
    from phasegate.audit.signing.keys import new_key

    world.gate()
    for name in ("fin", "fin.pub"):
        (tmp_path / "keys" / name).unlink()
    new_key(tmp_path / "keys" / "fin", "fin")
    world.write()
    world.gate()
    assert "7 keys" in world.run("ledger", "export", "out").stdout
    out = tmp_path / "out" / "keys"
    assert (out / "fin.pub").read_text(encoding="utf-8") != (out / "fin.2.pub").read_text(encoding="utf-8")
    assert len(json.loads((tmp_path / "out" / "signers.json").read_text())) == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        lambda path: path.write_text("mine", encoding="utf-8"),
        lambda path: path.symlink_to("nowhere"),
    ],
)
@pytest.mark.parametrize("form", ["entries", "in-toto"])
def test_nothing_is_overwritten(
    make: Callable[[Path], object], form: str, world: World, tmp_path: Path
) -> None:
    world.gate()
    make(tmp_path / "out")
    before = sorted(path.name for path in tmp_path.iterdir())
    refused(world.by("ci", "ledger", "export", "out", "--as", form), "there is already something at out")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("form", ["entries", "in-toto"])
def test_a_place_that_is_not_there(form: str, world: World) -> None:
    world.gate()
    refused(
        world.by("ci", "ledger", "export", "none/out", "--as", form),
        "none/out can not be written: No such file",
    )


def test_a_ledger_that_was_changed_is_not_given_out(world: World, tmp_path: Path) -> None:
    world.gate()
    with sqlite3.connect(tmp_path / "phasegate.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        ((table,),) = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%body%'"
        ).fetchall()
        connection.execute(
            f"UPDATE {table} SET body = CAST(replace(body, 'closed', 'open') AS BLOB) WHERE kind = 'gate'"
        )
    connection.close()
    refused(world.run("ledger", "export", "out"), "its entries are not those of its newest checkpoint")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".phasegate-*"))


def test_a_document_that_can_not_be_given_out_leaves_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phasegate.audit.export import entries as export

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    world.gate()
    monkeypatch.setattr(export, "_documents", full)
    refused(
        world.run("ledger", "export", "out", "--contents"), "out can not be written: No space left on device"
    )
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".phasegate-*"))


def test_without_a_ledger_there_is_nothing_to_give_out(world: World, tmp_path: Path) -> None:
    refused(world.run("ledger", "export", "out"), "phasegate.db")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--gate", "1"), "--gate belongs to --as in-toto"),
        (("--as", "in-toto", "--contents"), "--contents belongs to --as entries"),
        (("--as", "csv"), "'csv' is not one of 'entries', 'in-toto'"),
    ],
)
def test_options_that_do_not_fit(options: tuple[str, ...], said: str, world: World) -> None:
    world.gate()
    refused(world.by("ci", "ledger", "export", "out", *options), said)


# The result of a run, or of a gate


def opened(path: Path, public: Path) -> Any:
    """The statement in an envelope, once another implementation of DSSE has found its signature right."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

    from phasegate.audit.signing.keys import read_public

    key = read_public(public.read_text(encoding="utf-8"))
    theirs = SSlibKey(key.fingerprint, "ed25519", "ed25519", {"public": key.raw.hex()})
    envelope = Envelope.from_dict(json.loads(path.read_text(encoding="utf-8")))
    assert set(envelope.verify([theirs], 1)) == {key.fingerprint}
    assert envelope.payload_type == "application/vnd.in-toto+json"
    return json.loads(envelope.payload)


@pytest.mark.parametrize(
    ("bound", "waived", "approved", "result", "tests"),
    [
        (">= 80 %", False, True, "PASSED", (["1.1"], [], [])),
        (">= 95 %", True, True, "WARNED", ([], ["1.1"], [])),
        (">= 95 %", False, True, "FAILED", ([], [], ["1.1"])),
        (">= 80 %", False, False, "FAILED", (["1.1"], [], [])),  # undecided is not passed
    ],
)
def test_a_gate_as_a_test_result(
    bound: str,
    waived: bool,
    approved: bool,
    result: str,
    tests: tuple[list[str], ...],
    world: World,
    tmp_path: Path,
) -> None:
    from phasegate.audit.ledger.ledger import Ledger

    world.write(bound)
    if approved:
        world.approve()
    if waived:
        world.waive()
    world.at("2026-03-02T09:00:00+00:00").gate()
    done = world.by("ci", "ledger", "export", "gate.json", "--as", "in-toto", "--gate", "1")
    assert done.stdout.startswith(f"wrote gate.json: {result}, signed by SHA256:")
    statement = opened(tmp_path / "gate.json", tmp_path / "keys" / "ci.pub")
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    said = statement["predicate"]
    assert said["result"] == result
    assert tuple(said[key] for key in ("passedTests", "warnedTests", "failedTests")) == tests
    with Ledger.open(tmp_path / "phasegate.db") as ledger:
        (row,) = ledger.find(("gate",), run=1)
    digest = json.loads(row.body)["pack"].removeprefix("sha256:")
    assert said["configuration"] == [{"name": "harbour", "digest": {"sha256": digest}}]
    assert statement["subject"] == [
        {"name": f"gate 1, entry {row.seq}", "digest": {"sha256": hashlib.sha256(row.body).hexdigest()}}
    ]


def test_what_is_the_same_has_one_name_in_every_statement(world: World, tmp_path: Path) -> None:
    """The rules as they are approved and as a result names them; the gate as it is gone through."""
    from phasegate.audit.ledger.ledger import Ledger

    world.write(">= 80 %")
    world.approve()
    world.at("2026-03-02T09:00:00+00:00").gate()
    assert world.by("dev", "advance", "1").exit_code == 0
    world.by("ci", "ledger", "export", "gate.json", "--as", "in-toto", "--gate", "1")
    result = opened(tmp_path / "gate.json", tmp_path / "keys" / "ci.pub")
    with Ledger.open(tmp_path / "phasegate.db") as ledger:
        said = {row.kind: json.loads(row.body) for row in ledger.find(("approval", "advance"))}
    subjects = {
        kind: json.loads(base64.b64decode(entry["envelope"]["payload"]))["subject"]
        for kind, entry in said.items()
    }
    assert subjects["approval"] == result["predicate"]["configuration"]
    assert subjects["advance"] == result["subject"]


def test_a_run_as_a_test_result_is_about_its_record(world: World, tmp_path: Path) -> None:
    from phasegate.audit.signing.canonical_json import canonical

    record = world.record("check")
    world.gate()
    for run, name in (("1", "check.json"), ("latest", "gate.json")):
        assert world.by("ci", "ledger", "export", name, "--as", "in-toto", "--run", run).exit_code == 0
    statement = opened(tmp_path / "check.json", tmp_path / "keys" / "ci.pub")
    digest = hashlib.sha256(canonical(record)).hexdigest()
    assert statement["subject"] == [{"name": "record of run 1", "digest": {"sha256": digest}}]
    said = statement["predicate"]
    assert (said["result"], said["passedTests"], said["failedTests"]) == (
        "FAILED",
        ["1.2/systems"],
        ["1.1/systems"],
    )
    assert (
        opened(tmp_path / "gate.json", tmp_path / "keys" / "ci.pub")["subject"][0]["name"]
        == "record of run 2"
    )


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("ci", ("--run", "1", "--gate", "1"), "run 1 is a check, and a check decides no gate"),
        ("ci", ("--gate", "2"), "run 2 decided nothing called '2'"),
        ("ci", ("--run", "9"), "the ledger has no run '9'"),
        ("fin", ("--gate", "1"), "'fin' is no evaluator"),
        ("stranger", (), "no signer has the key"),
    ],
)
def test_a_result_that_is_not_to_be_had(
    name: str, options: tuple[str, ...], said: str, world: World, tmp_path: Path
) -> None:
    world.by("ci", "check")
    world.gate()
    refused(world.by(name, "ledger", "export", "out", "--as", "in-toto", *options), said)
    assert not (tmp_path / "out").exists()


def test_without_signers_the_projects_own_key_signs_and_none_is_made(
    run: Run, project: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project()
    run("check")
    assert run("ledger", "export", "result.json", "--as", "in-toto").exit_code == 0
    own = tmp_path / ".phasegate" / "evaluator"
    assert opened(tmp_path / "result.json", own.with_name("evaluator.pub"))["predicate"]["result"] == "FAILED"
    own.rename(tmp_path / "elsewhere")
    refused(
        run("ledger", "export", "other.json", "--as", "in-toto"), "no key of an evaluator is at hand to sign"
    )
    assert not own.exists()
    monkeypatch.setenv("PHASEGATE_KEY", str(tmp_path / "elsewhere"))
    assert run("ledger", "export", "other.json", "--as", "in-toto").exit_code == 0
    (tmp_path / "away").mkdir()
    (tmp_path / "phasegate.db").rename(tmp_path / "away" / "phasegate.db")
    monkeypatch.chdir(tmp_path / "away")
    (tmp_path / "phasegate.yaml").unlink()
    assert run("ledger", "export", "alone.json", "--as", "in-toto").exit_code == 0  # without a project
