"""The SQL of Spark, where it is not that of every server.

Every number is a decimal of 38 digits, of which it is said each time how many stand after the point: left to
itself Spark chooses, and rounds. What a setting could change is set, see `connections.spark_connect`, and
held to what must come of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache

import polars as pl

from phasegate.facts.connections.base import Snapshot, TableColumn
from phasegate.facts.engines.plans import READ, EngineError
from phasegate.facts.engines.spark_connect.words import FAILS, RAISED, RULES, decimal
from phasegate.facts.engines.sql.language import NO_DAY, NO_TEXT, Answers, Hashed, Language, Read
from phasegate.facts.engines.sql.signs import blanks, unseen
from phasegate.facts.engines.sql.words import Over, Words
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.contract import Contract

_OLDEST = 4
_PADDED = "char("
_TEXTS = ("string", "varchar(", _PADDED)
_FIRST_DAY, _LAST_DAY = dt.date.min, dt.date.max
_TYPES = {
    "string": "STRING", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE",
    "datetime": "TIMESTAMP_NTZ",
}  # fmt: skip
_TOO_LARGE = ("OVERFLOW", "OUT_OF_RANGE", "CAST_INVALID_INPUT", "DIVIDE_BY_ZERO")
HASHED = 15
"""So many hexadecimal digits of a hash are one number: some servers have none for sixteen."""
SETTINGS = {
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.variable.substitute": "false",
}
"""What is set up, besides what is set up wherever tables are read: products keep their digits, and names are
names, whatever they look like."""
KNOWN: dict[str, tuple[str, str]] = {
    "decimals lose digits": (f"{decimal('1.23', 2)} * {decimal('1.00005', 5)}", "1.2300615"),
    "texts are not compared by their bytes": (
        "'a ' <> 'a' AND 'a' <> 'A' AND 'Z' < 'a' AND '\u00e9' > 'z'",
        "true",
    ),
    "texts are not UTF-8": (
        "octet_length(CAST(X'c3a9' AS STRING)) * 10 + char_length(CAST(X'c3a9' AS STRING))",
        "21",
    ),
    "texts are not known to be UTF-8": ("is_valid_utf8('a') AND rtrim('a  ') = 'a'", "true"),
    "what is null is not left open": (
        "(CAST(NULL AS BOOLEAN) IS NOT FALSE) AND ((CAST(NULL AS BOOLEAN) OR FALSE) IS NULL)",
        "true",
    ),
    "moments are not in UTC": (
        "CAST(CAST('2026-03-29T02:30:00.000001Z' AS TIMESTAMP) AS TIMESTAMP_NTZ)",
        "2026-03-29 02:30:00.000001",
    ),
    "days have another calendar": ("unix_date(DATE '0001-01-01')", "-719162"),
    "hashes are no numbers": (f"conv(repeat('f', {HASHED}), 16, 10)", f"{16**HASHED - 1}"),
    "a pattern is not looked for anywhere": (
        "('a\u00e9' RLIKE '[^ -~]') AND NOT ('a~' RLIKE '[^ -~]')",
        "true",
    ),
}
"""What a server must compute, and what is so where it does not."""
MUST_FAIL = ("CAST(id + 99999999999 AS INT)", f"CASE WHEN id < 1 THEN {FAILS} END")
"""What has no value: another server, or one that is set up otherwise, has a null for it."""


class Spark(Language):
    """Spark, and what speaks as it does."""

    title = "Spark"
    no_texts = "CAST(NULL AS ARRAY<STRING>)"

    def words(self, over: Over) -> Words:
        """What writes trees."""
        return Words(RULES, self.text, over)

    def name(self, written: str) -> str:
        """The name of a column or table."""
        return f"`{written.replace('`', '``')}`"

    def text(self, written: str) -> str:
        """A text; by its bytes where a sign may mean something else than itself."""
        if written.isascii() and written.isprintable() and not set(written) & set("'\\$"):
            return f"'{written}'"
        return f"CAST(X'{written.encode().hex()}' AS STRING)"

    def number(self, sql: str, scale: int) -> str:
        """A number as a decimal of 38 digits; more are an error."""
        return decimal(sql, scale)

    def whole(self, sql: str) -> str:
        """A number as a whole one of 64 bits."""
        return f"CAST({sql} AS BIGINT)"

    def plain(self, sql: str) -> str:
        """Any value as a text."""
        return f"CAST({sql} AS STRING)"

    def texts(self, values: Sequence[str]) -> str:
        """An array of values as texts."""
        return f"array({', '.join(map(self.plain, values))})"

    def moment(self, moment: dt.datetime) -> str:
        """A moment, in UTC and without a zone."""
        return f"TIMESTAMP_NTZ '{moment.isoformat(sep=' ')}'"

    def nothing(self, type_: str, scale: int) -> str:
        """A missing value of a type."""
        return f"CAST(NULL AS {_TYPES.get(type_, f'DECIMAL(38, {scale})')})"

    def read(self, contract: Contract, name: str, sql: str, column: TableColumn) -> Read | None:
        """How a column of a contract is read."""
        wanted, kind = contract.columns[name], column.kind
        moment = isinstance(kind, pl.Datetime)
        if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
            sql = f"CAST({sql} AS TIMESTAMP_NTZ)"
        match wanted.type:
            case "string" if (
                kind == pl.String() and column.written.startswith(_TEXTS) and " " not in column.written
            ):
                plain = f"rtrim({sql})" if column.written.startswith(_PADDED) else sql
                plain = f"btrim({plain}, {self.text(blanks())})" if wanted.personal else plain
                seen = self.seen(plain, contract, name)
                return Read(seen, seen, f"({sql} IS NOT NULL AND NOT is_valid_utf8({sql}))", NO_TEXT)
            case "integer" if kind is not None and kind.is_integer():
                return Read(sql, self.whole(sql), number=True)
            case "integer" if isinstance(kind, pl.Decimal):
                value = f"try_cast({sql} AS BIGINT)"
                same = f"{decimal(value, kind.scale)} = {decimal(sql, kind.scale)}"
                lost = f"({sql} IS NOT NULL AND ({same}) IS NOT TRUE)"
                return Read(sql, f"(CASE WHEN NOT {lost} THEN {value} END)", type=lost, number=True)
            case "decimal" if kind is not None and (kind.is_integer() or isinstance(kind, pl.Decimal)):
                value = f"try_cast({sql} AS DECIMAL(38, {wanted.scale}))"
                scale = kind.scale if isinstance(kind, pl.Decimal) else 0
                more = f"({decimal(value, scale)} <> {decimal(sql, scale)})" if scale > wanted.scale else ""
                return Read(sql, value, "", "", f"({sql} IS NOT NULL AND {value} IS NULL)", more, number=True)
            case "boolean" if kind == pl.Boolean():
                return Read(sql, sql)
            case "date" if kind == pl.Date():
                return Read(sql, sql, self._no_day(sql), NO_DAY)
            case "date" if moment:
                return Read(sql, f"CAST({sql} AS DATE)", self._no_day(f"CAST({sql} AS DATE)"), NO_DAY)
            case "datetime" if moment:
                return Read(sql, sql, self._no_day(f"CAST({sql} AS DATE)"), NO_DAY)
            case "datetime" if kind == pl.Date():
                return Read(sql, f"CAST({sql} AS TIMESTAMP_NTZ)", self._no_day(sql), NO_DAY)
        return None

    def _no_day(self, sql: str) -> str:
        return f"({sql} < {self.bound(_FIRST_DAY)} OR {sql} > {self.bound(_LAST_DAY)})"

    def printed(self, sql: str) -> str:
        """Whether a text has no other signs than those that ASCII prints."""
        return f"(NOT {sql} RLIKE '[^ -~]')"

    def visible(self, sql: str) -> str:
        """Whether anything can be seen of a text."""
        return f"({sql} RLIKE {_visible()})"

    def fails(self, sql: str) -> str:
        """A text whose computation fails, `RAISED`."""
        return FAILS

    def like(self, value: str, pattern: str) -> str:
        """Whether the whole of a text is like a pattern."""
        whole = self.text(rf"\A(?:{pattern})\z")
        return f"({value} RLIKE {whole})"

    def hashed(self, values: Iterable[str]) -> Hashed:
        """The SHA-256 of all values with their lengths, of which four times sixty bits are added up."""
        texts = (self.plain(value) for value in values)
        told = (f"coalesce(concat(CAST(octet_length({text}) AS STRING), ':', {text}), '-')" for text in texts)
        parts = (f"conv(substr(h, {place * HASHED + 1}, {HASHED}), 16, 10)" for place in range(4))
        return Hashed(
            f"sha2(concat({', '.join(told)}), 256)",
            tuple(f"coalesce(sum({decimal(part, 0)}), 0)" for part in parts),
        )

    def refusal(self, code: str) -> str:
        """Why the server does not compute a value."""
        if code == RAISED:
            return "a text with other signs than those of ASCII is lowered, trimmed or looked for"
        return "a value can not be computed there" if any(each in code for each in _TOO_LARGE) else ""

    def hold(self, snapshot: Snapshot, ask: Answers) -> None:
        """Refuses older ones, and whatever computes otherwise than it must, whoever set that up."""
        title, _, version = snapshot.server.rpartition(" ")
        major = version.partition(".")[0]
        if title == self.title and not (major.isdecimal() and int(major) >= _OLDEST):
            raise SourceError(f"it is {snapshot.server}, and {_OLDEST}.0 or newer computes", READ)
        snapshot.set_up(SETTINGS)
        asked = ", ".join(self.plain(sql) for sql, _ in KNOWN.values())
        answers = ask(f"SELECT {asked}")
        found = answers[0] if len(answers) == 1 and len(answers[0]) == len(KNOWN) else [None] * len(KNOWN)
        for (what, (_, wanted)), got in zip(KNOWN.items(), found, strict=True):
            if got != wanted:
                raise SourceError(f"{snapshot.server} computes otherwise than it must: {what}", READ)
        for sql in MUST_FAIL:
            try:
                ask(f"SELECT {sql} FROM range(1)")
            except (EngineError, SourceError):
                continue
            raise SourceError(f"{snapshot.server} has a value for what has none: is it in ANSI mode?", READ)


@cache
def _visible() -> str:
    """A regular expression for a sign that can be seen: all but those that can not, and the character 0."""
    ranges = "".join(f"{chr(first)}-{chr(last)}" for first, last in unseen())
    return LANGUAGE.text(f"[^\0{ranges}]")


LANGUAGE = Spark()
