"""One table says which formats there are; each has its module, and nobody else asks for one by its name."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from stations import STATIONS

from phasegate.facts.sources.formats.base import Format, Part
from phasegate.facts.sources.formats.registry import format_named
from phasegate.rules.model.file_format import FILE_FORMATS, FileOptions, FormatName, titles_with
from phasegate.rules.model.project import SourceFile

ROOT = Path(__file__).parents[4]
ROOMS = {
    ROOT / "rules/model/file_format.py",
    ROOT / "rules/schemas/examples.py",
}
NAMES = {*FILE_FORMATS} - {"csv", "json"}  # these are formats of reports too


def test_the_names_are_those_of_the_table() -> None:
    assert get_args(FormatName) == tuple(FILE_FORMATS)


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_each_row_has_its_module(name: FormatName) -> None:
    found = format_named(name)
    assert isinstance(found, Format)
    assert found.name == name
    opened = type(found).open.__annotations__["return"]
    module = __import__(type(found).__module__, fromlist=["FORMAT"])
    part = getattr(module, opened)
    assert issubclass(part, Part)
    assert part.format is found


def test_an_ending_and_a_mark_tell_one_format() -> None:
    rows = FILE_FORMATS.values()
    assert set(Counter(ending for row in rows for ending in row.endings).values()) == {1}
    marks = [row.mark for row in rows if row.mark]
    assert not any(one.startswith(other) for one in marks for other in marks if one is not other)
    assert all(ending == ending.lower() and ending.startswith(".") for row in rows for ending in row.endings)


def test_each_option_is_a_key_of_a_source() -> None:
    for row in FILE_FORMATS.values():
        assert {*row.options} <= FileOptions.model_fields.keys() - {"path", "format"}
        assert all(row.title in titles_with(option) for option in row.options)


@pytest.mark.parametrize(
    ("said", "name", "format_"),
    [
        ({}, "a.CSV", "csv"),
        ({}, "a.tsv", "csv"),
        ({}, "a.jsonl", "ndjson"),
        ({}, "a.pq", "parquet"),
        ({}, "a.csv.gz", "csv"),
        ({}, "a.JSONL.ZST", "ndjson"),
        ({}, "a.gz", None),
        ({}, "a.csv.bz2", None),
        ({}, "a", None),
        ({"format": "ndjson"}, "a.csv", "ndjson"),
    ],
)
def test_a_format_is_told_by_the_source_else_by_the_ending(
    said: dict[str, str], name: str, format_: str | None
) -> None:
    assert SourceFile.model_validate({"path": "a", **said}).format_of(name) == format_


def test_nobody_else_asks_for_a_format_by_its_name() -> None:
    formats = ROOT / "facts/sources/formats"
    quoted = re.compile(f"""["'](?:{"|".join(map(re.escape, NAMES))})["']""")
    found = []
    for station in STATIONS:
        for path in (ROOT / station).rglob("*.py"):
            if path in ROOMS or path.is_relative_to(formats):
                continue
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text if quoted.search(text) else "")):
                if isinstance(node, ast.Constant) and node.value in NAMES:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
