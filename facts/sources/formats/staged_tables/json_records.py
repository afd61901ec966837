"""The records of JSON files: read strictly, their numbers exact, and found where the source says they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.staged_tables.table import plain_number
from phasegate.rules.diagnostics.suggestions import suggest

BYTES_AT_MOST = 1 << 26
"""Bytes of a file, all of which is held in memory at once, and takes up to thirty times as many there."""
DEEPEST = 500
"""Less than any Python reads, so that each refuses the same files."""
_LOOKED_THROUGH = 1 << 23
"""Of larger files the line is not told: to find it takes a minute for each 50 MB."""
_SEARCHED = 4
"""So deep a list of records is looked for, to be proposed."""
Record = Mapping[str, Any]


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class _TwiceError(ValueError):
    """An object has a key twice."""


def read_json(file: FoundFile) -> Any:
    """What a JSON file says, its numbers as they are written.

    Raises:
        SourceError: if it is none, or too large, or says something twice.
    """
    if file.size > BYTES_AT_MOST:
        what = f"{file.shown} has {file.size:,} bytes; of JSON no more than {BYTES_AT_MOST:,} are read"
        raise SourceError(what, "write NDJSON, one object on each line, which is read piece by piece")
    with file.open() as raw:
        written = raw.read()
    try:
        text = written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{file.shown}:{line} is not UTF-8 at byte {error.start}", "save it as UTF-8"
        ) from error
    try:
        found = json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=_no_constant, object_pairs_hook=_single
        )
        deep = _is_deep(found)
    except RecursionError:
        deep = True
    except _TwiceError as error:
        where = f":{_line_of_twice(text)}" if len(text) <= _LOOKED_THROUGH else ""
        what = f"{file.shown}{where} {error}"
        raise SourceError(what, "which of its values counts can not be told") from error
    except ValueError as error:
        raise _no_json(file, text, error) from error
    if deep:
        what = f"{file.shown} is no JSON that can be read: it is nested more than {DEEPEST} deep"
        raise SourceError(what, "what is measured must stand near the top")
    return found


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _TwiceError(f"begins an object with the key {twice!r} more than once")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _no_json(file: FoundFile, text: str, error: ValueError) -> SourceError:
    if not isinstance(error, json.JSONDecodeError):
        return SourceError(f"{file.shown} is no JSON: {error}", "write null where there is none")
    said = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at")
    if error.msg == "Extra data" and text[: error.pos].lstrip().startswith("{"):
        hint = "is each line an object of its own? Then set format: ndjson for the source"
    else:
        hint = "is it cut off?" if error.pos >= len(text.rstrip()) else "write it anew"
    return SourceError(f"{file.shown}:{error.lineno}:{error.colno} is no JSON: {said}", hint)


def _line_of_twice(text: str) -> int:
    """The line on which the object begins, found by a slower look."""
    decoder: Any = json.JSONDecoder(object_pairs_hook=_single)  # these parts of it are its readers' alone
    parse, begun = decoder.parse_object, [-1]

    def noted(state: tuple[str, int], *others: Any) -> Any:
        try:
            return parse(state, *others)
        except _TwiceError:
            begun[0] = state[1] if begun[0] < 0 else begun[0]  # the innermost comes first
            raise

    decoder.parse_object = noted
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    with suppress(ValueError, RecursionError):
        decoder.decode(text)
    return text.count("\n", 0, max(0, begun[0])) + 1


def _is_deep(found: Any) -> bool:
    level = [found]
    for _ in range(DEEPEST):
        level = [
            value
            for each in level
            if isinstance(each, dict | list)
            for value in (each.values() if isinstance(each, dict) else each)
            if isinstance(value, dict | list)
        ]
        if not level:
            return False
    return True


def records_of(file: FoundFile, found: Any, path: str | None) -> tuple[str, list[Record]]:
    """Where the records are, as a JSON path, and they themselves.

    Raises:
        SourceError: if there is no list of objects.
    """
    place, at = "$", found
    for key in (path or "").split(".") if path else ():
        if not isinstance(at, dict) or key not in at:
            hint = suggest(path or "", _lists(found), of="lists of records")
            raise SourceError(f"{file.shown}: {place} has no {key!r}, which records names", hint)
        place, at = f"{place}.{key}", at[key]
    if not isinstance(at, list):
        lists = _lists(found)
        if path is None and isinstance(at, dict) and lists:
            raise SourceError(
                f"{file.shown} is no list of records", f"say which it is, as in records: {lists[0]}"
            )
        hint = "it must be a list of objects, one for each row"
        if path is None and isinstance(at, dict):
            hint = f"{hint}; where each line is an object of its own, set format: ndjson for the source"
        raise SourceError(f"{file.shown}: {place} is {told(at)} and no list of records", hint)
    for number, record in enumerate(at):
        if not isinstance(record, dict):
            raise SourceError(
                f"{file.shown}: {place}[{number}] is {told(record)} and no object", "each record must be one"
            )
    return place, at


def _lists(found: Any) -> list[str]:
    """The paths of the lists of objects that an object has, those near the top first."""
    paths, level = [], [("", found)]
    for _ in range(_SEARCHED):
        inner = [
            (f"{path}.{key}".lstrip("."), value)
            for path, each in level
            if isinstance(each, dict)
            for key, value in each.items()
        ]
        paths += [
            path for path, value in inner if isinstance(value, list) and value and isinstance(value[0], dict)
        ]
        level = inner
    return paths


def told(value: Any) -> str:
    """What sort of value it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, Number):
        return "a number"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def text_of(value: Any) -> str | None:
    """A value as text; what is nested as JSON."""
    if value is None or isinstance(value, str):
        return plain_number(value) if isinstance(value, Number) else value
    return "".join(_dumped(value))


def _dumped(value: Any) -> Iterator[str]:
    match value:
        case Number():
            yield plain_number(value)
        case dict():
            for number, (key, inner) in enumerate(value.items()):
                yield f"{', ' if number else '{'}{json.dumps(key, ensure_ascii=False)}: "
                yield from _dumped(inner)
            yield "}" if value else "{}"
        case list():
            for number, inner in enumerate(value):
                yield ", " if number else "["
                yield from _dumped(inner)
            yield "]" if value else "[]"
        case _:
            yield json.dumps(value, ensure_ascii=False)


def leaves(record: Record, most: int = 200) -> Iterator[str]:
    """The paths of the values of a record that lie deeper than its own."""
    waiting: list[tuple[str, Any]] = [
        (key, value) for key, value in record.items() if isinstance(value, dict)
    ]
    given = 0
    while waiting and given < most:
        path, inner = waiting.pop(0)
        for key, value in inner.items():
            if isinstance(value, dict):
                waiting.append((f"{path}.{key}", value))
            else:
                given += 1
                yield f"{path}.{key}"


def paths_split(paths: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """The keys of each path."""
    return {name: path.split(".") for name, path in paths.items()}
