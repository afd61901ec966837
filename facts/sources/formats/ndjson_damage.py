"""What polars lets pass in NDJSON files, seen while their bytes go by to their digest."""

from __future__ import annotations

import json
from contextlib import suppress

from phasegate.facts.sources.files import FoundFile, SourceError, Watcher
from phasegate.facts.sources.formats.ndjson_objects import FLAT, TOO_DEEP, find_bad_line, is_deep
from phasegate.facts.sources.limits import COLUMNS_AT_MOST

KEY, KEYS_AT_MOST = b'":', 10 * COLUMNS_AT_MOST
"""How the keys of an object end, and how many a line may have, those inside of its values included."""
_OTHER_ENDS = (b'"  ', b'" \t', b'" \r', b'"\t', b'"\r')
"""How a key may end otherwise than with a colon, or a space and a colon."""
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
    """Looks for lines of a NDJSON file whose object has a key twice: polars takes one of the values.

    To read every object costs more than polars takes for the file. Of a large one some pieces are looked
    at, the first among them: what writes a key twice mostly does so in every line.
    """

    def __init__(self, every: int = 1) -> None:
        """Of so many pieces one is looked at."""
        super().__init__()
        self._every, self._seen = every, 0
        self._rest: bytes | None = b""
        self._found: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        first = self._ended + 1
        super().see(chunk)
        looked_at = self._seen % self._every == 0
        self._seen += 1
        if not looked_at:
            self._rest = None
            return
        if self._rest is None:  # it begins within a line
            _, ended, chunk = chunk.partition(b"\n")
            if not ended:
                return
            first, self._rest = first + 1, b""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._read(lines, first)

    def fault(self) -> str | None:
        """Which line has which key twice, or too many."""
        if self._many is not None:
            return self._many
        if self._rest is not None:
            self._read([self._rest], self._ended + 1)
            self._rest = b""
        return self._found

    def _read(self, lines: list[bytes], first: int) -> None:
        if self._found is not None or (not any(map(is_deep, lines)) and _sound(lines)):
            return
        for number, line in enumerate(lines, start=first):
            if is_deep(line):  # polars may read it all the same
                self._found = f"{number} {TOO_DEEP}"
                return
            if not _sound([line]) and (key := _key_twice(line)) is not None:
                self._found = f"{number} has the key {key!r} more than once"
                return


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

    Each key that is written ends in a quote and a colon, perhaps with a space between them; as many of
    these as different keys are left prove that none was written twice.
    """
    text = b",".join(lines)
    if any(end in text for end in _OTHER_ENDS):
        return False
    written = text.count(b'":') + text.count(b'" :')
    try:
        objects = json.loads(b"[%b]" % text)
        return sum(map(len, objects)) == written and set(map(type, objects)) <= {dict}
    except (ValueError, RecursionError, TypeError):
        return False
