"""A version of a table, read from its log: neither more nor less than what that says of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from phasegate.facts.sources.files import FoundFile, SourceError, words
from phasegate.facts.sources.formats.delta.actions import Actions, DataFile, LogError, features
from phasegate.facts.sources.formats.delta.listing import Listing, Way, commit_name
from phasegate.facts.sources.formats.delta.schema import Schema, schema_of
from phasegate.facts.sources.formats.folder import Folder
from phasegate.facts.sources.formats.parquet import PARQUET, ParquetPart, scan_columns
from phasegate.facts.sources.passes import cause, read_errors
from phasegate.rules.model.file_format import FILE_FORMATS
from phasegate.rules.model.project import SourceFile

LOG = FILE_FORMATS["delta"].folder
_SIDECARS = "_sidecars"
_NAMES_AT_MOST = 1 << 20
JSON_AT_MOST = 1 << 27
"""Bytes of JSON that are read of one log; a checkpoint says the same in a tenth."""
LINE_AT_MOST = 1 << 24
"""Bytes of one line: of a schema of ten thousand columns it has some two million."""
_ACTIONS_AT_MOST = 2_000_000
_FIELDS: Mapping[str, Sequence[str]] = {
    "add": ("path", "partitionValues", "size", "deletionVector"),
    "protocol": ("minReaderVersion", "readerFeatures"),
    "metaData": ("id", "format", "schemaString", "partitionColumns", "configuration"),
    "sidecar": ("path",),
}
"""What is read of a checkpoint."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a table.

    Attributes:
        number: which it is.
        time: when it was made, as the log says; empty where it does not.
        reader: what a reader of it must know, in words.
        schema: its columns.
        files: the files that hold its rows, in the order of their paths.
        log: the files in which all of this stands.
        identity: what the log says of the table, apart from its files.
    """

    number: int
    time: str
    reader: str
    schema: Schema
    files: Sequence[DataFile]
    log: tuple[FoundFile, ...]
    identity: Mapping[str, Any]

    @property
    def shown(self) -> str:
        """``version 12 of 2026-03-01T08:00:00.000Z``."""
        return f"version {self.number}{f' of {self.time}' if self.time else ''}"

    def digest(self, deleted: Mapping[str, str]) -> str:
        """The digest of what the log says that the rows of the table are, files aside.

        Args:
            deleted: the digest of the deletion vector of each file that has one.
        """
        said = {
            **self.identity,
            "version": self.number,
            "files": [[file.path, dict(file.values), deleted.get(file.path)] for file in self.files],
        }
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


class Log:
    """The log of a table.

    Args:
        table: the table's folder.
        source: what the project says of it.
    """

    def __init__(self, table: Folder, source: SourceFile) -> None:
        self._table, self._source = table, source
        self._read: list[FoundFile] = []
        self._json = 0

    def version(self) -> Version:
        """The version that the source names, else the newest.

        Raises:
            SourceError: if there is none such, or it can not be read.
        """
        shown = self._table.shown
        way = Listing(self._names()).way_to(self._source.version, shown)
        actions = Actions()
        try:
            self._checkpoint(way, actions)
            for version in way.commits:
                self._commit(version, actions)
            if way.told_by is not None and not way.commits:
                self._told(way, actions)
            files = actions.whole()
            assert actions.protocol is not None
            assert actions.metadata is not None
            schema = schema_of(actions.metadata)
            asked = ", ".join(features(actions.protocol))
            reader = f"Delta Lake, reader {actions.protocol['minReaderVersion']}"
            return Version(
                number=way.version,
                time=_moment(actions.time),
                reader=f"{reader} ({asked})" if asked else reader,
                schema=schema,
                files=files,
                log=tuple(self._read),
                identity={
                    "id": actions.metadata.get("id"),
                    "columns": [[each.name, each.stored, each.written] for each in schema.columns],
                    "partitions": sorted(schema.partitions),
                },
            )
        except LogError as error:
            raise SourceError(f"{shown}: version {way.version} {error.message}", error.hint) from error

    def _names(self) -> list[str]:
        """The names of the files in the log, all of one moment."""
        where = f"{self._table.shown}/{LOG}"
        names: list[str] = []
        try:
            for name in self._table.names(LOG):
                names.append(name)
                if len(names) > _NAMES_AT_MOST:
                    raise SourceError(f"{where} has more than {_NAMES_AT_MOST:,} files")
        except OSError as error:
            what = f"{self._table.shown} is no Delta table: {where} can not be read: {words(error)}"
            raise SourceError(what, "name the folder of the table") from error
        return names

    def _held(self, *names: str) -> tuple[FoundFile, ...]:
        files = self._table.held([f"{LOG}/{name}" for name in names])
        self._read += files
        return files

    def _commit(self, version: int, actions: Actions) -> None:
        (file,) = self._held(commit_name(version))
        self._said(file, lambda: actions.commit(self._lines(file)))

    def _told(self, way: Way, actions: Actions) -> None:
        """When a version was made that a checkpoint says."""
        told = Actions()
        (file,) = self._held(commit_name(way.version))
        self._said(file, lambda: told.commit(self._lines(file)))
        actions.time = told.time

    def _checkpoint(self, way: Way, actions: Actions) -> None:
        if not way.checkpoint:
            return
        for part in self._held(*way.checkpoint):
            self._said(part, lambda part=part: actions.checkpoint(self._actions(part)))
        sidecars, actions.sidecars = actions.sidecars, []
        for name in sidecars:
            if "/" in name or "\\" in name or name in ("", ".", ".."):
                raise LogError(f"goes on in {name!r}, which is no file of its log")
        if sidecars:
            for part in self._held(*(f"{_SIDECARS}/{name}" for name in dict.fromkeys(sidecars))):
                self._said(part, lambda part=part: actions.checkpoint(self._actions(part)))
            if actions.sidecars:
                raise LogError("goes on in a sidecar of a sidecar")

    def _said(self, file: FoundFile, take: Any) -> None:
        try:
            take()
        except LogError as error:
            raise SourceError(f"{file.shown} {error.message}", error.hint) from error
        except OSError as error:
            raise SourceError(f"{file.shown} can not be read: {words(error)}") from error

    def _actions(self, file: FoundFile) -> Iterator[Mapping[str, Any]]:
        return self._lines(file) if file.shown.endswith(".json") else _stored_actions(file, self._source)

    def _lines(self, file: FoundFile) -> Iterator[Mapping[str, Any]]:
        """The actions of a file of JSON, one on each line."""
        self._json += file.size
        if self._json > JSON_AT_MOST:
            what = f"and others before it have more than {JSON_AT_MOST:,} bytes, which are not read"
            raise LogError(what, "have a checkpoint of the table written")
        with file.open() as raw:
            number = 0
            while line := raw.readline(LINE_AT_MOST + 1):
                number += 1
                if len(line) > LINE_AT_MOST:
                    raise LogError(f"has more than {LINE_AT_MOST:,} bytes on line {number}: no log has")
                if not line.strip():
                    continue
                try:
                    found = json.loads(line, object_pairs_hook=_single)
                except (ValueError, RecursionError) as error:
                    raise LogError(f"is no JSON on line {number}", "was it copied whole?") from error
                if not isinstance(found, dict):
                    raise LogError(f"has no action on line {number}")
                yield found


def _single(both: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(both)
    if len(found) < len(both):
        raise ValueError("a key twice")
    return found


def _stored_actions(file: FoundFile, source: SourceFile) -> Iterator[Mapping[str, Any]]:
    """The actions of a checkpoint in Parquet, of which those that remove files are no part of the table."""
    part = PARQUET.open(file, source)
    PARQUET.check([part], file.shown)
    try:
        frame = scan_columns([part], part.columns)
        if int(frame.select(pl.len()).collect().item()) > _ACTIONS_AT_MOST:
            raise LogError(f"has more than {_ACTIONS_AT_MOST:,} actions, which are not read")
        has = [kind for kind in _FIELDS if kind in part.columns]
        wanted = {kind: _wanted(part, kind, _FIELDS[kind]) for kind in has}
        rows = frame.select(**wanted).collect(engine="streaming")
    except read_errors() as error:
        raise LogError(f"can not be read: {cause(error)}", "was it copied whole?") from error
    for kind in wanted:
        for found in rows[kind].drop_nulls().to_list():
            yield {kind: found}


def _wanted(part: ParquetPart, kind: str, fields: Sequence[str]) -> pl.Expr:
    found = part.columns[kind]
    if not isinstance(found, pl.Struct):
        raise LogError(f"has {kind} as {found}, which is no action")
    has = [each.name for each in found.fields]
    struct = pl.col(kind)
    own = pl.struct(*(struct.struct.field(name) for name in fields if name in has))
    return pl.when(struct.is_not_null()).then(own)


def _moment(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    try:
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return ""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
