"""What a case leaves unsaid of its rows, filled in from the contract in the plainest way that meets it.

A cell stays empty wherever the contract allows that, for a missing value never decides. Where it asks for
one, it is the least that is allowed; a day is the day of the case. The same case always gives the same rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from phasegate.rules.cases.model import Cell, GivenRow
from phasegate.rules.cases.pattern import text_like
from phasegate.rules.cases.reads import columns_read
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.units import is_currency

Row = dict[str, str | None]
"""A row as a file would have it: texts, and None where nothing stands."""
_COMPARED = re.compile(r"\b([A-Za-z_]\w*)\s*(?:<=|>=|=)\s*([A-Za-z_]\w*)\b")


class CannotFillError(ValueError):
    """A column for which no value can be made up.

    Attributes:
        column: its name.
    """

    def __init__(self, column: str, pattern: str) -> None:
        super().__init__(f"no value of {column!r} that is like {pattern} can be made up")
        self.column = column


def filled(
    pack: Pack, given: Mapping[str, Sequence[GivenRow]], as_of: dt.date, point: str | None = None
) -> dict[str, list[Row]]:
    """The tables of a case, whole.

    Args:
        pack: the pack.
        given: what is said of the rows of each source; the pack has all of them.
        as_of: the day of the case.
        point: the point that the case is about; None where it is about none, or several.

    Returns:
        The rows by source, those of registers among them that the case does not name.

    Raises:
        CannotFillError: if there is no value for a column.
    """
    tables: dict[str, list[Row]] = {}
    currency = next((each.unit for each in pack.measures.values() if is_currency(each.unit)), "EUR")

    def fill(name: str) -> None:
        if name in tables:
            return
        tables[name] = []  # a register of itself
        contract = pack.sources[name]
        known: list[list[Row]] = []
        for register, columns in contract.belongs_to.items():
            if register in given:
                fill(register)
                there = tables[register]
                known.append([{own: row[their] for own, their in columns.items()} for row in there])
        filling = Filling(contract, as_of, point, currency or "EUR", known)
        tables[name] += filling.rows((entry.cells, entry.times) for entry in given[name])

    for name in given:
        fill(name)
    _register(pack, tables, given, as_of, currency or "EUR")
    return {name: tables[name] for name in pack.sources if name in tables}


def made_up(
    pack: Pack,
    given: Mapping[str, Sequence[GivenRow]],
    as_of: dt.date,
    point: str | None,
    measures: Iterable[str],
) -> list[str]:
    """What was filled in of columns that some measures read: ``invoices.status: open``.

    Args:
        pack: the pack.
        given: what is said of the rows of each source.
        as_of: the day of the case.
        point: the point that the case is about.
        measures: the ids of the measures.
    """
    asked = list(measures)
    tables = filled(pack, given, as_of, point)
    found = []
    for source, entries in given.items():
        contract = pack.sources[source]
        rows = [entry.cells for entry in entries for _ in range(entry.times)]
        for name in columns_read(pack, asked, source, contract):
            whole = zip(rows, tables[source], strict=True)
            values = dict.fromkeys(row[name] for cells, row in whole if name not in cells)
            said = [each for each in values if each is not None]
            if said:
                found.append(f"{source}.{name}: {said[0]}" + (" and others" if said[1:] else ""))
    return found


def _register(
    pack: Pack,
    tables: dict[str, list[Row]],
    given: Mapping[str, Sequence[GivenRow]],
    as_of: dt.date,
    currency: str,
) -> None:
    """Adds the registers that no case names, with a row for whatever is looked up in them."""
    waiting = list(tables)
    while waiting:
        name = waiting.pop(0)
        for register, columns in pack.sources[name].belongs_to.items():
            if register in given:
                continue
            named = [{their: row[own] for own, their in columns.items()} for row in tables[name]]
            whole = [each for each in named if None not in each.values()]
            found = tables.setdefault(register, [])
            new = [each for each in whole if not any(each.items() <= row.items() for row in found)]
            unique = list({tuple(each.items()): each for each in new}.values())
            found += Filling(pack.sources[register], as_of, None, currency).rows((each, 1) for each in unique)
            waiting.append(register)


@dataclass(frozen=True)
class Filling:
    """What the rows of one source are filled in with.

    Attributes:
        contract: its contract.
        as_of: the day of the case.
        point: the point that the case is about; None where it is about none, or several.
        currency: the currency of its amounts.
        known: what stands in each register that its rows must be found in, in the words of its own columns.
    """

    contract: Contract
    as_of: dt.date
    point: str | None
    currency: str
    known: Sequence[Sequence[Row]] = ()

    def rows(self, given: Iterable[tuple[Mapping[str, Cell], int]]) -> list[Row]:
        """All rows, whole: what is said of each, and how many there are of it."""
        found: list[Row] = []
        for cells, times in given:
            taken = cells if self.contract.infer else self.contract.columns
            own = {name: written(cells[name]) for name in taken if name in cells}
            found += [self._row(own, len(found) + place) for place in range(1, times + 1)]
        return found

    def _row(self, own: Row, number: int) -> Row:
        """A row, whole; its number within the table tells it from others."""
        looked_up = {
            name: cell for there in self.known for name, cell in self._looked_up(there, number, own).items()
        }
        return {
            name: own[name] if name in own else self._fill(name, column, number, own, looked_up)
            for name, column in self.contract.columns.items()
        } | own

    def _looked_up(self, there: Sequence[Row], number: int, own: Row) -> Row:
        """The row of a register that a row belongs to: the one of its number, or another that fits better.

        None where each of the columns may be empty and none is given: a missing value never decides.
        """
        if not there:
            return {}
        given = {name: own[name] for name in there[0] if name in own}
        if not given and all(map(self.contract.may_lack, there[0])):
            return {}
        at = there[(number - 1) % len(there)]
        fitting = [row for row in there if given.items() <= row.items()]
        return at if at in fitting or not fitting else fitting[(number - 1) % len(fitting)]

    def _fill(self, name: str, column: Column, number: int, own: Row, looked_up: Row) -> str | None:
        contract = self.contract
        if name == contract.point and self.point is not None:
            return self.point
        if name in looked_up:
            return looked_up[name]
        if name in self._empty:
            return None
        apart = column.unique or name in contract.key
        if name == contract.currency_column:
            return contract.convert.to if contract.convert is not None else self.currency
        beside = (own.get(other) for other in self._compared.get(name, ()))
        if (same := next((value for value in beside if value is not None), None)) is not None and not apart:
            return same
        if column.type in ("date", "datetime"):
            return self._day(name, column, number if apart else 0)
        if column.allowed:
            return column.allowed[(number - 1) % len(column.allowed) if apart else 0]
        if column.type == "boolean":
            return "false"
        return (
            _text(name, column, number)
            if column.type == "string"
            else _number(column, number if apart else 0)
        )

    @cached_property
    def _empty(self) -> frozenset[str]:
        """The columns that stay empty: all that may, but for a key that has nothing else to tell rows by."""
        contract = self.contract
        may = {name for name in contract.columns if contract.may_lack(name)}
        return frozenset(may - (set(contract.key) if may.issuperset(contract.key) else set()))

    @cached_property
    def _compared(self) -> dict[str, list[str]]:
        """The columns of the same type with which the contract compares a column."""
        found: dict[str, list[str]] = {}
        columns = self.contract.columns
        for condition in self.contract.holds:
            for pair in _COMPARED.findall(condition):
                if all(each in columns for each in pair) and columns[pair[0]].type == columns[pair[1]].type:
                    found.setdefault(pair[0], []).append(pair[1])
                    found.setdefault(pair[1], []).append(pair[0])
        return found

    def _day(self, name: str, column: Column, beyond: int) -> str:
        """The day of the case; what closes is closed by then."""
        contract = self.contract
        day = self.as_of - dt.timedelta(days=contract.period_end is not None)
        if beyond and contract.key == (name,):  # nothing else tells its rows apart
            day -= dt.timedelta(days=beyond - 1)
        text = day.isoformat()
        if column.min is not None:
            text = max(text, str(column.min))
        if column.max is not None:
            text = min(text, str(column.max))
        return text if column.type == "date" or len(text) > 10 else f"{text}T00:00:00"


def written(cell: Cell) -> str | None:
    """A cell as a file would have it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return None if cell is None else str(cell)


def _text(name: str, column: Column, number: int) -> str:
    if column.pattern is None:
        return f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-') or 'text'}-{number}"
    made = text_like(column.pattern, number - 1)
    if made is None:
        raise CannotFillError(name, column.pattern)
    return made


def _number(column: Column, beyond: int) -> str:
    least = Decimal(str(column.min)) if column.min is not None else Decimal(0)
    if column.min is None and column.max is not None:
        least = min(least, Decimal(str(column.max)))
    return str(least + beyond)
