"""A source's files as one scan with the contract's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from phasegate.facts import sources_csv as csv
from phasegate.facts import sources_tables as tables
from phasegate.facts.contracts import HIDDEN, must_exist
from phasegate.facts.contracts_types import Reading, RetypedError, polars_type, type_name, typed
from phasegate.facts.sources_files import SourceError, find_files
from phasegate.facts.sources_names import column_advised
from phasegate.facts.sources_part import Part, explain, open_part
from phasegate.rules.contract import Contract
from phasegate.rules.nearest import suggest
from phasegate.rules.project import SourceFile

READ_ERRORS = (PolarsError, PanicException, OSError)
"""What polars raises where a file is not what it seemed."""


@dataclass(frozen=True)
class Scanned:
    """A source's files, ready to be read.

    Attributes:
        contract: the contract, completed from the file where it infers.
        raw: the wanted columns as the files have them, under the contract's names.
        columns: the type of each wanted column in the files.
        reading: how texts are written.
        source: where the files are, and how they are written.
        parts: the files, in path order.
        held: what `typed_frame` makes of it, where that is in memory or stored already.
        left_out: why a column of the file is not read, by its name.
    """

    contract: Contract
    raw: pl.LazyFrame
    columns: dict[str, pl.DataType]
    reading: Reading
    source: SourceFile
    parts: tuple[Part, ...]
    held: pl.LazyFrame | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(part.file.state.st_size for part in self.parts)

    def digests(self) -> dict[str, str]:
        """The digest of each file by its path; waits until they are computed.

        A file that vanished has none.
        """
        found = {}
        for part in self.parts:
            try:
                found[part.file.shown] = part.digest()
            except OSError:
                continue
        return found

    def fault(self) -> SourceError | None:
        """What the second look at the bytes found, or None; waits until it is done."""
        return next((fault for part in self.parts if (fault := part.fault(self.source))), None)

    def explain(self, error: BaseException) -> SourceError:
        """What an error of polars means for this source."""
        return explain(self.parts, self.source, error)


_SAY_WHICH = "say under 'rename' which column of the file is meant"


def scan_source(contract: Contract, source: SourceFile, root: Path) -> Scanned:
    """Finds a source's files and puts its columns under the contract's names.

    Raises:
        SourceError: if a file can not be used.
        PathError: if a path leaves the project's folder.
    """
    parts = tuple(open_part(file, source) for file in find_files(root, source.path, source.outside))
    _same_columns(parts)
    if parts[0].format == "parquet":
        tables.check_claims([part.file for part in parts], source.path)
    reading = Reading(
        decimal_comma=source.decimal_comma,
        date_format=source.date_format,
        datetime_format=source.datetime_format,
        inexact_numbers=parts[0].format == "ndjson",
    )
    left_out: dict[str, str] = {}
    if contract.infer:
        contract, left_out = _completed(contract, parts, source, reading)
    wanted = _wanted(contract, source, parts[0])
    raw, columns = _raw(parts, source, wanted)
    raw = _people_trimmed(raw, contract, columns)
    return Scanned(contract, raw, columns, reading, source, parts, left_out=left_out)


def _same_columns(parts: Sequence[Part]) -> None:
    first = parts[0]
    for part in parts[1:]:
        if part.format == "ndjson":
            continue
        for name in sorted(first.columns.keys() ^ part.columns.keys()):
            lacking, having = (part, first) if name in first.columns else (first, part)
            raise SourceError(
                f"{lacking.file.shown} has no column {name!r}, {having.file.shown} has one",
                "all files of a source must have the same columns",
            )
        for name, kind in first.columns.items():
            if part.columns[name] != kind:
                raise SourceError(
                    f"{part.file.shown} has {name!r} as {part.columns[name]}, {first.file.shown} as {kind}",
                    "all files of a source must have the same columns",
                )


def _completed(
    contract: Contract, parts: Sequence[Part], source: SourceFile, reading: Reading
) -> tuple[Contract, dict[str, str]]:
    """The contract with the file's other columns, as they are, and why some of these are not read."""
    from phasegate.facts.sources_infer import infer_columns

    _one_to_one(source.rename)
    ours = {found: source.rename.get(found, found) for found in parts[0].columns if found}
    for found, name in source.rename.items():
        if name in ours and name not in source.rename:
            what = f"{parts[0].file.shown} has a column {name!r}, and {found!r} is renamed to it"
            raise SourceError(what, _SAY_WHICH)
    wanted = {found: name for found, name in ours.items() if name not in contract.columns}
    _once(parts[0], wanted)
    try:
        raw, types = _raw(parts, source, wanted)
        inferred = infer_columns(raw, types, reading)
    except READ_ERRORS as error:
        raise explain(parts, source, error) from error
    left_out = {
        name: f"the file has it as {type_name(kind)}, of which nothing is measured: export it as a text"
        for name, kind in types.items()
        if name not in inferred
    }
    return contract.model_copy(update={"columns": {**contract.columns, **inferred}}), left_out


