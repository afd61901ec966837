"""Numbers of NDJSON that a reader would change: long ones are made texts before polars sees them.

polars reads a number with a point through a binary float, which holds 15 digits of any number and a
16th or 17th of some: 1234567890123456.78 comes out as 1234567890123456.8. A text comes out as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import IO

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.ndjson_objects import half_of_a_character
from phasegate.facts.sources.formats.pieces import whole_lines
from phasegate.facts.sources.rewritten import Fingerprint, Rewritten, rewritten

_RUNS = bytes(
    ord("0") if sign in b"0123456789" else ord("e") if sign in b"eE" else sign if sign in b".+-" else ord(" ")
    for sign in range(256)
)
_DIGITS = bytes.maketrans(b"123456789.E", b"0000000000e")
_DOUBTED = (b"0" * 16, b"0e000", b"0e+000", b"0e-000")
"""What lines have, their digits and points made zeros, where they may have such a number."""
# 16 digits with a point or an exponent; more than 37 without; an exponent of three digits.
_LONG = (
    rb"(?:(?=[0-9.]{16})[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]{16,}[eE][+-]?[0-9]+|[0-9]{38,}"
    rb"|[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{3,})"
)
_OTHER = rb'(?:"(?:[^"\\]++|\\.)*+"|[^"0-9-]++|(?!-?%b)-?[0-9.]++(?:[eE][+-]?[0-9]+)?)' % _LONG
_LONG_RUN = re.compile(rb"(?<![0-9.])%b" % _LONG)
_JSON = re.compile(rb"%b*+" % _OTHER)
_UP_TO_A_LONG_NUMBER = re.compile(rb"(%b*+)(-?%b)" % (_OTHER, _LONG))


def with_long_numbers_as_texts(file: FoundFile) -> Rewritten | None:
    """A NDJSON file with quotes around its long numbers, in bounded memory; None where it has none.

    Raises:
        SourceError: if a text of it has half of a character.
        OSError: if the file can not be read, or the text not be kept.
    """
    with file.open() as raw:
        if not any(_is_doubted(lines) for lines in _of_whole_characters(file, raw)):
            return None

    def write(held: IO[bytes]) -> Fingerprint:
        sha, size = hashlib.sha256(), 0
        with file.open() as raw:
            for lines in _of_whole_characters(file, raw):
                sha.update(lines)
                size += len(lines)
                held.write(_quoted(lines) if _is_doubted(lines) else lines)
        return Fingerprint(f"sha256:{sha.hexdigest()}", size)

    return rewritten(write)


def _of_whole_characters(file: FoundFile, raw: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file, refused where a text has half of a character."""
    number = 1
    for lines in whole_lines(raw):
        if (at := half_of_a_character(lines)) is not None:
            half, line = lines[at : at + len(b"\\ud800")].decode(), number + lines.count(b"\n", 0, at)
            what = f"{file.shown}:{line} has {half}, half of a character"
            raise SourceError(what, "write the whole character, in both of its halves or as itself")
        yield lines
        number += lines.count(b"\n")


def _is_doubted(lines: bytes) -> bool:
    """Whether lines have such a number, or a text with one."""
    signs = lines.translate(_DIGITS)
    if not any(sign in signs for sign in _DOUBTED):
        return False
    # Digits made zeros, few different runs are left of all that there are.
    return any(_LONG_RUN.search(run) for run in set(lines.translate(_RUNS).split()))


def _quoted(lines: bytes) -> bytes:
    """Lines with quotes around their long numbers; what is no JSON stays, for its reader to refuse."""
    found: list[bytes] = []
    end = 0
    while match := _UP_TO_A_LONG_NUMBER.match(lines, end):
        found += (match[1], b'"', match[2], b'"')
        end = match.end()
    if not _JSON.fullmatch(lines, end):  # where a text is not closed, the next line begins anew
        broken = lines.splitlines(keepends=True)
        if len(broken) > 1:
            return b"".join(map(_quoted, broken))
    return b"".join((*found, lines[end:]))
