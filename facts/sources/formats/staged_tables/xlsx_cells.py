"""The cells of a sheet, row by row: each as the text that says it exactly, with what is doubtful about it."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

from phasegate.facts.sources.formats.staged_tables.table import as_texts_write, plain_number
from phasegate.facts.sources.formats.staged_tables.xlsx_package import (
    Attributes,
    Shape,
    Sheet,
    Unreadable,
    Workbook,
    unescaped,
)
from phasegate.rules.model.project import SourceFile

ROWS_AT_MOST, COLUMNS_AT_MOST = 1 << 20, 1 << 14
MERGED_AT_MOST = 1 << 20
DIGITS_AT_MOST = 15
"""Significant digits of which a workbook loses none."""
_WRITTEN_AT_MOST = 17
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_OF_CELLS = frozenset({"row", "c", "v", "f", "t", "rPh"})
_TRUTHS = {"1": "true", "true": "true", "0": "false", "false": "false"}
_DAY_MS = 86_400_000
_NO_DAY = 60
"""The day after 1900-02-28 by the count of workbooks: there was none."""
_LAST_DAY = 2_958_465
_LENGTH = "has a length of time, of which nothing is measured"
_REMEDIES = {_LENGTH: "keep a number of hours there: the same times 24, shown as a number"}


@dataclass(slots=True)
class Cell:
    """A cell that is not empty.

    Attributes:
        text: what it says.
        fault: why it can not be read at all; None if it can.
        inexact: whether it is a number of more digits than a workbook keeps.
    """

    text: str
    fault: str | None = None
    inexact: bool = False

    @property
    def remedy(self) -> str:
        """What to do where it can not be read."""
        return _REMEDIES.get(
            self.fault or "", "open the workbook, have it computed and save it; or correct the cell"
        )


@dataclass(slots=True)
class SheetRow:
    """A row.

    Attributes:
        number: as the sheet counts, from 1.
        cells: its cells that are not empty, by their columns, counted from 1.
    """

    number: int
    cells: dict[int, Cell] = field(default_factory=dict)


class Cells:
    """The cells of a sheet on their way.

    Args:
        workbook: the workbook.
        sheet: which of its sheets.
        said: what its cells say.

    Attributes:
        merged: the ranges of merged cells, from their first column and row to their last; once all rows came.
    """

    def __init__(self, workbook: Workbook, sheet: Sheet, said: Said) -> None:
        self.workbook, self.sheet, self.said = workbook, sheet, said
        self.merged: list[tuple[int, int, int, int]] = []
        self._rows: list[SheetRow] = []
        self._row = SheetRow(0)
        self._column = 0
        self._attributes: Attributes = {}
        self._said: dict[str, list[str]] = {}
        self._inside: str | None = None
        self._silent = 0
        self._open: bool | None = None

    def rows(self) -> Iterator[SheetRow]:
        """The rows with any cell that is not empty, from the top.

        Raises:
            Unreadable: if the sheet is damaged.
        """
        for _ in self.workbook.parsed(self.sheet.part, self._begin, self._end, self._text):
            ready, self._rows = self._rows, []
            yield from ready

    @property
    def seen(self) -> bool:
        """Whether the sheet's cells have begun, and ended."""
        return self._open is False

    def see_around(self, text: bytes) -> None:
        """Takes what stands around the rows, where these were read otherwise.

        Raises:
            Unreadable: if it is damaged.
        """
        for _ in self.workbook.parsed(self.sheet.part, self._begin, self._end, raw=io.BytesIO(text)):
            pass

    def _begin(self, name: str, attributes: Attributes) -> None:  # noqa: C901 - a branch an element
        if self._inside is not None:
            raise Unreadable(f"has more than text in a cell of {self.sheet.name} row {self._row.number}")
        if name == "sheetData":
            if self._open is not None:
                raise Unreadable(f"has the cells of {self.sheet.name} twice")
            self._open = True
        elif name in _OF_CELLS and not self._open:
            return  # what others keep beside the cells may be called so too
        elif name == "c":
            self._attributes, self._said = attributes, {}
            reference = attributes.get("r")
            column, row = (self._column + 1, self._row.number) if reference is None else self._at(reference)
            if column <= self._column or column > COLUMNS_AT_MOST or row != self._row.number:
                raise Unreadable(f"has cells of {self.sheet.name} row {self._row.number} out of order")
            self._column = column
        elif name == "row":
            number = int(attributes.get("r", self._row.number + 1))
            if number <= self._row.number or number > ROWS_AT_MOST:
                raise Unreadable(f"has rows of {self.sheet.name} out of order, at row {number}")
            self._row, self._column = SheetRow(number), 0
        elif name in ("v", "f", "t"):
            if name == "v" and "v" in self._said:
                raise Unreadable(f"has two values in a cell of {self.sheet.name} row {self._row.number}")
            self._inside = name
            self._said.setdefault(name, [])
        elif name == "rPh":
            self._silent += 1
        elif name == "mergeCell":
            if len(self.merged) == MERGED_AT_MOST:
                raise Unreadable(f"has more than {MERGED_AT_MOST:,} merged cells in {self.sheet.name}")
            first, _, last = attributes["ref"].partition(":")
            self.merged.append((*self._at(first), *self._at(last or first)))

    def _end(self, name: str) -> None:
        if name == "sheetData":
            self._open = False
        elif name in _OF_CELLS and not self._open:
            return
        elif name in ("v", "f", "t"):
            self._inside = None
        elif name == "rPh":
            self._silent -= 1
        elif name == "c":
            if (cell := self._cell()) is not None:
                self._row.cells[self._column] = cell
        elif name == "row" and self._row.cells:
            self._rows.append(self._row)

    def _text(self, data: str) -> None:
        if self._inside is not None and not self._silent:
            self._said[self._inside].append(data)

    def _at(self, reference: str) -> tuple[int, int]:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise Unreadable(f"has a cell {reference!r} in {self.sheet.name}")
        return column_number(match[1]), int(match[2])

    def _cell(self) -> Cell | None:
        kind = self._attributes.get("t", "n")
        value = "".join(self._said["v"]) if "v" in self._said else None
        if "f" in self._said and (self.workbook.uncomputed or value is None or (kind == "n" and not value)):
            formula = "".join(self._said["f"])
            return Cell(f"={formula}", "has a formula that was never computed")
        if kind == "inlineStr":
            value = "".join(self._said.get("t", []))
        return self.said.cell(kind, self._attributes.get("s"), value) if value else None