def _wanted(contract: Contract, source: SourceFile, part: Part) -> dict[str, str]:
    """The contract's names by the file's, in the contract's order; each column of the file once.

    Raises:
        SourceError: if one is missing, or stands for two columns of the contract, or two for one.
    """
    _one_to_one(source.rename)
    for name in source.rename.values():
        if name not in contract.columns:
            hint = suggest(name, contract.columns, of="columns")
            raise SourceError(f"rename names {name!r}, which is no column of the contract", hint)
    theirs = {name: found for found, name in source.rename.items()}
    wanted: dict[str, str] = {}
    for name, column in contract.columns.items():
        found = theirs.get(name, name)
        if found in part.columns or part.format == "ndjson":  # whose rows may each lack a key
            if found in wanted:
                what = f"{part.file.shown}: the column {found!r} is renamed to {source.rename[found]!r}"
                raise SourceError(f"{what}, and the contract has a column {found!r} too", _SAY_WHICH)
            wanted[found] = name
        elif not column.optional or name in must_exist(contract):
            separator = source.separator if part.format == "csv" else None
            hint = column_advised(found, part.columns, separator)
            raise SourceError(f"{part.file.shown} has no column {found!r}", hint)
    _once(part, wanted)
    return wanted


def _one_to_one(rename: Mapping[str, str]) -> None:
    first: dict[str, str] = {}
    for found, name in rename.items():
        if first.setdefault(name, found) != found:
            raise SourceError(f"rename calls both {first[name]!r} and {found!r} {name!r}", _SAY_WHICH)


def _once(part: Part, wanted: dict[str, str]) -> None:
    for found in wanted:
        if part.header and part.header.names.count(found) > 1:
            raise SourceError(f"{part.file.shown}:1 has the column {found!r} more than once")


def _raw(
    parts: Sequence[Part], source: SourceFile, wanted: dict[str, str]
) -> tuple[pl.LazyFrame, dict[str, pl.DataType]]:
    """The wanted columns as the files have them, and their types."""
    first = parts[0]
    paths = [part.file.path for part in parts]
    columns = {name: first.columns.get(found, pl.String()) for found, name in wanted.items()}
    if first.format == "parquet":
        raw = tables.scan_parquet(paths, wanted)
        coded = [name for name, kind in columns.items() if isinstance(kind, pl.Categorical | pl.Enum)]
        columns |= dict.fromkeys(coded, pl.String())
        raw = raw.with_columns(pl.col(coded).cast(pl.String)) if coded else raw
        return _nulls_read(raw, columns, source.null_values), columns
    if first.format == "ndjson":
        return _nulls_read(tables.scan_ndjson(paths, wanted), columns, source.null_values), columns
    assert first.header is not None
    if all(part.header == first.header for part in parts):
        return csv.scan([part.text for part in parts], first.header, wanted, source), columns
    # The same columns in another order: the scan goes by position.
    scans = [csv.scan([part.text], part.header, wanted, source) for part in parts if part.header]
    return pl.concat(scans), columns


def _nulls_read(raw: pl.LazyFrame, columns: Mapping[str, pl.DataType], words: Sequence[str]) -> pl.LazyFrame:
    """The same columns, texts that stand for null made null, as they are in CSV files.

    An empty text would otherwise pass for a value: nobody's approval for somebody's.
    """
    texts = [name for name, kind in columns.items() if kind == pl.String()]
    if not texts or not words:
        return raw
    text = pl.col(texts)
    told = text.str.len_bytes() > 0 if tuple(words) == ("",) else ~text.is_in(list(words))
    return raw.with_columns(pl.when(told).then(text).name.keep())


def _people_trimmed(
    raw: pl.LazyFrame, contract: Contract, columns: Mapping[str, pl.DataType]
) -> pl.LazyFrame:
    """The same columns, ids of people without white space around them; a blank one is nobody.

    ``f-101`` and ``f-101 `` would otherwise count as two people where two are asked for.
    """
    people = [
        name
        for name, column in contract.columns.items()
        if column.personal and column.type == "string" and columns.get(name) == pl.String()
    ]
    if not people:
        return raw
    id_ = pl.col(people).str.strip_chars()
    return raw.with_columns(pl.when(id_.str.len_bytes() > 0).then(id_).name.keep())


def typed_frame(scanned: Scanned, lengths: Mapping[str, int] | None = None) -> pl.LazyFrame:
    """The wanted columns under the contract's types; what was changed stays as a hidden column.

    Args:
        scanned: the source.
        lengths: the bytes of all texts of a column, where they are known to be as many in each.

    Raises:
        SourceError: if the file's type of a column can not become the contract's without loss.
    """
    values, hidden = [], {}
    for name, column in scanned.contract.columns.items():
        found = scanned.columns.get(name)
        if found is None:
            values.append(pl.lit(None, polars_type(column)).alias(name))
            continue
        try:
            length = (lengths or {}).get(name)
            value = typed(pl.col(HIDDEN + name), found, column, scanned.reading, length)
        except RetypedError as error:
            shown = scanned.parts[0].file.shown
            raise SourceError(f"{shown}: column {name!r} is retyped: {error}") from error
        if value is not None:
            hidden[name] = HIDDEN + name
            values.append(value.alias(name))
    return scanned.raw.rename(hidden).with_columns(values)
