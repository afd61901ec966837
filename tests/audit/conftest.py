"""What the tests of the trail share: a small project, and a ledger with runs of it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose ledger holds three runs, one of them under a waiver; not to be changed."""
    from kept_runs import DAYS, keep, write_project

    folder = write_project(tmp_path_factory.mktemp("harbour"))
    keep(folder, DAYS[0])
    write_project(folder, waived=True)
    keep(folder, DAYS[1])
    keep(folder, DAYS[2], gate="1")
    return folder


@pytest.fixture
def project(harbour: Path, tmp_path: Path) -> Path:
    """A copy of the project with its ledger."""
    return shutil.copytree(harbour, tmp_path / "harbour")


@pytest.fixture
def place(project: Path) -> Path:
    """The file of the ledger in that copy."""
    return project / "phasegate.db"
