"""Runs over what people attest: facts, standings, records, and their repetition."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from phasegate.audit.ledger.ledger import Ledger

TUESDAY = "2026-03-10T09:00:00"


def test_before_anybody_attests_it_is_unknown(board):
    fact = board.fact()
    assert (fact["status"], fact["reason"], fact["kind"]) == ("unknown", "nobody has attested it", "attested")


def test_what_was_attested_counts_on_the_same_day_and_for_that_day_only_while_it_lasts(board):
    result = board.attest("--comment", "I was there")
    assert result.exit_code == 0, result.output
    assert "aud attests minuted[1.1] as true, on minutes.txt (sha256:" in result.output
    assert "it counts from 2026-03-09 to 2026-05-31" in result.output
    assert board.fact(at="2026-03-09T09:00:00")["status"] == "present"
    past = board.run("facts", "--as-of", "2026-03-09", "--format", "json", at="2026-03-10T00:00:00")
    assert "it starts at 2026-03-09 09:00:00 UTC" in past.stdout
    fact = board.fact(at="2026-03-10T00:00:00")
    assert (fact["status"], fact["truth"], fact["newest"]) == ("present", True, "2026-03-09")
    assert board.fact("minuted[1.2]")["status"] == "unknown"


def test_the_record_has_who_said_what_on_which_evidence(board):
    board.attest("--comment", "I was there", "--id", "A-1")
    record = board.record()
    assert record["attestations"] == [
        {
            "id": "A-1",
            "fact": "minuted[1.1]",
            "statement": "The board has minuted the decision",
            "value": "true",
            "evidence": {"minutes.txt": board.digest},
            "standing": "used",
            "reason": "in force until 2026-06-01 00:00:00 UTC",
            "signer": "aud",
            "role": "auditor",
            "signed": "2026-03-09T09:00:00Z",
            "start": "2026-03-09T09:00:00Z",
            "end": "2026-06-01T00:00:00Z",
            "revoked": None,
            "comment": "I was there",
        }
    ]
    verdicts = {each["id"]: each["verdict"] for each in record["points"]}
    assert verdicts == {"1.1": "pass", "1.2": "unknown", "1.3": "pass"}


def test_a_number_is_held_against_its_bound_exactly(board):
    board.attest("vote", "--point", "", "--value", "74.999 %", by="fin")
    record = board.record()
    (vote,) = [each for each in record["requirements"] if each["fact"] == "vote"]
    assert (vote["verdict"], vote["observed"]) == ("fail", "74.999 %")
    assert not record["disagreements"]


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2026-05-31T23:59:59", "present"),
        ("2026-06-01T00:00:00", "stale"),
        ("2026-12-31T00:00:00", "stale"),
    ],
)
def test_it_ends_when_it_says(board, at, status):
    board.attest()
    fact = board.fact(at=at)
    assert (fact["status"], fact["truth"]) == (status, True)


def test_it_is_too_old_when_the_pack_says(board):
    result = board.attest("--until", "2027-01-01")
    assert "it counts from 2026-03-09 to 2026-06-07" in result.output
    assert board.fact(at="2026-06-07T12:00:00")["status"] == "present"
    fact = board.fact(at="2026-06-08T12:00:00")
    assert fact["status"] == "stale"
    assert fact["reason"].endswith("it was signed on 2026-03-09, 91 days before, and 90 are allowed")
    assert board.standing(at="2026-06-08T12:00:00") == [("minuted[1.1]", "unused")]


def test_a_later_one_takes_the_place_of_an_earlier_one(board):
    board.attest()
    board.attest("--value", "false", by="aud-2", at="2026-03-09T10:00:00")
    assert board.fact()["truth"] is False
    assert board.standing() == [("minuted[1.1]", "unused"), ("minuted[1.1]", "used")]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda minutes: minutes.write_text("The board decides otherwise."),
            "minutes.txt has changed: signed was",
        ),
        (lambda minutes: minutes.unlink(), "minutes.txt is missing; signed was"),
        (lambda minutes: (minutes.unlink(), minutes.mkdir()), "minutes.txt can not be read"),
        (
            lambda minutes: (minutes.unlink(), minutes.symlink_to("/etc/hostname")),
            "leads out of the project's folder",
        ),
    ],
    ids=["changed", "missing", "a folder", "a link that leads out"],
)
def test_evidence_that_is_not_what_was_signed_is_an_error(board, spoil, words):
    board.attest()
    signed = board.digest
    spoil(board.folder / "minutes.txt")
    fact = board.fact()
    assert fact["status"] == "error"
    assert words in fact["reason"]
    assert signed in fact["reason"]
    if "changed" in words:
        assert board.digest in fact["reason"]
    assert board.standing() == [("minuted[1.1]", "evidence_changed")]
    assert board.run("gate", "programme", by="ci", at=TUESDAY).exit_code == 3


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "command",
    [
        ["check", "-o", "minutes.txt", "--format", "text"],
        ["gate", "programme", "-o", "minutes.txt", "--format", "html", "--no-such-option"],
        ["facts", "-o", "minutes.txt"],
        ["report", "-o", "minutes.txt", "--format", "markdown"],
        ["show", "-o", "minutes.txt"],
        ["due", "-o", "minutes.txt"],
        ["explain", "1.1", "-o", "minutes.txt"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("of_ours", [False, True])
def test_no_report_is_written_over_evidence(board, command, of_ours):
    if of_ours:  # the report of a run, which the board has read and decided upon
        board.run("check", "1.3", "-o", "board.html", by="ci")
        (board.folder / "board.html").rename(board.folder / "minutes.txt")
    board.attest()
    board.record()
    before = board.digest
    refused = board.run(*command, by="ci" if command[0] in ("check", "gate") else None, at=TUESDAY)
    assert refused.exit_code == 2
    if "--no-such-option" not in command:
        assert "minutes.txt is the evidence of an attestation" in refused.output
    assert board.digest == before


def test_evidence_that_was_changed_is_mended_by_another_signature(board):
    board.attest()
    (board.folder / "minutes.txt").write_text("The board decides, with one more page.\n")
    assert board.fact()["status"] == "error"
    board.attest(at="2026-03-10T10:00:00")
    assert board.fact(at="2026-03-11T00:00:00")["status"] == "present"


def test_a_revoked_one_counts_no_more(board):
    board.attest("--id", "A-1")
    assert board.fact()["status"] == "present"
    result = board.run(
        "attest",
        "--revoke",
        "A-1",
        "--reason",
        "the minutes were withdrawn",
        by="aud-2",
        at="2026-03-11T09:00:00",
    )
    assert result.output.startswith("aud-2 ends attestation A-1: from 2026-03-11 on it counts no more.")
    assert board.standing(at="2026-03-11T12:00:00") == [("minuted[1.1]", "revoked")]
    assert board.fact(at="2026-03-11T12:00:00")["status"] == "unknown"
    # What was decided on the day before can be decided again.
    result = board.run(
        "facts", "minuted", "--as-of", "2026-03-10", "--format", "json", at="2026-03-12T09:00:00"
    )
    assert [each["status"] for each in json.loads(result.stdout)] == ["present", "unknown", "unknown"]


def test_a_waiver_and_an_attestation_of_one_id_are_revoked_apart(board):
    board.attest("--id", "W-1")
    result = board.run("waive", "--revoke", "W-1", by="fin")
    assert (result.exit_code, "there is no signed waiver 'W-1'" in result.stderr) == (2, True)
    assert board.fact()["status"] == "present"


def test_a_run_tells_only_of_what_it_was_asked_for(board):
    board.attest()
    board.attest("--point", "1.2")
    told = {
        ids: [each["fact"] for each in board.record(*ids)["attestations"]]
        for ids in [(), ("1.1",), ("1.2",), ("1.3",)]
    }
    assert told == {
        (): ["minuted[1.1]", "minuted[1.2]"],
        ("1.1",): ["minuted[1.1]"],
        ("1.2",): ["minuted[1.2]"],
        ("1.3",): [],
    }


def test_one_that_answers_nothing_is_told_where_everything_is_decided(board):
    board.attest("--point", "1.3")
    assert board.record("1.1")["attestations"] == []
    (entry,) = board.record()["attestations"]
    assert (entry["fact"], entry["standing"], entry["reason"]) == (
        "minuted[1.3]",
        "unused",
        "nothing requires it",
    )


def test_without_signers_the_fact_says_so(board):
    board.signers.clear()
    board.write()
    (fact,) = json.loads(board.run("facts", "vote", "--format", "json").stdout)
    assert fact["status"] == "unknown"
    assert fact["reason"] == "the project lists no signers, so that nobody can attest it"


def test_every_run_is_decided_again_to_the_byte(board):
    board.record(at="2026-03-09T09:00:00")
    board.attest("--id", "A-1")
    board.attest("vote", "--point", "", "--value", "80 %", by="fin")
    board.record()  # used
    (board.folder / "minutes.txt").write_text("otherwise")
    board.record()  # evidence changed
    board.attest("--id", "A-2", at="2026-03-10T10:00:00")
    board.run("attest", "--revoke", "A-1", by="aud", at="2026-03-11T10:00:00")
    board.record(at="2026-03-11T12:00:00")  # revoked, and another one used
    board.record(at="2026-07-01T12:00:00")  # stale
    result = board.run("replay", "--all", at="2026-07-02T12:00:00")
    assert result.exit_code == 0, result.output
    assert "All 5 runs come out as they were recorded" in result.output
    assert board.run("verify", at="2026-07-02T12:00:00").exit_code == 0


def test_the_entry_of_a_point_proves_on_whose_word_it_passed(board):
    board.attest("--id", "A-1")
    board.attest("--id", "A-2", "--point", "1.2")
    board.record()
    with Ledger.open(board.folder / "phasegate.db") as ledger:
        (row,) = [each for each in ledger.find(("point",)) if json.loads(each.body)["id"] == "1.1"]
        digest = json.loads(row.body)["evidence"]
        evidence = json.loads(ledger.content(digest.removeprefix("sha256:")))
    assert [each["id"] for each in evidence["attestations"]] == ["A-1"]
    assert evidence["measures"]["minuted"]["attested"] == {"by": "auditor"}


def test_the_same_inputs_give_the_same_bytes(board):
    board.attest()
    board.attest("--value", "false", at="2026-03-09T10:00:00")
    texts = {board.run("check", "--format", "json", "--no-ledger", at=TUESDAY).stdout for _ in range(2)}
    assert len(texts) == 1


def test_time_zones_of_the_machine_move_nothing(board, monkeypatch):
    import time

    statuses = []
    for zone in ("UTC", "America/New_York", "Pacific/Auckland"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        board.attest(at=f"2026-03-09T09:00:0{len(statuses)}")
        statuses.append(
            [
                board.fact(at=at)["status"]
                for at in ("2026-03-10T00:00:00", "2026-05-31T23:59:59", "2026-06-01T00:00:00")
            ]
        )
    monkeypatch.undo()
    time.tzset()
    assert statuses == [["present", "present", "stale"]] * 3


def test_the_evidence_is_read_at_every_run_and_only_where_it_counts(board):
    """An ended attestation may rest on a file that was cleared away since."""
    board.attest("--until", "2026-03-12")
    (board.folder / "minutes.txt").unlink()
    assert board.fact()["status"] == "error"
    assert board.fact(at="2026-03-12T00:00:00")["status"] == "stale"


def test_a_file_is_read_once_however_much_rests_on_it(board, monkeypatch):
    from phasegate.audit.statements import evidence_files as evidence

    read = []
    digest = evidence.digest_of_evidence
    monkeypatch.setattr(
        evidence, "digest_of_evidence", lambda root, name: read.append(name) or digest(root, name)
    )
    board.attest()
    board.attest("--point", "1.2")
    board.attest("vote", "--point", "", "--value", "80 %", by="fin")
    read.clear()
    assert {standing for _, standing in board.standing()} == {"used"}
    assert read == ["minutes.txt"]


@pytest.mark.parametrize("day", [dt.date(2026, 3, 8), dt.date(2026, 3, 9), dt.date(2026, 3, 10)])
def test_the_past_can_not_be_attested(board, day):
    board.attest(at="2026-03-10T09:00:00")
    result = board.run("facts", "minuted", "--as-of", str(day), "--format", "json", at="2026-03-12T09:00:00")
    assert {each["status"] for each in json.loads(result.stdout)} == {"unknown"}


def test_what_was_attested_on_the_day_of_a_run_is_measured_again_later(board):
    board.attest()
    assert board.fact(at="2026-03-09T10:00:00")["status"] == "present"
    board.attest("--value", "false", at="2026-03-09T11:00:00")  # what came later is not heard again
    result = board.run("replay", "1", "--from-sources", at=TUESDAY)
    assert result.exit_code == 0, result.output
