"""What polars lets pass in NDJSON files, seen while their bytes go by to their digest."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from contextlib import suppress

from phasegate.facts.sources.files import FoundFile, SourceError, Watcher
from phasegate.facts.sources.formats.ndjson_objects import FLAT, TOO_DEEP, find_bad_line, is_deep
from phasegate.facts.sources.limits import COLUMNS_AT_MOST

KEY, KEYS_AT_MOST = b'":', 10 * COLUMNS_AT_MOST
"""How the keys of an object end, and how many a line may have, those inside of its values included."""
_OTHER_ENDS = (b'"  ', b'" \t', b'" \r', b'"\t', b'"\r')
"""How a key may end otherwise than with a colon, or a space and a colon."""
_SIGNS_OF_OTHERS = (b"\t", b"\r", b'"  ')
_KEYS_LAID_OUT = 100
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

    Objects that have their keys in one order are told by their text alone; all others are read.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rest = b""
        self._laid_out: str | None = None
        self._found: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        first = self._ended + 1
        super().see(chunk)
        end = chunk.rfind(b"\n") + 1
        if end:
            self._read(self._rest + chunk[:end], first)
            self._rest = b""
        self._rest += chunk[end:]

    def fault(self) -> str | None:
        """Which line has which key twice, or too many."""
        if self._many is not None:
            return self._many
        self._read(self._rest, self._ended + 1)
        self._rest = b""
        return self._found

    def _read(self, text: bytes, first: int) -> None:
        if self._found is not None or (self._laid_out is not None and _is_like(text, self._laid_out)):
            return
        lines = text.split(b"\n")
        if (objects := _single(lines)) is not None:
            self._laid_out = _layout(max(objects, key=len)) if objects else None
            return
        for number, line in enumerate(lines, start=first):
            if is_deep(line):  # polars may read it all the same
                self._found = f"{number} {TOO_DEEP}"
                return
            if line.strip() and _single([line]) is None and (key := _key_twice(line)) is not None:
                self._found = f"{number} has the key {key!r} more than once"
                return


def _layout(keys: Collection[str]) -> str | None:
    """A pattern of lines whose objects have some of these keys, each once at most, and no object in them.

    None where there are too many for one.
    """
    names = [re.escape(json.dumps(key, ensure_ascii=False)) for key in keys]
    if not 0 < len(names) <= _KEYS_LAID_OUT:
        return None
    inside = "".join(rf"""(?:{name}: ?(?:"[^"\\\n]*"|[^"{{}}\[\],\n]*)(?:, ?)?)?""" for name in names)
    return rf"\A(?:\{{{inside}\}}\r?\n)*\z"


def _is_like(text: bytes, layout: str) -> bool:
    """Whether a text is of such lines alone; polars' patterns take two thirds of the time of Python's."""
    import polars as pl

    try:
        lines = pl.Series([text], dtype=pl.Binary).cast(pl.String)
        return bool(lines.str.contains(layout, strict=True)[0])
    except pl.exceptions.PolarsError:  # no UTF-8, or too large a pattern
        return False


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


def _single(lines: Sequence[bytes]) -> list[dict[str, object]] | None:
    """The objects of some lines, none of which is deep or has a key twice; None where that is in doubt.

    Each key that is written ends in a quote and a colon, perhaps with a space between them; as many of
    these as different keys are left prove that none was written twice.
    """
    import orjson

    text = b",".join(line for line in lines if line.strip())
    if text.count(b"{") + text.count(b"[") > len(lines) and any(map(is_deep, lines)):
        return None
    if any(sign in text for sign in _SIGNS_OF_OTHERS) and any(end in text for end in _OTHER_ENDS):
        return None
    written = text.count(KEY) + text.count(b'" :')
    try:
        objects: list[dict[str, object]] = orjson.loads(b"[%b]" % text)
    except ValueError:
        return None
    if not set(map(type, objects)) <= {dict}:
        return None
    same = sum(map(len, objects)) == written or sum(map(_keys, objects)) == written
    return objects if same else None


def _keys(value: object) -> int:
    """How many keys a value has, with those of what it holds."""
    if isinstance(value, dict):
        return len(value) + sum(_keys(each) for each in value.values() if type(each) in (dict, list))
    return sum(map(_keys, value)) if isinstance(value, list) else 0
