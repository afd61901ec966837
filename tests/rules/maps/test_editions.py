"""A pack may name the edition of the map that it was written from, by the digest of its bytes."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from phasegate.reports.views.trace import render_trace
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.maps.reader.document import load_map
from phasegate.rules.maps.trace.trace import Trace, trace, trace_document
from phasegate.rules.model.pack import MapDocument

PackOf = Callable[[str], LoadedPack]


def held(path: Path, pack: LoadedPack, named: bytes | None) -> Trace:
    """The trace of a file against a pack that names these bytes as its map."""
    assert pack.pack.map is not None
    digest = f"sha256:{sha256(named).hexdigest()}" if named is not None else None
    document = MapDocument.model_validate({**pack.pack.map.model_dump(), "digest": digest})
    return trace(load_map(path, "map.md"), pack.pack.model_copy(update={"map": document}), pack.where)


@pytest.mark.parametrize(
    ("named", "ending", "another"),
    [
        pytest.param("", "", False, id="the edition that the pack names"),
        pytest.param("", "\n", True, id="one more line break"),
        pytest.param(None, "\n", False, id="a pack that names none"),
    ],
)
def test_another_edition_is_told_and_is_no_difference(
    named: str | None, ending: str, another: bool, support_logistics: str, pack_of: PackOf, tmp_path: Path
) -> None:
    path = tmp_path / "map.md"
    path.write_bytes((support_logistics + ending).encode())
    expected = None if named is None else support_logistics.encode()
    found = held(path, pack_of(support_logistics), expected)
    assert (found.edition is not None) is another
    assert ("another edition of the map" in render_trace(found)) is another
    assert (trace_document(found)["edition"] is not None) is another
    assert not found.differs


def test_both_digests_are_told_with_the_place_in_the_pack(
    support_logistics: str, pack_of: PackOf, tmp_path: Path
) -> None:
    path = tmp_path / "map.md"
    path.write_bytes(support_logistics.encode())
    text = render_trace(held(path, pack_of(support_logistics), b"an older edition"))
    sides = [line.split() for line in text.splitlines() if "sha256:" in line]
    assert sides == [
        ["map", "map.md", f"sha256:{sha256(support_logistics.encode()).hexdigest()}"],
        ["pack", "pack.yaml:3", f"sha256:{sha256(b'an older edition').hexdigest()}"],
    ]
