"""A table of a server as its contract has it: which of its columns are read, as what, and what breaks it.

What stands here is what `facts.contracts` does with rows that were read, in the words of the server. A column
that would have to be read otherwise than as it stands there is refused: the table can be read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.clauses import Clause, ContractError, bound_value
from phasegate.facts.engines.plans import READ
from phasegate.facts.engines.sql.language import Language, Read
from phasegate.facts.engines.sql.signs import pattern
from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.expression import NUMBERS
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.contract import Column, Contract


@dataclass(frozen=True)
class Columns:
    """The columns of a table that a contract reads, by its names for them.

    Attributes:
        language: the SQL of its server.
        contract: the contract.
        found: the table's columns.
        read: how each is read; one that the table lacks is null.
    """

    language: Language
    contract: Contract
    found: Mapping[str, TableColumn]
    read: Mapping[str, Read] = field(default_factory=dict)


def columns_of(language: Language, contract: Contract, found: Mapping[str, TableColumn]) -> Columns:
    """How the columns of a table are read.

    Args:
        language: the SQL of its server.
        contract: what they must be.
        found: the table's columns, by the contract's names; of those that it lacks nothing.

    Raises:
        SourceError: if one can not be read as it stands.
    """
    read = {}
    for name, column in contract.columns.items():
        if name not in found:
            if not column.optional or name in contract.must_exist:
                raise SourceError(f"the table has no column {name!r}")
            nothing = language.nothing(column.type, column.scale)
            read[name] = Read("NULL", nothing, number=column.type in NUMBERS)
            continue
        own = found[name]
        made = None if own.kind is None else language.read(contract, name, language.name(own.name), own)
        if made is None:
            what = f"column {name!r} is {own.written}, and {column.type} in the contract"
            raise SourceError(f"{what}: that is read row by row", READ)
        read[name] = made
    return Columns(language, contract, found, read)


def in_force(columns: Columns, as_of: dt.date) -> str:
    """True in the rows that exist as of a date."""
    contract = columns.contract
    last = {name: as_of for name in (contract.event, contract.recorded) if name is not None}
    if contract.period_end is not None:
        last[contract.period_end] = as_of - dt.timedelta(days=1)
    tests = []
    for name, day in last.items():
        value = columns.read[name].value
        after = _after(columns.language, value, contract.columns[name], day)
        tests.append(f"({value} IS NULL OR NOT {after})")
    return " AND ".join(tests) or "TRUE"


def _after(language: Language, value: str, column: Column, as_of: dt.date) -> str:
    if column.type == "datetime":
        morning = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
        return f"({value} >= {language.moment(morning)})"
    return f"({value} > {language.bound(as_of)})"


def odd_ones(columns: Columns) -> Iterator[tuple[str, Read]]:
    """The columns whose values may be none that any rule can be held against."""
    return ((name, read) for name, read in columns.read.items() if read.odd)


def broken(columns: Columns, clause: Clause, as_of: dt.date) -> str:
    """What is true in the rows that break a clause, but for those of `holds`.

    Raises:
        SourceError: if it is judged otherwise there.
    """
    name = clause.column
    column, read, language = columns.contract.columns[name], columns.read[name], columns.language
    match clause.kind:
        case "null":
            return f"({read.original} IS NULL)"
        case "type":
            return f"({read.type or 'FALSE'})"
        case "scale":
            return f"({read.scale or 'FALSE'})"
        case "finite" | "years" | "percent":
            return "FALSE"  # told as no values, before
        case "min":
            return f"({read.value} < {_bound(language, name, column, column.min)})"
        case "max":
            return f"({read.value} > {_bound(language, name, column, column.max)})"
        case "allowed":
            among = ", ".join(_bound(language, name, column, each) for each in column.allowed or ())
            return f"({read.value} NOT IN ({among}))"
        case "regex":
            return f"(NOT {language.like(read.value, pattern(name, column.pattern or '', language.title))})"
        case "past":
            return _after(language, read.value, column, as_of)
    raise SourceError(f"the contract's {clause.name!r} is judged row by row", READ)


def _bound(language: Language, name: str, column: Column, written: str | int | None) -> str:
    assert written is not None
    try:
        return language.bound(bound_value(name, column, written), column.scale)
    except ContractError as error:
        raise SourceError(str(error)) from error
    except NotWrittenError as error:
        raise SourceError(f"column {name!r}: {error.what}") from error
