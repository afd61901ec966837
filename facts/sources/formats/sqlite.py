"""SQLite databases: a table of one, read without writing, its values told by how they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.staged_tables.sqlite_database import Database, TableOf, Text
from phasegate.facts.sources.formats.staged_tables.table import (
    Doubt,
    Row,
    StagedFormat,
    StagedPart,
    Table,
    as_texts_write,
    plain_number,
    read_table,
)
from phasegate.facts.sources.limits import refuse_columns
from phasegate.rules.model.project import SourceFile

_JOURNAL_HEAD = 28
"""Bytes that SQLite overwrites of the journal of a change that has ended, where it keeps that."""


class SqlitePart(StagedPart):
    """A table of a database.

    Args:
        file, source, table, faults: as of each such part.
        of: what the database says of the table.
    """

    def __init__(
        self,
        file: FoundFile,
        source: SourceFile,
        table: Table,
        faults: Mapping[str, SourceError],
        of: TableOf,
    ) -> None:
        super().__init__(file, source, table, faults)
        self._of = of

    def within(self, at: int, column: str | None = None) -> str:
        """The table and the row's number in the database; the place in it where rows have none."""
        return self._of.at(at)

    def fault(self) -> SourceError | None:
        """That it was written to meanwhile, beside it too; an object is what it was when it was read."""
        return super().fault() or (written_beside(self.file) if self.file.version is None else None)


class Sqlite(StagedFormat):
    """SQLite: a table of a database."""

    name = "sqlite"

    def open(self, file: FoundFile, source: SourceFile) -> SqlitePart:
        """Reads the table."""
        if (fault := written_beside(file)) is not None:
            raise fault
        with Database(file) as database:
            of = database.table(source.table)
            refuse_columns(f"{file.shown} {of.name}", len(of.columns))
            reader = _Reader(file, of, source)
            table = read_table(file, of.columns, reader.rows(database), doubts=True)
        return SqlitePart(file, source, table, reader.faults, of)


def written_beside(file: FoundFile) -> SourceError | None:
    """That a database has changes which stand beside it, in a file of their own; None if it has none.

    They belong to it, and a reader that took them would read what the digest is not of; one that did not, an
    older state. A journal whose head was overwritten with zeros is that of a change that has ended.
    """
    for ending, what in (("-wal", "changes"), ("-journal", "an unfinished change")):
        try:
            begins = file.beside(ending)
        except SourceError as error:
            return error
        if begins and not (
            ending == "-journal" and len(begins) >= _JOURNAL_HEAD and not any(begins[:_JOURNAL_HEAD])
        ):
            hint = "end the program that writes it, or have it written to a copy, by VACUUM INTO"
            return SourceError(f"{file.shown} has {what} beside it, in {file.path.name}{ending}", hint)
    return None


class _Reader:
    """Makes rows of a table's values.

    Attributes:
        faults: what makes a column unreadable, by its name.
    """

    def __init__(self, file: FoundFile, of: TableOf, source: SourceFile) -> None:
        self._file, self._of, self._source = file, of, source
        self._nulls = frozenset(source.null_values)
        self.faults: dict[str, SourceError] = {}

    def rows(self, database: Database) -> Iterator[Row]:
        """The rows, in the order in which they are stored."""
        for at, values in database.rows(self._of):
            cells: list[str | None] = []
            doubts: dict[int, Doubt] = {}
            for place, value in enumerate(values):
                match value:
                    case None:
                        cells.append(None)
                    case int():
                        cells.append(f"{value}")
                    case float():
                        cells.append(as_texts_write(plain_number(repr(value)), self._source))
                        doubts[place] = "REAL"
                    case bytes():
                        cells.append(self._text(at, place, value))
                        if self._of.numbers[place] and cells[-1] is not None and cells[-1] not in self._nulls:
                            doubts[place] = "TEXT"
            yield Row(at, cells, doubts)

    def _text(self, at: int, place: int, value: bytes) -> str | None:
        fault = "holds bytes (BLOB) and no text"
        if isinstance(value, Text):
            try:
                return value.decode()
            except UnicodeDecodeError:
                fault = "has a text that is not UTF-8"
        name = self._of.columns[place]
        what = f"{self._file.shown} {self._of.at(at)}: {name!r} {fault}"
        self.faults.setdefault(name, SourceError(what, "export it as a text"))
        return None


FORMAT = Sqlite()
SqlitePart.format = FORMAT
