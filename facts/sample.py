"""The beginning of a project's files, copied apart: enough to see whether a source is what its contract says.

Of a large file no more is read than its first rows, so that a table of any size takes no longer.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from phasegate.facts.sources.files import words
from phasegate.facts.sources.formats.base import HEAD_BYTES
from phasegate.facts.sources.formats.registry import format_named
from phasegate.facts.sources.paths import Place, find_places
from phasegate.facts.sources.scan import READ_ERRORS
from phasegate.rules.model.project import SourceFile
from phasegate.rules.values.paths import PathError

MOST_FILES = 20
"""So many files of one source are, the first ones."""


class Sample(NamedTuple):
    """The beginning of a source.

    Attributes:
        file: how it is read, in the folder of samples; None where there is none.
        whole: whether nothing of the source is missing in it.
        why: why there is no sample; None where there is one.
    """

    file: SourceFile | None
    whole: bool = False
    why: str | None = None


def sample(root: Path, source: SourceFile, folder: Path, name: str) -> Sample:
    """Copies the beginning of a source's files.

    Args:
        root: the project's folder.
        source: where its table comes from.
        folder: where the copies are put.
        name: the source's, which its copies are called by where they lie outside of the project.
    """
    if source.path is None or source.objects is not None:
        return Sample(None, why=f"{source.place} is no file of this machine")
    try:
        places = find_places(root, source.path, source.outside)
    except PathError as error:
        return Sample(None, why=error.message)
    if not places or not places[0].path.exists():
        return Sample(source, whole=True)  # whoever opens it tells best what is missing
    whole = len(places) <= MOST_FILES
    for place in places[:MOST_FILES]:
        inside = not (Path(place.shown).is_absolute() or ".." in Path(place.shown).parts)
        target = folder / (place.shown if inside else f"{name}/{place.path.name}")
        if not inside:
            written = f"{name}/{Path(source.path or '').name}"
            source = source.model_copy(update={"path": written, "outside": False})
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if (why := _copied(place, source, target)) is not None:
                return Sample(None, why=why)
            whole = whole and target.stat().st_size == place.path.stat().st_size
        except READ_ERRORS as error:
            told = words(error) if isinstance(error, OSError) else "it can not be read"
            return Sample(None, why=f"{place.shown}: {told}")
    return Sample(source, whole)


def _copied(place: Place, source: SourceFile, target: Path) -> str | None:
    """Copies the beginning of a file; says why not, where that can not be done."""
    if not place.path.is_file():
        return f"{place.shown} is no regular file"
    with place.path.open("rb") as file:
        head = file.read(HEAD_BYTES + 1)
    if len(head) <= HEAD_BYTES:
        target.write_bytes(head)
        return None
    format_ = source.format_of(place.path.name)
    if format_ is not None and format_named(format_).copy_head(place.path, source, target):
        return None
    return f"{place.shown} is large, and its beginning can not be read by itself"
