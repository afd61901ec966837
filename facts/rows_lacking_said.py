"""What is said of rows that keep a fact from having a value: where they are, and what would help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from phasegate.facts.fact import Cell, Fact, Flaw
from phasegate.facts.measures.blame import Blame
from phasegate.rules.pack import Pack

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERS = ("integer", "decimal", "float")
SHOWN = 5
"""So many cells are told."""


class Lacking(NamedTuple):
    """Rows of one source that are to blame, and the first cells of them."""

    blame: Blame
    cells: list[Cell]


def reason_of(pack: Pack, fact: Fact, lacking: Sequence[Lacking]) -> str:
    """The reason of a flawed fact with the first cells and what to do."""
    cells = [cell for each in lacking for cell in each.cells]
    if not cells:
        return fact.reason
    told = _empty(cells) if lacking[0].blame.empty else ", ".join(cell.said for cell in cells[:SHOWN])
    what = f"{fact.reason}: {told}"
    hint = _hint(pack, fact, lacking, cells)
    return f"{what}; {hint}" if hint else what


def _empty(cells: Sequence[Cell]) -> str:
    """``no amount in t.csv:3, t.csv:7, no plan in t.csv:9``."""
    by_column: dict[str, list[str]] = {}
    for cell in cells:
        by_column.setdefault(cell.column, []).append(cell.at)
    told = []
    for column, places in by_column.items():
        once = list(dict.fromkeys(places))[:SHOWN]
        told.append(f"no {column} in {', '.join(once)}")
    return ", ".join(told)


def _hint(pack: Pack, fact: Fact, lacking: Sequence[Lacking], cells: Sequence[Cell]) -> str:
    flaw: Flaw = fact.flaw
    names = list(dict.fromkeys(cell.column for cell in cells))
    match flaw:
        case "nulls":
            return _of_nulls(lacking, names)
        case "no currency":
            return f"fill it in, or leave such rows out with 'where: {_sql(names[0])} IS NOT NULL'"
        case "currencies":
            values = [cell.value for cell in cells if cell.value is not None]
            one = "" if not values else f" = '{values[0]}'"
            return f"keep to one of them, such as with 'where: {_sql(names[0])}{one}', or give rates to convert by"
        case "no rate":
            contract = lacking[0].blame.table.contract
            return f"add the rate to {contract.convert.rates}" if contract.convert else ""
        case _:
            return "correct it in the file"


def _of_nulls(lacking: Sequence[Lacking], names: Sequence[str]) -> str:
    """Both ways out: an empty one counts as zero, or its row does not count."""
    columns = {name: column for each in lacking for name, column in each.blame.table.contract.columns.items()}
    kept = " AND ".join(f"{_sql(name)} IS NOT NULL" for name in names)
    left_out = f"leave such rows out with 'where: {kept}'"
    if any(name in columns and columns[name].type not in _NUMBERS for name in names):
        return f"fill it in, or {left_out}"
    zeros = " and ".join(f"COALESCE({_sql(name)}, 0)" for name in names)
    return f"write {zeros} where an empty one counts as zero, or {left_out}"


def _sql(name: str) -> str:
    """A column in an expression; what is an expression already stays one."""
    return name if _NAME.fullmatch(name) or "(" in name else f'"{name}"'
