"""The SQL of PostgreSQL, where it is not that of every server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache

import polars as pl

from phasegate.facts.connections.base import Snapshot, TableColumn
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.engines.plans import READ
from phasegate.facts.engines.postgres.words import RAISED, RULES
from phasegate.facts.engines.sql.language import (
    NO_DAY,
    NO_NUMBER,
    Answers,
    Hashed,
    Language,
    Read,
)
from phasegate.facts.engines.sql.signs import blanks, unseen
from phasegate.facts.engines.sql.words import Over, Words
from phasegate.facts.expressions.dialect import NotWrittenError
from phasegate.facts.expressions.polars_sql import quoted
from phasegate.facts.expressions.tree import Name, Text
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.contract import Contract

_OLDEST = 14
_FIRST_DAY, _LAST_DAY = "'0001-01-01'", "'9999-12-31 23:59:59.999999'"
_LEAST, _MOST = -(2**63), 2**63 - 1
_TYPES = {
    "string": 'text COLLATE "C"', "integer": "bigint", "decimal": "numeric", "float": "numeric",
    "boolean": "boolean", "date": "date", "datetime": "timestamp",
}  # fmt: skip
_NO_VALUE = "22"
"""How an SQLSTATE begins that tells of a value that can not be computed."""


class Postgres(Language):
    """PostgreSQL."""

    title = "PostgreSQL"
    fence = " OFFSET 0"
    no_texts = "NULL::text[]"

    def words(self, over: Over) -> Words:
        """What writes trees."""
        return Words(RULES, _text, over)

    def name(self, written: str) -> str:
        """The name of a column or table."""
        return quoted(Name(written))

    def text(self, written: str) -> str:
        """A text, compared by its bytes."""
        found = _text(written)
        if found is None:
            raise NotWrittenError("no text of a database holds the character 0", 0)
        return found

    def number(self, sql: str, scale: int) -> str:
        """A number; none of them has a limit."""
        return f"{sql}::numeric"

    def whole(self, sql: str) -> str:
        """A number as a whole one of 64 bits."""
        return f"({sql})::bigint"

    def plain(self, sql: str) -> str:
        """Any value as a text, compared by its bytes."""
        return f'(({sql})::text COLLATE "C")'

    def texts(self, values: Sequence[str]) -> str:
        """An array of values as texts."""
        return f"ARRAY[{', '.join(f'({value})::text' for value in values)}]::text[]"

    def moment(self, moment: dt.datetime) -> str:
        """A moment, in UTC and without a zone."""
        return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"

    def nothing(self, type_: str, scale: int) -> str:
        """A missing value of a type."""
        return f"NULL::{_TYPES[type_]}"

    def parameter(self, filled: str) -> str:
        """What stands for a parameter: numbers have no limit."""
        return filled.replace(" AS DECIMAL(38,9))", " AS numeric)")

    def read(self, contract: Contract, name: str, sql: str, column: TableColumn) -> Read | None:
        """How a column of a contract is read."""
        wanted, kind = contract.columns[name], column.kind
        moment = isinstance(kind, pl.Datetime)
        if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
            sql = f"({sql} AT TIME ZONE 'UTC')"
        match wanted.type:
            case "string" if kind == pl.String():
                plain = f"btrim({sql}::text, {_escaped(blanks())})" if wanted.personal else f"{sql}::text"
                seen = self.seen(f'({plain} COLLATE "C")', contract, name)
                return Read(seen, seen)
            case "integer" if kind is not None and kind.is_integer():
                return Read(sql, f"{sql}::bigint", number=True)
            case "integer" if isinstance(kind, pl.Decimal):
                whole = f"({sql} = trunc({sql}) AND {sql} BETWEEN {_LEAST} AND {_MOST})"
                value = f"(CASE WHEN {whole} THEN {sql}::bigint END)"
                return Read(sql, value, _no_number(sql), NO_NUMBER, f"NOT {whole}", number=True)
            case "decimal" if kind is not None and (kind.is_integer() or isinstance(kind, pl.Decimal)):
                least = f"abs({sql}::numeric) >= 1e{DECIMAL_DIGITS - wanted.scale}::numeric"
                scale = kind.scale if isinstance(kind, pl.Decimal) else 0
                more = f"{sql} <> round({sql}::numeric, {wanted.scale})" if scale > wanted.scale else ""
                odd = _no_number(sql) if isinstance(kind, pl.Decimal) else ""
                return Read(sql, f"{sql}::numeric", odd, NO_NUMBER, least, more, number=True)
            case "boolean" if kind == pl.Boolean():
                return Read(sql, sql)
            case "date" if kind == pl.Date():
                return Read(sql, sql, _no_day(sql), NO_DAY)
            case "date" if moment:
                return Read(sql, f"({sql})::date", _no_day(sql), NO_DAY)
            case "datetime" if moment:
                return Read(sql, sql, _no_day(sql), NO_DAY)
            case "datetime" if kind == pl.Date():
                return Read(sql, f"({sql})::timestamp", _no_day(sql), NO_DAY)
        return None

    def printed(self, sql: str) -> str:
        """Whether a text has no other signs than those that ASCII prints."""
        return f"({sql} ~ '^[ -~]*$')"

    def visible(self, sql: str) -> str:
        """Whether anything can be seen of a text."""
        return f"({sql} ~ {_visible()})"

    def fails(self, sql: str) -> str:
        """A text whose computation fails, `RAISED`."""
        return f'(1 / (octet_length({sql}) * 0))::text COLLATE "C"'

    def like(self, value: str, pattern: str) -> str:
        """Whether the whole of a text is like a pattern."""
        return f"({value} ~ {quoted(Text(f'^(?:{pattern})$'))})"

    def hashed(self, values: Iterable[str]) -> Hashed:
        """The SHA-256 of a row as a text, of which twice 64 bits are added up."""
        row = f"sha256(convert_to(ROW({', '.join(values)})::text, 'UTF8'))"
        parts = (f"('x' || encode(substr(h, {first}, 8), 'hex'))::bit(64)::bigint" for first in (1, 9))
        return Hashed(row, tuple(f"coalesce(sum(({part})::numeric), 0)" for part in parts))

    def refusal(self, code: str) -> str:
        """Why the server does not compute a value."""
        if code == RAISED:
            return "a text with other signs than those of ASCII is lowered, trimmed or looked for"
        return "a value can not be computed there" if code.startswith(_NO_VALUE) else ""

    def hold(self, snapshot: Snapshot, ask: Answers) -> None:
        """Refuses older servers, and texts that are kept otherwise than as UTF-8."""
        version = int(snapshot.server.rpartition(" ")[2].partition(".")[0])
        if version < _OLDEST:
            raise SourceError(f"it is {snapshot.server}, and {_OLDEST} or newer computes", READ)
        ((encoding,),) = ask("SELECT current_setting('server_encoding')")
        if encoding != "UTF8":
            raise SourceError(
                f"its texts are kept as {encoding}, whose order is another than that of UTF-8", READ
            )


def _text(written: str) -> str | None:
    return None if "\0" in written else f'({quoted(Text(written))}::text COLLATE "C")'


def _no_number(sql: str) -> str:
    # NaN is greater than every number there, and equal to itself.
    return f"{sql}::numeric::text IN ('NaN', 'Infinity', '-Infinity')"


def _no_day(sql: str) -> str:
    """Whether a day is none that others know: infinity, or of another era."""
    return f"(NOT isfinite({sql}) OR {sql} < {_FIRST_DAY} OR {sql} > {_LAST_DAY})"


def _escaped(signs: str) -> str:
    return "E'" + "".join(f"\\U{ord(sign):08x}" for sign in signs) + "'"


@cache
def _visible() -> str:
    """A regular expression of the server for a sign that can be seen: all but those that can not."""
    return "'[^" + "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in unseen()) + "]'"


LANGUAGE = Postgres()
