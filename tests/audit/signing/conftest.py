"""Keys, and the programs that know them too."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from phasegate.audit.signing.keys import PrivateKey, new_key

Run = Callable[..., str]


def _runner(program: str) -> Run:
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} on this machine")

    def run(*arguments: str | Path, **options: object) -> str:
        result = subprocess.run(
            [program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


@pytest.fixture
def ssh_keygen() -> Run:
    return _runner("ssh-keygen")


@pytest.fixture
def openssl() -> Run:
    return _runner("openssl")


@pytest.fixture
def key(tmp_path: Path) -> PrivateKey:
    return new_key(tmp_path / "ann", "ann")


@pytest.fixture
def other(tmp_path: Path) -> PrivateKey:
    return new_key(tmp_path / "ben", "ben")
