"""How people read what was attested."""

from __future__ import annotations

import re

import pytest


def read(result) -> str:
    """What was printed, without what differs from one set of keys to the next."""
    assert result.exit_code in (0, 1, 3), result.output
    return re.sub(r"checkpoint .*", "checkpoint ...", result.output)


@pytest.fixture
def story(board):
    """One used, one with a newer beside it, one expired, one to come, one revoked, one for nothing."""
    board.attest("--id", "A-1", "--until", "2026-03-20")
    board.attest("--id", "A-2", "--comment", "Page 3.", at="2026-03-09T10:00:00")
    board.attest("--id", "A-3", "--point", "1.2", "--until", "2026-03-15")
    board.attest("--id", "A-4", "--point", "1.2", "--from", "2026-04-01", at="2026-03-09T11:00:00")
    board.attest("vote", "--id", "A-5", "--point", "", "--value", "80 %", by="fin")
    board.run("attest", "--revoke", "A-5", by="fin", at="2026-03-10T09:00:00")
    board.attest("--id", "A-6", "--point", "1.3", at="2026-03-10T09:00:00")
    return board


def test_the_report(story, snapshot):
    assert read(story.run("check", by="ci", at="2026-03-17T09:00:00")) == snapshot


@pytest.mark.parametrize("id_", ["minuted", "vote", "1.1/decided", "1.2/funded/minuted", "1.2"])
def test_the_story(story, id_, snapshot):
    assert read(story.run("explain", id_, at="2026-03-17T09:00:00")) == snapshot


def test_the_facts(story, snapshot):
    assert read(story.run("facts", at="2026-03-17T09:00:00")) == snapshot


def test_changed_evidence_is_told_once(story):
    (story.folder / "minutes.txt").write_text("otherwise")
    report = read(story.run("check", "1.1", by="ci", at="2026-03-17T09:00:00"))
    assert "! ERROR" in report
    assert report.count("has changed: signed was") == 1


def test_many_attestations_of_one_fact_are_not_all_told(board):
    for minute in range(8):
        board.attest("--id", f"A-{minute}", at=f"2026-03-09T09:0{minute}:00")
    told = board.run("explain", "minuted[1.1]", at="2026-03-10T09:00:00").output
    assert re.findall(r"A-\d(?=, signed)", told) == ["A-7", "A-6", "A-5", "A-4", "A-3"]
    assert "The record has 3 more of them." in told


def test_help_names_every_option(board):
    told = board.run("attest", "--help").output
    for option in ("--point", "--value", "--evidence", "--from", "--until", "--comment", "--revoke", "--key"):
        assert option in told
