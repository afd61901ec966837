"""Statements that somebody put into the ledger without asking the command."""

from __future__ import annotations

import pytest


def test_a_statement_as_the_command_would_sign_it_counts(board, predicate):
    board.attest("--id", "A-0", "--point", "1.2")
    board.say(predicate)
    assert board.fact(at="2026-03-11T09:00:00")["status"] == "present"


@pytest.mark.parametrize(
    ("changes", "by", "reason"),
    [
        ({}, "fin", "'fin' was not listed as auditor when it came into the ledger"),
        ({}, "ci", "'ci' was not listed as auditor when it came into the ledger"),
        ({}, "all", "'all' signs runs, and so attests nothing that they rest on"),
        ({"role": "approver:finance"}, "fin", "it was signed as approver:finance, where auditor attests it"),
        (
            {"start": "2026-03-01T00:00:00Z"},
            "aud",
            "it reaches back behind the moment at which it was signed",
        ),
        ({"statement": "The board was in the room"}, "aud", "it was signed under other words"),
    ],
)
def test_one_that_may_not_count_is_shown_and_counts_for_nothing(board, predicate, changes, by, reason):
    board.attest("--point", "1.2")
    board.say({**predicate, **changes}, by)
    record = board.record()
    (fact,) = [each for each in record["facts"] if each["id"] == "minuted[1.1]"]
    assert fact["status"] == "unknown"
    (entry,) = [each for each in record["attestations"] if each["fact"] == "minuted[1.1]"]
    assert entry["standing"] == "untrusted"
    assert reason in entry["reason"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "changes",
    [
        {"value": 1},
        {"value": None},
        {"value": "x" * 201},
        {"value": "\x00"},
        {"comment": "\x1b[2J"},
        {"id": "../A-1"},
        {"id": ""},
        {"end": "2026-06-01"},
        {"end": "2026-06-01T00:00:00"},
        {"end": "9999-12-31T23:59:59-12:00"},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"slice": "1" * 200},
        {"fact": 7},
        {"more": "than it may say"},
    ],
)
def test_one_that_can_not_be_read_counts_for_nothing(board, predicate, changes):
    board.attest("--point", "1.2")
    board.say({**predicate, **changes})
    assert board.fact()["status"] == "unknown"


def test_one_by_a_key_that_nobody_lists_counts_for_nothing(board, predicate):
    board.attest("--point", "1.2")
    board.say(predicate, "nobody")
    assert board.fact()["status"] == "unknown"


def test_one_by_a_key_that_was_revoked_before_it_came_counts_for_nothing(board, predicate):
    board.attest("--point", "1.2")
    board.signers["aud"]["revoked"] = "2026-03-10T00:00:00Z"
    board.write()
    board.record()  # the ledger has the list now
    board.say(predicate)  # dated before the revocation
    fact = board.fact(at="2026-03-11T09:00:00")
    assert fact["status"] == "unknown"
    # What was signed before the key was revoked goes on counting.
    assert board.fact("minuted[1.2]", at="2026-03-11T09:00:00")["status"] == "present"


def test_a_role_that_came_later_does_not_reach_back(board, predicate):
    board.attest("--point", "1.2")
    board.say(predicate, "fin")
    board.signers["fin"]["roles"] = ["approver:finance", "auditor"]
    board.write()
    assert board.fact()["status"] == "unknown"


def test_a_role_that_was_taken_away_takes_the_word_with_it(board):
    board.attest()
    assert board.fact()["status"] == "present"
    board.signers["aud"]["roles"] = ["approver:legal"]
    board.write()
    assert board.fact(at="2026-03-10T10:00:00")["status"] == "unknown"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("subjects", "standing", "status"),
    [
        ({"minutes.txt": "sha256:" + "0" * 64}, "evidence_changed", "error"),
        ({"/etc/hostname": "sha256:" + "0" * 64}, "evidence_changed", "error"),
        ({"../keys/aud": "sha256:" + "0" * 64}, "evidence_changed", "error"),
        ({"minutes\x00.txt": "sha256:" + "0" * 64}, "evidence_changed", "error"),
        ({"x" * 5000: "sha256:" + "0" * 64}, "evidence_changed", "error"),
        ({"a": "sha256:" + "0" * 64, "b": "sha256:" + "0" * 64}, "untrusted", "unknown"),
    ],
)
def test_evidence_that_was_never_there(board, predicate, subjects, standing, status):
    board.attest("--point", "1.2")
    board.say(predicate, subjects=subjects)
    assert board.fact()["status"] == status
    assert ("minuted[1.1]", standing) in board.standing()


