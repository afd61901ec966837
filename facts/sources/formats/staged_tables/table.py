"""Tables whose cells a reader of ours makes texts of: those of JSON, of databases and of workbooks.

Each cell is read once, strictly, and kept as the text that says it exactly; what happens to it then is what
happens to a cell of a CSV file. Small tables are kept in memory, others in a temporary file.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, Literal, NamedTuple, cast

import polars as pl

from phasegate.facts.model.place import Place
from phasegate.facts.model.progress import rows_count
from phasegate.facts.sources import passes
from phasegate.facts.sources.files import FoundFile, SourceError, words
from phasegate.facts.sources.formats.base import Format, Part, nulls_read
from phasegate.facts.sources.packed import RATIO_AT_MOST, SUSPICIOUS, UNPACKED_AT_MOST
from phasegate.facts.sources.rewritten import rows_kept
from phasegate.rules.model.project import SourceFile

Doubt = Literal["REAL", "TEXT", "inexact"]
"""Why a number may not be what somebody meant: it is a binary float of a database, a text among numbers
there, or has more digits than a binary float holds."""
DOUBTS: tuple[Doubt, ...] = ("REAL", "TEXT", "inexact")
_EXACT = ("integer", "decimal")
_FLOATS = ("REAL", "inexact")
_CELLS_AT_A_TIME = 1 << 18
_BYTES_AT_A_TIME = 1 << 24
AT, _ROW = "at", "row"
_PLAIN_AT_MOST = 40
_DIGITS_AT_MOST = 15


class Row(NamedTuple):
    """A row on its way.

    Attributes:
        at: its number in the file, as the file counts.
        cells: the texts of its cells.
        doubts: why some of them may not be what they seem, by their place among the columns.
    """

    at: int
    cells: Sequence[str | None]
    doubts: Mapping[int, Doubt] = {}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read.

    Attributes:
        names: its columns.
        frame: their texts, by place; their doubts; the number of each row.
        rows: how many there are.
        size: the bytes of the texts.
        doubted: which doubts a column has, by its name.
    """

    names: Sequence[str]
    frame: pl.LazyFrame
    rows: int
    size: int
    doubted: Mapping[str, Collection[Doubt]] = field(default_factory=dict)


