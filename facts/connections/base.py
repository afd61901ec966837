"""What each kind of database gives: the interface on which its tables are read.

A database is a folder of its own, named as its row in `rules.model.connection`, whose module `database` has
a `DATABASE`. It says how a snapshot of one is opened, which tables and columns it has, and gives the rows of
a table: as lines, or typed where what reaches the database gives them so. Everything else, digests and
storing included, is done with these rows, whatever database they are of: nobody else asks which one it is.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import Connection

if TYPE_CHECKING:
    from phasegate.facts.model.progress import Progress
    from phasegate.facts.sources.passes import Source
    from phasegate.rules.model.contract import Contract
    from phasegate.rules.model.project import SourceFile
    from phasegate.rules.values.units import Quantity


class PassingFaultError(SourceError):
    """What may be gone when the whole snapshot is read once more: a server that starts, a lost connection."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table in a database.

    Attributes:
        name: as the database has it.
        written: its type, in the database's words.
        kind: what it is read as, without any loss; None where it is not read.
        why: why it is not read.
        filled: whether the database sees to it that none of its values is missing.
        meant: what its owner means by it, where the database has no type for that; it is proposed as that.
    """

    name: str
    written: str
    kind: pl.DataType | None
    why: str = ""
    filled: bool = False
    meant: pl.DataType | None = None

    @property
    def left_out(self) -> str:
        """Why it is not read."""
        return self.why or f"it is of the type {self.written}, of which nothing is measured"


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view.

    Attributes:
        schema, name: as the catalogue has them.
        columns: in the table's order.
    """

    schema: str
    name: str
    columns: tuple[TableColumn, ...]

    @property
    def shown(self) -> str:
        """Its name with its schema, as a project file has it."""
        return f"{self.schema}.{self.name}"

    def column(self, name: str) -> TableColumn | None:
        """The column of a name."""
        return next((each for each in self.columns if each.name == name), None)


Rows = list[bytes] | pl.DataFrame
"""Some rows of a table: lines, or a frame."""


class GivenThere(NamedTuple):
    """A source that is to be computed over where it is.

    Attributes:
        name: its name in the pack.
        contract: its contract.
        source: what the project says of it.
        table: its table.
        columns: those that are read.
        as_of: the day for which the data are judged.
        values: the parameters of the run.
        zone: the time zone of the project.
        progress: hears once it was looked at.
        kept: what the source keeps, for as long as the snapshot shall be open.
        renew: opens another snapshot in its place, where it was lost.
    """

    name: str
    contract: Contract
    source: SourceFile
    table: Table
    columns: tuple[TableColumn, ...]
    as_of: dt.date
    values: Mapping[str, dt.date | Quantity | Fraction | int | None]
    zone: str
    progress: Progress
    kept: object
    renew: Callable[[], Snapshot]


class Snapshot(ABC):
    """One moment of a database, over a connection that can only read.

    Attributes:
        server: what it is, with its version.
        moment: by which the database tells this moment from others.
    """

    server: str
    moment: str

    @abstractmethod
    def tables(self) -> list[str]:
        """The tables and views that can be read, each with its schema."""

    @abstractmethod
    def table(self, written: str) -> Table:
        """The table of a name.

        Args:
            written: the name with its schema.

        Raises:
            SourceError: if there is none, or two.
        """

    def set_up(self, settings: Mapping[str, str]) -> None:
        """Makes settings of the session, on which rests what is computed.

        Raises:
            SourceError: if the server does not let them be made.
        """
        raise NotImplementedError

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement answers that only reads.

        Raises:
            PassingFaultError: if the snapshot is lost.
            SourceError: if it is not answered.
        """
        raise NotImplementedError

    @abstractmethod
    def apart(self) -> AbstractContextManager[None]:
        """What goes wrong inside leaves the snapshot as it was, so that other tables can be read of it."""

    def exact(self, table: Table, columns: Sequence[TableColumn]) -> list[TableColumn]:
        """The same columns, those included whose rows alone tell what they are read as without loss.

        Raises:
            SourceError: if that can not be told.
        """
        return list(columns)

    def expected(self, table: Table) -> int | None:
        """About how many rows it has, where the database's catalogue says so; nothing rests on it."""
        return None

    def moment_of(self, table: Table) -> str:
        """By which the database tells the moment that a table's rows are of, once they are read."""
        return self.moment

    def path(self, table: Table) -> tuple[str, ...]:
        """The names by which a table is reached, each to be quoted by itself."""
        return table.schema, table.name

    def stay(self, table: Table) -> None:  # noqa: B027 - nothing is to be done where a table is only read
        """Sees to it that a table is what it is until all is asked of it, or that `hold` tells otherwise.

        Raises:
            SourceError: if it can not.
        """

    def hold(self, table: Table | None = None) -> None:  # noqa: B027 - a snapshot holds by itself
        """Holds a table that stays, or all that were read, against what is there now.

        Raises:
            PassingFaultError: if that is another table, of which nobody knows how much was read.
        """

    def sure(self, table: Table) -> bool:
        """Whether `hold` tells of any other row; else, as of a view, its rows must be looked at again."""
        return False

    def open_there(self, given: GivenThere) -> Source:
        """A source that is computed over where it is; see `facts.engines.plans`.

        Raises:
            SourceError: if it would be computed otherwise than from rows that were read.
        """
        from phasegate.facts.engines.plans import READ

        raise SourceError("nothing is computed in this kind of database", READ)

    @abstractmethod
    def rows(self, table: Table, columns: Sequence[TableColumn]) -> Generator[Rows, None, None]:
        r"""The rows, some at a time: each as a line that ends with a line feed, or all typed in a frame.

        A frame has the columns in their order, each with its name and kind; what its kind does not hold is
        an error, and never missing.

        Values stand between tabs; a missing one is ``\N``. A backslash, tab, line feed and carriage return
        within a text are ``\\``, ``\t``, ``\n`` and ``\r``, a backspace, form feed and vertical tab ``\b``,
        ``\f`` and ``\v``. Truth values are ``t`` and ``f``; days and
        moments are those of ISO 8601, with a blank between day and time, in UTC and without an offset.
        Of no column the value is ``1``.

        Raises:
            SourceError: if not all of them were given.
        """


class Database(ABC):
    """A kind of database."""

    @abstractmethod
    def snapshot(self, name: str, address: str, connection: Connection) -> AbstractContextManager[Snapshot]:
        """Opens a snapshot.

        Args:
            name: of the connection, by which messages name it.
            address: where the database is; never shown, and no part of it.
            connection: what else the project says of it.

        Raises:
            SourceError: if it can not be reached, or must not be read.
        """
