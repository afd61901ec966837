"""The formats by their names, and what a file is that says none."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import IO

from phasegate.facts.sources.formats.base import Format
from phasegate.facts.sources.unsupported import advised
from phasegate.rules.model.file_format import FILE_FORMATS, MARK_AT_MOST, FormatName, format_marked

_LONGEST_LINE = 1 << 20


@cache
def format_named(name: FormatName) -> Format:
    """The format of a name."""
    found: Format = import_module(f"{__package__}.{name}").FORMAT
    return found


def format_told(name: FormatName) -> str:
    """How a source is told that its files are of a format."""
    return f"set format: {name} for the source"


def mark_of(file: IO[bytes]) -> FormatName | None:
    """The format that an open file has by its first bytes, whatever it is called."""
    return format_marked(file.read(MARK_AT_MOST))


def format_advised(file: IO[bytes]) -> str:
    """What to do about an open file whose extension tells no format."""
    line = file.readline(_LONGEST_LINE).strip()
    marked = format_marked(line) or next(
        (name for name in FILE_FORMATS if format_named(name).recognises(line)), None
    )
    return format_told(marked) if marked else advised(line)
