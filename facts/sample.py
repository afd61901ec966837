"""The beginning of a project's files, copied apart: enough to see whether a source is what its contract says.

Of a large file no more is read than its first rows, so that a table of any size takes no longer.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from phasegate.facts.sources.files import words
from phasegate.facts.sources.paths import Place, find_places
from phasegate.facts.sources.scan import READ_ERRORS
from phasegate.rules.model.project import SourceFile
from phasegate.rules.values.paths import PathError

MOST_BYTES = 1_000_000
"""So many of a file are copied; of more, the whole lines among the first ones."""
MOST_ROWS = 10_000
"""So many rows are, where rows are no lines."""
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
        head = file.read(MOST_BYTES + 1)
    if len(head) <= MOST_BYTES:
        target.write_bytes(head)
        return None
    match source.format_of(place.path.name):
        case "parquet":
            import polars as pl

            pl.scan_parquet(place.path).head(MOST_ROWS).collect().write_parquet(target)
            return None
        case "csv" | "ndjson" if b"\0" not in head[:1000]:
            quote = b"" if source.quote == "none" else (source.quote or '"').encode()
            if (end := _end_of_lines(head, quote)) is not None:
                target.write_bytes(head[:end])
                return None
    return f"{place.shown} is large, and its beginning can not be read by itself"


def _end_of_lines(head: bytes, quote: bytes) -> int | None:
    """Where the last whole row ends: at a line break that is in no quotes."""
    offset, end = 0, None
    for place, part in enumerate(head.split(quote) if quote else [head]):
        if place % 2 == 0 and b"\n" in part:
            end = offset + part.rindex(b"\n") + 1
        offset += len(part) + len(quote)
    return end
