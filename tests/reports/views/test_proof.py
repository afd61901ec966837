"""What a proof says, to people and to programs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.ledger.checkpoint import Checkpoint
from phasegate.audit.trail.entry_schema import Told
from phasegate.audit.verification.proof import Proof, ProofError
from phasegate.audit.verification.service import ShownProof
from phasegate.records.recheck_requirements import Followed
from phasegate.records.schema import Record
from phasegate.reports.views.proof import proof_document, proof_text, refuted_document, refuted_text

COMMON = {"schema": "phasegate/entry/1", "run": 7, "record": "sha256:" + "1" * 64, "as_of": "2026-03-01"}


@pytest.fixture
def shown(saved: Callable[[str], Record]) -> Callable[..., ShownProof]:
    """The proof of something that a record decided."""

    def make(kind: str, name: str = "", **changes: Any) -> ShownProof:
        told = Told(saved("gate_with_waivers"))
        beside = {"entry": kind, "pack": told.record["pack"]["digest"], **COMMON}
        if kind == "run":
            document, why = {**told.run(), **beside}, None
        else:
            ((_, _, decided),) = [each for each in told.decided() if each[:2] == (kind, name)]
            document, why = {**decided, **beside}, dict(told.evidence()).get(name)
        proof = Proof(
            entry=document,
            evidence=copy.deepcopy(why),
            seq=93,
            checkpoint=Checkpoint("phasegate.local/" + "0" * 32, 136, bytes(32)),
            links={},
            signed_by=("evaluator", "SHA256:yL3RJ0vYwYBl0gxSGzQVqcxuT9WkPlvYwVq1V4lVh8E"),
            own_key=True,
        )
        followed = Followed(len(why["requirements"]), ()) if why is not None else None
        return replace(ShownProof(proof, followed, 0), **changes)

    return make


def points_of(record: Record) -> list[str]:
    return [point["id"] for point in record["points"]]


def test_a_point(
    shown: Callable[..., ShownProof], saved: Callable[[str], Record], snapshot: SnapshotAssertion
) -> None:
    name = next(each["id"] for each in saved("gate_with_waivers")["points"] if each["verdict"] == "waived")
    assert proof_text(shown("point", name), width=100, colour=False) == snapshot


def test_a_gate_and_a_run(shown: Callable[..., ShownProof], snapshot: SnapshotAssertion) -> None:
    gate = shown("gate", "1")
    assert proof_text(gate, width=100, colour=False) == snapshot(name="gate")
    assert proof_text(shown("run"), width=100, colour=False) == snapshot(name="run")


@pytest.mark.parametrize(("kept", "said"), [(1, "the checkpoint:"), (3, "the 3 checkpoints:")])
def test_that_it_was_held_against_checkpoints(shown: Callable[..., ShownProof], kept: int, said: str) -> None:
    text = proof_text(shown("run", kept=kept), width=100, colour=False)
    assert f"It is the ledger of which you kept {said} nothing that both cover was changed." in text


def test_verdicts_that_do_not_follow(
    shown: Callable[..., ShownProof], saved: Callable[[str], Record]
) -> None:
    name = points_of(saved("gate_with_waivers"))[0]
    against = Followed(2, ("a/b is pass, and its facts say fail",))
    found = shown("point", name, followed=against)
    first, *rest = proof_text(found, width=100, colour=False).splitlines()
    assert first.startswith("✗ Run 7 decided point ")
    assert first.endswith(", which does not follow from its facts.")
    assert "  ✗ a/b is pass, and its facts say fail" in rest
    assert (found.good, proof_document(found)["against"]) == (False, list(against.against))


def test_the_same_as_json(shown: Callable[..., ShownProof]) -> None:
    document = json.loads(json.dumps(proof_document(shown("run"))))
    assert (document["good"], document["why"], document["seq"], document["size"]) == (True, None, 93, 136)
    assert document["entry"]["run"] == 7


def test_a_file_that_proves_nothing(snapshot: SnapshotAssertion) -> None:
    for error in (ProofError("it is no JSON"), ProofError("it rests on 9 entries", "prove it once more")):
        assert refuted_text("a.json", error, width=100, colour=False) == snapshot
    assert refuted_document(ProofError("it is no JSON")) == {"good": False, "why": "it is no JSON"}


def test_a_fact_that_is_missing_is_told_and_breaks_nothing(
    shown: Callable[..., ShownProof], saved: Callable[[str], Record]
) -> None:
    found = shown("point", points_of(saved("gate_with_waivers"))[0])
    assert found.proof.evidence is not None
    found.proof.evidence["facts"].clear()
    assert "which is not there" in proof_text(found, width=100, colour=False)
