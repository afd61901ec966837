"""Where something stands in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text file; lines and columns count from 1, columns count characters.

    Attributes:
        file: the path as it is shown, relative to the pack or the project.
        line, column: the first character that is meant.
        width: how many characters are meant, for the carets under them.
    """

    file: str
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