class Said:
    """What cells say, by what their workbook shares.

    Args:
        workbook: the workbook.
        sheet: the sheet's name.
        source: what the project says of it.

    Attributes:
        texts: the texts that cells share.
        shapes: how numbers are shown, by the styles of cells.
    """

    def __init__(self, workbook: Workbook, sheet: str, source: SourceFile) -> None:
        self.texts, self.shapes = workbook.texts(), workbook.shapes()
        self.source = source
        self._since_1904, self._sheet = workbook.since_1904, sheet

    def cell(self, kind: str, style: str | None, value: str) -> Cell | None:
        """A cell; None where it says nothing.

        Args:
            kind: its ``t``.
            style: its ``s``.
            value: what stands in it.

        Raises:
            Unreadable: if it names what the workbook has not.
        """
        match kind:
            case "n":
                return self._number(value.strip(), style)
            case "s":
                try:
                    place = int(value)
                    text = self.texts[place] if place >= 0 else None
                except (ValueError, IndexError):
                    text = None
                if text is None:
                    raise Unreadable(f"has no text {value!r}, which a cell of {self._sheet} names")
                return Cell(text) if text else None
            case "str" | "inlineStr":
                return Cell(unescaped(value))
            case "b":
                truth = _TRUTHS.get(value.strip())
                return Cell(value, "has a truth value that is none") if truth is None else Cell(truth)
            case "e":
                return Cell(value, f"has {value}")
            case "d":
                return Cell(value.strip())
            case _:
                return Cell(value, f"has a cell of an unknown kind, {kind!r}")

    def shape(self, style: str | None) -> Shape:
        """How a number of a style is shown."""
        place = int(style or 0)
        if place and not 0 <= place < len(self.shapes):
            raise Unreadable(f"has no style {place}, which a cell of {self._sheet} names")
        return self.shapes[place] if self.shapes else "number"

    def _number(self, written: str, style: str | None) -> Cell:
        value = float(written) if _NUMBER.fullmatch(written) else math.inf
        if math.isinf(value):
            return Cell(written, "has a number that is none")
        exact, shape = Decimal(written), self.shape(style)
        if shape != "number":
            text = day_of(value, shape, since_1904=self._since_1904)
            if shape == "length" or (shape == "time" and " " in text):
                # Nobody says of what unit its number would be, and a third of an hour has no last digit.
                return Cell(text, _LENGTH)
            timed = shape == "moment" or "T" in text
            form = self.source.datetime_format if timed else self.source.date_format
            return Cell(text if shape == "time" or form is None else _in_form(text, form))
        shortest = repr(value)
        inexact = _digits(Decimal(shortest)) > DIGITS_AT_MOST or _digits(exact) > _WRITTEN_AT_MOST
        return Cell(as_texts_write(plain_number(shortest), self.source), inexact=inexact)


def _digits(number: Decimal) -> int:
    return len("".join(map(str, number.as_tuple().digits)).strip("0"))


def day_of(value: float, shape: Shape, *, since_1904: bool) -> str:
    """A number that is shown as a day or a time, as that; what is none stays a text that is no number."""
    whole = round(value * _DAY_MS)
    days, rest = divmod(whole, _DAY_MS)
    time = _time(rest)
    if shape in ("time", "length"):
        return f"{days} days {time}" if days else time
    if since_1904:
        days += 1462
    if days < 1 or days == _NO_DAY or days > _LAST_DAY:
        return f"day {plain_number(repr(value))}"
    day = dt.date(1899, 12, 31 if days < _NO_DAY else 30) + dt.timedelta(days=days)
    return f"{day.isoformat()}T{time}" if rest else day.isoformat()


def _in_form(text: str, form: str) -> str:
    """A day or a moment in the form that the source says its texts have, or as none that has it.

    A day of the sheet would otherwise be another one where that form has its parts in another order.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:  # a day that there is not
        return text
    for written, as_none in ((moment.strftime(form), text), (text, f"day {text}")):
        with suppress(ValueError):
            found = dt.datetime.strptime(written, form)  # noqa: DTZ007 - a sheet knows no zones
            if found == moment:
                return written
            text = as_none
    return text


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}" if rest else text


def column_number(letters: str) -> int:
    """A column by its letters, counted from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """The letters of a column that is counted from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def reference(sheet: str, column: int | None, row: int) -> str:
    """``Q1!C7`` or, of a whole row, ``Q1 row 7``."""
    shown = sheet if sheet.replace("_", "").isalnum() else f"'{sheet}'"
    return f"{shown} row {row}" if column is None else f"{shown}!{column_letters(column)}{row}"


Header = Mapping[int, str]
"""The names of columns by their numbers."""
