"""Reads a map document from disk."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from phasegate.rules.maps.reader.document import read_map
from phasegate.rules.maps.reader.model import MapRead
from phasegate.rules.maps.reader.text import MAX_BYTES, MapError, decode_map


def load_map(path: Path, name: str | None = None) -> MapRead:
    """Reads a map's Markdown file.

    Args:
        path: the file.
        name: how messages and findings call it; the path as given by default.

    Raises:
        MapError: if the file is missing, is no regular file, is too large, or is no map.
    """
    shown = str(path) if name is None else name
    hint = "name the map's Markdown file"
    try:
        if not path.exists():
            raise MapError(shown, None, "there is no such file", hint)
        if not path.is_file():
            raise MapError(shown, None, "this is not a regular file", hint)
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MapError(shown, None, f"the file cannot be read ({reason})", hint) from error
    read = read_map(decode_map(data, shown), shown)
    return replace(read, digest=f"sha256:{sha256(data).hexdigest()}")
