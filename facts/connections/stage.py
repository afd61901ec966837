"""The rows of a table, streamed into a file without a name: typed, hashed on the way, in bounded memory.

From there on it is a Parquet file like any other, and what computes with it does not learn where its rows
came from. Nobody else can open the file, and nothing of it outlives the process.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from phasegate.facts.connections.base import Snapshot, Table, TableColumn
from phasegate.facts.connections.digest import RowsDigest
from phasegate.facts.connections.lines import frame_of
from phasegate.facts.connections.written import lines_of
from phasegate.facts.model.fact import TableState
from phasegate.facts.model.progress import rows_count
from phasegate.facts.sources.content import Own
from phasegate.facts.sources.files import FoundFile, SourceError, words
from phasegate.facts.sources.formats.parquet import ParquetPart
from phasegate.facts.sources.missing_column import column_advised
from phasegate.facts.sources.passes import cause, read_errors
from phasegate.facts.sources.rewritten import Fingerprint, rows_kept
from phasegate.rules.model.project import SourceFile


class TablePart(ParquetPart):
    """A table of a database, as its rows stand in a file without a name.

    Attributes:
        table: where the rows came from.
        left_out: why some of the table's columns are not read, by their names.
    """

    def __init__(
        self,
        file: FoundFile,
        source: SourceFile,
        columns: Mapping[str, pl.DataType],
        table: TableState,
        digest: RowsDigest,
        left_out: Mapping[str, str],
        names: Collection[str],
    ) -> None:
        super().__init__(file, source, columns)
        self.table, self.left_out, self._names, self._size = table, left_out, names, digest.size
        self.fingerprint: Future[Fingerprint] = Future()
        self.fingerprint.set_result(Fingerprint(digest.in_any_order, file.state.st_size))

    @property
    def size(self) -> int:
        """The bytes of its rows as they came: rows that are all alike take next to nothing as Parquet."""
        return self._size

    def column_advised(self, name: str) -> str | None:
        """What helps where the table has no column of a name."""
        return column_advised(name, self._names, None)


class _Rows:
    """The rows of a table on their way; polars asks for them, and would tell a fault in words of its own."""

    def __init__(self, snapshot: Snapshot, table: Table, columns: Sequence[TableColumn], shown: str) -> None:
        self._snapshot, self._table, self._columns, self._shown = snapshot, table, columns, shown
        self.digest = RowsDigest(columns)
        self._count = rows_count()
        self.fault: BaseException | None = None
        self.whole = False

    def frames(self, *_: object) -> Iterator[pl.DataFrame]:
        """Some rows at a time, as `register_io_source` asks for them."""
        try:
            with closing(self._snapshot.rows(self._table, self._columns)) as rows:
                yield frame_of(b"", 0, self._columns, self._shown)
                for given in rows:
                    lines = lines_of(given) if isinstance(given, pl.DataFrame) else given
                    text = b"".join(lines)
                    self.digest.see(lines, text)
                    typed = given if isinstance(given, pl.DataFrame) else None
                    yield frame_of(text, len(lines), self._columns, self._shown) if typed is None else typed
                    self._count.add(len(lines))
            self.whole = True
        except BaseException as error:
            self.fault = error
            raise


def stage(
    snapshot: Snapshot,
    table: Table,
    columns: Sequence[TableColumn],
    source: SourceFile,
    left_out: Mapping[str, str],
) -> TablePart:
    """Streams a table's rows into a file without a name.

    Args:
        snapshot: what is read.
        table: the table.
        columns: the columns that are read, each with a kind.
        source: what the project says of it.
        left_out: why other columns are not read, by their names.

    Raises:
        SourceError: if not every value of every row is there afterwards.
    """
    rows = _Rows(snapshot, table, columns, source.place)
    kinds = {column.name: column.kind for column in columns if column.kind is not None}
    found = FoundFile(Path(source.place), source.place, Own(_stored(rows, kinds, source.place)))
    state = TableState(
        server=snapshot.server,
        snapshot=snapshot.moment_of(table),
        rows=rows.digest.in_order,
        types={column.name: column.written for column in columns},
    )
    names = [column.name for column in table.columns]
    return TablePart(found, source, kinds, state, rows.digest, left_out, names)


def _stored(rows: _Rows, kinds: Mapping[str, pl.DataType], shown: str) -> io.FileIO:
    """A file without a name that holds the rows."""
    why = "its rows did not end"
    try:
        file = rows_kept(register_io_source(rows.frames, schema=kinds, explain_name="TABLE"))
    except OSError as error:
        why = words(error)
    except read_errors() as error:
        why = cause(error)
    else:
        if rows.whole and rows.fault is None:
            return file
        file.close()
    # Out here, without what polars says, which may quote values.
    raise rows.fault if rows.fault is not None else _no_room(shown, why)


def _no_room(shown: str, why: str) -> SourceError:
    hint = "its rows are kept for the time of the run in TMPDIR, else in /var/tmp or /tmp: is there room?"
    return SourceError(f"{shown} can not be kept for the run: {why}", hint)
