"""What each format of files gives: the interface on which `facts.sources` reads all of them.

A format is a module of its own, named as its row in `rules.model.file_format`, with a `FORMAT`; one that is
larger has a folder of that name, and in it a module ``format``. It says how a file is opened, how files are
scanned, what is wrong with one, and where a row stands. Nobody else asks which format a file has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, Protocol

import polars as pl

from phasegate.facts.sources.files import (
    FoundFile,
    SourceError,
    Watcher,
    folder_named,
    words,
)
from phasegate.facts.sources.formats.folder import Folder
from phasegate.facts.sources.formats.pieces import pieces
from phasegate.facts.sources.rewritten import Fingerprint, Rewritten
from phasegate.rules.model.project import SourceFile

if TYPE_CHECKING:
    from phasegate.facts.model.fact import TableState
    from phasegate.facts.model.place import Place


HEAD_BYTES = 1_000_000
"""So many bytes of a file are its head; of a larger one, the whole rows among the first ones."""
HEAD_ROWS = 10_000
"""So many rows are, where rows are no lines."""


class Part(ABC):
    """One file of a source: what it holds, its fingerprint, and what is wrong with it.

    Args:
        file: where it is.
        source: what the project says of it.
        columns: the type of each of its columns; text where the format has no types.
        text: its text, where polars can not read the file as it is.

    Attributes:
        fingerprint: of the bytes that polars reads, computed in the background.
        inexact: the columns with numbers that are binary floats, though nothing of their types says so.
        table: where its rows came from, where that is a table of a database.
        left_out: why some columns are not among these, by their names.
    """

    format: Format
    inexact: Collection[str] = ()

    def __init__(
        self,
        file: FoundFile,
        source: SourceFile,
        columns: Mapping[str, pl.DataType],
        text: Rewritten | None = None,
    ) -> None:
        self.file, self.source, self.columns, self.rewritten = file, source, columns, text
        self.fingerprint: Future[Fingerprint] = Future()
        self.table: TableState | None = None
        self.left_out: Mapping[str, str] = {}

    @property
    def text(self) -> Path | IO[bytes]:
        """What polars reads."""
        return self.rewritten.text if self.rewritten else self.file.text

    def open(self) -> IO[bytes]:
        """The same bytes from the beginning, for whoever reads by himself."""
        return self.rewritten.open() if self.rewritten else self.file.open()

    @property
    def size(self) -> int:
        """How many bytes it takes to read its rows."""
        return self.file.size

    def digest(self) -> str:
        """The digest of the file; waits until it is computed.

        Raises:
            OSError: if the file can not be read.
        """
        return self._read.digest

    @property
    def _read(self) -> Fingerprint:
        """Of the file as it lies there: of a packed one that of what is packed."""
        text = self.file.unpacked or self.rewritten
        return text.fingerprint if text else self.fingerprint.result()

    def fault(self) -> SourceError | None:
        """What the second look at the bytes found, or None; waits until it is done."""
        try:
            found = self.fingerprint.result()
            if (changed := self.file.changed(self._read.size)) is not None:
                return changed
            return None if found.fault is None else self.damage(found.fault)
        except OSError as error:
            return SourceError(f"{self.file.shown} can not be read: {words(error)}")

    @property
    def place_of_columns(self) -> str:
        """Where the names of its columns stand."""
        return self.file.shown

    @property
    def separator(self) -> str | None:
        """What stands between the names of its columns, where they are a line of text."""
        return None

    @property
    def layout(self) -> object:
        """What parts must have in common so that one scan can read them, apart from their columns."""
        return None

    def watcher(self) -> Watcher:
        """What looks at its bytes on the way to their digest, for what polars lets pass in silence."""
        return Watcher()

    def damage(self, said: str) -> SourceError:
        """What is wrong with it, where its watcher has found something.

        Args:
            said: what the watcher found.
        """
        return SourceError(f"{self.file.shown} {said}", "is it cut off?")

    def unreadable(self) -> SourceError | None:
        """What is wrong with it, where polars could not read it; None where that is not found."""
        return None

    def complete(self) -> None:
        """Looks for all of its columns, where no contract says which of them are read.

        Raises:
            SourceError: if they can not be told.
        """
        self.refuse_rows()

    def later(self, columns: Collection[str]) -> Collection[str]:
        """Those of some columns that it has, though its first row lacks them.

        Raises:
            SourceError: if that can not be told.
        """
        return ()

    def refuse_rows(self, read: Collection[str] = ()) -> None:
        """Refuses names of columns that are assumed, and may be a row.

        Args:
            read: the columns that are read of it by their names; empty where all are.

        Raises:
            SourceError: naming the first.
        """
        return

    def refused(self, column: str, type_: str | None = None) -> SourceError | None:
        """Why a column can not be read, whatever its other rows hold; None if it can.

        Args:
            column: its name in the file.
            type_: what the contract says that it is; None where no contract says.
        """
        return None

    def read_as(self, columns: Mapping[str, tuple[str, str]]) -> None:
        """Is told what the contract makes of its columns, before they are read for good.

        Args:
            columns: the name and the type that each shall have, by its name in the file.

        Raises:
            SourceError: if one can not be read.
        """
        for column, (_, type_) in columns.items():
            if (fault := self.refused(column, type_)) is not None:
                raise fault

    def stands_twice(self, name: str) -> bool:
        """Whether two of its columns have a name."""
        return False

    def column_advised(self, name: str) -> str | None:
        """What helps where it has no column of a name."""
        from phasegate.facts.sources.missing_column import column_advised

        return column_advised(name, self.columns, self.separator)

    @abstractmethod
    def places(self, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
        """The places of those rows that are in it, and how many rows it has.

        The look ends at the last of the rows: where all are found the number is not a whole one.

        Args:
            rows: counted from 1.

        Raises:
            Exception: what polars raises, see `passes.read_errors`.
        """


class Format(ABC):
    """A format of files.

    Attributes:
        name: as in `rules.model.file_format`.
        stored: whether its rows are parsed out of texts, so that those of large files are kept for the
            rest of a run (docs/decisions/0012).
        ragged: whether each row may lack columns, and have others than the first.
        by_name: whether polars finds columns by their names, of which it reads some as patterns.
        lines: whether each row is a line of its own.
    """

    name: str
    stored: ClassVar[bool] = True
    ragged: ClassVar[bool] = False
    by_name: ClassVar[bool] = True
    lines: ClassVar[bool] = True

    @abstractmethod
    def open(self, file: FoundFile, source: SourceFile) -> Part:
        """Reads what columns a file has.

        Raises:
            SourceError: if it can not be used.
        """

    def open_folder(self, folder: Folder, source: SourceFile) -> Sequence[Part]:
        """Reads what is in a folder that is a table, at least one part of it.

        Args:
            folder: the folder.
            source: what the project says of it.

        Raises:
            SourceError: if it can not be used.
        """
        raise folder_named(folder.shown)

    @abstractmethod
    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns as the files have them.

        Args:
            parts: files of this format with one layout; all with a path or all without.
            wanted: the name that each column shall have, by the file's name.
            nulls: the texts that stand for a missing value.
        """

    def check(self, parts: Sequence[Part], written: str) -> None:
        """Refuses files that claim to hold what no table holds, before anything of it is read.

        Args:
            parts: all files of a source.
            written: its path in the project file.

        Raises:
            SourceError: saying what they claim.
        """
        return

    def copy_head(self, path: Path, source: SourceFile, target: Path) -> bool:
        """Writes the first rows of a large file as a file of the same format.

        Args:
            path: the file.
            source: what the project says of it.
            target: where its head is written.

        Returns:
            False where they can not be read without the rest.
        """
        return False

    def recognises(self, line: bytes) -> bool:
        """Whether a file of its own begins with such a line, where no extension tells."""
        return False


