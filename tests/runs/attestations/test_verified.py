"""A ledger whose runs tell of words that nobody gave does not verify."""

from __future__ import annotations

import datetime as dt

import pytest

from phasegate.audit.trail.trail import Trail
from phasegate.runs.preflight import ready_project


def kept(board, record) -> str:
    """What `verify` says once the evaluator has kept a record of their own making."""
    now = dt.datetime(2026, 3, 10, 9, 30, tzinfo=dt.UTC)
    loaded = ready_project(board.folder)
    Trail.of(loaded, board.folder.parent / "keys" / "ci", now, {}).keep(record, loaded)
    result = board.run("verify", at="2026-03-10T10:00:00")
    return f"{result.exit_code} {' '.join(result.output.split())}"


def test_what_was_attested_verifies(board):
    board.attest("--id", "A-1", "--comment", "I was there")
    board.attest("vote", "--point", "", "--value", "80 %", by="fin")
    assert kept(board, board.record()).startswith("0")


def _nothing(record):
    record["attestations"].clear()


def _unused(record):
    record["attestations"][0]["standing"] = "unused"


def _twice(record):
    record["attestations"].append({**record["attestations"][0], "id": "A-2"})


@pytest.mark.parametrize("spoil", [_nothing, _unused, _twice])
def test_a_fact_that_nobody_attested(board, spoil):
    board.attest("--id", "A-1")
    record = board.record()
    spoil(record)
    told = kept(board, record)
    assert told.startswith("1")
    assert "it counts minuted[1.1] as attested, and names no attestation that says so" in told


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "changes",
    [
        {"id": "A-2"},
        {"value": "false"},
        {"statement": "The board has minuted everything"},
        {"evidence": {"minutes.txt": "sha256:" + "0" * 64}},
        {"evidence": {}},
        {"signer": "aud-2"},
        {"role": "approver:finance"},
        {"signed": "2026-03-01T09:00:00Z"},
        {"start": "2026-03-01T09:00:00Z"},
        {"end": "2026-12-01T00:00:00Z"},
        {"comment": "I was not there"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_attestation_in_other_words_than_were_signed(board, changes):
    board.attest("--id", "A-1", "--comment", "I was there")
    record = board.record()
    record["attestations"][0] |= changes
    told = kept(board, record)
    assert told.startswith("1")
    assert f"it has the attestation {record['attestations'][0]['id']} as signed by" in told


def test_an_attestation_by_somebody_who_had_not_the_role(board, predicate):
    board.attest("--point", "1.2")
    board.say(predicate, "fin")
    record = board.record()
    (entry,) = [each for each in record["attestations"] if each["id"] == "A-1"]
    entry |= {"standing": "unused", "signer": "fin"}
    assert "it has the attestation A-1 as signed by fin, and no entry before it is" in kept(board, record)


def test_an_attestation_for_another_point(board):
    board.attest("--id", "A-1")
    record = board.record()
    record["attestations"][0]["fact"] = "minuted[1.2]"
    told = kept(board, record)
    assert "it has the attestation A-1 as signed by aud, and no entry before it is" in told


@pytest.mark.parametrize("value", ["81 %", "0.8", "0.8 USD", "eighty", "true"])
def test_a_number_that_nobody_stated(board, value):
    board.attest("vote", "--point", "", "--value", "80 %", by="fin")
    record = board.record()
    record["attestations"][0]["value"] = value
    assert "it counts vote as attested, and names no attestation that says so" in kept(board, record)
