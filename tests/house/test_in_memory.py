"""Tests keep their files in memory where there is room, and whatever happens, nothing is left there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Started = Callable[..., subprocess.Popen[str]]

TELL = "import os, sys; print(os.environ['TMPDIR']); sys.exit(3)"
WAIT = """
import os, pathlib, sys, tempfile, time
try:
    pathlib.Path(tempfile.mkdtemp(), "file").write_text("a")
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(5)
"""


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def started(root: Path, memory: Path) -> Iterator[Started]:
    """Starts what runs code with its temporary folder in ``memory``, in a process group of its own."""
    with contextlib.ExitStack() as running:
        for number in (signal.SIGINT, signal.SIGHUP):  # ignored where the tests run in the background
            running.callback(signal.signal, number, signal.signal(number, signal.default_int_handler))

        def start(code: str, room: str = "0", place: str = "", **more: str) -> subprocess.Popen[str]:
            where = ["--memory", memory / place, "--room", room]
            process = subprocess.Popen(
                [sys.executable, root / "tools" / "in_memory.py", *where, sys.executable, "-c", code],
                env={**os.environ, "TMPDIR": "/elsewhere", **more},
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            running.enter_context(process)
            return process

        yield start


def test_a_folder_is_made_and_removed_and_the_code_is_that_of_the_command(
    started: Started, memory: Path
) -> None:
    process = started(TELL)
    said, _ = process.communicate()
    assert Path(said.strip()).parent == memory
    assert process.returncode == 3
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize("place", ["", "missing", "file"])
def test_without_room_the_folder_stays_what_it_was(started: Started, memory: Path, place: str) -> None:
    (memory / "file").touch()
    room = "0" if place else "1e9"
    said, _ = started(TELL, room, place).communicate()
    assert said == "/elsewhere\n"
    assert [path.name for path in memory.iterdir()] == ["file"]


def test_where_no_program_may_run_the_folder_stays_what_it_was(
    started: Started, memory: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp(
        "place"
    )  # what a mount without execution does, by a Python that is told to
    (place / "sitecustomize.py").write_text(
        "import pathlib\n"
        "chmod = pathlib.Path.chmod\n"
        "pathlib.Path.chmod = lambda self, mode: chmod(self, 0o600 if self.name == 'program' else mode)\n"
    )
    said, _ = started(TELL, PYTHONPATH=str(place)).communicate()
    assert said == "/elsewhere\n"
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "whole_group", "code"),
    [
        (signal.SIGINT, True, 5),
        (signal.SIGTERM, True, 128 + signal.SIGTERM),
        (signal.SIGTERM, False, 128 + signal.SIGTERM),
        (signal.SIGHUP, False, 128 + signal.SIGHUP),
    ],
)
def test_a_signal_ends_the_command_and_the_folder(
    started: Started, memory: Path, number: int, whole_group: bool, code: int
) -> None:
    process = started(WAIT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert len(list(memory.iterdir())) == 1
    (os.killpg if whole_group else os.kill)(process.pid, number)
    assert process.wait(30) == code
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_whenever_it_is_interrupted_nothing_is_left(started: Started, memory: Path, delay: float) -> None:
    process = started(WAIT)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(30) != 0
    assert list(memory.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_is_in_use_stays(
    started: Started, memory: Path
) -> None:
    running, killed = started(WAIT), started(WAIT)
    for process in (running, killed):
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    assert len(list(memory.iterdir())) == 2
    killed.kill()
    killed.wait()
    (memory / "of another").mkdir()
    started(TELL).wait()
    assert len(list(memory.iterdir())) == 2
    os.killpg(running.pid, signal.SIGTERM)
    assert running.wait(30) == 128 + signal.SIGTERM
    assert [path.name for path in memory.iterdir()] == ["of another"]
    os.killpg(killed.pid, signal.SIGKILL)


def test_a_folder_that_a_test_shut_is_removed(started: Started, memory: Path) -> None:
    shut = "import os, pathlib; p = pathlib.Path(os.environ['TMPDIR'], 'a', 'b'); p.mkdir(parents=True)"
    assert started(f"{shut}; p.parent.chmod(0)").wait() == 0
    assert list(memory.iterdir()) == []
