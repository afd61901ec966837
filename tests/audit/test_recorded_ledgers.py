"""Ledgers that were recorded once: whatever this version is, it verifies them and decides them alike."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest
from tampering import verified

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import record_of, runs
from phasegate.runs.replay_all import replays

LEDGERS = sorted(Path(__file__).parent.glob("ledgers/*.db"))
VERDICTS = [
    ("closed", {"1.1": "fail", "1.2": "pass"}, {"1": "closed", "2": "closed", "programme": "closed"}),
    (
        "open_with_waivers",
        {"1.1": "waived", "1.2": "pass"},
        {"1": "open_with_waivers", "2": "open_with_waivers", "programme": "open_with_waivers"},
    ),
    ("open_with_waivers", {"1.1": "waived"}, {"1": "open_with_waivers"}),
]


@pytest.fixture(params=LEDGERS, ids=lambda path: path.stem)
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    copy = tmp_path / "recorded.db"
    shutil.copy(request.param, copy)
    return copy


def test_there_is_one_and_none_is_large() -> None:
    assert LEDGERS
    assert all(path.stat().st_size < 200_000 for path in LEDGERS)


def test_it_verifies(recorded: Path) -> None:
    found = verified(recorded)
    assert found.faults == ()
    assert (found.runs, found.checkpoints) == (3, 3)


def test_its_runs_are_what_they_were(recorded: Path) -> None:
    with Ledger.open(recorded) as ledger:
        told = [record_of(ledger, run) for run in runs(ledger)]
    assert [
        (
            record["outcome"],
            {each["id"]: each["verdict"] for each in record["points"]},
            {each["id"]: each["state"] for each in record["gates"]},
        )
        for record in told
    ] == VERDICTS
    assert [(each["id"], each["standing"]) for each in told[1]["waivers"]] == [
        ("W-1", "used"),
        ("W-2", "expired"),
    ]
    assert "\u4f60\u597d" in json.dumps(told[0], ensure_ascii=False)


def test_its_runs_are_decided_alike_and_byte_for_byte_by_the_version_that_recorded_them(
    recorded: Path,
) -> None:
    with Ledger.open(recorded) as ledger:
        found = replays(ledger, "latest", every=True)
    assert found.good, found
    for run in found.runs:
        assert run.found is not None
        assert run.found.differences == ()
        if run.recorded_by == version("phasegate") and run.found.older is None:
            assert run.found.same_bytes
            assert run.entries is not None
            assert len(set(run.entries)) == 1
