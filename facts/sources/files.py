"""The files of a source: found, fit to be read, held fast, and fingerprinted while polars reads them."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from os import stat_result
from pathlib import Path
from typing import IO

from phasegate.facts.model.progress import Count
from phasegate.facts.sources.content import Held, Room, UnfitError, Way
from phasegate.facts.sources.formats.pieces import pieces
from phasegate.facts.sources.paths import Place, find_places
from phasegate.facts.sources.rewritten import Fingerprint, Rewritten
from phasegate.facts.sources.unsupported import HEAD, foreign
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.file_format import (
    PACKINGS,
    PackingName,
    format_marked,
    packing_marked,
    packing_told,
)
from phasegate.rules.values.paths import not_text

BESIDE = 32
"""So many bytes are looked at of what stands beside a file."""


class SourceError(PhasegateError):
    """Why a source can not be used: what is wrong, in which file and line, and what to do."""

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return f"{self.message}; {self.hint}" if self.hint else self.message


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a source.

    Attributes:
        path: where it is.
        shown: its path relative to the project, with forward slashes.
        held: its bytes. Whoever reads the file reads them, and never what its path leads to.
        unpacked: what they say, where the file is packed; None where they are read as they are.
        version: which version of an object of a store it is, empty where its bucket keeps none; None where
            it is a file.
        looked: how what stands beside an object is looked at, as `beside` does.
    """

    path: Path
    shown: str
    held: Held
    unpacked: Rewritten | None = None
    version: str | None = None
    looked: Callable[[str], bytes] | None = field(default=None, compare=False)

    @property
    def state(self) -> stat_result:
        """What the system said of it before it was read."""
        return self.held.state

    @property
    def size(self) -> int:
        """How many bytes are read of it."""
        return self.unpacked.size if self.unpacked else self.state.st_size

    @property
    def text(self) -> Path | IO[bytes]:
        """What polars reads, as often as it likes, from the beginning."""
        return self.unpacked.text if self.unpacked else self.held.text

    def open(self) -> IO[bytes]:
        """Its bytes from the beginning, unpacked, for whoever reads by himself."""
        return self.unpacked.open() if self.unpacked else self.held.open()

    def beside(self, ending: str) -> bytes:
        """How that begins which stands beside it, under its name and an ending; nothing where it does not.

        Raises:
            SourceError: if it can not be read.
        """
        if self.looked is not None:
            return self.looked(ending)
        try:
            with Held(self.path.with_name(self.path.name + ending), "named").open() as other:
                return other.read(BESIDE)
        except FileNotFoundError:
            return b""
        except UnfitError as error:
            raise _irregular(f"{self.shown}{ending}") from error
        except OSError as error:
            raise SourceError(f"{self.shown}{ending} can not be read: {words(error)}") from error

    def changed(self, read: int | None = None) -> SourceError | None:
        """That it is not what was read any more; None if it is.

        Args:
            read: how many bytes were read, where somebody counted them.
        """
        whole = read is None or read == self.state.st_size
        return _changed(self.shown) if not whole or self.held.changed() else None


def find_files(root: Path, written: str, outside: bool, room: Room | None = None) -> tuple[FoundFile, ...]:
    """The files that a source's path stands for, in path order, each held fast.

    Args:
        root: the project's folder.
        written: a path or a glob.
        outside: whether it may lead out of the project's folder.
        room: what may still be held of the sources of this run.

    Raises:
        SourceError: if there is none, or one can not be read.
        PathError: if one leaves the project's folder.
    """
    places = find_places(root, written, outside)
    if not places:
        raise SourceError(f"no file matches {written}")
    return held_files(places, room or Room())


def held_files(places: Sequence[Place], room: Room) -> tuple[FoundFile, ...]:
    """Files, each held fast.

    Args:
        places: where they are.
        room: what may still be held of the sources of this run.

    Raises:
        SourceError: if one is not there, or can not be read, or is there twice.
    """
    way = room.take([_size(place) for place in places])
    found = tuple(_fit(place, way, room) for place in places)
    _refuse_doubles(found)
    return found


def folder_named(shown: str) -> SourceError:
    """That a folder is named where files should be."""
    return SourceError(f"{shown} is a folder", f"name its files, such as {shown.rstrip('/')}/*.csv")


def _changed(shown: str) -> SourceError:
    return SourceError(f"{shown} changed while it was read", "run again once it is written")


def _refuse_doubles(files: tuple[FoundFile, ...]) -> None:
    seen: dict[tuple[int, int], FoundFile] = {}
    for file in files:
        first = seen.setdefault((file.state.st_dev, file.state.st_ino), file)
        if first is not file:
            what = f"{file.shown} is the same file as {first.shown}: its rows would count twice"
            raise SourceError(what, "remove the link, or name the files more narrowly")


def _size(place: Place) -> int:
    """The bytes of a file before it is opened, and looked at."""
    path, shown = place.path, place.shown
    if not_text(path) is not None:
        told = not_text(Path(shown)) or shown
        raise SourceError(f"the path of {told} is not written in UTF-8", "rename the file or its folder")
    try:
        state = path.stat()
    except FileNotFoundError as error:
        near = _near(path)
        raise SourceError(f"{shown} does not exist", near and f"did you mean {near!r}?") from error
    except OSError as error:
        raise SourceError(f"{shown} can not be opened: {words(error)}") from error
    if stat.S_ISDIR(state.st_mode):
        raise folder_named(shown)
    # Before it is opened: opening a pipe would wait for a writer that never comes.
    if not stat.S_ISREG(state.st_mode):
        raise _irregular(shown)
    return state.st_size


