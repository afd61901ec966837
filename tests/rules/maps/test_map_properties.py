"""Whatever the text, a map is read or refused, and what is read stands in the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.reports.views.trace import render_trace
from phasegate.rules.maps.checks.run import oddities
from phasegate.rules.maps.reader.alignment import align
from phasegate.rules.maps.reader.document import read_map
from phasegate.rules.maps.reader.text import MapError, decode_map
from phasegate.rules.maps.trace.trace import Trace

LINES = (Path(__file__).parent / "maps" / "support_logistics.md").read_text(encoding="utf-8").split("\n")
PIECES = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(LINES).flatmap(lambda line: st.integers(0, len(line)).map(lambda cut: line[cut:])),
    st.text(max_size=40),
    st.sampled_from(
        [
            "#### Integration Point 1.1.1:",
            "#### Phase 1",
            "**Acceptance Criteria**:",
            "- ",
            "---",
            "|a|b|",
            "|-|-|",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=40).map("\n".join)


@given(TEXTS)
@settings(deadline=None, max_examples=examples(200))
def test_any_text_is_a_map_or_a_map_error(text: str) -> None:
    try:
        read = read_map(text, "map.md")
    except MapError:
        return
    last = text.count("\n") + text.count("\r") + 1
    for finding in oddities(read):
        assert all(1 <= line <= last for line in finding.lines)
    for point in read.points:
        assert 1 <= point.line <= last
    found = Trace("map.md", None, "pack", (), tuple(oddities(read)))
    assert all(line.isprintable() for line in render_trace(found).splitlines())


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=examples(100))
def test_any_bytes_are_a_map_or_a_map_error(data: bytes) -> None:
    try:
        read_map(decode_map(data, "map.md"), "map.md")
    except MapError:
        return
    pytest.fail("random bytes are no map")


@pytest.mark.slow
@given(TEXTS)
@settings(deadline=None, max_examples=examples(1_000))
def test_any_text_is_a_map_or_a_map_error_many_times(text: str) -> None:
    try:
        oddities(read_map(text, "map.md"))
    except MapError:
        return


WORDS = st.lists(st.sampled_from("alpha beta gamma delta".split()), max_size=4).map(" ".join)


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6), st.booleans())
def test_alignment_uses_every_entry_once(left: list[str], right: list[str], gaps: bool) -> None:
    pairs = align(left, right, gaps=gaps)
    assert sorted(i for i, _ in pairs if i is not None) == list(range(len(left)))
    assert sorted(j for _, j in pairs if j is not None) == list(range(len(right)))
    assert all(pair != (None, None) for pair in pairs)


@given(st.lists(WORDS, max_size=6, unique=True), st.data())
def test_a_removed_entry_is_the_only_one_without_a_partner(entries: list[str], data: st.DataObject) -> None:
    if not entries:
        return
    gone = data.draw(st.integers(0, len(entries) - 1))
    pairs = align(entries, entries[:gone] + entries[gone + 1 :])
    assert [i for i, j in pairs if j is None] == [gone]
    assert all(j == (i if i < gone else i - 1) for i, j in pairs if i is not None and j is not None)
