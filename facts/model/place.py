"""Where a row of a source stands, for whoever has to find it."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """Where a row stands.

    Attributes:
        file: its file, relative to the project.
        line: the line of a file of text on which it begins, counted from 1.
        row: which row it is of a file without lines, counted from 1.
    """

    file: str
    line: int | None = None
    row: int | None = None
