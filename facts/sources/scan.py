"""A source's files as one scan with the contract's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from phasegate.facts.contracts.blank import without_blanks
from phasegate.facts.contracts.clauses import HIDDEN
from phasegate.facts.contracts.moments import Zones
from phasegate.facts.contracts.numbers import NumberForm
from phasegate.facts.contracts.types import Reading, RetypedError, polars_type, type_name, typed
from phasegate.facts.expressions.no_value import without_words
from phasegate.facts.sources.columns import (
    SAY_WHICH,
    check_alike,
    check_format,
    one_to_one,
    read_columns,
    wanted_of,
)
from phasegate.facts.sources.content import Room
from phasegate.facts.sources.file import explain, open_parts
from phasegate.facts.sources.files import SourceError, digest_of
from phasegate.facts.sources.floats import with_scales
from phasegate.facts.sources.formats.base import Part
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import SourceFile
from phasegate.rules.values.time_zones import UTC

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
        return sum(part.size for part in self.parts)

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

    def digest(self, files: Mapping[str, str]) -> str | None:
        """One digest over those of all files, and over what a log says of them.

        Args:
            files: the digest of each.
        """
        if (table := self.parts[0].table) is not None and table.log:
            return digest_of({**files, self.source.place: table.log})
        return digest_of(dict(files)) if files else None

    def versions(self) -> dict[str, str]:
        """Which version of each object was read, where its bucket keeps several."""
        return {part.file.shown: part.file.version for part in self.parts if part.file.version}

    def fault(self) -> SourceError | None:
        """What the second look at the bytes found, or None; waits until it is done."""
        return next((fault for part in self.parts if (fault := part.fault())), None)

    def changed_since(self) -> SourceError | None:
        """That a file changed since `fault` was asked; None if none did, or no rows are read of any."""
        if self.held is not None:
            return None
        return next((fault for part in self.parts if (fault := part.file.changed())), None)

    def explain(self, error: BaseException) -> SourceError:
        """What an error of polars means for this source."""
        return explain(self.parts, self.source.place, error)


def scan_source(
    contract: Contract,
    source: SourceFile,
    root: Path,
    zone: str = UTC,
    room: Room | None = None,
    table: Part | None = None,
    objects: tuple[Part, ...] | None = None,
) -> Scanned:
    """Finds a source's files and puts its columns under the contract's names.

    Args:
        contract: what the columns must be.
        source: where the files are, and how they are written.
        root: the project's folder.
        zone: the time zone of the project.
        room: what may still be held of the sources of this run.
        table: the source's table, where it is in a database.
        objects: the source's objects, where they are in a store.

    Raises:
        SourceError: if a file can not be used.
        PathError: if a path leaves the project's folder.
    """
    if table is not None:
        parts: tuple[Part, ...] = (table,)
    else:
        parts = open_parts(root, source, room or Room()) if objects is None else objects
        check_format(parts)
        parts[0].format.check(parts, source.place)
    reading = Reading(
        numbers=NumberForm(
            source.decimal_comma,
            source.thousands,
            source.currency_sign,
            source.percent,
            source.accounting,
            source.true_values,
            source.false_values,
        ),
        date_format=source.date_format,
        datetime_format=source.datetime_format,
        zones=Zones(source.time_zone or zone, zone),
    )
    left_out: dict[str, str] = {}
    if contract.infer:
        contract, left_out = _completed(contract, parts, source, reading)
    wanted = wanted_of(contract, source, parts)
    for part, names in zip(parts, wanted, strict=True):
        part.read_as({found: (name, contract.columns[name].type) for found, name in names.items()})
    raw, columns = read_columns(parts, source, wanted)
    raw = _texts_read(raw, contract, columns)
    try:
        contract, crowded = with_scales(contract, raw, columns, reading)
    except READ_ERRORS as error:
        raise explain(parts, source.place, error) from error
    reading = replace(reading, crowded=crowded)
    return Scanned(contract, raw, columns, reading, source, parts, left_out=left_out)


def _completed(
    contract: Contract, parts: Sequence[Part], source: SourceFile, reading: Reading
) -> tuple[Contract, dict[str, str]]:
    """The contract with the file's other columns, as they are, and why some of these are not read."""
    from phasegate.facts.sources.infer import infer_columns

    for part in parts:
        part.complete()
    if not parts[0].format.ragged:
        check_alike(parts)
    found = dict.fromkeys(found for part in parts for found in part.columns if found)
    twice = [name for name in found if any(part.stands_twice(name) for part in parts)]
    for name in twice:  # said to be names all the same, by 'header: true'
        del found[name]
    one_to_one(source.rename)
    ours = {each: source.rename.get(each, each) for each in found}
    for each, name in source.rename.items():
        if name in ours and name not in source.rename:
            what = f"{parts[0].file.shown} has a column {name!r}, and {each!r} is renamed to it"
            raise SourceError(what, SAY_WHICH)
    wanted = {each: name for each, name in ours.items() if name not in contract.columns}
    try:
        raw, types = read_columns(parts, source, [wanted] * len(parts))
        inferred = infer_columns(raw, types, reading)
    except READ_ERRORS as error:
        raise explain(parts, source.place, error) from error
    refused = _as_stored(parts, wanted, inferred)
    for each, name in wanted.items():  # files of ragged formats may each lack one
        if name in inferred and not all(each in part.columns for part in parts):
            inferred[name] = inferred[name].model_copy(update={"optional": True})
    left_out = {
        name: f"the file has it as {type_name(kind)}, of which nothing is measured: export it as a text"
        for name, kind in types.items()
        if name not in inferred
    }
    left_out |= {name: why for part in parts for name, why in part.left_out.items()}
    left_out |= dict.fromkeys(twice, "two columns of the file have this name: rename one of them there")
    return contract.model_copy(update={"columns": {**contract.columns, **inferred}}), left_out | refused


def _as_stored(
    parts: Sequence[Part], wanted: Mapping[str, str], inferred: dict[str, Column]
) -> dict[str, str]:
    """Makes floats of the numbers that are stored so, and takes out what can not be read.

    Returns:
        Why, by the column's name.
    """
    refused: dict[str, str] = {}
    for found, name in wanted.items():
        if (column := inferred.get(name)) is None:
            continue
        if column.type in ("integer", "decimal") and any(found in part.inexact for part in parts):
            inferred[name] = column = Column(type="float", nullable=True)
        faults = [fault for part in parts if (fault := part.refused(found, column.type)) is not None]
        if faults:
            refused[name] = faults[0].sentence
            del inferred[name]
    return refused


def _texts_read(raw: pl.LazyFrame, contract: Contract, columns: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """The same columns, texts that say nothing made null, and ids of people without white space around them.

    A blank is no approval, and ``n/a`` no owner where the contract says so; ``f-101`` and ``f-101 `` would
    otherwise count as two people where two are asked for.
    """
    texts = {
        name: column
        for name, column in contract.columns.items()
        if column.type == "string" and columns.get(name) == pl.String()
    }
    people = [name for name, column in texts.items() if column.personal]
    raw = without_blanks(raw.with_columns(pl.col(people).str.strip_chars()) if people else raw, texts)
    # A text that must be there and names no person says what it says.
    may_say_nothing = [
        name
        for name, column in texts.items()
        if (column.personal or contract.may_lack(name)) and not column.allowed
    ]
    return without_words(raw, may_say_nothing, contract.no_value)


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
