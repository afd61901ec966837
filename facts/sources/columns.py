"""Which columns of a source's files are read, and what they are in each of its files.

Files of one source come from different months, and grow. A column that nobody reads may come or go;
one that is read must be in each file, unless the contract lets it be absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.formats.base import Part, nulls_read
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.base import RENAME, reserved
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

SAY_WHICH = "say under 'rename' which column of the file is meant"
_ALIKE = "all files of a source must have the same columns"
Wanted = Mapping[str, str]
"""The contract's names by the file's, in the contract's order."""


def check_format(parts: Sequence[Part]) -> None:
    """Refuses files of several formats.

    Raises:
        SourceError: naming two of them.
    """
    first = parts[0]
    for part in parts:
        if part.format != first.format:
            what = f"{part.file.shown} is {part.format.name}, {first.file.shown} is {first.format.name}"
            raise SourceError(what, "all files of a source must have one format: name them more narrowly")


def check_alike(parts: Sequence[Part]) -> None:
    """Refuses files with different columns, for a contract that takes its columns from them.

    Raises:
        SourceError: naming the column.
    """
    first = parts[0]
    for part in parts[1:]:
        for name in sorted(first.columns.keys() ^ part.columns.keys()):
            lacking, having = (part, first) if name in first.columns else (first, part)
            raise SourceError(
                f"{lacking.file.shown} has no column {name!r}, {having.file.shown} has one",
                "name the columns that are read in a 'contract': it ignores others, and one that may be "
                "absent is 'optional: true'",
            )
        for name in first.columns:
            _same_type(name, part, first)


def _same_type(name: str, part: Part, first: Part) -> None:
    if part.columns[name] != first.columns[name]:
        what = (
            f"{part.file.shown} has {name!r} as {part.columns[name]}, "
            f"{first.file.shown} as {first.columns[name]}"
        )
        raise SourceError(
            what, "a column must have one type in all files of a source: export one of them anew"
        )


def wanted_of(contract: Contract, source: SourceFile, parts: Sequence[Part]) -> list[Wanted]:
    """The columns that are read of each file; each column of a file once.

    Raises:
        SourceError: if one is missing, or stands for two columns of the contract, or two for one, or
            is of another type in another file.
    """
    one_to_one(source.rename)
    for name in source.rename.values():
        if name not in contract.columns:
            hint = suggest(name, contract.columns, of="columns")
            raise SourceError(f"rename names {name!r}, which is no column of the contract", hint)
    found = [_wanted(contract, source, part, parts[0]) for part in parts]
    having: dict[str, Part] = {}
    for part, names in zip(parts, found, strict=True):
        for name in names:
            if name in part.columns:
                _same_type(name, part, having.setdefault(name, part))
    return found


def _wanted(contract: Contract, source: SourceFile, part: Part, first: Part) -> Wanted:
    theirs = {name: found for found, name in source.rename.items()}
    shown = part.file.shown
    wanted: dict[str, str] = {}
    lacking: dict[str, str] = {}
    for name, column in contract.columns.items():
        found = theirs.get(name, name)
        if found in part.columns or part.format.ragged:
            if found in wanted:
                what = f"{shown}: the column {found!r} is renamed to {source.rename[found]!r}"
                raise SourceError(f"{what}, and the contract has a column {found!r} too", SAY_WHICH)
            wanted[found] = name
        if found not in part.columns and (not column.optional or name in contract.must_exist):
            lacking[found] = name
    if lacking:
        later = part.later(lacking)
        lacking = {found: name for found, name in lacking.items() if found not in later}
    _once(part, wanted)
    part.refuse_rows(wanted)
    for found in lacking:
        hint = part.column_advised(found)
        if found in first.columns:
            more = "or let the contract say that it may be absent, by 'optional: true'"
            what = f"{shown} has no column {found!r}, {first.file.shown} has one"
            raise SourceError(what, f"{hint or _ALIKE}, {more}")
        raise SourceError(f"{shown} has no column {found!r}", hint)
    return wanted


