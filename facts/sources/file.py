"""The files of a source, opened as their format says; and a folder that is a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phasegate.facts.model.progress import bytes_count
from phasegate.facts.sources.content import Room
from phasegate.facts.sources.files import FoundFile, SourceError, find_files, fingerprint_later, words
from phasegate.facts.sources.formats.base import Part
from phasegate.facts.sources.formats.folder import Folder, LocalFolder
from phasegate.facts.sources.formats.registry import format_advised, format_named, format_told, mark_of
from phasegate.facts.sources.passes import cause, read_errors
from phasegate.facts.sources.paths import find_place
from phasegate.rules.model.file_format import FILE_FORMATS, about_format, titles_with
from phasegate.rules.model.project import SourceFile


def open_parts(root: Path, source: SourceFile, room: Room) -> tuple[Part, ...]:
    """Finds what a source's path stands for, and reads what columns it has.

    Args:
        root: the project's folder.
        source: where its files are, and how they are written.
        room: what may still be held of the sources of this run.

    Raises:
        SourceError: if something of it can not be used.
        PathError: if a path leaves the project's folder.
    """
    place = find_place(root, source.place, source.outside)
    marked = _table_in(place.path)
    if (marked is None and not is_folder(source)) or not place.path.is_dir():
        files = find_files(root, source.place, source.outside, room)
        _refuse_inner(files)
        return open_files(files, source)
    return open_folder(LocalFolder(root, place, source, room), source, marked)


def open_folder(folder: Folder, source: SourceFile, marked: str | None) -> tuple[Part, ...]:
    """What is in a folder that is a table.

    Args:
        folder: the folder.
        source: what the project says of it.
        marked: the format that it has by what is in it; None where the project alone says which.

    Raises:
        SourceError: if something of it can not be used.
    """
    name = source.format or marked
    assert name is not None
    if marked not in (None, name):
        what = f"{folder.shown} is a {about_format(marked).title} table, and is read as {name}"
        raise SourceError(what, format_told(marked))
    _refuse_options(folder.shown, source, name)
    try:
        return tuple(format_named(name).open_folder(folder, source))
    except OSError as error:
        raise SourceError(f"{folder.shown} can not be read: {words(error)}") from error


def open_files(files: Sequence[FoundFile], source: SourceFile) -> tuple[Part, ...]:
    """Each of some files or objects.

    Raises:
        SourceError: if one can not be used.
    """
    return tuple(open_part(file, source) for file in files)


def is_folder(source: SourceFile) -> bool:
    """Whether the project says that its table is a folder."""
    return source.format is not None and bool(about_format(source.format).folder)


def _table_in(folder: Path) -> str | None:
    """The format of the table that a folder is, None if it is none."""
    try:
        return next(
            (name for name, each in FILE_FORMATS.items() if each.folder and (folder / each.folder).is_dir()),
            None,
        )
    except (OSError, ValueError):  # what is wrong with it is told when it is opened
        return None


def _refuse_inner(files: Sequence[FoundFile]) -> None:
    """Refuses files within a folder that is a table: some of them may be no part of it any more."""
    seen: set[Path] = set()
    for file in files:
        for folder in file.path.parents:
            if folder in seen:
                break
            seen.add(folder)
            if (name := _table_in(folder)) is not None:
                raise part_of_table(file.shown, name, folder.name)


def part_of_table(shown: str, name: str, folder: str) -> SourceError:
    """That a file is named, or an object, which is a part of a table.

    Args:
        shown: what it is called.
        name: the format of the table.
        folder: what its folder is called.
    """
    title = about_format(name).title
    what = f"{shown} is a file of a {title} table, whose log says which of its rows count"
    return SourceError(what, f"name the folder of the table: that is {folder}")


def open_part(file: FoundFile, source: SourceFile) -> Part:
    """Reads what columns a file has, and starts its fingerprint.

    Raises:
        SourceError: if it can not be used.
    """
    try:
        return _opened(file, source)
    except OSError as error:
        raise SourceError(f"{file.shown} can not be read: {words(error)}") from error
    except read_errors() as error:  # of which a format knew nothing
        raise SourceError(f"{file.shown} can not be read: {cause(error)}") from error


def _opened(file: FoundFile, source: SourceFile) -> Part:
    name = source.format_of(file.path.name)
    marked = mark_of(file.open)
    if name is None:
        with file.open() as opened:
            hint = format_told(marked) if marked else format_advised(opened)
        raise SourceError(f"{file.shown}: its extension tells no format", hint)
    if file.unpacked and not about_format(name).packed:
        what = f"{file.shown} is a packed {about_format(name).title} file"
        raise SourceError(what, "unpack it first: of such a file any part is read at any time")
    _refuse_options(file.shown, source, name)
    if marked not in (None, name):
        title = about_format(marked).title
        what = f"{file.shown} is {'an' if title[0] in 'AEIOU' else 'a'} {title} file, and is read as {name}"
        raise SourceError(what, format_told(marked))
    part = format_named(name).open(file, source)
    count = bytes_count()
    count.expect(part.rewritten.size if part.rewritten else part.file.size)
    part.fingerprint = fingerprint_later(part.open, part.watcher, count)
    return part


def _refuse_options(shown: str, source: SourceFile, name: str) -> None:
    for option in source.options_of_others(name):
        others = titles_with(option)
        raise SourceError(f"{shown} is no {others} file, and {option} is about {others} files alone")
    if (misfit := source.columns_misfit(name)) is not None:
        raise SourceError(f"{shown}: 'columns' of a {about_format(name).title} file says {misfit}")


def explain(parts: Sequence[Part], written: str, error: BaseException) -> SourceError:
    """What an error of polars means for the files that it was reading.

    Args:
        parts: the files.
        written: the path of their source.
        error: what polars raised.
    """
    for part in parts:
        if (fault := part.fault()) is not None:
            return fault
    for part in parts:
        if (fault := part.unreadable()) is not None:
            return fault
    shown = written if len(parts) > 1 else parts[0].file.shown
    return SourceError(f"{shown} can not be read: {cause(error)}")
