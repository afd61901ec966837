"""The formats of files: one table that says of each how its files are known, and what is said of them alone.

What reads a format stands in `facts.sources.formats`, in a module of the same name; a test holds the two
together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import PurePath
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from phasegate.rules.model.base import Model, Text, UnfitError

FormatName = Literal["csv", "parquet", "ndjson", "json", "sqlite", "xlsx", "delta"]
PackingName = Literal["gzip", "zstd"]
MOST_LINES_ABOVE = 10_000
"""So many lines may stand above a table."""


class FileFormat(NamedTuple):
    """What is known of a format without reading a file.

    Attributes:
        title: what people call it.
        endings: the extensions that tell it.
        mark: the bytes with which each of its files begins, whatever the file is called; empty where
            there are none.
        options: the keys of a source that say how such a file is written; all others are for files of
            every format.
        packed: whether such a file may be packed, as its name then says.
        inside: how the name of a part begins that such a file has, where it is a zip archive.
        folder: what such a table has in it, where it is a folder and no file.
        paths: whether a source says of its columns where they stand in each record, by their names.
    """

    title: str
    endings: tuple[str, ...]
    mark: bytes = b""
    options: tuple[str, ...] = ()
    packed: bool = False
    paths: bool = False
    inside: str = ""
    folder: str = ""


class Packing(NamedTuple):
    """A way in which a file is packed.

    Attributes:
        ending: the extension that tells it, behind that of the format.
        mark: the bytes with which each such file begins.
    """

    ending: str
    mark: bytes


_FOREIGN = r"^[a-z][a-z0-9_-]{0,59}$"
_TABLE_OPTIONS = ("header", "columns", "skip_rows", "header_row", "stop_at")
_CSV_OPTIONS = ("encoding", "separator", "quote", *_TABLE_OPTIONS)
FILE_FORMATS: dict[str, FileFormat] = {
    "csv": FileFormat("CSV", (".csv", ".tsv", ".txt"), options=_CSV_OPTIONS, packed=True),
    "parquet": FileFormat("Parquet", (".parquet", ".pq"), mark=b"PAR1"),
    "ndjson": FileFormat("NDJSON", (".ndjson", ".jsonl"), packed=True),
    "json": FileFormat("JSON", (".json",), options=("records", "columns"), packed=True, paths=True),
    "sqlite": FileFormat(
        "SQLite", (".sqlite", ".sqlite3", ".db"), mark=b"SQLite format 3\x00", options=("table",)
    ),
    "xlsx": FileFormat("Excel", (".xlsx", ".xlsm"), options=("sheet", *_TABLE_OPTIONS), inside="xl/"),
    "delta": FileFormat("Delta", (), options=("version",), folder="_delta_log"),
}
PACKINGS: dict[PackingName, Packing] = {
    "gzip": Packing(".gz", b"\x1f\x8b"),
    "zstd": Packing(".zst", b"\x28\xb5\x2f\xfd"),
}
_BY_ENDING = {ending: name for name, each in FILE_FORMATS.items() for ending in each.endings}
FORMAT_OPTIONS = tuple(dict.fromkeys(key for each in FILE_FORMATS.values() for key in each.options))
"""The keys of a source that are not for files of every format."""
MARK_AT_MOST = max(len(each.mark) for each in FILE_FORMATS.values())
"""So many bytes tell by its mark what a file is."""


def about_format(name: str) -> FileFormat:
    """What is known of a format; of one that a plugin brings, nothing but its name."""
    return FILE_FORMATS.get(name) or FileFormat(name, (), packed=True)


def format_marked(head: bytes) -> str | None:
    """The format whose mark a file's first bytes are, None if there is none."""
    return next(
        (name for name, each in FILE_FORMATS.items() if each.mark and head.startswith(each.mark)), None
    )


def packing_told(name: str) -> PackingName | None:
    """How a file is packed by its name, None if it is not."""
    ending = PurePath(name).suffix.lower()
    return next((packing for packing, each in PACKINGS.items() if each.ending == ending), None)


def packing_marked(head: bytes) -> PackingName | None:
    """How a file is packed by its first bytes, None if it is not."""
    return next((packing for packing, each in PACKINGS.items() if head.startswith(each.mark)), None)


def unpacked_name(name: str) -> str:
    """The name that a file has once it is unpacked."""
    return name if packing_told(name) is None else PurePath(name).stem


def format_of_parts(names: Collection[str]) -> str | None:
    """The format of a zip archive with such parts, None if there is none."""
    return next(
        (
            format_
            for format_, each in FILE_FORMATS.items()
            if each.inside and any(name.startswith(each.inside) for name in names)
        ),
        None,
    )