def _fit(place: Place, way: Way, room: Room) -> FoundFile:
    try:
        held = Held(place.path, way)
    except UnfitError as error:
        raise _irregular(place.shown) from error
    except OSError as error:
        raise SourceError(f"{place.shown} can not be read: {words(error)}") from error
    return fit(place.path, place.shown, held, room)


def fit(path: Path, shown: str, held: Held, room: Room) -> FoundFile:
    """What is held, once it is found to be what may be a table, and unpacked where it is packed.

    Args:
        path: whose last part is its name.
        shown: how it is called.
        held: its bytes.
        room: what may still be held of the sources of this run.

    Raises:
        SourceError: if it is none.
    """
    try:
        with held.open() as file:
            head = file.read(HEAD)
    except UnfitError as error:
        raise _irregular(shown) from error
    except OSError as error:
        raise SourceError(f"{shown} can not be read: {words(error)}") from error
    if held.state.st_size == 0:
        raise SourceError(f"{shown} is empty: it has not even a header")
    packing, marked = packing_told(path.name), packing_marked(head)
    if packing is not None:
        if marked != packing:
            really = "not compressed" if marked is None else f"compressed ({marked})"
            what = f"{shown} is {really}, and its name says {packing}"
            raise SourceError(what, "was it written to the end? Else give it the name of what it is")
        return FoundFile(path, shown, held, _unpacked(shown, held, packing, room))
    if marked is not None:
        named = f"{shown.rpartition('/')[2]}{PACKINGS[marked].ending}"
        hint = (
            f"unpack it first, or call it {named}: CSV, NDJSON and JSON are then unpacked where they are read"
        )
        raise SourceError(f"{shown} is compressed ({marked})", hint)
    if format_marked(head) is None and (found := foreign(held.open, head)) is not None:
        what, hint = found
        raise SourceError(f"{shown} is {what}", hint)
    return FoundFile(path, shown, held)


def _unpacked(shown: str, held: Held, packing: PackingName, room: Room) -> Rewritten:
    """What a packed file says, where that may be a table."""
    from phasegate.facts.sources.packed import UnpackedError, unpacked

    try:
        text = unpacked(held.open, packing, room)
    except UnpackedError as error:
        raise SourceError(f"{shown} {error.message}", error.hint) from error
    except OSError as error:
        what = f"{shown} can not be unpacked into a temporary file: {words(error)}"
        raise SourceError(what, "it is in TMPDIR, else in /var/tmp or /tmp") from error
    with text.open() as file:
        head = file.read(HEAD)
    if not head:
        raise SourceError(f"{shown} is empty: it has not even a header")
    twice = packing_marked(head)
    if twice is not None:
        raise SourceError(f"{shown} is compressed twice: it holds a {twice} file", "unpack it once by hand")
    if format_marked(head) is None and (found := foreign(text.open, head)) is not None:
        what, hint = found
        raise SourceError(f"{shown} holds {what}", hint)
    return text


def _irregular(shown: str) -> SourceError:
    return SourceError(f"{shown} is not a regular file but a pipe, socket or device")


def _near(path: Path) -> str | None:
    from phasegate.rules.diagnostics.suggestions import nearest

    try:
        return nearest(path.name, (other.name for other in path.parent.iterdir()))
    except OSError:
        return None


def words(error: OSError) -> str:
    """What the system says is wrong, in its own few words."""
    return (error.strerror or type(error).__name__).lower()


class Watcher:
    """Sees the bytes of a file go by, chunk by chunk; one kind looks for damage."""

    def see(self, chunk: bytes) -> None:
        """The next bytes."""

    def fault(self) -> str | None:
        """What is wrong with them, once all were seen."""
        return None


def fingerprint(
    reading: Callable[[], IO[bytes]], watch: Callable[[], Watcher] = Watcher, count: Count | None = None
) -> Fingerprint:
    """Reads bytes once, in bounded memory.

    Args:
        reading: opens what is read, from its beginning.
        watch: makes what sees them go by.
        count: counts them.

    Raises:
        OSError: if it can not be read.
    """
    sha, watcher, size = hashlib.sha256(), watch(), 0
    with reading() as file:
        for piece in pieces(file):
            sha.update(piece)
            watcher.see(piece)
            size += len(piece)
            if count is not None:
                count.add(len(piece))
    return Fingerprint(f"sha256:{sha.hexdigest()}", size, watcher.fault())


@cache
def _worker() -> ThreadPoolExecutor:
    # One thread: polars keeps the other cores busy.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="phasegate-digest")


def fingerprint_later(
    reading: Callable[[], IO[bytes]], watch: Callable[[], Watcher] = Watcher, count: Count | None = None
) -> Future[Fingerprint]:
    """Likewise, beside whatever else is done."""
    return _worker().submit(fingerprint, reading, watch, count)


def digest_of(files: dict[str, str]) -> str:
    """One digest over the digests of all files: of the lines ``digest  path``, in path order."""
    lines = "".join(f"{files[path]}  {path}\n" for path in sorted(files))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
