"""JSON Schema of what types describe: parts that must be there, lists, mappings, choices, forms of texts."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from jsonschema import Draft202012Validator

from phasegate.rules.loading.typed_schema import typed_schema


class Leaf(TypedDict):
    """A leaf."""

    name: str


class Tree(TypedDict):
    """A tree with ``leaves``,

    and more.
    """

    kind: Literal["oak", "elm"]
    day: Annotated[str, ("format", "date")]
    size: NotRequired[Annotated[str, ("pattern", "^[0-9]+$")] | None]
    word: NotRequired[Annotated[str, ("enum", ("a", "b"))]]
    leaves: list[Leaf]
    inner: NotRequired[Tree]
    told: dict[str, int]
    any: NotRequired[Any]
    flag: NotRequired[bool | None]


WHOLE: dict[str, Any] = {"kind": "oak", "day": "2026-03-01", "leaves": [{"name": "x"}], "told": {"a": 1}}


def test_the_schema_says_what_docstrings_say() -> None:
    schema = typed_schema(Tree, "tree")
    assert (schema["title"], schema["description"]) == ("tree", "A tree with `leaves`, and more.")
    assert schema["required"] == ["kind", "day", "leaves", "told"]
    assert schema["$defs"]["Leaf"]["description"] == "A leaf."


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({}, True),
        ({"size": "12"}, True),
        ({"size": None}, True),
        ({"size": "x"}, False),
        ({"size": 12}, False),
        ({"kind": "ash"}, False),
        ({"day": "2026-02-30"}, False),
        ({"word": "a"}, True),
        ({"word": "c"}, False),
        ({"leaves": [{}]}, False),
        ({"leaves": [{"name": "x", "more": 1}]}, False),
        ({"leaves": {}}, False),
        ({"told": {"a": "1"}}, False),
        ({"inner": WHOLE}, True),
        ({"inner": {}}, False),
        ({"any": [1, None]}, True),
        ({"flag": None}, True),
        ({"flag": 1}, False),
        ({"more": 1}, False),
    ],
)
def test_it_says_yes_and_no(change: dict[str, Any], good: bool) -> None:
    judge = Draft202012Validator(
        typed_schema(Tree, "tree"), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert judge.is_valid({**WHOLE, **change}) is good
