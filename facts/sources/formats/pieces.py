"""Reading a file in pieces, so that no more than one of them is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

PIECE = 1 << 18
LINE_AT_MOST = 1 << 26
"""Where a line is longer, a piece ends within it."""


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, wherever it may be cut."""
    while piece := file.read(PIECE):
        yield piece


def whole_lines(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, in pieces that end with a line."""
    for piece in pieces(file):
        yield piece if piece.endswith(b"\n") else piece + file.readline(LINE_AT_MOST)
