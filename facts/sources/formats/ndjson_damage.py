"""What polars lets pass in NDJSON files, seen while their bytes go by to their digest."""

from __future__ import annotations

import json
from contextlib import suppress

from phasegate.facts.sources.files import FoundFile, SourceError, Watcher
from phasegate.facts.sources.formats.ndjson_objects import FLAT, TOO_DEEP, find_bad_line, is_deep
from phasegate.facts.sources.limits import COLUMNS_AT_MOST

KEY, KEYS_AT_MOST = b'":', 10 * COLUMNS_AT_MOST
"""How the keys of an object end, and how many a line may have, those inside of its values included."""
_MANY = f"has more than {KEYS_AT_MOST:,} keys"


def find_fault(file: FoundFile, said: str) -> SourceError:
    """What is wrong with a NDJSON file in which a watcher has found something.

    Args:
        file: the file.
        said: what the watcher found, with the line before it.
    """
    if said.endswith(_MANY):
        return SourceError(f"{file.shown}:{said}", FLAT)
    twice = SourceError(f"{file.shown}:{said}", "which of its values counts can not be told")
    return find_bad_line(file) or twice


class FewKeys(Watcher):
    """Looks for lines of a NDJSON file with more keys than any row has.

    Only a line that is longer than a chunk is looked at; of those that fit in there are few enough.
    """

    def __init__(self) -> None:
        self._begun, self._ended = 0, 0
        self._many: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        end = chunk.rfind(b"\n") + 1
        if not end and self._many is None:
            self._begun += chunk.count(KEY)
            if self._begun > KEYS_AT_MOST:
                self._many = f"{self._ended + 1} {_MANY}"
        elif end:
            self._begun = chunk.count(KEY, end)
            self._ended += chunk.count(b"\n")

    def fault(self) -> str | None:
        """Which line has too many keys."""
        return self._many


class SingleKeys(FewKeys):
    """Looks for lines of a NDJSON file whose object has a key twice: polars takes one of the values."""

    def __init__(self) -> None:
        super().__init__()
        self._rest, self._line = b"", 0
        self._found: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        super().see(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._read(lines)

    def fault(self) -> str | None:
        """Which line has which key twice, or too many."""
        if self._many is not None:
            return self._many
        self._read([self._rest])
        self._rest = b""
        return self._found

    def _read(self, lines: list[bytes]) -> None:
        if self._found is None and (any(map(is_deep, lines)) or not _sound(lines)):
            for number, line in enumerate(lines, start=self._line + 1):
                key = None if (deep := is_deep(line)) else _key_twice(line)
                if deep:  # polars may read it all the same
                    self._found = f"{number} {TOO_DEEP}"
                    return
                if key is not None:
                    self._found = f"{number} has the key {key!r} more than once"
                    return
        self._line += len(lines)


def _key_twice(line: bytes) -> str | None:
    """A key that stands twice in the object of a line; what stands inside of others is not read."""
    seen: list[str | None] = [None]

    def note(pairs: list[tuple[str, object]]) -> None:  # the outermost object comes last
        keys = [key for key, _ in pairs]
        twice = len({*keys}) < len(keys)
        seen[0] = next(key for key in keys if keys.count(key) > 1) if twice else None

    with suppress(ValueError):  # what is no JSON is told by who reads it
        json.loads(line, object_pairs_hook=note)
        return seen[0]
    return None


def _sound(lines: list[bytes]) -> bool:
    """Whether no object has a key twice, by a look that is five times as fast and may doubt too much.

    Each key that is written ends in a quote and a colon; as many of these as different keys are left
    prove that none was written twice.
    """
    text = b",".join(lines)
    if b'" ' in text or b'"\t' in text or b'"\r' in text:  # a key might end otherwise
        return False
    try:
        objects = json.loads(b"[%b]" % text)
        return sum(map(len, objects)) == text.count(b'":') and set(map(type, objects)) <= {dict}
    except (ValueError, RecursionError, TypeError):
        return False
