"""Where the rows of a source stand: in which file, and there on which line.

A row has a number only: how many rows of its source come before it. The line on which it begins is
looked for where somebody has to find the row, by a slower look at the bytes, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from phasegate.facts.model.place import Place
from phasegate.facts.sources.formats.base import Part
from phasegate.facts.sources.passes import read_errors


def places(parts: Sequence[Part], rows: Iterable[int]) -> dict[int, Place]:
    """The places of some rows.

    Args:
        parts: all files of the source, in the order in which they are read.
        rows: the rows, counted from 1 over all files.

    Returns:
        The place of each row; one that is in no file, or in one that is gone, has none.
    """
    waiting = sorted(set(rows))
    found: dict[int, Place] = {}
    before = 0
    for part in parts:
        if len(found) == len(waiting):
            break
        here = [row - before for row in waiting if row > before]
        try:
            own, held = part.places(here)
        except read_errors():  # the run says so itself
            break
        found |= {row + before: place for row, place in own.items()}
        before += held
    return found
