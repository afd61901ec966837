"""Reads a record back from its bytes; what is no record is refused before anybody reads it."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from phasegate.audit.document import SCHEMA, Record
from phasegate.rules.errors import PhasegateError

MAX_BYTES = 256 * 1024 * 1024
"""Larger files are not read."""


class RecordError(PhasegateError):
    """A file that is no record of phasegate."""

    def __init__(self, name: str, why: str) -> None:
        hint = "'phasegate check --format json -o FILE' writes a record"
        super().__init__(f"{name} is not a record: {why}", hint)


def load_record(path: Path) -> Record:
    """Reads a saved record.

    Raises:
        RecordError: if the file can not be read, or holds no record.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecordError(str(path), f"it can not be read ({error.strerror or error})") from error
    if len(data) > MAX_BYTES:
        raise RecordError(str(path), f"it is larger than {MAX_BYTES:,} bytes")
    return parse_record(data, str(path))


def parse_record(data: bytes, name: str) -> Record:
    """The record that a file holds.

    Args:
        data: the file's bytes.
        name: how messages call the file.

    Raises:
        RecordError: if the bytes are no JSON, or no record of this schema, or a part is missing or
            of another type.
    """
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise RecordError(name, "it is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise RecordError(name, f"line {error.lineno} is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise RecordError(name, "it is nested too deeply") from error
    except ValueError as error:
        raise RecordError(name, str(error)) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise RecordError(name, f"its schema is {schema!r}, not {SCHEMA!r}")
    fault = _fault(document, Record, "")
    if fault:
        raise RecordError(name, fault)
    return typing.cast("Record", document)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _fault(value: object, kind: Any, path: str) -> str | None:
    """What is wrong with a value that should be of a kind; None if nothing is."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return None
    if typing.is_typeddict(kind):
        return _entry_fault(value, kind, path)
    if origin in (types.UnionType, typing.Union):
        faults = [_fault(value, choice, path) for choice in inside]
        return None if None in faults else faults[0]
    if origin is typing.Literal:
        return None if value in inside else f"{path} is not one of {', '.join(map(str, inside))}"
    if origin is list and isinstance(value, list):
        return _first(_fault(part, inside[0], f"{path}[{place}]") for place, part in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return _first(_fault(part, inside[1], f"{path}.{key}") for key, part in value.items())
    expected = origin or kind
    if isinstance(value, expected) and not (expected is int and isinstance(value, bool)):
        return None
    return f"{path} is not {_NAMES.get(expected, 'of the right type')}"


def _entry_fault(value: object, kind: Any, path: str) -> str | None:
    if not isinstance(value, dict):
        return f"{path} is not an object"
    parts = _hints(kind)
    missing = [name for name in parts if name not in value]
    if missing:
        return f"{path or 'it'} has no {missing[0]!r}"
    return _first(
        _fault(value[name], part, f"{path}.{name}".removeprefix(".")) for name, part in parts.items()
    )


_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}
_KNOWN: dict[Any, dict[str, Any]] = {}


def _hints(kind: Any) -> dict[str, Any]:
    if kind not in _KNOWN:
        _KNOWN[kind] = typing.get_type_hints(kind)
    return _KNOWN[kind]


def _first(faults: Iterable[str | None]) -> str | None:
    return next((fault for fault in faults if fault), None)
