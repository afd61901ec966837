"""JSON files: a list of objects, or one further inside; their values by path, and where a row stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.staged_tables.json_records import (
    Number,
    Record,
    leaves,
    paths_split,
    read_json,
    records_of,
    text_of,
    told,
)
from phasegate.facts.sources.formats.staged_tables.table import (
    Row,
    StagedFormat,
    StagedPart,
    Table,
    as_texts_write,
    read_table,
)
from phasegate.facts.sources.limits import refuse_columns
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.project import SourceFile


class JsonPart(StagedPart):
    """A JSON file; its columns are the keys of all its records, and what the source names by its path.

    Args:
        file, source, table, faults: as of each such part.
        place: where its records are, as a JSON path.
        deeper: the paths of values that lie deeper in its first record.
    """

    def __init__(
        self,
        file: FoundFile,
        source: SourceFile,
        table: Table,
        faults: Mapping[str, SourceError],
        place: str,
        deeper: Sequence[str],
    ) -> None:
        super().__init__(file, source, table, faults)
        self._place, self._deeper = place, deeper

    def within(self, at: int, column: str | None = None) -> str:
        """Its JSON path."""
        record = f"{self._place}[{at}]"
        return record if column is None else f"{record}.{self.source.paths.get(column, column)}"

    def later(self, columns: Collection[str]) -> Collection[str]:
        """All of them where there are no records: none lacks one."""
        return () if self.held.rows else columns

    def column_advised(self, name: str) -> str | None:
        """Where a value of that name stands deeper in the records, or which path no record has."""
        if (path := self.source.paths.get(name)) is not None:
            hint = suggest(path, [*self.columns, *self._deeper], of="paths")
            return f"no record has {path!r}, where columns says that it stands; {hint}"
        near = [path for path in self._deeper if name in path.split(".")]
        if near:
            return f"it may stand deeper: columns: {{{name}: {near[0]}}}"
        return super().column_advised(name)


class Json(StagedFormat):
    """JSON: records, each with keys of its own."""

    name = "json"
    ragged = True

    def open(self, file: FoundFile, source: SourceFile) -> JsonPart:
        """Reads all of it."""
        place, records = records_of(file, read_json(file), source.records)
        reader = _Reader(file, place, source)
        names = reader.names(records)
        refuse_columns(file.shown, len(names))
        table = read_table(file, names, reader.rows(records, names))
        deeper = list(leaves(records[0])) if records else []
        return JsonPart(file, source, table, reader.faults, place, deeper)

    def recognises(self, line: bytes) -> bool:
        """Whether a list or an object begins."""
        return line.startswith((b"[", b"{"))


class _Reader:
    """Makes rows of records.

    Attributes:
        faults: what makes a column unreadable, by its name.
    """

    def __init__(self, file: FoundFile, place: str, source: SourceFile) -> None:
        self._file, self._place, self._source = file, place, source
        self._paths = paths_split(source.paths)
        self.faults: dict[str, SourceError] = {}

    def names(self, records: Sequence[Record]) -> list[str]:
        """All columns: a path is one where any record has it."""
        keys: dict[str, None] = {}
        for record in records:
            keys.update(dict.fromkeys(record))
        own = [key for key in keys if key not in self._paths]
        return own + [
            name for name, path in self._paths.items() if any(_has(record, path) for record in records)
        ]

    def rows(self, records: Sequence[Record], names: Sequence[str]) -> Iterator[Row]:
        """The rows."""
        for number, record in enumerate(records):
            yield Row(number, [self._cell(record, name, number) for name in names])

    def _cell(self, record: Record, name: str, number: int) -> str | None:
        path = self._paths.get(name)
        value: Any = record.get(name) if path is None else record
        for depth, key in enumerate(path or ()):
            if value is None:
                return None
            if not isinstance(value, dict):
                where = ".".join((f"{self._place}[{number}]", *(path or ())[:depth]))
                what = (
                    f"{self._file.shown}: {where} is {told(value)}, and columns says that {name!r} is in it"
                )
                self.faults.setdefault(name, SourceError(what, "name a path that leads through objects"))
                return None
            value = value.get(key)
        text = text_of(value)
        if text is not None and isinstance(value, Number):
            return as_texts_write(text, self._source)
        if text is None or text.isascii():
            return text
        try:
            text.encode()
        except UnicodeEncodeError:
            what = f"{self._file.shown}: {self._place}[{number}] has half of a character in {name!r}"
            hint = "write the whole character, in both of its halves or as itself"
            self.faults.setdefault(name, SourceError(what, hint))
            return None
        return text


def _has(record: Record, path: Sequence[str]) -> bool:
    value: Any = record
    for key in path:
        if not isinstance(value, dict) or key not in value:
            # What stands in the way is told with its place.
            return value is not record and value is not None and not isinstance(value, dict)
        value = value[key]
    return True


FORMAT = Json()
JsonPart.format = FORMAT