def test_an_id_is_given_once_so_that_nothing_revoked_comes_back(board, predicate):
    board.attest("--point", "1.2")
    board.say(predicate)
    board.run("attest", "--revoke", "A-1", by="aud", at="2026-03-09T10:00:00")
    board.say(predicate)
    board.say({**predicate, "slice": "1.2"})
    record = board.record()
    assert [(each["fact"], each["standing"]) for each in record["attestations"]] == [
        ("minuted[1.1]", "revoked"),
        ("minuted[1.2]", "used"),
    ]


def test_a_refused_one_takes_neither_the_id_away_nor_a_place(board, predicate):
    board.attest("--point", "1.2")
    board.say(predicate, "fin")
    board.say({**predicate, "id": "A-2", "value": False})
    board.say(predicate)
    fact = board.fact()
    assert (fact["status"], fact["truth"]) == ("present", True)


def test_a_revocation_that_no_longer_counts_brings_nothing_back(board):
    board.attest("--id", "A-0")
    board.attest("--id", "A-1")
    board.attest("--id", "A-2", "--point", "1.2")
    board.signers["aud-2"]["end"] = "2026-03-09T09:00:00Z"
    board.write()
    when = "2026-03-09T09:30:00Z"
    said = {"attestation": "A-1", "revoked": when, "signed": when, "reason": "no", "by": "aud-2"}
    board.say(said, "aud-2", kind="revocation")
    assert board.fact()["status"] == "unknown"
    assert board.standing() == [
        ("minuted[1.1]", "untrusted"),
        ("minuted[1.1]", "untrusted"),
        ("minuted[1.2]", "used"),
    ]


@pytest.mark.parametrize("minutes", [(10, 20), (20, 10)])
def test_what_is_revoked_twice_ends_at_the_earlier_moment(board, minutes):
    board.attest("--id", "A-1")
    for minute, by in zip(minutes, ("aud", "aud-2"), strict=True):
        when = f"2026-03-09T09:{minute}:00Z"
        said = {"attestation": "A-1", "revoked": when, "signed": when, "reason": "no", "by": by}
        board.say(said, by, kind="revocation")
    (found,) = board.record()["attestations"]
    assert (found["standing"], found["revoked"]) == ("revoked", "2026-03-09T09:10:00Z")


@pytest.mark.parametrize("by", ["fin", "ci", "all"])
def test_a_revocation_by_who_could_not_attest_it_leaves_a_doubt(board, predicate, by):
    board.attest("--id", "A-1")
    when = "2026-03-09T09:30:00Z"
    board.say(
        {"attestation": "A-1", "revoked": when, "signed": when, "reason": "no", "by": by},
        by,
        kind="revocation",
    )
    assert board.fact()["status"] == "unknown"
    assert board.standing() == [("minuted[1.1]", "untrusted")]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "The board has minuted the decision",
            "The board has minuted something",
            "it was signed under other words: 'The board has minuted the decision'",
        ),
        (
            "by: auditor",
            'by: "approver:finance"',
            "it was signed as auditor, where approver:finance attests it",
        ),
    ],
)
def test_under_other_rules_an_attestation_may_count_no_more(board, old, new, reason):
    board.attest()
    board.write(board.pack.replace(old, new))
    record = board.record()
    (entry,) = record["attestations"]
    assert (entry["standing"], entry["reason"]) == ("untrusted", reason)
