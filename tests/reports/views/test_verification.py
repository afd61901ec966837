"""What the verification of a ledger says, to people and to programs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.verification.findings import Fault
from phasegate.audit.verification.ledger import Verified
from phasegate.reports.views.verification import verified_document, verified_text

GOOD = Verified(
    size=1_234,
    root=bytes(32),
    origin="phasegate.local/00000000000000000000000000000000",
    runs=27,
    statements=1,
    documents=702,
    checkpoints=28,
    signed_by=("evaluator", "SHA256:yL3RJ0vYwYBl0gxSGzQVqcxuT9WkPlvYwVq1V4lVh8E"),
    own_key=True,
    kept=0,
    faults=(),
    more=0,
    quick=False,
)
FAULTS = (
    Fault("the store", "entry_update is missing"),
    Fault("entry 17", "its bytes are not those that were hashed when it was kept"),
    Fault("checkpoint 46", "its root is not that of the entries: one before it was changed or removed"),
    Fault(
        "the checkpoint '46 q5yMV/UrnX3dLDGnExKxMPYo+PuOilDll2/3TKyx+Gg='",
        "it covers 46 entries and the ledger holds 20: 26 are gone, as if an older copy had been put back",
    ),
    Fault("entry 3", "there is no entry of kind '\x1b[31m\u202e'"),
)
FOUND: dict[str, dict[str, Any]] = {
    "good": {},
    "quick": {"quick": True, "runs": 0, "statements": 0, "documents": 0},
    "with a key that somebody named": {"own_key": False},
    "against checkpoints": {"kept": 2, "own_key": False},
    "faults": {"faults": FAULTS, "signed_by": None},
    "many faults": {"faults": FAULTS[:1], "more": 1_999},
    "empty": {
        "size": 0,
        "runs": 0,
        "statements": 0,
        "documents": 0,
        "checkpoints": 0,
        "origin": "",
        "signed_by": None,
        "faults": (Fault("the ledger", "it holds no entries"),),
    },
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name: str, snapshot: SnapshotAssertion) -> None:
    assert verified_text("phasegate.db", replace(GOOD, **FOUND[name]), width=100, colour=False) == snapshot


def test_the_command_for_the_next_time_stands_on_a_line_of_its_own() -> None:
    lines = verified_text("phasegate.db", GOOD, width=60, colour=False).splitlines()
    assert lines[-1] == f"  phasegate verify --against '1234 {'A' * 43}='"


def test_nothing_in_a_ledger_steers_a_terminal() -> None:
    text = verified_text("a\x1b[2Jb", replace(GOOD, faults=FAULTS), width=100, colour=False)
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("name", ["good", "faults"])
def test_the_same_as_json(name: str, snapshot: SnapshotAssertion) -> None:
    document = verified_document("phasegate.db", replace(GOOD, **FOUND[name]))
    assert json.dumps(document, indent=2) == snapshot
