"""What is said of rows that keep a fact from having a value: where they are, and what would help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from phasegate.facts.contracts.personal import MASK
from phasegate.facts.measures.null_operands import Blame
from phasegate.facts.model.fact import Cell, Fact, Flaw

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERS = ("integer", "decimal", "float")
SHOWN = 5
"""So many cells are told."""


class Lacking(NamedTuple):
    """Rows of one source that are to blame, and the first cells of them.

    Attributes:
        blame: the rows.
        cells: the first of their cells.
        alone: whether the fact is what single rows say; where amounts are added up, zero is nothing.
    """

    blame: Blame
    cells: list[Cell]
    alone: bool


def reason_of(fact: Fact, lacking: Sequence[Lacking]) -> str:
    """The reason of a flawed fact with the first cells and what to do."""
    cells = [cell for each in lacking for cell in each.cells]
    if not cells:
        return fact.reason
    told = _empty(cells) if lacking[0].blame.empty else ", ".join(cell.said for cell in cells[:SHOWN])
    return f"{fact.reason}; {told}; {_hint(fact, lacking, cells)}"


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


def _hint(fact: Fact, lacking: Sequence[Lacking], cells: Sequence[Cell]) -> str:
    flaw: Flaw = fact.flaw
    names = list(dict.fromkeys(cell.column for cell in cells))
    match flaw:
        case "nulls":
            return _of_nulls(lacking, names)
        case "no currency":
            return f"fill it in, or {_left_out(names)}"
        case "currencies":
            first = next((cell.value for cell in cells if cell.value not in (None, MASK)), "USD")
            kept = _where(f"{_sql(names[0])} = '{first}'")
            return f"keep to one of them, such as with {kept}, or 'convert' them"
        case "no rate":
            convert = lacking[0].blame.table.contract.convert
            return f"add the rate to {convert.rates}" if convert else "add the rate"
        case _:
            return "correct it in the file"


def _of_nulls(lacking: Sequence[Lacking], names: Sequence[str]) -> str:
    """Both ways out: what an empty one counts as, or that its row does not count."""
    columns = {name: column for each in lacking for name, column in each.blame.table.contract.columns.items()}
    if any(name in columns and columns[name].type not in _NUMBERS for name in names):
        return f"fill it in, or {_left_out(names)}"
    alone = any(each.alone for each in lacking)
    filled = " and ".join(f"COALESCE({_sql(name)}, {'...' if alone else '0'})" for name in names)
    means = "with the worst that an empty one may be" if alone else "where an empty one counts as zero"
    return f"write {filled} {means}, or {_left_out(names)}"


def _left_out(names: Sequence[str]) -> str:
    return f"leave such rows out with {_where(' AND '.join(f'{_sql(name)} IS NOT NULL' for name in names))}"


def _where(condition: str) -> str:
    """A condition as it stands in YAML."""
    if '"' not in condition:
        return f'where: "{condition}"'
    doubled = condition.replace("'", "''")
    return f"where: '{doubled}'"


def _sql(name: str) -> str:
    """A column in an expression; what is an expression already stays one."""
    return name if _NAME.fullmatch(name) or "(" in name else f'"{name}"'
