"""What is said of rows that keep a fact from having a value: where they are, and what would help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from phasegate.facts.contracts.personal import MASK
from phasegate.facts.measures.null_operands import Blame
from phasegate.facts.model.fact import Cell, Fact, Flaw

if TYPE_CHECKING:
    from phasegate.facts.expressions.expression import Scope

_CALL = re.compile(r"[A-Za-z_]\w*\([^()]*\)")
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
    match flaw:
        case "nulls":
            return _of_nulls(lacking)
        case "no currency":
            return f"fill it in, or {_left_out(_named(lacking))}"
        case "currencies":
            first = next((cell.value for cell in cells if cell.value and cell.value != MASK), "USD")
            text = first.replace("'", "''")
            kept = _where(f"{_named(lacking)[0].compared} = '{text}'")
            return f"keep to one of them, such as with {kept}, or 'convert' them"
        case "no rate":
            convert = lacking[0].blame.table.contract.convert
            return f"add the rate to {convert.rates}" if convert else "add the rate"
        case _:
            return "correct it in the file"


class _Named(NamedTuple):
    """What has no value, as it is written in an expression.

    Attributes:
        sql: it by itself.
        column: its name, where it is a column.
    """

    sql: str
    column: str | None

    @property
    def compared(self) -> str:
        """It beside a sign or a word, which may bind closer than those within it."""
        return self.sql if self.column is not None or _CALL.fullmatch(self.sql) else f"({self.sql})"


def _named(lacking: Sequence[Lacking]) -> list[_Named]:
    """The columns that are empty, each once, and the expressions that have no value where none is."""
    found: dict[_Named, None] = {}
    for each in lacking:
        scope = each.blame.table.scope
        for cell in each.cells:
            for sql in cell.expressions:
                found[_Named(sql.strip(), _column_of(sql, scope))] = None
            if not cell.expressions:
                found[_Named(_written(cell.column, scope), cell.column)] = None
    return list(found)


def _written(name: str, scope: Scope) -> str:
    """A column in an expression: in quotes, unless its bare name means it."""
    return name if _column_of(name, scope) == name else '"{}"'.format(name.replace('"', '""'))


def _column_of(sql: str, scope: Scope) -> str | None:
    """The column that an expression is, by itself; None if it is anything else."""
    from phasegate.facts.expressions.expression import ExpressionError, parse

    try:
        read = parse(sql, scope)
    except ExpressionError:
        return None
    bare = sql.strip().removeprefix('"').removesuffix('"').replace('""', '"')
    return bare if bare in scope.columns and read.columns == (bare,) else None


def _of_nulls(lacking: Sequence[Lacking]) -> str:
    """Both ways out: what an empty one counts as, or that its row does not count."""
    names = _named(lacking)
    if people := [name for each in lacking for name in each.blame.people]:
        alike = " and ".join(f"`{name}`" for name in dict.fromkeys(people))
        return f"write the ids in {alike} alike in the source, or {_left_out(names)}"
    columns = {name: column for each in lacking for name, column in each.blame.table.contract.columns.items()}
    if any(each.column in columns and columns[each.column].type not in _NUMBERS for each in names):
        return f"fill it in, or {_left_out(names)}"
    alone = any(each.alone for each in lacking)
    filled = " and ".join(f"COALESCE({each.sql}, {'...' if alone else '0'})" for each in names)
    means = "with the worst that an empty one may be" if alone else "where an empty one counts as zero"
    return f"write {filled} {means}, or {_left_out(names)}"


def _left_out(names: Sequence[_Named]) -> str:
    kept = " AND ".join(f"{each.compared} IS NOT NULL" for each in names)
    return f"leave such rows out with {_where(kept)}"


def _where(condition: str) -> str:
    """A condition as it stands in YAML."""
    if not any(sign in condition for sign in '"\\'):
        return f'where: "{condition}"'
    doubled = condition.replace("'", "''")
    return f"where: '{doubled}'"
