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
"""What was found to be of the form, by the part that it is or stands in; records share most of it."""
_EACH = {"array": "items", "object": "additionalProperties"}
"""Where a part's entries have their form, if that is all that is said of it."""
_TOLD = {"title", "description", "examples"}
"""What a schema says that asks for nothing."""


@cache
def _parts() -> dict[str, Draft202012Validator]:
    """What holds each part of a record."""
    parts = validator().schema["properties"].items()
    return {name: validator().evolve(schema=part) for name, part in parts}


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


@cache
def _names() -> Draft202012Validator:
    """What holds that a record has the parts that it must have, and no others, whatever they are."""
    schema = validator().schema
    return validator().evolve(schema={**schema, "properties": dict.fromkeys(schema["properties"], True)})


def faults(document: Any) -> list[str]:
    """Where a document is no record, and why."""
    if (
        isinstance(document, dict)
        and _names().is_valid(document)
        and all(_holds(name, part) for name, part in document.items())
    ):
        return []
    return [f"{each.json_path}: {each.message[:200]}" for each in validator().iter_errors(document)]


def _holds(name: str, part: Any) -> bool:
    """Whether a part is of the form; what was held before, an entry or a part, is not held again."""
    kind = validator().schema["properties"][name].get("type")
    if name in held_once() and isinstance(part, list if kind == "array" else dict):
        form, entries = held_once()[name], [*part.values()] if isinstance(part, dict) else part
    else:
        form, entries = _parts()[name], [part]
    for entry in entries:
        told = repr(entry)  # tells a tuple from a list, and a number from its text
        known = (name, hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        if known not in _HELD:
            if not form.is_valid(entry):
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
