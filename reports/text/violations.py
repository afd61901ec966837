"""Broken contracts as reports tell them: which clause, how many rows, the first cells, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phasegate.reports.text.plain import counted, visible

if TYPE_CHECKING:
    from phasegate.records.schema import BreachEntry, CellEntry, SourceEntry


class BrokenClause(NamedTuple):
    """A clause that rows break.

    Attributes:
        clause: which, and how many rows break it.
        cells: the first of them, each with its place; none in records that do not tell.
        more: how many rows there are besides; None where there are none, or no cells.
        hint: what to do; None where nobody can tell.
    """

    clause: str
    cells: list[str]
    more: str | None
    hint: str | None


def broken_clauses(source: SourceEntry) -> list[BrokenClause]:
    """The clauses of its contract that a source's rows break."""
    return [_clause(each) for each in source["breaches"]]


def _clause(breach: BreachEntry) -> BrokenClause:
    rows, cells = breach["rows"], breach.get("cells", [])
    more = counted(rows - len(cells), "more row", "more rows") if cells and rows > len(cells) else None
    name = f"{breach['clause']} ({counted(rows, 'row')})"
    return BrokenClause(name, [_cell(each) for each in cells], more and f"and {more}", breach.get("hint"))


def _cell(cell: CellEntry) -> str:
    """``costs.csv:3  amount "$5"``; what would steer a terminal is made visible."""
    line, within = cell.get("line"), cell.get("within") or f"row {cell.get('row')}"
    place = f"{cell['file']}:{line}" if line is not None else f"{cell['file']} {within}"
    value = "empty" if cell["value"] is None else f'"{cell["value"]}"'
    return visible(f"{place}  {cell['column']} {value}")
