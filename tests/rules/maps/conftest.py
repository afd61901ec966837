"""A small map of our own, and the pack that encodes a map word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from phasegate.rules.loading.pack import LoadedPack, load_pack
from phasegate.rules.maps.reader.document import read_map
from phasegate.rules.maps.reader.model import Figure, MapRead
from phasegate.rules.maps.reader.patterns import shown_quantity
from phasegate.rules.maps.trace.trace import Trace, trace

MAPS = Path(__file__).parent / "maps"


@pytest.fixture(scope="session")
def support_logistics() -> str:
    return (MAPS / "support_logistics.md").read_text(encoding="utf-8")


def _target(figure: Figure) -> dict[str, Any]:
    return {"name": figure.name, "measure": "rows", "bound": f">= {shown_quantity(figure.quantity)}"}


def encode(read: MapRead) -> dict[str, Any]:
    """The data of a pack that says what a map says."""
    areas: dict[str, Any] = {area.id: {"title": area.title, "sections": {}} for area in read.areas}
    for section in read.sections:
        areas[section.id.partition(".")[0]]["sections"][section.id] = section.title
    for key, figures in (
        ("success", read.success_targets),
        ("kpi", read.kpis),
        ("annual_value", read.annual_values),
    ):
        for area, figure in zip(areas.values(), figures, strict=False):
            area[key] = _target(figure)
    points = {
        point.id: {
            "title": point.title,
            "flow": list(point.flow),
            "frameworks": list(point.frameworks),
            "area": point.area,
            "section": point.section,
            "criteria": [
                {"id": f"c{place}", "text": criterion.text, "require": {"rows": ">= 1"}}
                for place, criterion in enumerate(point.criteria, start=1)
            ],
        }
        for point in read.points
    }
    phases = {}
    for phase in read.phases:
        members = list(dict.fromkeys(member.point for member in phase.members if member.point))
        phases[phase.id] = {"title": phase.title, "points": members}
        if phase.weeks:
            phases[phase.id]["weeks"] = list(phase.weeks)
    programme = {
        key: _target(figure)
        for key, figure in (("total_value", read.total), ("roi", read.roi))
        if figure is not None
    }
    document = {
        "title": read.title.text if read.title else None,
        "date": read.date.isoformat() if read.date else None,
        "owner": read.owner.text if read.owner else None,
        "review_cycle": read.review_cycle.text if read.review_cycle else None,
        "level": read.level.text if read.level else None,
    }
    pack: dict[str, Any] = {
        "pack": "encoded",
        "title": "Encoded",
        "map": {key: value for key, value in document.items() if value is not None},
        "areas": areas,
        "points": points,
        "phases": phases,
        "programme": {"targets": programme},
        "sources": {"rows": {"title": "one row", "columns": {"id": {"type": "string"}}}},
        "measures": {"rows": {"title": "rows", "from": "rows", "count": "id IS NOT NULL"}},
    }
    if read.cycle_weeks:
        pack["cycle"] = {"weeks": read.cycle_weeks}
    return pack


@pytest.fixture(scope="session")
def pack_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], LoadedPack]:
    """Makes the pack that encodes a map's text."""
    made: dict[str, LoadedPack] = {}

    def make(text: str) -> LoadedPack:
        if text not in made:
            folder = tmp_path_factory.mktemp("encoded")
            data = yaml.safe_dump(encode(read_map(text, "map.md")), sort_keys=False, allow_unicode=True)
            (folder / "pack.yaml").write_text(data, encoding="utf-8")
            made[text] = load_pack(folder)
        return made[text]

    return make


@pytest.fixture(scope="session")
def traced(pack_of: Callable[[str], LoadedPack]) -> Callable[[str, str], Trace]:
    """Holds the pack that encodes one text against another text."""

    def hold(text: str, encoded: str) -> Trace:
        pack = pack_of(encoded)
        return trace(read_map(text, "map.md"), pack.pack, pack.where)

    return hold
