"""The formats by their names, and what a file is that says none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import IO, cast

from phasegate.facts.sources.formats.base import Format
from phasegate.facts.sources.unsupported import ZIP, advised, names_in_zip
from phasegate.rules.model.file_format import (
    FILE_FORMATS,
    MARK_AT_MOST,
    format_marked,
    format_of_parts,
)

_LONGEST_LINE = 1 << 20


@cache
def format_named(name: str) -> Format:
    """The format of a name: of the module of that name, or of ``format`` in the folder of that name.

    Raises:
        PhasegateError: if it is that of a plugin, which can not be loaded.
    """
    if name not in FILE_FORMATS:
        from phasegate.facts.frames.foreign import ForeignFormat

        return ForeignFormat(name)
    found = import_module(f"{__package__}.{name}")
    if hasattr(found, "__path__"):
        found = import_module(f"{found.__name__}.format")
    return cast("Format", found.FORMAT)


def format_told(name: str) -> str:
    """How a source is told that its files are of a format."""
    return f"set format: {name} for the source"


def mark_of(opened: Callable[[], IO[bytes]]) -> str | None:
    """The format that a file has by its first bytes, or by its parts, whatever it is called."""
    with opened() as file:
        head = file.read(MARK_AT_MOST)
    return format_of_parts(names_in_zip(opened)) if head.startswith(ZIP) else format_marked(head)


def format_advised(file: IO[bytes]) -> str:
    """What to do about an open file whose extension tells no format."""
    line = file.readline(_LONGEST_LINE).strip()
    marked = format_marked(line) or next(
        (name for name in FILE_FORMATS if format_named(name).recognises(line)), None
    )
    return format_told(marked) if marked else advised(line)