def copy_lines(path: Path, quote: bytes, target: Path) -> bool:
    """What `Format.copy_head` does where rows are lines; False where none ends in the head, or it is no text.

    Args:
        path: the file.
        quote: what stands around texts that hold line ends; empty where nothing does.
        target: where its head is written.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"\0" in head[:1000]:
        return False
    read = end = 0
    for place, part in enumerate(head.split(quote) if quote else [head]):
        if place % 2 == 0 and b"\n" in part:
            end = read + part.rindex(b"\n") + 1
        read += len(part) + len(quote)
    if end:
        target.write_bytes(head[:end])
    return end > 0


class Lines(Protocol):
    """Finds the lines on which rows begin, while their bytes go by.

    Attributes:
        lines: the line of each row that was found.
        held: how many rows have ended.
    """

    lines: dict[int, int]
    held: int

    def see(self, chunk: bytes, rows: Sequence[int]) -> None:
        """The next bytes."""

    def end(self, rows: Sequence[int]) -> None:
        """No more bytes: what has begun ends here."""


def lines_found(part: Part, look: Lines, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
    """What `Part.places` gives of a file of text, in bounded memory."""
    from phasegate.facts.model.place import Place

    with part.open() as text:
        for piece in pieces(text):
            look.see(piece, rows)
            if look.lines.keys() >= {*rows}:
                break
        else:
            look.end(rows)
    return {row: Place(part.file.shown, line) for row, line in look.lines.items()}, look.held


def nulls_read(raw: pl.LazyFrame, texts: Collection[str], nulls: Sequence[str]) -> pl.LazyFrame:
    """The same columns, texts that stand for null made null, as they are in CSV files.

    An empty text would otherwise pass for a value: nobody's approval for somebody's.

    Args:
        raw: the columns.
        texts: the names of those that are texts.
        nulls: the texts that stand for a missing value.
    """
    if not texts or not nulls:
        return raw
    text = pl.col(list(texts))
    told = text.str.len_bytes() > 0 if tuple(nulls) == ("",) else ~text.is_in(list(nulls))
    return raw.with_columns(pl.when(told).then(text).name.keep())