def titles_with(option: str) -> str:
    """What the formats that have an option are called."""
    return " or ".join(each.title for each in FILE_FORMATS.values() if option in each.options)


def _named(text: str) -> str:
    if not re.match(_FOREIGN, text):
        raise UnfitError(
            "bad-name", f"{text!r} names no format", f"the formats are {', '.join(FILE_FORMATS)}"
        )
    return text


AnyFormat = Annotated[
    str,
    AfterValidator(_named),
    WithJsonSchema(
        {"anyOf": [{"enum": [*FILE_FORMATS], "type": "string"}, {"pattern": _FOREIGN, "type": "string"}]}
    ),
]
"""A format of phasegate's own, or one that a plugin brings: whether there is one is seen elsewhere."""


def _quote(text: str) -> str:
    if len(text) != 1 and text != "none":
        hint = "write one sign, or none where quotes are ordinary characters"
        raise UnfitError("bad-quote", f"{text!r} is no quote", hint)
    return text


Quote = Annotated[str, StringConstraints(min_length=1), AfterValidator(_quote)]
"""A sign, or ``none``."""


class FileOptions(Model):
    """Which file it is, of which format, and what is said of files of one format alone.

    Attributes:
        path: a file or a glob, relative to the project file; None where the table is in a database.
        format: told by the extension where it is not given, that of a packed file by the one before.
        encoding: how a CSV file is written.
        separator: what stands between two fields of a CSV file; a tab in ``.tsv``, else a comma.
        quote: what stands around a text that holds a separator, a line end or a quote, which is
            then doubled; ``none`` where nothing does and a quote is a character like any other.
        header: False where a CSV file or a sheet has no header, so that ``columns`` names its
            columns; True where its header is one even if names look like data, such as years, are
            blank or double.
        columns: the names of the columns of a CSV file or a sheet, in its order, where it has no
            header; of a JSON file where columns stand within each record, by their names, as in
            ``status: fields.status.name``.
        records: where the list of records stands in a JSON file, such as ``data.issues``; the file
            itself is the list where it is not given.
        table: which table of a SQLite database is read, its only one where it is not given; or the
            table or view of a connection's database, with its schema.
        sheet: which sheet of a workbook is read; its only one where it is not given.
        skip_rows: how many lines stand above the header of a CSV file or a sheet, or above its rows
            without one.
        header_row: the line of its header, counted from 1.
        version: which version of a Delta table is read; its newest where it is not given.
        stop_at: the text of the first field of the first record below its table, such as its totals;
            or how a line of a CSV file below begins that has not as many fields as the table.
    """

    path: Text | None = None
    format: AnyFormat | None = None
    encoding: str = "utf-8"
    separator: str | None = Field(default=None, min_length=1, max_length=1)
    quote: Quote | None = None
    header: bool | None = None
    columns: tuple[Text, ...] | dict[Text, Text] = ()
    records: Text | None = None
    table: Text | None = None
    sheet: Text | None = None
    skip_rows: int = Field(default=0, ge=0, le=MOST_LINES_ABOVE)
    header_row: int | None = Field(default=None, ge=1, le=MOST_LINES_ABOVE)
    stop_at: Text | None = None
    version: int | None = Field(default=None, ge=0, strict=True)

    def format_of(self, name: str) -> str | None:
        """The format of one of its files: as it says, else as the file's extension does; None if neither."""
        return self.format or _BY_ENDING.get(PurePath(unpacked_name(name)).suffix.lower())

    def options_of_others(self, format_: str) -> Iterator[str]:
        """What it says that is about files of other formats alone, by key."""
        fields = type(self).model_fields
        for key in FORMAT_OPTIONS:
            if key not in about_format(format_).options and getattr(self, key) != fields[key].default:
                yield key

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns, where it has no header."""
        return tuple(self.columns) if isinstance(self.columns, tuple) else ()

    @property
    def paths(self) -> dict[str, str]:
        """Where columns stand within each record, by their names."""
        return {} if isinstance(self.columns, tuple) else self.columns

    def columns_misfit(self, format_: str) -> str | None:
        """What ``columns`` must be for a format, where it is something else."""
        if not self.columns or isinstance(self.columns, dict) is about_format(format_).paths:
            return None
        if about_format(format_).paths:
            return "where each column stands within a record, as in {status: fields.status.name}"
        return "the names in the file's order, as in [id, amount]"

    @property
    def above(self) -> int:
        """How many lines stand above a CSV file's table, its header being part of it."""
        return self.skip_rows if self.header_row is None else self.header_row - 1
