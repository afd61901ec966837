"""What is refused before it is signed, and says why."""

from __future__ import annotations

import os

import pytest

from phasegate.audit.statements.evidence_files import MAX_BYTES


def refused(result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("fin", "'fin' is no auditor: only approver:finance"),
        ("ci", "'ci' signs runs, and so attests nothing that they rest on"),
        ("all", "'all' signs runs, and so attests nothing that they rest on"),
        ("nobody", "no signer has the key"),
    ],
)
def test_whoever_may_not(board, by, words):
    refused(board.attest(by=by), words)


def test_an_auditor_attests_nothing_for_finance(board):
    refused(board.attest("vote", "--point", "", "--value", "80 %"), "'aud' is no approver:finance")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"revoked": "2026-03-01T00:00:00Z"}, "was revoked"),
        ({"start": "2026-03-09T09:00:01Z"}, "counts from"),
        ({"end": "2026-03-09T09:00:00Z"}, "counted until"),
    ],
)
def test_a_key_whose_time_is_over_or_has_not_begun(board, limits, words):
    board.signers["aud"] |= limits
    board.write()
    refused(board.attest(), words)


def test_a_project_without_signers(board):
    board.signers.clear()
    board.write()
    refused(board.attest(), "the project lists no signers, so that no signature counts in it")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["minutes"], "the pack has no measure 'minutes'"),
        (["minutes"], "did you mean 'minuted'?"),
        (["called"], "'called' is measured from data, and nobody attests it"),
        (["--point", ""], "'minuted' is attested by point, and none is named"),
        (["--point", "9.9"], "the pack has no point '9.9'"),
        (["--value", "yes"], "'minuted' has no such value: 'yes' is neither true nor false"),
        (["--value", "1"], "neither true nor false"),
        (["--until", "2026-03-09"], "the attestation ends before it begins"),
        (["--from", "2026-03-09"], "the attestation begins before it is signed"),
        (["--from", "2026-03-01"], "nothing is attested for days that lie in the past"),
        (["--from", "2026-06-08", "--until", "2026-12-01"], "more than 90 days after it is signed"),
        (["--until", "31.12.2026"], "is not a date"),
        (["--id", "no id"], "this is no attestation: id"),
        (["--id", "x" * 121], "this is no attestation: id"),
        (["--comment", "x" * 4001], "this is no attestation: comment"),
        (["--comment", "\x1b[31mred"], "characters that can not be printed"),
        (["--comment", "nothing\x00more"], "characters that can not be printed"),
        (["--comment", "gnirts\u202e"], "characters that can not be printed"),
        (["--comment", "half a pair \ud800"], "can"),
    ],
)
def test_what_would_count_for_nothing(board, options, words):
    refused(board.attest(*options), words)
    assert "attestation" not in board.kept()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("80", "'80' is not in %"),
        ("80 USD", "is not in %"),
        ("101 %", "outside of what is valid, 0 % to 100 %"),
        ("-1 %", "outside of what is valid"),
        ("true", "is not a quantity"),
        ("9" * 5000, "is not a quantity"),
        ("0.1" + "1" * 40 + " %", "more digits than are compared exactly"),
        ("\x00", "is not a quantity"),
    ],
)
def test_numbers_that_are_no_value_of_the_measure(board, value, words):
    refused(board.attest("vote", "--point", "", "--value", value, by="fin"), words)


def test_a_measure_that_is_not_by_point_takes_none(board):
    refused(board.attest("vote", "--value", "80 %", by="fin"), "attested as a whole, not by point")


@pytest.mark.parametrize("option", ["--value", "--evidence", "--until"])
def test_what_is_missing_is_named(board, option):
    refused(board.attest(option, ""), f"an attestation needs {option}")


def test_evidence_that_is_not_there(board):
    refused(board.attest("--evidence", "minute.txt"), "minute.txt is missing")


def test_evidence_outside_of_the_project(board):
    (board.folder.parent / "out.txt").write_text("x")
    for name in ("../out.txt", str(board.folder.parent / "out.txt"), "pack/../../out.txt", "/etc/hostname"):
        refused(board.attest("--evidence", name), "is not in the project's folder")


def test_evidence_behind_a_link(board):
    (board.folder.parent / "out.txt").write_text("x")
    (board.folder / "out").symlink_to(board.folder.parent / "out.txt")
    (board.folder / "away").symlink_to(board.folder.parent)
    (board.folder / "round").symlink_to("round")
    refused(board.attest("--evidence", "out"), "'out' is a link that leads out of the project's folder")
    refused(board.attest("--evidence", "away/out.txt"), "leads out of the project's folder")
    refused(board.attest("--evidence", "round"), "round")
    (board.folder / "in").symlink_to("minutes.txt")
    assert board.attest("--evidence", "in").exit_code == 0


def test_evidence_that_is_no_file(board):
    os.mkfifo(board.folder / "pipe")
    refused(board.attest("--evidence", "pack"), "pack")
    refused(board.attest("--evidence", "pipe"), "pipe is no file")
    refused(board.attest("--evidence", "."), "can not be read")
    refused(board.attest("--evidence", "minutes.txt/x"), "can not be read")


def test_evidence_that_is_too_large(board):
    with (board.folder / "large.bin").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    refused(board.attest("--evidence", "large.bin"), f"large.bin is larger than {MAX_BYTES:,} bytes")


def test_evidence_with_a_name_that_nobody_can_print(board):
    (board.folder / "minutes\n.txt").write_text("x")
    refused(board.attest("--evidence", "minutes\n.txt"), "is no name for a file of evidence")


def test_the_same_id_twice(board):
    assert board.attest("--id", "A-1").exit_code == 0
    refused(board.attest("--id", "A-1", "--point", "1.2"), "there is an attestation 'A-1' already")


def test_the_same_attestation_twice_in_one_second(board):
    assert board.attest().exit_code == 0
    refused(board.attest(), "there is an attestation 'A-20260309-")
    assert board.attest(at="2026-03-09T09:00:01").exit_code == 0


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("fin", "'fin' can not end what auditor attests"),
        ("ci", "'ci' can not end what auditor attests"),
        ("all", "'all' can not end what auditor attests"),
    ],
)
def test_only_who_could_attest_it_may_end_it(board, by, words):
    board.attest("--id", "A-1")
    refused(board.run("attest", "--revoke", "A-1", by=by), words)


def test_nothing_is_ended_that_is_not_there(board):
    board.attest("--id", "A-1")
    refused(board.run("attest", "--revoke", "A-2", by="aud"), "no signed attestation 'A-2'", "has A-1")
