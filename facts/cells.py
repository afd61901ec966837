"""Cells that are told: the first few, shortened, masked where they are personal, with their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from phasegate.facts.fact import Cell
from phasegate.facts.personal import MASK
from phasegate.facts.sources_places import Place

SAMPLE = 5
"""So many rows are told of whatever is wrong."""
LONGEST = 80
"""So many characters of a value are told."""


def shortened(text: str, most: int = LONGEST) -> str:
    """The beginning of a text that is too long to be told."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def value_told(value: object, personal: bool, most: int = LONGEST) -> str | None:
    """A value as it is told; None where there is none."""
    if value is None:
        return None
    return MASK if personal else shortened(str(value), most)


def placed(cell: Cell, places: Mapping[int, Place]) -> Cell | None:
    """A cell that has the number of its row in its source, with the place in a file; None without one."""
    place = places.get(cell.row or 0)
    return None if place is None else replace(cell, file=place.file, line=place.line, row=place.row)
