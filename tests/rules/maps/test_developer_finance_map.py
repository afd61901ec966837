"""The Developer-Finance pack encodes the Developer-Finance map, where the map is at hand."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.reports.views.trace import render_trace
from phasegate.rules.loading.pack import load_pack
from phasegate.rules.maps.reader.document import load_map, read_map
from phasegate.rules.maps.trace.trace import Trace, trace

ROOT = Path(__file__).parents[3]
MAP = (
    Path(os.environ.get("PHASEGATE_SHARED", ROOT.parent / "shared"))
    / "map"
    / ("developer-finance-integration-map.md")
)

pytestmark = pytest.mark.skipif(not MAP.is_file(), reason="the Developer-Finance map is not at hand")


def hold(text: str) -> Trace:
    pack = load_pack("developer_finance")
    return trace(read_map(text, "map.md"), pack.pack, pack.where)


def test_the_pack_encodes_the_whole_map(snapshot: SnapshotAssertion) -> None:
    found = hold(MAP.read_text(encoding="utf-8"))
    assert not found.differs
    assert {each.kind: (each.matched, each.total) for each in found.tallies} == {
        "points": (24, 24),
        "criteria": (96, 96),
        "phases": (4, 4),
        "success targets": (4, 4),
        "KPIs": (4, 4),
        "annual values": (4, 4),
        "total value": (1, 1),
        "ROI": (1, 1),
        "phase members": (16, 16),
        "areas": (4, 4),
        "sections": (8, 8),
        "titles": (24, 24),
        "places": (24, 24),
        "flows": (24, 24),
        "frameworks": (24, 24),
        "document lines": (5, 5),
        "cycle": (1, 1),
    }
    assert render_trace(found) == snapshot


def test_three_edits_are_three_differences_with_their_lines() -> None:
    text = MAP.read_text(encoding="utf-8")
    text = text.replace("Budget planning validation completed and optimized", "Budget planning validated")
    text = text.replace("Success Rate: 95%", "Success Rate: 96%")
    text = re.sub(
        r"#### Integration Point 2\.2\.2.*?(?=#### Integration Point 2\.2\.3)", "", text, flags=re.DOTALL
    )
    found = hold(text)
    told = [(each.state, each.kind, each.subject, each.map_line) for each in found.differences]
    assert told == [
        ("extra", "points", "2.2.2", 151),
        ("changed", "criteria", "1.1.2/validation", 55),
        ("changed", "success targets", "1/success 'Financial Operations Success Rate'", 376),
    ]
    pack = load_pack("developer_finance")
    for each in found.differences:
        assert each.pack_file in pack.files
        assert each.pack_line is not None
        assert each.pack_line > 1


def test_what_is_odd_in_the_map_is_told() -> None:
    kinds = [finding.kind for finding in hold(MAP.read_text(encoding="utf-8")).oddities]
    assert sorted(kinds) == [
        "area-named-differently",
        "area-named-differently",
        "area-named-differently",
        "area-named-differently",
        "conclusion-forgets-target",
        "footer-reads-as-heading",
        "next-steps-mean-another-phase",
        "phase-title-names-other-area",
        "phase-title-names-other-area",
        "phases-across-areas",
        "points-in-no-phase",
        "small-first-letter",
        "small-first-letter",
    ]


def test_the_file_reads_as_its_text_does() -> None:
    read = load_map(MAP, "map.md")
    assert replace(read, digest=None) == read_map(MAP.read_text(encoding="utf-8"), "map.md")


def test_the_pack_names_this_edition_of_the_map() -> None:
    pack = load_pack("developer_finance")
    assert trace(load_map(MAP), pack.pack, pack.where).edition is None
