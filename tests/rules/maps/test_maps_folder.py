"""Every map in maps/ is a case: its own pack encodes it, and its rendering is reviewed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.reports.views.trace import render_trace
from phasegate.rules.maps.trace.trace import Trace

MAPS = sorted((Path(__file__).parent / "maps").glob("*.md"))


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_a_map_is_encoded_by_its_own_pack(
    path: Path, traced: Callable[[str, str], Trace], snapshot: SnapshotAssertion
) -> None:
    text = path.read_text(encoding="utf-8")
    found = traced(text, text)
    assert not found.differs
    assert render_trace(found) == snapshot
