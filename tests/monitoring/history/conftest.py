"""What the tests of changes share: the small project of the trail, in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project in which 18 of 20 invoices are reconciled; nothing is kept yet."""
    from kept_runs import write_project

    return write_project(tmp_path)
