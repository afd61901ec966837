"""Holds a pack against the map that it encodes, piece by piece, with lines on both sides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from phasegate.rules.maps.checks.finding import Finding
from phasegate.rules.maps.checks.run import oddities
from phasegate.rules.maps.reader.model import MapRead
from phasegate.rules.maps.trace.figures import compare_figures
from phasegate.rules.maps.trace.model import KINDS, Comparison, Kind, Where
from phasegate.rules.maps.trace.plan import compare_plan
from phasegate.rules.maps.trace.points import compare_points
from phasegate.rules.model.pack import Pack


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pieces of a kind match, of those that either side has."""

    kind: Kind
    matched: int
    total: int


@dataclass(frozen=True, slots=True)
class Edition:
    """Two editions of one document: the one that was read, and the one that the pack names.

    Attributes:
        found, expected: their digests.
        pack_file, pack_line: where the pack names it.
    """

    found: str
    expected: str
    pack_file: str
    pack_line: int


@dataclass(frozen=True, slots=True)
class Trace:
    """A map and a pack, compared.

    Attributes:
        map_name: how the map is called in messages.
        map_title: the map's own title.
        pack_id: the pack.
        comparisons: every piece, matched or not.
        oddities: what is odd in the map itself; it does not count as a difference.
        edition: the digests, where the document is another edition than the pack names; what it says
            may be the same all the same, so it is no difference by itself.
    """

    map_name: str
    map_title: str | None
    pack_id: str
    comparisons: tuple[Comparison, ...]
    oddities: tuple[Finding, ...]
    edition: Edition | None = None

    @property
    def differences(self) -> tuple[Comparison, ...]:
        """Every piece that does not match and stands for itself."""
        return tuple(each for each in self.comparisons if each.state != "matched" and each.within is None)

    @property
    def differs(self) -> bool:
        """Whether pack and map differ."""
        return any(each.state != "matched" for each in self.comparisons)

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """The count of each kind that either side has, in the order of ``KINDS``."""
        found = []
        for kind in KINDS:
            states = [each.state for each in self.comparisons if each.kind == kind]
            if states:
                found.append(Tally(kind, states.count("matched"), len(states)))
        return tuple(found)


def trace(read: MapRead, pack: Pack, where: Where) -> Trace:
    """Holds a pack against a map.

    Wording compares after white space is evened out and nothing else: case counts.

    Args:
        read: the map.
        pack: the pack that encodes it.
        where: finds the place of a part of the pack, such as ``("points", "1.1.1", "title")``.
    """
    compared: list[Comparison] = []
    for compare in (compare_points, compare_plan, compare_figures):
        compared.extend(compare(read, pack, where))
    order = {kind: place for place, kind in enumerate(KINDS)}
    compared.sort(key=lambda each: order[each.kind])
    title = read.title.text if read.title else None
    edition = _other_edition(read, pack, where)
    return Trace(read.name, title, pack.pack, tuple(compared), tuple(oddities(read)), edition)


def _other_edition(read: MapRead, pack: Pack, where: Where) -> Edition | None:
    """The digests, where both sides have one and they are not the same."""
    expected = pack.map.digest if pack.map else None
    if read.digest is None or expected is None or read.digest == expected:
        return None
    place = where(("map", "digest"))
    return Edition(read.digest, expected, place.file, place.line)


def trace_document(found: Trace) -> dict[str, Any]:
    """The trace as JSON data."""
    return {
        "map": {"name": found.map_name, "title": found.map_title},
        "pack": found.pack_id,
        "differs": found.differs,
        "edition": asdict(found.edition) if found.edition else None,
        "counts": {each.kind: {"matched": each.matched, "total": each.total} for each in found.tallies},
        "differences": [_comparison(each) for each in found.differences],
        "oddities": [
            {"kind": each.kind, "lines": list(each.lines), "text": each.text} for each in found.oddities
        ],
        "compared": [_comparison(each) for each in found.comparisons],
    }


def _comparison(each: Comparison) -> dict[str, Any]:
    document: dict[str, Any] = {
        "kind": each.kind,
        "subject": each.subject,
        "state": each.state,
        "map": {"text": each.map_text, "line": each.map_line},
        "pack": {"text": each.pack_text, "file": each.pack_file, "line": each.pack_line},
    }
    if each.within is not None:
        document["within"] = each.within
    if each.note is not None:
        document["note"] = each.note
    return document
