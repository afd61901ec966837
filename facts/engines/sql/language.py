"""What one server's SQL says otherwise than that of others; what they share is written once, in this folder.

An engine is a folder beside this one, with a module `language` that has a `LANGUAGE`. Whoever writes plans,
contracts or shown rows asks it for the words of that server, and nobody asks which one it is.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from phasegate.facts.engines.sql.words import Over, Words
from phasegate.rules.model.connection import DatabaseName
from phasegate.rules.model.contract import Contract
from phasegate.rules.values.folding import folded

if TYPE_CHECKING:
    from phasegate.facts.connections.base import Snapshot, TableColumn

Answers = Callable[[str], list[tuple[Any, ...]]]
"""Asks a statement, and gives the rows that it answers."""
NO_NUMBER = "NaN or infinity"
NO_DAY = "days before the year 1 or after 9999"
NO_TEXT = "texts that are not UTF-8"
"""Why a value is none that any rule can be held against."""


@dataclass(frozen=True)
class Read:
    """A column of a contract, as it is read.

    Attributes:
        original: it as the table has it.
        value: it as the contract has it.
        odd: true where it is no value that any rule can be held against, such as NaN; empty for none.
        why: what it is then.
        type: true where it can not be what the contract says; empty for none.
        scale: true where it has more digits after the point; empty for none.
        number: whether it is a number.
    """

    original: str
    value: str
    odd: str = ""
    why: str = ""
    type: str = ""
    scale: str = ""
    number: bool = False


class Hashed(NamedTuple):
    """How rows are hashed.

    Attributes:
        row: the hash of one.
        sums: sums over these, which are computed from ``h``, as whole numbers.
    """

    row: str
    sums: tuple[str, ...]


class Language(ABC):
    """The SQL of a server.

    Attributes:
        title: what it is called.
        fence: what ends a SELECT so that what it derives is computed once; empty where nothing does.
        no_texts: no array of texts.
    """

    title: str
    fence: str = ""
    no_texts: str

    @abstractmethod
    def words(self, over: Over) -> Words:
        """What writes trees."""

    @abstractmethod
    def name(self, written: str) -> str:
        """The name of a column or table."""

    @abstractmethod
    def text(self, written: str) -> str:
        """A text, compared by its bytes.

        Raises:
            NotWrittenError: if the server has none such.
        """

    @abstractmethod
    def number(self, sql: str, scale: int) -> str:
        """A number as a decimal with so many digits after the point, of which none is lost."""

    @abstractmethod
    def whole(self, sql: str) -> str:
        """A number as a whole one of 64 bits."""

    @abstractmethod
    def plain(self, sql: str) -> str:
        """Any value as a text, compared by its bytes."""

    @abstractmethod
    def texts(self, values: Sequence[str]) -> str:
        """An array of values as texts."""

    @abstractmethod
    def moment(self, moment: dt.datetime) -> str:
        """A moment, in UTC and without a zone."""

    @abstractmethod
    def nothing(self, type_: str, scale: int) -> str:
        """A missing value of a type."""

    def parameter(self, filled: str) -> str:
        """What stands for a parameter, as polars has it."""
        return filled

    def bound(self, value: str | int | Decimal | dt.date, scale: int = 0) -> str:
        """A value that a contract names; decimals have so many digits after the point."""
        match value:
            case str():
                return self.text(value)
            case dt.datetime():
                return self.moment(value)
            case dt.date():
                return f"DATE '{value.isoformat()}'"
            case Decimal():
                return self.number(f"({value:f})", scale)
            case _:
                return self.number(f"({value})", 0)

    @abstractmethod
    def read(self, contract: Contract, name: str, sql: str, column: TableColumn) -> Read | None:
        """How a column of a contract is read; None where that is done row by row.

        Args:
            contract: the contract.
            name: its name there.
            sql: it, as it is written.
            column: what it is in the table.
        """

    @abstractmethod
    def printed(self, sql: str) -> str:
        """Whether a text has no other signs than those that ASCII prints."""

    @abstractmethod
    def visible(self, sql: str) -> str:
        """Whether anything can be seen of a text; see `signs`."""

    @abstractmethod
    def fails(self, sql: str) -> str:
        """A text whose computation fails for any text, and never for none."""

    def seen(self, sql: str, contract: Contract, name: str) -> str:
        """A text; null where nothing can be seen of it, or it is a word that stands for nothing."""
        first, last = self.text("!"), self.text("\x7f")  # nearly all are told by the first sign
        seen = f"(CASE WHEN ({sql} >= {first} AND {sql} < {last}) OR {self.visible(sql)} THEN {sql} END)"
        column = contract.columns[name]
        if not contract.no_value or not (column.personal or contract.may_lack(name)) or column.allowed:
            return seen
        words = sorted({folded(word) for word in contract.no_value})
        among = f"lower(btrim({sql})) IN ({', '.join(map(self.text, words))})"
        other = self.fails(sql)  # what it folds to only phasegate knows
        return f"(CASE WHEN NOT {self.printed(sql)} THEN {other} WHEN {among} THEN NULL ELSE {seen} END)"

    @abstractmethod
    def like(self, value: str, pattern: str) -> str:
        """Whether the whole of a text is like a pattern of plain signs, sets and counts; see `patterns`."""

    @abstractmethod
    def hashed(self, values: Iterable[str]) -> Hashed:
        """How rows are hashed: two rows that differ in any of these values have other hashes."""

    @abstractmethod
    def refusal(self, code: str) -> str:
        """Why the server does not compute a value, by its code for that; empty where it is another fault."""

    @abstractmethod
    def hold(self, snapshot: Snapshot, ask: Answers) -> None:
        """Refuses a server that would compute otherwise.

        Raises:
            SourceError: saying why.
        """


def language_of(name: DatabaseName) -> Language:
    """The SQL of a kind of database that computes."""
    found: Language = import_module(f"phasegate.facts.engines.{name}.language").LANGUAGE
    return found
