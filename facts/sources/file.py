"""One file of a source, opened as its format says."""

from __future__ import annotations

from collections.abc import Sequence

from phasegate.facts.model.progress import bytes_count
from phasegate.facts.sources.files import FoundFile, SourceError, fingerprint_later, words
from phasegate.facts.sources.formats.base import Part
from phasegate.facts.sources.formats.registry import format_advised, format_named, format_told, mark_of
from phasegate.rules.model.file_format import FILE_FORMATS, titles_with
from phasegate.rules.model.project import SourceFile


def open_part(file: FoundFile, source: SourceFile) -> Part:
    """Reads what columns a file has, and starts its fingerprint.

    Raises:
        SourceError: if it can not be used.
    """
    try:
        return _opened(file, source)
    except OSError as error:
        raise SourceError(f"{file.shown} can not be read: {words(error)}") from error


def _opened(file: FoundFile, source: SourceFile) -> Part:
    name = source.format_of(file.path.name)
    marked = mark_of(file.open)
    if name is None:
        with file.open() as opened:
            hint = format_told(marked) if marked else format_advised(opened)
        raise SourceError(f"{file.shown}: its extension tells no format", hint)
    if file.unpacked and not FILE_FORMATS[name].packed:
        what = f"{file.shown} is a packed {FILE_FORMATS[name].title} file"
        raise SourceError(what, "unpack it first: of such a file any part is read at any time")
    for option in source.options_of_others(name):
        others = titles_with(option)
        raise SourceError(f"{file.shown} is no {others} file, and {option} is about {others} files alone")
    if (misfit := source.columns_misfit(name)) is not None:
        raise SourceError(f"{file.shown}: 'columns' of a {FILE_FORMATS[name].title} file says {misfit}")
    if marked not in (None, name):
        title = FILE_FORMATS[marked].title
        what = f"{file.shown} is {'an' if title[0] in 'AEIOU' else 'a'} {title} file, and is read as {name}"
        raise SourceError(what, format_told(marked))
    part = format_named(name).open(file, source)
    count = bytes_count()
    count.expect(part.rewritten.size if part.rewritten else part.file.size)
    part.fingerprint = fingerprint_later(part.open, part.watcher, count)
    return part


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
    first = (str(error).splitlines() or [type(error).__name__])[0]
    shown = written if len(parts) > 1 else parts[0].file.shown
    return SourceError(f"{shown} can not be read: {first}")
