"""Lets the tests of this folder import what they share."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import INSPECTIONS, INVOICES, PACK, PROJECT, Harbour


@pytest.fixture
def harbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harbour:
    """The project; both its gates are open."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PHASEGATE_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "harbour"
    made = Harbour(root, monkeypatch)
    made.write("phasegate.yaml", PROJECT)
    made.write("pack/pack.yaml", PACK)
    made.write("invoices.csv", INVOICES)
    made.write("inspections.csv", INSPECTIONS)
    return made
