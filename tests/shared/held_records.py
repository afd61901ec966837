"""Holds every record that is made to the published JSON Schema."""

from __future__ import annotations

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


def faults(document: Any) -> list[str]:
    """Where a document is no record, and why."""
    return [f"{each.json_path}: {each.message[:200]}" for each in validator().iter_errors(document)]


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
