"""Cells that are told: the first few, shortened, masked where they are personal, with their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from phasegate.facts.contracts.personal import MASK
from phasegate.facts.model.fact import Breach, Cell
from phasegate.facts.model.place import Place

SAMPLE = 5
"""So many rows are told of whatever is wrong."""
LONGEST = 80
"""So many characters of a value are told."""

TOLD_CLAUSES = 3
"""Of so many broken clauses a reason counts the rows."""


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
    if place is None:
        return None
    within = place.cells.get(cell.column, place.within)
    return replace(cell, file=place.file, line=place.line, row=place.row, within=within)


def told(breaches: Sequence[Breach]) -> str:
    """Which clauses rows break, how many each, and of the first where and what to do.

    A row may break several clauses, so that the numbers of rows are told one by one.
    """
    first = breaches[0]
    if len(breaches) == 1:
        what = (
            f"{first.rows:,} {'row breaks' if first.rows == 1 else 'rows break'} the contract: {first.clause}"
        )
    else:
        counted = [f"{each.clause} ({_some_rows(each.rows)})" for each in breaches[:TOLD_CLAUSES]]
        left = len(breaches) - TOLD_CLAUSES
        counted += [f"and {left:,} more"] if left > 0 else []
        what = f"rows break the contract: {', '.join(counted)}"
    return "; ".join([what, *(cell.said for cell in first.cells[:1]), *([first.hint] if first.hint else [])])


def _some_rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"
