"""CSV files: their columns, their scan, what is wrong with one, and where a row stands.

polars reads every column as text; `facts.contracts.types` makes values of it. What polars lets pass
in silence is found by a second look at the bytes, on the way to their digest: see
`facts.sources.formats.csv.structure`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import polars as pl

from phasegate.facts.sources.files import FoundFile, SourceError, words
from phasegate.facts.sources.formats.base import Format, Part, copy_lines, lines_found
from phasegate.facts.sources.formats.csv.header import Header, read_header, refuse_rows
from phasegate.facts.sources.formats.csv.records import Dialect
from phasegate.facts.sources.formats.csv.structure import Structure
from phasegate.facts.sources.formats.csv.text import dialect_of, find_encoding_fault, is_utf8, recode
from phasegate.facts.sources.limits import HEAD_AT_MOST, refuse_columns, refuse_long_line
from phasegate.facts.sources.rewritten import Rewritten
from phasegate.rules.model.project import SourceFile

if TYPE_CHECKING:
    from phasegate.facts.model.place import Place


class CsvPart(Part):
    """A CSV file.

    Args:
        file, source, text: as of each part.
        header: its columns.
        dialect: how it is written.
    """

    def __init__(
        self, file: FoundFile, source: SourceFile, header: Header, dialect: Dialect, text: Rewritten | None
    ) -> None:
        super().__init__(file, source, dict.fromkeys(header.names, pl.String()), text)
        self.header, self.dialect = header, dialect

    @property
    def place_of_columns(self) -> str:
        """Where its header stands."""
        return f"{self.file.shown}:{self.source.above + 1}"

    @property
    def separator(self) -> str | None:
        """What stands between the names in its header, if it has one."""
        return self.dialect.separator if self.header.written else None

    @property
    def layout(self) -> object:
        """Its header and its dialect: a scan goes by position."""
        return self.header, self.dialect

    def watcher(self) -> Structure:
        """Holds its bytes to the form that leaves no doubt about its rows."""
        return structure(self.header, self.dialect)

    def damage(self, said: str) -> SourceError:
        """Where it leaves that form."""
        from phasegate.facts.sources.formats.csv.damage import Table, find_damage

        fields, written = len(self.header.names), self.header.written
        with self.open() as text:
            table = Table(self.file, text, self.dialect, fields, self.source.above, written)
            return find_damage(table, said)

    def unreadable(self) -> SourceError | None:
        """Where it stops being UTF-8."""
        return None if self.rewritten else find_encoding_fault(self.file)

    def refuse_rows(self, read: Collection[str] = ()) -> None:
        """Refuses a header that is assumed, and may be a row."""
        if self.source.header is None:
            names = self.header.names
            refuse_rows(self.place_of_columns, names, read or names, self.source.null_values)

    def stands_twice(self, name: str) -> bool:
        """Whether two of its columns have a name."""
        return self.header.names.count(name) > 1

    def places(self, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
        """The lines on which records begin."""
        from phasegate.facts.sources.formats.csv.lines import Head, Records

        head = Head(self.source.above, int(self.header.written), self.dialect.quote)
        return lines_found(self, Records(head), rows)


class Csv(Format):
    """CSV: every column is text, found by its position."""

    name = "csv"
    by_name = False

    def open(self, file: FoundFile, source: SourceFile) -> CsvPart:
        """Reads the header, and rewrites a text that is not in UTF-8 or more than a table."""
        dialect = dialect_of(source, file.path.name)
        whole = source.above == 0 and source.stop_at is None
        text = None if whole and is_utf8(source.encoding) else _rewritten(file, source)
        where = f"{file.shown}:{source.above + 1}"
        with text.open() if text else file.open() as opened:
            head = opened.read(HEAD_AT_MOST)
        refuse_long_line(where, head, dialect.separator)
        header = read_header(file, head, source, dialect, source.above)
        refuse_columns(where, len(header.names))
        if text and source.stop_at is not None:
            from phasegate.facts.sources.formats.csv.damage import Table
            from phasegate.facts.sources.formats.csv.region import cut_below

            table = Table(file, text.text, dialect, len(header.names), source.above, header.written)
            cut_below(text.text, source.stop_at, table)
        return CsvPart(file, source, header, dialect, text)

    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns as text."""
        first = cast("CsvPart", parts[0])
        return scan([part.text for part in parts], first.header, wanted, first.dialect, nulls)

    def copy_head(self, path: Path, source: SourceFile, target: Path) -> bool:
        """The first lines that are in no quotes."""
        return copy_lines(path, (dialect_of(source, path.name).quote or "").encode(), target)


def structure(header: Header, dialect: Dialect) -> Structure:
    """What a file of a dialect with a header is held to."""
    # Where the header is quoted, or somebody said so, there is no doubt that quotes are quotes.
    either = not (dialect.told or header.quoted)
    return Structure(len(header.names), dialect.separator, dialect.quote, either)


def scan(
    texts: Sequence[Path | IO[bytes]],
    header: Header,
    wanted: Mapping[str, str],
    dialect: Dialect,
    nulls: Sequence[str],
) -> pl.LazyFrame:
    """The wanted columns of files as text; see `Format.scan`.

    Args:
        texts: the files, in UTF-8; all with a path or all without.
        header: their columns.
        wanted: the name that each column shall have, by the file's name.
        dialect: how they are written.
        nulls: the texts that stand for a missing value.
    """
    for text in texts:
        if not isinstance(text, Path):
            text.seek(0)  # polars reads from where the file stands
    frame = pl.scan_csv(
        cast("list[Path]", texts),
        has_header=False,
        skip_rows=int(header.written),
        # By position: names may repeat, be empty, or begin with a byte order mark.
        schema={f"{place}": pl.String for place in range(len(header.names))},
        separator=dialect.separator,
        quote_char=dialect.quote,
        null_values=list(nulls),
        glob=False,
    )
    return frame.select(pl.col(str(header.names.index(found))).alias(name) for found, name in wanted.items())


def _rewritten(file: FoundFile, source: SourceFile) -> Rewritten:
    try:
        return recode(file, source.encoding, source.above)
    except OSError as error:
        hint = "it is in TMPDIR, else in /var/tmp or /tmp; files in UTF-8 need none"
        what = f"{file.shown} can not be rewritten as UTF-8 in a temporary file: {words(error)}"
        raise SourceError(what, hint) from error


FORMAT = Csv()
CsvPart.format = FORMAT
