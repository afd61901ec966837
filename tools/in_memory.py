"""Runs a command with its temporary folder in memory, where there is room, and removes that afterwards.

    python tools/in_memory.py --room 1 COMMAND...

Tests write thousands of small files and wait for the disk after each. In ``/dev/shm`` they wait for
nothing. Where it has not so many gigabytes free, or no program may run there (as in most containers),
``TMPDIR`` stays as it is.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - only a new folder there is used, that nobody else can enter
PREFIX = "phasegate-tests-"
GIGABYTE = 1 << 30
PATIENCE = 10.0
"""Seconds in which what the command started may end after it; until then it may write a file more."""


def main(arguments: list[str]) -> int:
    """Runs the command; its exit code, or 128 and the number of the signal that ended it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--memory", type=Path, default=MEMORY, help="where memory is a folder")
    parser.add_argument("--room", type=float, default=1, help="gigabytes that must be free there")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    child = Child()
    sweep(given.memory)
    with folder_in(given.memory, given.room) as folder:
        return child.run(given.command, {} if folder is None else {"TMPDIR": str(folder)})


class Child:
    """The command: whatever signal comes, this process outlives it, so that it can clear up."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._received)

    def _received(self, number: int, _: object) -> None:
        if self._process is None:
            self._early.append(number)
        elif number != signal.SIGINT:  # an interruption from the keyboard has reached it by itself
            self._process.send_signal(number)

    def run(self, command: list[str], variables: dict[str, str]) -> int:
        """Runs the command to its end."""
        if not self._early:
            self._process = subprocess.Popen(command, env={**os.environ, **variables})
            for number in self._early:  # came while it was being started
                self._process.send_signal(number)
            code = self._process.wait()
        else:
            code = -self._early[0]
        return code if code >= 0 else 128 - code


@contextlib.contextmanager
def folder_in(memory: Path, gigabytes: float) -> Iterator[Path | None]:
    """A new folder in memory; None where there is no room, or where programs may not run."""
    try:
        space = os.statvfs(memory)
        made = make_folder(memory) if space.f_bavail * space.f_frsize >= gigabytes * GIGABYTE else None
    except OSError:
        made = None
    if made is None:
        yield None
        return
    folder, lock = made
    try:
        yield folder if runs_programs(folder) else None
    finally:
        remove(folder)
        os.close(lock)


def runs_programs(folder: Path) -> bool:
    """Whether a program that a test puts into the folder would run."""
    program = folder / "program"
    try:
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o700)
        return subprocess.run([program], check=False).returncode == 0
    except OSError:
        return False
    finally:
        program.unlink(missing_ok=True)


def make_folder(memory: Path) -> tuple[Path, int]:
    """A new folder, and the lock on it that says for how long it is in use."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=memory))
        lock = locked(folder)
        if lock is not None and folder.exists():
            return folder, lock
        if lock is not None:  # swept away before it was locked
            os.close(lock)


def locked(folder: Path) -> int | None:
    """The lock on a folder; None where another process has it, or the folder is gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def sweep(memory: Path) -> None:
    """Removes what runs left behind that were killed: no process has a lock on their folders."""
    for folder in memory.glob(f"{PREFIX}*"):
        lock = locked(folder)
        if lock is not None:
            remove(folder, patience=0)
            os.close(lock)


def remove(folder: Path, patience: float = PATIENCE) -> None:
    """Removes a folder, and again while something that has not ended yet writes into it."""
    until = time.monotonic() + patience
    shutil.rmtree(folder, ignore_errors=True)
    while folder.exists():
        for place, _, _ in os.walk(folder):  # a test may have shut a folder that it made
            with contextlib.suppress(OSError):
                Path(place).chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    if folder.exists() and patience:
        print(f"phasegate: {folder} could not be removed", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
