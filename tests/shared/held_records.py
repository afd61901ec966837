"""Holds every record that is made to the published JSON Schema."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sizes import SIZE

from phasegate.records import decide
from phasegate.records.schema import Record

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "record.json"
MOST = 50
"""Records of more requirements are held to it by the slow tests alone: that takes as long as to make them."""


@cache
def validator() -> Draft202012Validator:
    """Of the published schema, dates included."""
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


_HELD: set[tuple[str, bytes]] = set()
"""Entries that were found to be of the form, by the part that they stand in; records share most of them."""
_EACH = {"array": "items", "object": "additionalProperties"}
"""Where a part's entries have their form, if that is all that is said of it."""
_TOLD = {"title", "description", "examples"}
"""What a schema says that asks for nothing."""


@cache
def held_once() -> dict[str, Draft202012Validator]:
    """What holds the entries of each part of a record that is a list or a table of entries and no more."""
    parts = validator().schema["properties"].items()
    each = {name: _EACH.get(part.get("type")) for name, part in parts}
    return {
        name: validator().evolve(schema=part[each[name]])
        for name, part in parts
        if part.keys() - _TOLD == {"type", each[name]}
    }


def faults(document: Any) -> list[str]:
    """Where a document is no record, and why."""
    if isinstance(document, dict):
        parts = {name: document[name] for name in held_once() if isinstance(document.get(name), list | dict)}
        rest = {**document, **{name: type(part)() for name, part in parts.items()}}
        if validator().is_valid(rest) and all(map(_entries_hold, parts, parts.values())):
            return []
    return [f"{each.json_path}: {each.message[:200]}" for each in validator().iter_errors(document)]


def _entries_hold(name: str, part: list[Any] | dict[str, Any]) -> bool:
    """Whether all entries of a part are of the form; one that was held before is not held again."""
    for entry in part.values() if isinstance(part, dict) else part:
        told = repr(entry)  # tells a tuple from a list, and a number from its text
        known = (name, hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        if known not in _HELD:
            if not held_once()[name].is_valid(entry):
                return False
            _HELD.add(known)
    return True


def holding(patch: pytest.MonkeyPatch) -> None:
    """Sees to it that a record of another form is a failure from where it is put together."""
    build = decide.build_record

    def held(*arguments: Any, **named: Any) -> Record:
        record = build(*arguments, **named)
        if len(record["requirements"]) <= MOST or SIZE != "fast":
            found = faults(record)
            assert not found, found
        return record

    patch.setattr(decide, "build_record", held)
