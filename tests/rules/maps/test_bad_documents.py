"""What is no map says so in one sentence, with the place and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ends import ends

from phasegate.rules.errors import PhasegateError
from phasegate.rules.maps.reader.document import MAX_AREAS, MAX_PHASES, MAX_POINTS, load_map, read_map
from phasegate.rules.maps.reader.text import MAX_BYTES, MapError

POINT = "#### Integration Point 1.1.1: Title\n"

BYTES = {
    "empty": (b"", None, "no integration points"),
    "only a title": (b"# A Map\n", None, "no integration points"),
    "points in a comment": (b"<!--\n" + POINT.encode() + b"-->\n", None, "no integration points"),
    "points in code": (b"```\n" + POINT.encode() + b"```\n", None, "no integration points"),
    "nul": (b"# A Map\n\n" + POINT.encode() + b"\0\n", 4, "NUL"),
    "latin1": (b"# A Map\n\nFlow: caf\xe9\n", 3, "0xe9 is not UTF-8"),
    "truncated utf-8": ("# A Map ↔".encode()[:-1], 1, "not UTF-8"),
    "utf-16": ("# A Map\n".encode("utf-16"), 1, "UTF-16"),
    "an image": (b"\x89PNG\r\n\x1a\n\x00\x00", 1, "not UTF-8"),
    "an archive": (b"PK\x03\x04\x14\x00\x00\x00", 1, "NUL"),
    "too many lines": (b"\n" * 200_000, None, "lines"),
    "quotes within quotes": (b">" * 1_000_000 + b"a\n" + POINT.encode(), 1, "nested too deeply"),
    "lists within lists": (
        b"".join(b" " * min(2 * depth, 400) + b"- a\n" for depth in range(5_000)),
        19,
        "nested too deeply",
    ),
    "too many figures": (POINT.encode() + b"## List\n" + b"- x: 1%\n" * 2_001, 2_003, "2,000 figures"),
    "too large": (b"x" * (MAX_BYTES + 1), None, "larger than 5 MB"),
    "too many points": (POINT.encode() * (MAX_POINTS + 1), MAX_POINTS + 1, "5,000 integration points"),
    "too many phases": (
        POINT.encode() + b"#### Phase 1: Title\n" * (MAX_PHASES + 1),
        MAX_PHASES + 2,
        "200 phases",
    ),
    "too many areas": (
        b"# A Map\n"
        + b"".join(b"## A\n#### Point %d.1: Title\n" % number for number in range(1, MAX_AREAS + 2)),
        2 * MAX_AREAS + 2,
        "200 areas",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", BYTES)
def test_a_bad_document_is_one_clear_error(case: str, tmp_path: Path) -> None:
    data, line, says = BYTES[case]
    path = tmp_path / "map.md"
    path.write_bytes(data)
    with pytest.raises(MapError, match=says) as caught:
        load_map(path, "map.md")
    error = caught.value
    assert isinstance(error, PhasegateError)
    assert (error.file, error.line) == ("map.md", line)
    assert str(error).startswith("map.md" if line is None else f"map.md:{line}: ")
    assert error.hint


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "map.md"
    with path.open("wb") as stream:
        stream.truncate(50_000_000_000)
    with ends(), pytest.raises(MapError, match="larger than 5 MB"):
        load_map(path)


@pytest.mark.parametrize("case", ["missing", "folder", "pipe", "name with a nul"])
def test_what_is_no_file_is_an_error(case: str, tmp_path: Path) -> None:
    path = tmp_path / "map.md"
    if case == "folder":
        path.mkdir()
    elif case == "pipe":
        os.mkfifo(path)
    elif case == "name with a nul":
        path = tmp_path / "map\0.md"
    with pytest.raises(MapError, match=r"no such file|regular file|cannot be read"):
        load_map(path)


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(MapError, match="surrogate") as caught:
        read_map(POINT + "\ud800", "map.md")
    assert caught.value.line == 2


HOSTILE = {
    "brackets": "[" * 1_000_000,
    "images": "![" * 500_000,
    "emphasis": "*a _b " * 200_000,
    "digits": "1" * 1_000_000 + "%",
    "dots": "1." * 500_000 + "%",
    "commas": "$" + "1,000" * 200_000,
    "spaces": "a" + " " * 1_000_000 + ":",
    "colons": "a:" * 500_000,
    "arrows": "<->" * 300_000,
    "weeks": "cycle " * 100_000,
    "references": "".join(f"[a{each}]: x\n" for each in range(5_000)),
    "table": "|a|b\n|-|-\n" + "|x|y\n" * 5_000,
    "figures in sentences": "1% x, " * 200_000,
    "front matter": "---\n" + "a: b\n" * 20_000,
}


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_read_in_reasonable_time(case: str) -> None:
    with ends():
        read = read_map(HOSTILE[case] + "\n\n" + POINT + "\n- " + HOSTILE[case], "map.md")
    assert len(read.points) == 1