class StagedPart(Part):
    """A file of such a table.

    Args:
        file, source: as of each part.
        table: what was read of it.
        faults: what makes a column unreadable, by its name.
    """

    def __init__(
        self, file: FoundFile, source: SourceFile, table: Table, faults: Mapping[str, SourceError]
    ) -> None:
        super().__init__(file, source, dict.fromkeys(table.names, pl.String()))
        self.held, self.faults = table, faults
        self.inexact = {name for name, doubts in table.doubted.items() if {*doubts} & {*_FLOATS}}
        self._types: Mapping[str, tuple[str, str]] = {}

    @property
    def size(self) -> int:
        """The bytes of the file, or of its texts, whichever are more."""
        return max(self.file.size, self.held.size)

    def refused(self, column: str, type_: str | None = None) -> SourceError | None:
        """What was found in one of its cells; or that ids are numbers too long for a binary float."""
        if (fault := self.faults.get(column)) is not None:
            return fault
        if type_ == "string" and "inexact" in self.held.doubted.get(column, ()):
            long = f"numbers of more than {_DIGITS_AT_MOST} digits, whose last ones may be lost"
            what = f"{self.file.shown}: {column!r} is a text by its contract, and holds {long}"
            return SourceError(what, "keep such ids as texts in the file")
        return None

    def read_as(self, columns: Mapping[str, tuple[str, str]]) -> None:
        """Keeps what they shall be called, and be."""
        super().read_as(columns)
        self._types = columns

    def texts(self, wanted: Mapping[str, str]) -> pl.LazyFrame:
        """Columns as texts; a number in doubt says why, where the contract asks for exact ones."""
        texts = {name: self._text(found) for found, name in wanted.items()}
        # Not by one selection: of nothing but missing columns it would have one row.
        return self.held.frame.with_columns(text.alias(f"{AT}{name}") for name, text in texts.items()).select(
            pl.col(f"{AT}{name}").alias(name) for name in texts
        )

    def _text(self, found: str) -> pl.Expr:
        if found not in self.held.names:  # rows of ragged formats may all lack one
            return pl.lit(None, pl.String)
        place = self.held.names.index(found)
        text, (_, type_) = pl.col(f"{place}"), self._types.get(found, ("", ""))
        doubts = [each for each in self.held.doubted.get(found, ()) if _matters(each, type_)]
        for each in doubts:
            told = pl.concat_str(text, pl.lit(f" ({each})"))
            text = pl.when(pl.col(doubt_column(place)) == DOUBTS.index(each)).then(told).otherwise(text)
        return text

    def places(self, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
        """The rows, as the file counts them."""
        numbered = self.held.frame.select(AT).with_row_index(_ROW, offset=1)
        found = numbered.filter(pl.col(_ROW).is_in([*rows])).collect(engine="streaming")
        names = {name: found for found, (name, _) in self._types.items()}
        return {
            int(row): Place(
                self.file.shown, row=int(row), within=self.within(at), cells=_Cells(self, at, names)
            )
            for at, row in found.select(AT, _ROW).iter_rows()
        }, self.held.rows

    @abstractmethod
    def within(self, at: int, column: str | None = None) -> str | None:
        """What the file itself calls a row or a cell of it.

        Args:
            at: the number of the row.
            column: the column in the file; None for the row.
        """


class _Cells(dict[str, str]):
    """What a file calls the cells of a row, told when somebody asks."""

    def __init__(self, part: StagedPart, at: int, names: Mapping[str, str]) -> None:
        super().__init__()
        self._part, self._at, self._names = part, at, names

    def get(self, column: str, default: Any = None) -> Any:
        found = self._names.get(column)
        return (self._part.within(self._at, found) if found else None) or default


class StagedFormat(Format):
    """A format of such tables."""

    lines = False
    by_name = False

    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns as text."""
        frames = [cast("StagedPart", part).texts(wanted) for part in parts]
        return nulls_read(pl.concat(frames), list(wanted.values()), nulls)


def read_table(file: FoundFile, names: Sequence[str], rows: Iterator[Row], doubts: bool = False) -> Table:
    """Reads all rows, in bounded memory.

    Args:
        file: the file.
        names: the columns.
        rows: the rows, as they come.
        doubts: whether any may have doubts.

    Raises:
        SourceError: what reading them raises; or if they are too large, or can not be kept.
    """
    counted = _Counted(file, len(names), doubts)
    return _kept(counted, names, counted.batches(rows))


def table_of(file: FoundFile, names: Sequence[str], frames: Iterator[pl.DataFrame], doubts: bool) -> Table:
    """Likewise, of rows that come many at a time.

    Args:
        file: the file.
        names: the columns.
        frames: the rows: texts by place, their doubts if any may have some, the number of each row.
        doubts: whether any may have doubts.

    Raises:
        SourceError: as of `read_table`.
    """
    counted = _Counted(file, len(names), doubts)
    return _kept(counted, names, map(counted.whole, frames))


def _kept(counted: _Counted, names: Sequence[str], coming: Iterator[pl.DataFrame]) -> Table:
    begun: list[pl.DataFrame] = []
    for batch in coming:
        begun.append(batch)
        if counted.size > passes.SMALL:
            try:
                frame = _stored(counted, chain(begun, coming))
            except OSError as error:
                what = f"{counted.shown} can not be kept in a temporary file: {words(error)}"
                raise SourceError(what, "it is in TMPDIR, else in /var/tmp or /tmp") from error
            break
    else:
        frame = pl.concat([pl.DataFrame(schema=counted.schema), *begun]).lazy()
    doubted = {names[place]: found for place, found in counted.doubted.items()}
    return Table(names, frame, counted.rows, counted.size, doubted)


class _Counted:
    """Rows put together, some at a time, and what is known of all of them."""

    def __init__(self, file: FoundFile, width: int, doubts: bool) -> None:
        self.rows = self.size = self._bytes = 0
        self.shown = file.shown
        self._most = min(max(SUSPICIOUS, file.size * RATIO_AT_MOST), UNPACKED_AT_MOST)
        self._count = rows_count()
        self.doubted: dict[int, set[Doubt]] = {}
        self._width, self._doubts = width, doubts
        self.schema: dict[str, pl.DataType] = {f"{place}": pl.String() for place in range(width)}
        if doubts:
            self.schema |= {doubt_column(place): pl.UInt8() for place in range(width)}
        self.schema[AT] = pl.Int64()

    def batches(self, rows: Iterator[Row]) -> Iterator[pl.DataFrame]:
        most = max(1, _CELLS_AT_A_TIME // max(1, self._width))
        some: list[Row] = []
        size = 0
        for row in rows:
            some.append(row)
            size += sum([len(cell) for cell in row.cells if cell])
            if len(some) == most or size > _BYTES_AT_A_TIME:
                self._add(size)
                yield self._batch(some)
                some, size = [], 0
        if some:
            yield self._batch(some)

    def _batch(self, rows: Sequence[Row]) -> pl.DataFrame:
        columns: dict[str, Any] = {
            f"{place}": cells for place, cells in enumerate(zip(*(row.cells for row in rows), strict=True))
        }
        if self._doubts:
            codes: list[list[int | None]] = [[None] * len(rows) for _ in range(self._width)]
            for number, row in enumerate(rows):
                for place, doubt in row.doubts.items():
                    codes[place][number] = DOUBTS.index(doubt)
                    self.doubted.setdefault(place, set()).add(doubt)
            columns |= {doubt_column(place): each for place, each in enumerate(codes)}
        columns[AT] = [row.at for row in rows]
        batch = pl.DataFrame(columns, schema=self.schema)
        self.rows += batch.height
        self._count.add(batch.height)
        self.size += int(batch.estimated_size())
        return batch

    def whole(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows that came together."""
        self._add(int(frame.estimated_size()))
        for place in range(self._width) if self._doubts else ():
            codes = frame[doubt_column(place)]
            if codes.null_count() < codes.len():
                found = {DOUBTS[code] for code in codes.drop_nulls().unique()}
                self.doubted.setdefault(place, set()).update(found)
        self.rows += frame.height
        self._count.add(frame.height)
        self.size += int(frame.estimated_size())
        return frame.select(*self.schema)

    def _add(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._most:
            what = f"{self.shown} holds texts of more than {self._most:,} bytes"
            raise SourceError(what, "no table is that dense: look what stands in it")


def _stored(counted: _Counted, batches: Iterator[pl.DataFrame]) -> pl.LazyFrame:
    from polars.io.plugins import register_io_source

    raised: list[Exception] = []

    def coming(*_: object) -> Iterator[pl.DataFrame]:
        try:
            yield from batches
        except Exception as error:  # polars makes a text of it
            raised.append(error)
            raise

    try:
        file = rows_kept(register_io_source(coming, schema=counted.schema, explain_name="TABLE"))
    except passes.read_errors() as error:
        if raised:
            raise raised[0] from error
        raise
    with file:
        return pl.scan_parquet(file)  # which holds it open by itself


def doubt_column(place: int) -> str:
    """What the column is called that has the doubts of another one."""
    return f"{place}?"


def _matters(doubt: Doubt, type_: str) -> bool:
    return type_ in _EXACT or (doubt == "TEXT" and type_ == "float")


def as_texts_write(number: str, source: SourceFile) -> str:
    """A number that is one in the file, in the form that the source says its texts have.

    1.234 would otherwise be a thousand times as much where points stand between thousands.
    """
    return number.replace(".", ",") if source.decimal_comma else number


def plain_number(written: str) -> str:
    """A number as the text that every format has for it: 1.50 is 1.5, 1e3 is 1000."""
    if written.isascii() and written.isdigit() and (written[0] != "0" or written == "0"):
        return written  # as most are
    try:
        value = Decimal(written)
    except InvalidOperation:  # an exponent that no decimal has
        return written
    if abs(value.adjusted()) > _PLAIN_AT_MOST:
        return written
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
