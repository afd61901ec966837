"""What ARCHITECTURE.md and CONTRIBUTING.md say of the house is how the house is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WHERE = CONTRIBUTING.partition("## Where do I add ...\n")[2].partition("\n## ")[0]


def named(text: str) -> set[str]:
    """The files and folders that a text names, apart from those that somebody is still to make."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([\w./<>-]+)`", text)
    return {span for span in spans if ("/" in span or span.endswith(".py")) and "<" not in span}


@pytest.mark.parametrize("path", sorted(named(ARCHITECTURE) | named(WHERE)))
def test_what_is_named_is_there(path: str) -> None:
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_no_folder_is_left_out() -> None:
    stations = {path.parent for path in ROOT.glob("*/__init__.py")}
    rooms = {path.parent for station in stations for path in station.glob("*/__init__.py")}
    told = named(ARCHITECTURE)
    missing = {f"{station.name}/" for station in stations} - told
    # A room of a large format is told with the others; a plugin lies in its station.
    small = {room for room in rooms if room.parent.name not in ("reports", "testing")}
    missing |= {f"{room.parent.name}/{room.name}/" for room in small} - told
    assert missing == set()


def test_the_picture_and_the_contract_have_the_same_stations() -> None:
    (way,) = re.findall(r"^- (`cli\.py` → .*), and never back\.$", ARCHITECTURE, re.MULTILINE)
    order = [name.strip("`/") for name in way.split(" → ")]
    table = re.findall(r"^\| `([\w.]+)/?` \|", ARCHITECTURE, re.MULTILINE)
    assert table == [*reversed(order), "testing"]


def test_each_change_has_its_answer() -> None:
    asked = re.findall(r"^- \*\*(.*?)\*\* \((\d)\): ", WHERE, re.MULTILINE)
    assert asked == [
        ("a kind of measure", "3"),
        ("a file format", "2"),
        ("a database", "2"),
        ("a store of objects", "2"),
        ("another engine for measures", "2"),
        ("a report format", "2"),
        ("a verdict", "8"),
        ("a served page", "2"),
        ("a command", "2"),
        ("what a waiver may cover", "3"),
    ]
