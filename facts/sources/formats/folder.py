"""A folder that is a table: what it has in it, and its files, each held fast; on a disk, or in a store."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from phasegate.facts.sources.content import Room
from phasegate.facts.sources.files import FoundFile, SourceError, held_files
from phasegate.facts.sources.paths import Place, find_place
from phasegate.rules.model.project import SourceFile


class Folder(ABC):
    """A folder that is a table.

    Attributes:
        shown: what it is called.
    """

    shown: str

    @abstractmethod
    def names(self, inner: str) -> Iterator[str]:
        """The names of the files in a folder within it.

        Raises:
            OSError: if it can not be read.
            SourceError: likewise, where somebody knows better why.
        """

    @abstractmethod
    def held(self, paths: Sequence[str]) -> tuple[FoundFile, ...]:
        """Files, each held fast.

        Args:
            paths: where they are, as the table says it.

        Raises:
            SourceError: if one is not there, or may not be read.
        """


def not_within(folder: Folder, path: str) -> str | None:
    """Why a path that a table says is none of a file in its folder; None if it is."""
    if "://" in path:
        return f"{folder.shown}: its log names {path}, which is an address and no file here"
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        return f"{folder.shown}: its log names {path}, which is not in the table's folder"
    return None


class LocalFolder(Folder):
    """A folder of this machine.

    Args:
        root: the project's folder.
        place: where it is.
        source: what the project says of it.
        room: what may still be held of the sources of this run.
    """

    def __init__(self, root: Path, place: Place, source: SourceFile, room: Room) -> None:
        self._root, self._source, self._room = root, source, room
        self.shown = place.shown

    def names(self, inner: str) -> Iterator[str]:
        """The names of the files in a folder within it, all of one moment."""
        with os.scandir(self._place(inner).path) as entries:
            yield from (entry.name for entry in entries)

    def held(self, paths: Sequence[str]) -> tuple[FoundFile, ...]:
        """Files; one outside the folder only where the source may be outside."""
        return held_files([self._found(path) for path in paths], self._room)

    def _found(self, path: str) -> Place:
        path = re.sub("^file:(?://)?(?=/)", "", path)
        what = not_within(self, path)
        if what is not None and ("://" in path or not self._source.outside):
            hint = None if "://" in path else "if that is meant, say 'outside: true' for the source"
            raise SourceError(what, hint)
        place = self._place(path)
        if not place.path.exists():
            hint = "was it removed, as by VACUUM, or the table not copied whole?"
            raise SourceError(f"{place.shown} is not there, and the log of {self.shown} names it", hint)
        return place

    def _place(self, path: str) -> Place:
        written = path if PurePosixPath(path).is_absolute() else f"{self._source.place.rstrip('/')}/{path}"
        return find_place(self._root, written, self._source.outside)
