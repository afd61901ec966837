"""A table of PostgreSQL as its contract has it: which of its columns are read, as what, and what breaks it.

What stands here is what `facts.contracts` does with rows that were read, in the words of the server. A column
that would have to be read otherwise than as it stands there is refused: the table can be read.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.clauses import Clause, ContractError, bound_value
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.engines.plans import READ
from phasegate.facts.engines.postgres.words import text
from phasegate.facts.expressions.expression import NUMBERS
from phasegate.facts.expressions.no_value import VISIBLE
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.values.folding import folded

_FIRST_DAY, _LAST_DAY = "'0001-01-01'", "'9999-12-31 23:59:59.999999'"
_LEAST, _MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Read:
    """A column of a contract, as it is read.

    Attributes:
        original: it as the table has it.
        value: it as the contract has it.
        odd: true where it is no value that any rule can be held against, such as NaN; empty for none.
        type: true where it can not be what the contract says; empty for none.
        scale: true where it has more digits after the point; empty for none.
        number: whether it is a number.
    """

    original: str
    value: str
    odd: str = ""
    type: str = ""
    scale: str = ""
    number: bool = False


@dataclass(frozen=True)
class Columns:
    """The columns of a table that a contract reads, by its names for them.

    Attributes:
        contract: the contract.
        found: the table's columns.
        read: how each is read; one that the table lacks is null.
    """

    contract: Contract
    found: Mapping[str, TableColumn]
    read: Mapping[str, Read] = field(default_factory=dict)


def columns_of(contract: Contract, found: Mapping[str, TableColumn], written: Mapping[str, str]) -> Columns:
    """How the columns of a table are read.

    Args:
        contract: what they must be.
        found: the table's columns, by the contract's names; of those that it lacks nothing.
        written: how each is written.

    Raises:
        SourceError: if one can not be read as it stands.
    """
    read = {}
    for name, column in contract.columns.items():
        if name not in found:
            if not column.optional or name in contract.must_exist:
                raise SourceError(f"the table has no column {name!r}")
            read[name] = Read("NULL", f"NULL::{_TYPES[column.type]}", number=column.type in NUMBERS)
            continue
        kind = found[name].kind
        made = None if kind is None else _read(contract, name, written[name], kind)
        if made is None:
            what = f"column {name!r} is {found[name].written}, and {column.type} in the contract"
            raise SourceError(f"{what}: that is read row by row", READ)
        read[name] = made
    return Columns(contract, found, read)


_TYPES = {
    "string": 'text COLLATE "C"', "integer": "bigint", "decimal": "numeric", "float": "numeric",
    "boolean": "boolean", "date": "date", "datetime": "timestamp",
}  # fmt: skip


def _read(contract: Contract, name: str, sql: str, kind: pl.DataType) -> Read | None:
    column = contract.columns[name]
    moment = isinstance(kind, pl.Datetime)
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        sql = f"({sql} AT TIME ZONE 'UTC')"
    match column.type:
        case "string" if kind == pl.String():
            plain = f"btrim({sql}::text, {_blanks()})" if column.personal else f"{sql}::text"
            seen = _seen(f'({plain} COLLATE "C")', contract, name)
            return Read(seen, seen)
        case "integer" if kind.is_integer():
            return Read(sql, f"{sql}::bigint", number=True)
        case "integer" if isinstance(kind, pl.Decimal):
            whole = f"({sql} = trunc({sql}) AND {sql} BETWEEN {_LEAST} AND {_MOST})"
            value = f"(CASE WHEN {whole} THEN {sql}::bigint END)"
            return Read(sql, value, _no_number(sql), f"NOT {whole}", number=True)
        case "decimal" if kind.is_integer() or isinstance(kind, pl.Decimal):
            least = f"abs({sql}::numeric) >= 1e{DECIMAL_DIGITS - column.scale}::numeric"
            scale = kind.scale if isinstance(kind, pl.Decimal) else 0
            more = f"{sql} <> round({sql}::numeric, {column.scale})" if scale > column.scale else ""
            odd = _no_number(sql) if isinstance(kind, pl.Decimal) else ""
            return Read(sql, f"{sql}::numeric", odd, least, more, number=True)
        case "boolean" if kind == pl.Boolean():
            return Read(sql, sql)
        case "date" if kind == pl.Date():
            return Read(sql, sql, _no_day(sql))
        case "date" if moment:
            return Read(sql, f"({sql})::date", _no_day(sql))
        case "datetime" if moment:
            return Read(sql, sql, _no_day(sql))
        case "datetime" if kind == pl.Date():
            return Read(sql, f"({sql})::timestamp", _no_day(sql))
    return None


def _no_number(sql: str) -> str:
    # NaN is greater than every number there, and equal to itself.
    return f"{sql}::numeric::text IN ('NaN', 'Infinity', '-Infinity')"


def _no_day(sql: str) -> str:
    """Whether a day is none that others know: infinity, or of another era."""
    return f"(NOT isfinite({sql}) OR {sql} < {_FIRST_DAY} OR {sql} > {_LAST_DAY})"


def _seen(sql: str, contract: Contract, name: str) -> str:
    """A text; null where nothing can be seen of it, or it is a word that stands for nothing."""
    plain = f"({sql} >= '!' AND {sql} < chr(127))"  # nearly all are, and it is told by the first sign
    seen = f"(CASE WHEN {plain} OR {sql} ~ {_visible()} THEN {sql} END)"
    column = contract.columns[name]
    if not contract.no_value or not (column.personal or contract.may_lack(name)) or column.allowed:
        return seen
    words = sorted({folded(word) for word in contract.no_value})
    among = f"lower(btrim({sql})) IN ({', '.join(map(text, words))})"
    other = f'(1 / (octet_length({sql}) * 0))::text COLLATE "C"'  # what it folds to only phasegate knows
    return f"(CASE WHEN {sql} !~ '^[ -~]*$' THEN {other} WHEN {among} THEN NULL ELSE {seen} END)"


@cache
def _blanks() -> str:
    """The white space that is no part of an id."""
    signs = _signs()
    blank = signs.filter(signs.str.strip_chars() == "").to_list()
    return "E'" + "".join(f"\\U{ord(sign):08x}" for sign in blank) + "'"


def _signs() -> pl.Series:
    return pl.Series([chr(point) for point in range(1, sys.maxunicode + 1) if not 0xD800 <= point < 0xE000])


@cache
def _visible() -> str:
    """A regular expression of the server for a sign that can be seen: all but those that can not."""
    signs = _signs()
    seen = signs.str.contains(VISIBLE)
    ranges: list[tuple[int, int]] = []
    for sign, is_seen in zip(signs, seen, strict=True):
        point = ord(sign)
        if not is_seen:
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1] = (ranges[-1][0], point)
            else:
                ranges.append((point, point))
    return "'[^" + "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges) + "]'"


def in_force(columns: Columns, as_of: dt.date) -> str:
    """True in the rows that exist as of a date."""
    contract = columns.contract
    last = {name: as_of for name in (contract.event, contract.recorded) if name is not None}
    if contract.period_end is not None:
        last[contract.period_end] = as_of - dt.timedelta(days=1)
    tests = []
    for name, day in last.items():
        value = columns.read[name].value
        tests.append(f"({value} IS NULL OR NOT {_after(value, contract.columns[name], day)})")
    return " AND ".join(tests) or "TRUE"


def _after(value: str, column: Column, as_of: dt.date) -> str:
    if column.type == "datetime":
        return f"({value} >= TIMESTAMP '{(as_of + dt.timedelta(days=1)).isoformat()} 00:00:00')"
    return f"({value} > DATE '{as_of.isoformat()}')"


def odd_ones(columns: Columns) -> Iterator[tuple[str, str]]:
    """The columns whose values may be none, with what is then true."""
    for name, read in columns.read.items():
        if read.odd:
            yield name, f"({read.odd})"


def broken(columns: Columns, clause: Clause, as_of: dt.date) -> str:
    """What is true in the rows that break a clause, but for those of `holds`.

    Raises:
        SourceError: if it is judged otherwise there.
    """
    name = clause.column
    column, read = columns.contract.columns[name], columns.read[name]
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
            return f"({read.value} < {_bound(name, column, column.min)})"
        case "max":
            return f"({read.value} > {_bound(name, column, column.max)})"
        case "allowed":
            among = ", ".join(_bound(name, column, each) for each in column.allowed or ())
            return f"({read.value} NOT IN ({among}))"
        case "regex":
            return f"({read.value} !~ {pattern(name, column.pattern or '')})"
        case "past":
            return _after(read.value, column, as_of)
        case "rate":
            rates = columns.contract.rates
            assert rates is not None
            if clause.name.endswith("above 0"):
                return f"({read.value} <= 0)"
            own = f"({columns.read[rates.currency].value} = {text(rates.to)})"
            return f"({own} AND {read.value} <> 1)"
    raise SourceError(f"the contract's {clause.name!r} is judged row by row", READ)


def _bound(name: str, column: Column, written: str | int | None) -> str:
    assert written is not None
    try:
        value = bound_value(name, column, written)
    except ContractError as error:
        raise SourceError(str(error)) from error
    match value:
        case str():
            return text(value)
        case dt.datetime():
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        case dt.date():
            return f"DATE '{value.isoformat()}'"
        case Decimal():
            return f"({value:f})::numeric"
        case _:
            return f"({value})::numeric"


_SIGN = r"[A-Za-z0-9 _:;,@#%&=~<>/!'\"-]|\\[.()\[\]{}*+?|/^$-]"
_SET = r"\[\^?(?:[A-Za-z0-9 _:;,@#%=~/.+*()-]|\\-)+\]"
_TIMES = r"[*+?]|\{[0-9]{1,2}(?:,(?:[0-9]{1,2})?)?\}"
_PLAIN = re.compile(rf"(?:(?:{_SIGN}|{_SET}|\.)(?:{_TIMES})?|\||\((?:\?:)?|\)(?:{_TIMES})?)*")


def pattern(name: str, written: str) -> str:
    """A pattern that means the same in both, held to the whole of a text.

    Raises:
        SourceError: if it may mean something else there.
    """
    if not _PLAIN.fullmatch(written) or any(odd in written for odd in ("[:", "[.", "[=", "--", "~~", "&&")):
        what = f"column {name!r}: the pattern {written!r} may mean something else in PostgreSQL"
        raise SourceError(what, f"write it with plain signs, [sets] and counts, or {READ}")
    lines = re.sub(r"\[[^\]]*\]|\\.|\.", lambda found: "[^\\n]" if found[0] == "." else found[0], written)
    return "'^(?:" + lines.replace("'", "''") + ")$'"
