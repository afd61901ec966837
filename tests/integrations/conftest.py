"""A team's project, on a machine of a pipeline."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from machines import Machine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def minimal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that ``phasegate init --minimal`` makes."""
    made = Machine(tmp_path_factory.mktemp("machine"), tmp_path_factory.mktemp("minimal"))
    command = made.install(made.home / "bin")
    subprocess.run([command, "init", "--minimal"], cwd=made.repository, check=True, capture_output=True)
    return made.repository


@pytest.fixture
def machine(tmp_path: Path, minimal: Path) -> Callable[[str], Machine]:
    """A machine with a project that ``phasegate init --minimal`` made, in a folder of the repository."""

    def make(project: str = ".") -> Machine:
        made = Machine(tmp_path, tmp_path / "repository")
        folder = made.repository / project
        shutil.copytree(minimal, folder)
        made.install(tmp_path / "bin")
        return made

    return make
