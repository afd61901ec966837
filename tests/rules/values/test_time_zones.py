"""Which version of the zone data tells days."""

from __future__ import annotations

import importlib.metadata
import zoneinfo
from pathlib import Path

import pytest

from phasegate.rules.values.time_zones import zone_data

OTHER, ZONES = "elsewhere", "zones"
HERE = {f"{ZONES}/Europe/Berlin": ""}


@pytest.mark.parametrize(
    ("files", "installed", "told"),
    [
        (HERE | {f"{ZONES}/+VERSION": "2025b\n"}, "", "2025b"),
        (HERE | {f"{ZONES}/tzdata.zi": "# version 2024a\n# more\n"}, "", "2024a"),
        (HERE | {f"{ZONES}/+VERSION": "\n", f"{ZONES}/tzdata.zi": "# version 2024a\n"}, "", "2024a"),
        (HERE | {f"{ZONES}/+VERSION": "é\n", f"{ZONES}/tzdata.zi": "# version 2024a\n"}, "", "2024a"),
        (HERE, "2025.2", "unknown"),  # they count, whatever else is installed
        (HERE | {f"{OTHER}/+VERSION": "2001a\n", f"{ZONES}/+VERSION": "2025b\n"}, "", "2025b"),
        ({f"{OTHER}/+VERSION": "2001a\n"}, "2025.2", "2025b"),
        ({}, "2025.26", "2025z"),
        ({}, "2025.27", "2025.27"),
        ({}, "2025.2.post1", "2025.2.post1"),
        ({}, "", "unknown"),
    ],
)
def test_the_version_of_the_data_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], installed: str, told: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    def version(_: str) -> str:
        if not installed:
            raise importlib.metadata.PackageNotFoundError
        return installed

    monkeypatch.setattr(zoneinfo, "TZPATH", tuple(str(tmp_path / each) for each in (OTHER, ZONES)))
    monkeypatch.setattr(importlib.metadata, "version", version)
    zone_data.cache_clear()
    try:
        assert zone_data() == told
    finally:
        zone_data.cache_clear()