def one_to_one(rename: Mapping[str, str]) -> None:
    """Refuses two columns of a file that are given one name."""
    first: dict[str, str] = {}
    for found, name in rename.items():
        if first.setdefault(name, found) != found:
            raise SourceError(f"rename calls both {first[name]!r} and {found!r} {name!r}", SAY_WHICH)


def _once(part: Part, wanted: Wanted) -> None:
    """Refuses a column that is read and stands twice in a file."""
    for found in wanted:
        if part.stands_twice(found):
            what = f"{part.place_of_columns} has the column {found!r} more than once"
            raise SourceError(what, "which of them counts can not be told: rename one of them in the file")


def read_columns(
    parts: Sequence[Part], source: SourceFile, wanted: Sequence[Wanted]
) -> tuple[pl.LazyFrame, dict[str, pl.DataType]]:
    """The wanted columns as the files have them, without blanks around texts where so stated; their types.

    Args:
        parts: the files.
        source: how they are written.
        wanted: the columns of each; one that a file lacks is null in its rows.

    Raises:
        SourceError: if one has a name that stands for several columns, or for one of phasegate's.
    """
    for part, names in zip(parts, wanted, strict=True):
        _refuse_reserved(part, names)
    raw, columns = _as_written(parts, source, wanted)
    return (_trimmed(raw, columns, source.null_values) if source.trim else raw), columns


def _refuse_reserved(part: Part, wanted: Wanted) -> None:
    by_name = part.format.by_name
    for found, name in wanted.items():
        for each in (name, found) if by_name else (name,):
            if (what := reserved(each)) is not None:
                hint = RENAME if by_name else f"{RENAME}, or say under 'rename' how it shall be called"
                raise SourceError(f"{part.place_of_columns} has a column that can not be read: {what}", hint)


def _as_written(
    parts: Sequence[Part], source: SourceFile, wanted: Sequence[Wanted]
) -> tuple[pl.LazyFrame, dict[str, pl.DataType]]:
    columns: dict[str, pl.DataType] = {}
    for part, names in zip(parts, wanted, strict=True):
        for found, name in names.items():
            kind = part.columns.get(found, pl.String())
            coded = isinstance(kind, pl.Categorical | pl.Enum)  # which are read as the texts that they are
            columns.setdefault(name, pl.String() if coded else kind)
    scans = []
    for group, names in _groups(parts, wanted):
        scan = group[0].format.scan(group, names, source.null_values)
        absent = [
            pl.lit(None, kind).alias(name) for name, kind in columns.items() if name not in names.values()
        ]
        scans.append(scan.with_columns(absent).select(*columns) if len(wanted) > 1 else scan)
    return (scans[0] if len(scans) == 1 else pl.concat(scans)), columns


def _groups(parts: Sequence[Part], wanted: Sequence[Wanted]) -> list[tuple[list[Part], Wanted]]:
    """Files that one scan can read, those that follow each other, in their order."""
    groups: list[tuple[list[Part], Wanted]] = []
    for part, names in zip(parts, wanted, strict=True):
        if groups:
            group, before = groups[-1]
            alike = (part.layout, before) == (group[0].layout, names)
            if alike and isinstance(part.text, Path) == isinstance(group[0].text, Path):
                group.append(part)
                continue
        groups.append(([part], names))
    return groups


def _trimmed(raw: pl.LazyFrame, columns: Mapping[str, pl.DataType], words: Sequence[str]) -> pl.LazyFrame:
    """The same columns, texts without white space around them, no-break spaces among it.

    A text of nothing else is missing, whatever words stand for a missing value besides.
    """
    texts = [name for name, kind in columns.items() if kind == pl.String()]
    if not texts:
        return raw
    stripped = raw.with_columns(pl.col(texts).str.strip_chars())
    return nulls_read(stripped, texts, tuple(dict.fromkeys(("", *words))))
