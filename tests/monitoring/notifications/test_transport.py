"""A message arrives, or a word says why it did not: never the address, and never later than it may."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from web_service import CANARY, Service

from phasegate.monitoring.notifications import transport
from phasegate.monitoring.notifications.transport import BROKEN, HUNG, NO_ADDRESS, REFUSED, Message, bring

MESSAGE = Message("Gate 1 is closed", "✗ one line\nand another: `$(id)` <b> &amp; \u202e")


def test_a_message_arrives_as_it_is(service: Service) -> None:
    assert bring(service.address, MESSAGE) is None
    assert [(each["title"], each["message"]) for each in service.got] == [(MESSAGE.title, MESSAGE.body)]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("code", [401, 429, 503])
def test_what_a_service_answers_is_told_by_its_number(code: int, service: Service) -> None:
    service.answer = code
    assert bring(service.address, MESSAGE) == f"{REFUSED}: it answered {code}"


@pytest.mark.slow
def test_a_service_that_hangs_is_left_in_time(service: Service) -> None:
    service.answer = None
    address = f"{service.address}?rto=600"  # Apprise itself would wait for ten minutes
    assert bring(address, MESSAGE, patience=8) == HUNG  # in which its process begins
    assert len(service.got) == 1


def test_where_everything_is_to_stop_a_service_has_a_moment_left(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "GRACE", 1)
    service.answer = None
    assert bring(service.address, MESSAGE, stopped=lambda: bool(service.got)) == HUNG


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        f"nothing://{CANARY}",
        "json://",
        "json://:99999999",
        "\x00",
        "{}",
        "[]",
        f"slack://{CANARY}",
    ],
)
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    assert bring(address, MESSAGE) == NO_ADDRESS


def test_nobody_listening_is_told() -> None:
    assert bring(f"json://user:{CANARY}@127.0.0.1:9/{CANARY}", MESSAGE) == REFUSED


@pytest.mark.parametrize(
    "script", ["raise SystemExit", "print('postgres://secret')", "import os; os.kill(os.getpid(), 9)"]
)
def test_of_what_the_process_says_only_a_word_is_believed(
    script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "COMMAND", [sys.executable, "-c", script])
    assert bring("json://x", MESSAGE) == BROKEN


@pytest.mark.slow
def test_nothing_is_printed_or_logged(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    for answer in (200, 500):
        service.answer = answer
        bring(service.address, MESSAGE)
    bring(f"slack://{CANARY}/{CANARY}/{CANARY}", MESSAGE, patience=20)
    assert capfd.readouterr() == ("", "")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", ["apprise.py", "json.py", "requests/__init__.py"])
def test_what_lies_in_the_folder_of_a_project_is_no_module(
    name: str, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert bring(service.address, MESSAGE) is None


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("code", [301, 302, 303])
def test_a_page_that_is_read_instead_is_no_message_that_was_taken(code: int, service: Service) -> None:
    service.answer, service.location = code, f"http://127.0.0.1:{service.port}/login"
    assert bring(service.address, MESSAGE) == f"{REFUSED}: it answered {code}"


@pytest.mark.slow
def test_an_answer_without_end_takes_no_memory_without_end(service: Service) -> None:
    service.megabytes = 3_000
    done = subprocess.run(
        [sys.executable, "-c", BRINGS, service.address], capture_output=True, text=True, check=True
    )
    said, kilobytes = done.stdout.splitlines()
    assert said in ("None", REFUSED, BROKEN, HUNG)
    assert int(kilobytes) < 1_200_000


BRINGS = """
import resource, sys
from phasegate.monitoring.notifications.transport import Message, bring
print(bring(sys.argv[1], Message("a", "b")))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A process that begins one other, so that the most memory of its children is that one's."""
