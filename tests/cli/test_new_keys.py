"""A new key stands there whole and its maker knows of it, or nothing of it is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from phasegate.audit.signing.keys import read_private

FULL = pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("phasegate")
    command = ["bash", "-c", line.replace("$P", str(program))]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("$P keys new k >/dev/full", "No space left on device"),
        ("mkfifo p; exec 3<>p 4>p 3<&-; $P keys new k >&4", "Broken pipe"),
    ],
)
@FULL
def test_a_key_of_which_nobody_could_be_told(line: str, why: str, tmp_path: Path) -> None:
    done = shell(line, tmp_path)
    key = read_private(tmp_path / "k").public
    assert (tmp_path / "k.pub").read_text(encoding="ascii") == f"{key.openssh}\n"
    assert done.returncode == 2
    assert done.stderr == (
        f"error: the key was made, and this could not be printed: {why}\n"
        f"help: k (keep it to yourself) and k.pub ({key.fingerprint}) are whole; the line for 'signers' in "
        f'the project file is: - {{"name": "k", "roles": ["evaluator"], "key": "{key.openssh}"}}\n'
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("$P keys new /dev/full", "there is already a file '/dev/full'", marks=FULL),
        ("ulimit -f 0; $P keys new k", "the key 'k' was not made: File too large"),
        ("$P keys new none/k", "the key 'none/k' was not made: No such file or directory"),
    ],
)
def test_nothing_is_left_of_a_key_that_was_not_made(line: str, message: str, tmp_path: Path) -> None:
    beside = set(Path("/dev").glob("*full*"))
    done = shell(line, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {message}\nhelp: ")
    assert "was not made" not in message or "nothing of it is left" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert set(Path("/dev").glob("*full*")) == beside
