"""Telling people from the command line, to a real service on this machine."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from syrupy.assertion import SnapshotAssertion
from web_service import CANARY, Service, service

from phasegate import cli

__all__ = ["service"]
PROJECT = """\
phasegate: 1
title: Support
sources: {tickets: {path: tickets.csv}}
measures:
  tickets.closed: {title: Tickets that were closed, from: tickets, ratio: {of: status = 'closed'}}
require: {tickets.closed: ">= 50 %"}
schedules: {daily: {cron: "0 6 * * *"}}
notifications:
  board: {to: env:BOARD}
"""
Day = Callable[..., Result]


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Service) -> Day:
    """Runs a command on a day, with the tickets as they are then."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOARD", service.address)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("phasegate.monitoring.notifications.delivery.AGAIN", (0.01, 0.01))
    (tmp_path / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")

    def go(day: str, *args: str, tickets: str | None = None) -> Result:
        if tickets is not None:
            rows = "".join(f"T-{place},{status}\n" for place, status in enumerate(tickets.split()))
            (tmp_path / "tickets.csv").write_text(f"ticket,status\n{rows}", encoding="utf-8")
        moment = dt.datetime.fromisoformat(f"{day}T06:00").replace(tzinfo=dt.UTC)
        monkeypatch.setattr(cli, "now", lambda: moment)
        return CliRunner().invoke(cli.main, list(args), catch_exceptions=False)

    return go


def test_a_scheduled_run_tells_what_changed(on: Day, service: Service, snapshot: SnapshotAssertion) -> None:
    on("2026-03-01", "schedule", "run", "--once", tickets="closed open")
    done = on("2026-03-02", "schedule", "run", "--once", tickets="open open")
    assert done.output == (
        "✗ CLOSED  daily due 2026-03-02T06:00Z, kept as run 2\n> board was told of run 2\n"
    )
    assert done.exit_code == 0
    assert [f"{each['title']}\n\n{each['message']}" for each in service.got] == snapshot


def test_a_pipeline_tells_what_its_checks_changed(on: Day, service: Service) -> None:
    on("2026-03-01", "check", tickets="closed open")
    assert on("2026-03-01", "notify").output == "There is nothing new to tell.\n"
    assert on("2026-03-02", "gate", "programme", tickets="open open").exit_code == 1
    shown = on("2026-03-02", "notify", "--show")
    assert shown.output.startswith("To board: Support: the programme gate is closed\n")
    assert service.got == []
    assert on("2026-03-02", "notify").output == "> board was told of run 2\n"
    assert on("2026-03-02", "notify").output == "There is nothing new to tell.\n"
    assert len(service.got) == 1


@pytest.mark.slow
def test_a_message_that_does_not_arrive_ends_with_2_and_fails_no_run(on: Day, service: Service) -> None:
    on("2026-03-01", "schedule", "run", "--once", tickets="closed open")
    service.answer = 503
    done = on("2026-03-02", "schedule", "run", "--once", tickets="open open")
    assert done.exit_code == 0
    why = "! board was not told of run 2: the service did not take it: it answered 503\n"
    assert done.output.endswith(why)
    assert len(service.got) == 3
    failed = on("2026-03-02", "notify")
    assert (failed.exit_code, failed.output) == (2, why)
    service.answer = 200
    assert on("2026-03-02", "notify").exit_code == 0


@pytest.mark.slow
def test_a_service_that_answers_otherwise_each_time_gets_the_message(on: Day, service: Service) -> None:
    on("2026-03-01", "check", tickets="closed open")
    on("2026-03-01", "notify")
    on("2026-03-02", "check", tickets="open open")
    service.first = [400, 500]
    assert on("2026-03-02", "notify").output == "> board was told of run 2\n"
    assert len(service.got) == 3


@pytest.mark.slow
def test_a_message_that_is_given_up_is_told_apart_and_stays_to_be_seen(
    on: Day, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phasegate.monitoring.notifications.delivery.AGAIN", ())  # once in a round
    on("2026-03-01", "check", tickets="closed open")
    on("2026-03-01", "notify")
    on("2026-03-02", "check", tickets="open open")
    service.answer = 400
    why = "the service did not take it: it answered 400"
    for _ in range(4):
        failed = on("2026-03-02", "notify")
        assert (failed.exit_code, failed.output) == (2, f"! board was not told of run 2: {why}\n")
        assert "never" not in on("2026-03-02", "runs").output
    last = on("2026-03-02", "notify")
    assert last.exit_code == 2
    assert (
        " ".join(last.output.split())
        == f"! board will never be told of run 2: {why}; it is given up after 5 rounds"
    )
    service.answer = 200
    assert on("2026-03-02", "notify").output == "There is nothing new to tell.\n"
    *_, told = on("2026-03-02", "runs").output.splitlines()
    assert told.strip() == f"! board was never told of it: {why}"
    documents = json.loads(on("2026-03-02", "runs", "--format", "json").output)
    assert "never_told" not in documents[0]
    (given_up,) = documents[1]["never_told"]
    assert (given_up["to"], given_up["reason"]) == ("board", why)
    on("2026-03-03", "check", tickets="closed open")
    assert on("2026-03-03", "notify").output == "> board was told of run 3\n"


@pytest.mark.slow
def test_the_ledger_holds_who_was_told_and_verifies(
    on: Day, service: Service, snapshot: SnapshotAssertion
) -> None:
    on("2026-03-01", "schedule", "run", "--once", tickets="closed open")
    service.answer = 503
    on("2026-03-02", "schedule", "run", "--once", tickets="open open")
    service.answer = 200
    on("2026-03-03", "notify")
    assert on("2026-03-03", "runs", "--all").output == snapshot
    entries = json.loads(on("2026-03-03", "runs", "--all", "--format", "json").output)
    assert [each["says"]["outcome"] for each in entries if each["entry"] == "notified"] == [
        "began",
        "failed",
        "sent",
    ]
    assert on("2026-03-03", "verify").exit_code == 0
    assert on("2026-03-03", "replay", "--all").exit_code == 0


@pytest.mark.slow
def test_a_message_tries_out_whether_it_arrives(on: Day, service: Service) -> None:
    done = on("2026-03-01", "notify", "--test", "board", tickets="open")
    assert (done.exit_code, done.output) == (0, "board: the message was taken.\n")
    assert service.got[0]["title"] == "Support: a test"
    service.answer = 404
    done = on("2026-03-01", "notify", "--test", "board")
    assert done.exit_code == 2
    assert "the service did not take it: it answered 404" in done.output


@pytest.mark.slow
def test_a_secret_stands_nowhere(
    on: Day, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phasegate.monitoring.notifications.delivery.AGAIN", ())
    shown = ""
    for day, answer, tickets in (("01", 200, "closed"), ("02", 500, "open"), ("03", 200, "closed")):
        service.answer = answer
        for args in (
            ("schedule", "run", "--once", "--metrics", "metrics", "--heartbeat", "beat"),
            ("notify", "--test", "board"),
            ("notify", "--show"),
            ("notify",),
            ("lint",),
            ("schedule", "list"),
            ("runs", "--all", "--format", "json"),
            ("report", "latest", "--format", "html"),
            ("check", "--format", "json"),
        ):
            shown += on(f"2026-03-{day}", *args, tickets=tickets).output
    assert len(service.got) > 3
    assert CANARY not in shown
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes(), file


def test_no_process_shows_a_secret(on: Day, service: Service) -> None:
    """What anybody on the machine may see of a process: its command line."""
    on("2026-03-01", "schedule", "run", "--once", tickets="closed open")
    seen: list[bytes] = []
    service.seen = lambda: seen.extend(
        path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()
    )
    on("2026-03-02", "schedule", "run", "--once", tickets="open open")
    assert any(b"apprise_worker" in each for each in seen)
    assert not any(CANARY.encode() in each for each in seen)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--test", "bord"), "the project has no notification 'bord': did you mean 'board'?"),
        (("--project", "none"), "Path 'none' does not exist"),
    ],
)
def test_what_can_not_be_told_is_refused(args: tuple[str, ...], said: str, on: Day) -> None:
    done = on("2026-03-01", "notify", *args, tickets="open")
    assert done.exit_code == 2
    assert said in done.output


def test_a_project_that_tells_nobody_says_so(on: Day, tmp_path: Path) -> None:
    text = PROJECT.partition("notifications:")[0]
    (tmp_path / "phasegate.yaml").write_text(text, encoding="utf-8")
    done = on("2026-03-01", "notify", tickets="open")
    assert done.exit_code == 2
    assert "nobody is to be told of anything" in done.output


def test_a_broken_template_is_told_with_its_place_and_nothing_is_lost(on: Day, tmp_path: Path) -> None:
    on("2026-03-01", "schedule", "run", "--once", tickets="closed open")
    sound = (tmp_path / "phasegate.yaml").read_text(encoding="utf-8")
    broken = sound.replace("env:BOARD", 'env:BOARD, title: "$sumary"')
    (tmp_path / "phasegate.yaml").write_text(broken, encoding="utf-8")
    done = on("2026-03-02", "schedule", "run", "--once", tickets="open open")
    assert done.exit_code == 2
    assert "phasegate.yaml:9:33 broken-template  $sumary" in done.output
    assert "did you mean 'summary'?" in done.output
    (tmp_path / "phasegate.yaml").write_text(sound, encoding="utf-8")
    done = on("2026-03-03", "schedule", "run", "--once")
    assert done.output.count("kept as run") == 2  # that of the day before is made up for
    assert done.output.count("board was told") == 1


def test_without_apprise_it_says_how_to_get_it(on: Day, service: Service, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "apprise.py").write_text("raise ImportError", encoding="utf-8")
    script = (
        "from phasegate.monitoring.notifications.transport import *\n"
        "print(bring('json://x', Message('a', 'b')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "Apprise is not installed: pip install 'phasegate[notify]'\n"
