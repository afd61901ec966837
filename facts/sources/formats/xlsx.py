"""Workbooks: a table of a sheet, its values as they are stored, and where a row stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import polars as pl

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.csv.header import refuse_rows
from phasegate.facts.sources.formats.staged_tables.table import (
    AT,
    DOUBTS,
    Doubt,
    Row,
    StagedFormat,
    StagedPart,
    Table,
    doubt_column,
    read_table,
    table_of,
)
from phasegate.facts.sources.formats.staged_tables.xlsx_cells import Cell, Cells, Said, SheetRow, reference
from phasegate.facts.sources.formats.staged_tables.xlsx_package import Unreadable, Workbook
from phasegate.facts.sources.formats.staged_tables.xlsx_plain import NotPlainError, plain_blocks, row_of
from phasegate.facts.sources.limits import refuse_columns
from phasegate.rules.diagnostics.suggestions import nearest
from phasegate.rules.model.project import SourceFile


class XlsxPart(StagedPart):
    """A table of a sheet.

    Args:
        file, source, table, faults: as of each such part.
        sheet: the sheet's name.
        header: the row of its header; None where it has none.
        first: the table's first column, counted from 1.
    """

    def __init__(
        self,
        file: FoundFile,
        source: SourceFile,
        table: Table,
        faults: Mapping[str, SourceError],
        sheet: str,
        header: int | None,
        first: int,
    ) -> None:
        super().__init__(file, source, table, faults)
        self._sheet, self._header, self._first = sheet, header, first

    @property
    def place_of_columns(self) -> str:
        """The row of its header."""
        return f"{self.file.shown} {reference(self._sheet, None, self._header or 1)}"

    def refuse_rows(self, read: Collection[str] = ()) -> None:
        """Refuses a header that is assumed, and may be a row."""
        if self.source.header is None:
            names = self.held.names
            refuse_rows(self.place_of_columns, names, read or names, self.source.null_values)

    def stands_twice(self, name: str) -> bool:
        """Whether two of its columns have a name."""
        return self.held.names.count(name) > 1

    def within(self, at: int, column: str | None = None) -> str:
        """The sheet and the cell."""
        if column not in self.held.names:
            return reference(self._sheet, None, at)
        return reference(self._sheet, self._first + self.held.names.index(column or ""), at)


class Xlsx(StagedFormat):
    """Workbooks as Excel, LibreOffice and others write them."""

    name = "xlsx"

    def open(self, file: FoundFile, source: SourceFile) -> XlsxPart:
        """Reads the table of a sheet."""
        with file.open() as raw:
            workbook = Workbook(file, raw)
            sheet = workbook.sheet(source.sheet)
            try:
                said = Said(workbook, sheet.name, source)
                try:
                    reader, table = _plainly(file, source, sheet.name, Cells(workbook, sheet, said))
                except NotPlainError:
                    reader, table = _cell_by_cell(file, source, sheet.name, Cells(workbook, sheet, said))
            except Unreadable as error:
                raise workbook.fault(error) from error
            except (KeyError, ValueError) as error:
                raise workbook.fault(Unreadable(f"is damaged in {sheet.part}")) from error
        return XlsxPart(file, source, table, reader.faults, sheet.name, reader.header, reader.first)


def _plainly(file: FoundFile, source: SourceFile, sheet: str, cells: Cells) -> tuple[_Reader, Table]:
    blocks = (block.filter(pl.col("row") > source.above) for block in plain_blocks(cells))
    first = next((block for block in blocks if block.height), None)
    reader = _Reader(file, source, sheet, None if first is None else row_of(first))
    frames = reader.frames(chain(() if first is None else (first,), blocks))
    table = table_of(file, reader.names, frames, doubts=True)
    reader.look_at_merged(cells.merged)
    return reader, table


def _cell_by_cell(file: FoundFile, source: SourceFile, sheet: str, cells: Cells) -> tuple[_Reader, Table]:
    coming = (row for row in cells.rows() if row.number > source.above)
    reader = _Reader(file, source, sheet, next(coming, None))
    table = read_table(file, reader.names, reader.rows(coming), doubts=True)
    reader.look_at_merged(cells.merged)
    return reader, table


class _Reader:
    """Makes rows of a sheet.

    Attributes:
        names: the columns, from the first with a name to the last.
        header: the row in which they stand; None where there is no header.
        first: the first of the columns, counted from 1.
        faults: what makes a column unreadable, by its name.
    """

    def __init__(self, file: FoundFile, source: SourceFile, sheet: str, begun: SheetRow | None) -> None:
        self._file, self._source, self._sheet = file, source, sheet
        self._nulls = frozenset(source.null_values)
        self._last = self._ended = 0
        self._firsts: list[str] = []
        self.faults: dict[str, SourceError] = {}
        asked = source.header_row
        if begun is None or (asked is not None and begun.number != asked):
            where = self._place(None, asked or source.above + 1)
            what = "rows" if source.header is False else "header"
            raise SourceError(f"{where} is empty where the {what} should be")
        self.first = min(begun.cells)
        width = max(begun.cells) - self.first + 1
        self._begun: SheetRow | None = None
        if source.header is False:
            self.header, self._begun = None, begun
            self.names: Sequence[str] = source.names
            if width != len(self.names):
                what = (
                    f"{self._place(None, begun.number)} has {width} cells, 'columns' names {len(self.names)}"
                )
                raise SourceError(what, "name all of them, in the sheet's order")
        else:
            self.header = begun.number
            cells_of = [begun.cells.get(self.first + place) for place in range(width)]
            self.names = [cell.text if cell is not None else "" for cell in cells_of]
        refuse_columns(file.shown, len(self.names))

    def rows(self, coming: Iterator[SheetRow]) -> Iterator[Row]:
        """The rows of the table.

        Args:
            coming: the rows below the first.

        Raises:
            SourceError: if nobody can tell where it ends.
        """
        if self._begun is not None:
            self._last = self._begun.number
            yield self._row(self._begun)
        stop = self._source.stop_at
        for row in coming:
            cell = row.cells.get(self.first)
            text = cell.text.strip() if cell is not None else ""
            if stop is not None and text == stop:
                self._stop(row.number)
            if self._ended or not any(
                self.first <= column < self.first + len(self.names) for column in row.cells
            ):
                continue
            self._go_on(row.number)
            self._firsts = [*self._firsts[-50:], text]
            yield self._row(row)
        self._refuse_without_end()

    def frames(self, blocks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Likewise many rows at a time, as `staged_tables.table` has them.

        Args:
            blocks: the cells, from the first row on.
        """
        top = self.header or (self._begun.number - 1 if self._begun else 0)
        row, column = pl.col("row"), pl.col("column")
        for block in blocks:
            body = self._above_stop(block.filter(row > top))
            inside = body.filter(column.is_between(self.first, self.first + len(self.names) - 1))
            numbers = inside["row"].unique(maintain_order=True)
            if numbers.is_empty():
                continue
            if numbers[0] == (self._last or top) + 1 and numbers[-1] - numbers[0] + 1 == numbers.len():
                self._last = int(numbers[-1])
            for number in numbers if numbers[-1] != self._last else ():
                self._go_on(number)
            for number, at, text, fault in (
                inside.filter(pl.col("fault").is_not_null()).select("row", "column", "text", "fault").rows()
            ):
                if text not in self._nulls:
                    self._note(self.names[at - self.first], Cell(text, fault), at, number)
            yield self._frame(inside, numbers)
        self._refuse_without_end()

    def _frame(self, inside: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
        rows = pl.DataFrame({"row": numbers})
        apart = inside.select("row", "column", "text", "inexact").partition_by("column", as_dict=True)
        found: dict[str, pl.Series] = {}
        doubts: dict[str, pl.Series] = {}
        inexact = pl.when("inexact").then(pl.lit(DOUBTS.index("inexact"), pl.UInt8))
        for place in range(len(self.names)):
            own = apart.get((self.first + place,), inside.clear())
            if own.height < rows.height:
                own = rows.join(own, on="row", how="left", maintain_order="left")
            found[f"{place}"] = own["text"]
            doubts[doubt_column(place)] = own.select(inexact).to_series()
        return pl.DataFrame({**found, **doubts, AT: numbers.cast(pl.Int64)})

    def _above_stop(self, body: pl.DataFrame) -> pl.DataFrame:
        stop = self._source.stop_at
        if stop is None:
            return body
        first = body.filter(pl.col("column") == self.first)
        begun = self._begun.number if self._begun else 0
        for number, text in first.select("row", "text").rows():
            if number > begun and text.strip() == stop:
                self._stop(number)
        if self._ended:
            return body.filter(pl.col("row") < self._ended)
        self._firsts = [*self._firsts, *(text.strip() for text in first["text"].tail(50))][-50:]
        return body

    def _stop(self, number: int) -> None:
        if self._ended:
            stop = self._source.stop_at
            twice = f"{self._place(None, self._ended)} begins with {stop!r}, and so does row {number}"
            raise SourceError(f"{twice}: stop_at can not tell where the table ends")
        self._ended = number

    def _go_on(self, number: int) -> None:
        before = self._last or self.header or (self._begun.number - 1 if self._begun else 0)
        if number != before + 1:
            what = f"{self._place(None, before + 1)} is empty, and row {number} is not"
            hint = "remove it; what stands below a table is left out by stop_at"
            if not self._last and self.header and self._source.header_row is None:
                hint = "does the header stand further below? Then say which row it is by header_row"
            raise SourceError(what, hint)
        self._last = number

    def _refuse_without_end(self) -> None:
        stop = self._source.stop_at
        if stop is None or self._ended:
            return
        near = nearest(stop, self._firsts)
        place = self._place(None, self._last or self.header or 0)
        what = f"{place}: no row begins with {stop!r}, which stop_at says stands below"
        raise SourceError(what, near and f"did you mean {near!r}?")

    def look_at_merged(self, merged: Iterable[tuple[int, int, int, int]]) -> None:
        """Refuses columns in which cells of several rows, or of several columns, are one.

        Args:
            merged: where that is so, from the first column and row to the last.
        """
        top = (self.header or self._source.above) + 1
        whole = {*range(self.first, self.first + len(self.names))}
        for left, upper, right, lower in merged:
            if lower < top or upper > max(self._last, top):
                continue
            # Whichever are fewer: there may be very many of both.
            here = range(left, right + 1) if right - left < len(whole) else whole
            found = [column for column in here if column in whole and left <= column <= right]
            whole.difference_update(found)
            for column in found:
                where = self._place(left, upper)
                what = f"{where} is merged with others, down to row {lower}: its rows can not be told apart"
                fault = SourceError(what, "unmerge the cells, and fill in each of them")
                self.faults.setdefault(self.names[column - self.first], fault)

    def _row(self, row: SheetRow) -> Row:
        texts: list[str | None] = []
        doubts: dict[int, Doubt] = {}
        for place, name in enumerate(self.names):
            cell = row.cells.get(self.first + place)
            texts.append(None if cell is None else cell.text)
            if cell is None:
                continue
            if cell.inexact:
                doubts[place] = "inexact"
            if cell.fault is not None and cell.text not in self._nulls:
                self._note(name, cell, self.first + place, row.number)
        return Row(row.number, texts, doubts)

    def _note(self, name: str, cell: Cell, column: int, row: int) -> None:
        if name not in self.faults:
            self.faults[name] = SourceError(f"{self._place(column, row)} {cell.fault}", cell.remedy)

    def _place(self, column: int | None, row: int) -> str:
        return f"{self._file.shown} {reference(self._sheet, column, row)}"


FORMAT = Xlsx()
XlsxPart.format = FORMAT
