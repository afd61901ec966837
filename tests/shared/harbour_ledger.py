"""A small project whose ledger has three runs, for all tests that look at a trail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from kept_runs import DAYS, keep, write_project


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose ledger holds three runs, one of them under a waiver; not to be changed."""
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
