"""Reads a record back from its bytes; what is no record is refused before anybody reads it."""

from __future__ import annotations

import functools
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from phasegate.records.editions import EDITIONS
from phasegate.records.schema import WHAT_IF, Record
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.given_file import (
    RECORD_BYTES,
    RECORD_VALUES,
    GivenFileError,
    read_given,
    read_json,
)

_NAMED = ("facts", "requirements", "criteria", "points", "gates", "waivers", "attestations", "sources")
_REFERENCES: dict[str, dict[str, str]] = {
    "requirements": {"criterion": "criteria", "fact": "facts", "waiver": "waivers"},
    "criteria": {"point": "points", "requirements": "requirements"},
    "points": {"criteria": "criteria"},
    "rows": {"requirement": "requirements"},
    "gates": {"points": "points", "targets": "criteria", "after": "gates", "waivers": "requirements"},
}
"""For each kind of part, the keys that name parts, and of which kind."""
# A pack can not be nested deeper; the length keeps whoever reads the numbers as a tree from its limits.
_ALTERNATIVE = re.compile(r"[1-9][0-9]{0,5}(\.[1-9][0-9]{0,5}){0,63}")


class RecordError(PhasegateError):
    """A file that is no record of phasegate."""

    def __init__(self, name: str, why: str) -> None:
        hint = "'phasegate check --format json -o FILE' writes a record"
        super().__init__(f"{name} is not a record: {why}", hint)


class WhatIfRecordError(RecordError):
    """What would follow from other rules: nobody has decided it."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "it is a what-if, by which nothing was decided")


def load_record(path: Path) -> Record:
    """Reads a saved record.

    Raises:
        RecordError: if the file can not be read, or holds no record.
    """
    try:
        data = read_given(path, RECORD_BYTES)
    except GivenFileError as error:
        raise RecordError(str(path), f"it can not be read: {error.why}") from error
    return parse_record(data, str(path))


def parse_record(data: bytes, name: str) -> Record:
    """The record that a file holds.

    Args:
        data: the file's bytes.
        name: how messages call the file.

    Raises:
        RecordError: if the bytes are no JSON, or no record of this schema, or a part is missing or
            of another type, or names what is not there.
    """
    try:
        document = read_json(data, RECORD_VALUES)
    except GivenFileError as error:
        raise RecordError(name, error.why) from error
    return checked_record(document, name)


def checked_record(document: object, name: str) -> Record:
    """A document as the record that it is.

    Raises:
        RecordError: if it is none, as `parse_record` tells.
    """
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema == WHAT_IF:
        raise WhatIfRecordError(name)
    known = [each.record for each in EDITIONS]
    if schema not in known:
        shown = schema[:60] if isinstance(schema, str) else None
        raise RecordError(name, f"its schema is {shown!r}, not {' or '.join(map(repr, known))}")
    fault = shape_fault(document, Record)
    if fault:
        raise RecordError(name, fault)
    record = typing.cast("Record", document)
    if "what_if" in record:
        raise WhatIfRecordError(name)
    fault = _reference_fault(record)
    if fault:
        raise RecordError(name, fault)
    return record


def shape_fault(document: object, kind: Any) -> str | None:
    """What keeps a document from being of a kind: what is missing or of another type; None if nothing.

    Args:
        document: as it came out of JSON.
        kind: a `TypedDict`, or a type of its parts.
    """
    return _check_of(kind)(document, "")


_Check = Callable[[Any, str], str | None]
"""Tells what is wrong with a value at a path; None if nothing is."""
_NAMES: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
_NAMES[type(None)] = "null"


@functools.cache
def _check_of(kind: Any) -> _Check:
    """The check that a type stands for, made once for a type and not once for a value."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return _anything
    if typing.is_typeddict(kind):
        return _entry(kind)
    if origin in (types.UnionType, typing.Union):
        return _either([_check_of(choice) for choice in inside])
    if origin is typing.Literal:
        options = ", ".join(map(str, inside))
        return lambda value, path: None if value in inside else f"{path} is not one of {options}"
    if origin in (list, dict):
        return _parts(origin, _check_of(inside[-1]))
    return lambda value, path: None if type(value) is kind else f"{path} is not {_NAMES[kind]}"


def _anything(_: Any, __: str) -> None:
    return None


def _entry(kind: Any) -> _Check:
    # The class itself does not know which parts may be missing: its annotations are texts.
    hints = typing.get_type_hints(kind, include_extras=True)
    optional = {name for name, part in hints.items() if typing.get_origin(part) is typing.NotRequired}
    checks = [(name, _check_of(part)) for name, part in typing.get_type_hints(kind).items()]

    def check(value: Any, path: str) -> str | None:
        if type(value) is not dict:
            return f"{path} is not an object"
        for name, part in checks:
            if name not in value:
                if name in optional:
                    continue
                return f"{path or 'it'} has no {name!r}"
            if fault := part(value[name], f"{path}.{name}" if path else name):
                return fault
        return None

    return check


def _either(choices: list[_Check]) -> _Check:
    def check(value: Any, path: str) -> str | None:
        fault = None
        for choice in choices:
            found = choice(value, path)
            if found is None:
                return None
            fault = fault or found
        return fault

    return check


def _parts(kind: type, part: _Check) -> _Check:
    def check(value: Any, path: str) -> str | None:
        if type(value) is not kind:
            return f"{path} is not {_NAMES[kind]}"
        found: Any = value
        places = found.items() if kind is dict else enumerate(found)
        for place, each in places:
            if part(each, ""):  # the path is only worth its time where there is a fault
                return part(each, f"{path}[{place}]")
        return None

    return check


def _reference_fault(record: Record) -> str | None:
    """What is wrong with the names in a record: one that nothing has, or two things; None if nothing.

    So it is with the number of an alternative that is no number of one.

    Args:
        record: a document of the right shape.
    """
    document: Mapping[str, Any] = record
    known: dict[str, set[str]] = {}
    for kind in _NAMED:
        names = [part["name" if kind == "sources" else "id"] for part in document[kind]]
        known[kind] = set(names)
        # One attestation may answer several facts, and has an entry for each of them.
        apart = (
            {(each["id"], each["fact"]) for each in document[kind]} if kind == "attestations" else known[kind]
        )
        if len(apart) != len(names):
            return f"two of its {kind} have one id"
    for kind, keys in _REFERENCES.items():
        for place, part in enumerate(document.get(kind, ())):
            for key, named in keys.items():
                for name in _listed(part[key]):
                    if name not in known[named]:
                        return f"{kind}[{place}].{key} names {name!r}, and nothing is called so"
    for place, each in enumerate(record["requirements"]):
        if each["alternative"] is not None and not _ALTERNATIVE.fullmatch(each["alternative"]):
            return f"requirements[{place}].alternative is {each['alternative'][:40]!r}, which numbers none"
    return None


def _listed(value: str | list[str] | None) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif value is not None:
        yield from value
