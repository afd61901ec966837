"""Files that somebody hands over: how much of one is read, and what is refused before it is.

A proof, a record or a key comes from whoever sent it. What is no file, or is larger than any real one,
costs its reader nothing: it is told by its kind and its size. (YAML and maps have their own limits, where
they are read.)
"""

from __future__ import annotations

import json
import os
import stat
from itertools import pairwise
from pathlib import Path
from typing import Any

PROOF_BYTES = 8 * 2**20
"""The example's proofs have 2 to 33 kB; one with a thousand links to checkpoints would have 3 MB."""
PROOF_VALUES = 1_000_000
RECORD_BYTES = 128 * 2**20
"""The example's record, of 110 measures, has 0.6 MB."""
RECORD_VALUES = 5_000_000
"""The example's record has 22,000; each takes up to 100 bytes when it is read."""
JSON_DEPTH = 64
"""Nothing that phasegate writes is nested deeper, and nobody's recursion ends before that."""
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class GivenFileError(Exception):
    """A file that is not read, or is not what it must be.

    Attributes:
        why: the reason, as it goes on after 'can not be read:'.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_given(path: Path, most: int) -> bytes:
    """The bytes of a file.

    Args:
        path: the file; a link is followed.
        most: so many bytes it may have.

    Raises:
        GivenFileError: if it is no regular file, has more bytes, or can not be read. Nobody waits for a
            pipe, and nothing is read of what is too large.
    """
    try:
        # Without O_NONBLOCK the opening of a pipe waits for somebody to write into it.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise GivenFileError(f"it is {_KINDS.get(stat.S_IFMT(status.st_mode), 'no file')}")
            data = file.read(most + 1) if status.st_size <= most else None
    except (OSError, ValueError) as error:
        raise GivenFileError(str(getattr(error, "strerror", None) or error)) from error
    if data is None or len(data) > most:
        raise GivenFileError(f"it is larger than {most:,} bytes")
    return data


def read_json(data: bytes, most: int) -> Any:
    """What a file of JSON says.

    Args:
        data: the file's bytes.
        most: so many values it may hold; counted from above, before any is made.

    Raises:
        GivenFileError: if it is no JSON in UTF-8, says ``NaN`` or one key twice, holds more values, or is
            nested more than 64 deep.
    """
    if sum(data.count(sign) for sign in (b",", b"[", b"{")) > most:
        raise GivenFileError(f"it holds more than {most:,} values")
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise GivenFileError("it is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise GivenFileError(f"line {error.lineno} is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise GivenFileError(_DEEP) from error
    except ValueError as error:  # more digits than Python converts
        raise GivenFileError("a number in it has too many digits") from error
    if _deep(document):
        raise GivenFileError(_DEEP)
    return document


_DEEP = f"it is nested too deeply: more than {JSON_DEPTH} lists and objects within each other"


def _deep(document: object) -> bool:
    level = [document]
    for _ in range(JSON_DEPTH):
        level = [
            part
            for each in level
            for part in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two values for one key, two readers may take different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = sorted(key for key, _ in pairs)
        twice = next(key for key, other in pairwise(keys) if key == other)
        raise GivenFileError(f"the key {twice[:60]!r} stands twice in it")
    return found


def _refuse(constant: str) -> None:
    raise GivenFileError(f"{constant} is not a number")
