"""Workbooks: a table of a sheet, its values as they are stored, and where a row stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.csv.header import refuse_rows
from phasegate.facts.sources.formats.staged_tables.table import (
    Doubt,
    Row,
    StagedFormat,
    StagedPart,
    Table,
    read_table,
)
from phasegate.facts.sources.formats.staged_tables.xlsx_cells import Cell, Cells, SheetRow, reference
from phasegate.facts.sources.formats.staged_tables.xlsx_package import Unreadable, Workbook
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
                reader = _Reader(file, source, sheet.name, Cells(workbook, sheet))
                table = read_table(file, reader.names, reader.rows(), doubts=True)
                reader.look_at_merged()
            except Unreadable as error:
                raise workbook.fault(error) from error
            except (KeyError, ValueError) as error:
                raise workbook.fault(Unreadable(f"is damaged in {sheet.part}")) from error
        return XlsxPart(file, source, table, reader.faults, sheet.name, reader.header, reader.first)


class _Reader:
    """Makes rows of a sheet.

    Attributes:
        names: the columns, from the first with a name to the last.
        header: the row in which they stand; None where there is no header.
        first: the first of the columns, counted from 1.
        faults: what makes a column unreadable, by its name.
    """

    def __init__(self, file: FoundFile, source: SourceFile, sheet: str, cells: Cells) -> None:
        self._file, self._source, self._sheet, self._cells = file, source, sheet, cells
        self._nulls = frozenset(source.null_values)
        self._coming = self._below(cells.rows())
        self._last = 0
        self.faults: dict[str, SourceError] = {}
        begun = next(self._coming, None)
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

    def rows(self) -> Iterator[Row]:
        """The rows of the table.

        Raises:
            SourceError: if nobody can tell where it ends.
        """
        if self._begun is not None:
            yield self._row(self._begun)
        before = self._begun.number if self._begun else self.header or 0
        stop, ended = self._source.stop_at, 0
        firsts: list[str] = []
        for row in self._coming:
            cell = row.cells.get(self.first)
            text = cell.text.strip() if cell is not None else ""
            if stop is not None and text == stop:
                if ended:
                    twice = f"{self._place(None, ended)} begins with {stop!r}, and so does row {row.number}"
                    raise SourceError(f"{twice}: stop_at can not tell where the table ends")
                ended = row.number
            if ended or not any(self.first <= column < self.first + len(self.names) for column in row.cells):
                continue
            if row.number != before + 1:
                what = f"{self._place(None, before + 1)} is empty, and row {row.number} is not"
                hint = "remove it; what stands below a table is left out by stop_at"
                raise SourceError(what, hint)
            before = self._last = row.number
            firsts = [*firsts[-50:], text]
            yield self._row(row)
        if stop is not None and not ended:
            near = nearest(stop, firsts)
            what = (
                f"{self._place(None, before)}: no row begins with {stop!r}, which stop_at says stands below"
            )
            raise SourceError(what, near and f"did you mean {near!r}?")

    def look_at_merged(self) -> None:
        """Refuses columns in which cells of several rows, or of several columns, are one."""
        top = (self.header or self._source.above) + 1
        for left, upper, right, lower in self._cells.merged:
            if lower < top or upper > max(self._last, top):
                continue
            for place, name in enumerate(self.names):
                if left <= self.first + place <= right:
                    where = self._place(left, upper)
                    what = (
                        f"{where} is merged with others, down to row {lower}: its rows can not be told apart"
                    )
                    self.faults.setdefault(
                        name, SourceError(what, "unmerge the cells, and fill in each of them")
                    )

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
            hint = "open the workbook, have it computed and save it; or correct the cell"
            self.faults[name] = SourceError(f"{self._place(column, row)} {cell.fault}", hint)

    def _below(self, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
        return (row for row in rows if row.number > self._source.above)

    def _place(self, column: int | None, row: int) -> str:
        return f"{self._file.shown} {reference(self._sheet, column, row)}"


FORMAT = Xlsx()
XlsxPart.format = FORMAT
