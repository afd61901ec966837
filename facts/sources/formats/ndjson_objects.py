"""The objects of NDJSON files, read one by one as strictly as nobody else does."""

from __future__ import annotations

import json

from phasegate.facts.sources.files import FoundFile, SourceError

FLAT = "what is measured must stand in the object of the line itself"
TOO_DEEP = "is no JSON that can be read: it is nested too deeply"
_DEEPEST = 500
"""Less than any Python reads, so that each refuses the same lines."""


def read_object(file: FoundFile, number: int, line: bytes) -> dict[str, object]:
    """The object that a line of a NDJSON file is.

    Raises:
        SourceError: if it is none.
    """
    hint = "each line must be one JSON object"
    try:
        if is_deep(line):
            raise RecursionError
        found = json.loads(line, parse_constant=_no_constant)
    except RecursionError as error:
        raise SourceError(f"{file.shown}:{number} {TOO_DEEP}", FLAT) from error
    except UnicodeDecodeError as error:
        what = f"{file.shown}:{number} is not UTF-8 at byte {error.start + 1} of the line"
        raise SourceError(what, "save it as UTF-8") from error
    except ValueError as error:
        said = str(error)
        if isinstance(error, json.JSONDecodeError):  # which counts the end of the line as another one
            at = f" in column {error.colno}" if error.lineno == 1 else " at its end"
            said = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at") + at
        raise SourceError(f"{file.shown}:{number} is no JSON: {said}", hint) from error
    if not isinstance(found, dict):
        raise SourceError(f"{file.shown}:{number} is no JSON object", hint)
    return found


def is_object(line: bytes) -> bool:
    """Whether a line is an object."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def find_bad_line(file: FoundFile) -> SourceError | None:
    """The first line that is no JSON object, None if all are."""
    with file.open() as raw:
        for number, line in enumerate(raw, start=1):
            try:
                read_object(file, number, line)
            except SourceError as fault:
                return fault
    return None


def is_deep(line: bytes) -> bool:
    """Whether the values of a line are nested more deeply than is read: the same on each Python."""
    if line.count(b"[") + line.count(b"{") <= _DEEPEST:
        return False
    try:
        level = [json.loads(line)]
    except RecursionError:
        return True
    except ValueError:  # what is no JSON is told by who reads it
        return False
    for _ in range(_DEEPEST):
        inner = [
            each.values() if isinstance(each, dict) else each
            for each in level
            if isinstance(each, dict | list)
        ]
        level = [value for values in inner for value in values]
        if not level:
            return False
    return True


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")
