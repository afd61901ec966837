"""Where a rule stands, for formats that link to it: a file and a line apart, and the file as a URI."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

MAX_DIGITS = 9
"""Of a line's number; what is longer is part of the name. Readers take 32 bits."""


class Location(NamedTuple):
    """A place in a file.

    Attributes:
        file: relative to the project or to the pack, as the record has it.
        line: from 1; None where none is told.
    """

    file: str
    line: int | None


def location(at: str) -> Location:
    """The place that ``file:line`` tells; a text without a line is a file."""
    file, colon, line = at.rpartition(":")
    if colon and file and line.isascii() and line.isdigit() and len(line) <= MAX_DIGITS and int(line):
        return Location(file, int(line))
    return Location(at, None)


def uri(file: str) -> str:
    """The name of a file as a URI reference (RFC 3986) that stays one whatever the name holds.

    A colon is written ``%3A``, so that no relative name reads as a scheme; an absolute one gets ``file://``,
    so that none reads as a host.
    """
    quoted = quote(file, safe="/", errors="replace")
    return f"file://{quoted}" if quoted.startswith("/") else quoted
