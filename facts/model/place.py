"""Where a row of a source stands, for whoever has to find it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Where a row stands.

    Attributes:
        file: its file, relative to the project.
        line: the line of a file of text on which it begins, counted from 1.
        row: which row it is of a file without lines, counted from 1.
        within: what the file itself calls the row, such as ``invoices rowid 17``; None where it has no
            name for it.
        cells: what the file itself calls the row's cells, by their columns in the contract.
    """

    file: str
    line: int | None = None
    row: int | None = None
    within: str | None = None
    cells: Mapping[str, str] = {}
