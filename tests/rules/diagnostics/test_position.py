"""The carets stand on the text that is meant, whatever the file looks like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.diagnostics.schema_errors import validate
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.loading.pack_files import BUILT_IN
from phasegate.rules.model.pack import Pack
from phasegate.rules.yaml.parser import Tree, parse_yaml

HERE = Path(__file__).parents[1]
FILES = sorted([*(HERE / "packs/valid").rglob("*.yaml"), *BUILT_IN.rglob("*.yaml")])
Path_ = tuple[str | int, ...]


def leaves(value: object, path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    """Every scalar of some data with its path."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from leaves(entry, (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from leaves(entry, (*path, index))
    else:
        yield path, value


def text_at(tree: Tree, path: Path_, part: str) -> str:
    at = tree.position(path, part)
    return tree.line(at.line)[at.column - 1 : at.column - 1 + at.width]


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_key_and_every_value_is_found_where_it_is_written(file: Path) -> None:
    tree = parse_yaml(file.read_bytes(), file.name)
    for path, value in leaves(tree.data):
        written = text_at(tree, path, "value")
        if not written.startswith((">", "|")) and "\n" not in str(value):
            assert yaml.load(f"- {written}", yaml.BaseLoader)[0] in _spellings(value)
        if isinstance(path[-1], str):
            assert text_at(tree, path, "key").strip("'\"") == path[-1]


def _spellings(value: object) -> list[str]:
    """How a value may be written; a text of several lines begins as its first line."""
    if isinstance(value, bool):
        return [str(value), str(value).lower()]
    if value is None:
        return ["null"]
    words = str(value).split(" ")
    return [" ".join(words[:length]) for length in range(1, len(words) + 1)]


PACK: dict[str, Any] = yaml.safe_load((HERE / "packs/valid/minimal/pack.yaml").read_text())
CLOSED: list[Path_] = [
    ("points", "p"),
    ("points", "p", "criteria", 0),
    ("sources", "orders"),
    ("sources", "orders", "columns", "status"),
    ("measures", "orders.paid"),
    ("measures", "orders.paid", "ratio"),
]
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "indent": st.integers(2, 8),
        "width": st.sampled_from([40, 10_000]),
        "sort_keys": st.booleans(),
        "allow_unicode": st.booleans(),
        "default_style": st.sampled_from([None, '"', "'"]),
    }
)
COMMENT = st.text(st.characters(categories=("L", "N", "Zs"), max_codepoint=0x2FFF)).filter(str.isprintable)


@given(st.sampled_from(CLOSED), STYLES, st.lists(COMMENT, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_an_unknown_key_is_marked_whatever_the_style(
    place: Path_, style: dict[str, Any], comments: list[str], line_end: str
) -> None:
    data = yaml.safe_load(yaml.safe_dump(PACK))
    mapping = data
    for step in place:
        mapping = mapping[step]
    mapping["Zzü"] = "ä text"
    text = "".join(f"# {comment}\n" for comment in comments) + yaml.safe_dump(data, **style)
    tree = parse_yaml(text.replace("\n", line_end).encode(), "x.yaml")
    _, found = validate(Pack, tree.data, Origin({(): (tree, ())}, "x.yaml").diagnose)
    assert [diagnostic.rule for diagnostic in found] == ["unknown-key"]
    at, snippet = found[0].position, found[0].snippet
    assert at is not None
    assert snippet is not None
    marked = snippet[at.column - 1 : at.column - 1 + at.width]
    assert yaml.safe_load(marked.removeprefix("? ")) == "Zzü"
