"""The objects of a run that are in stores: found, and brought into bytes of our own, hashed as files are.

From there on an object is a file like any other. Its bytes are in memory, or in a file without a name that
nobody else can open, and nothing of them outlives the process.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from errno import EMFILE
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from threading import Thread
from typing import IO, TypeVar

from phasegate.facts.connections.again import PAUSE as _PAUSE
from phasegate.facts.connections.again import again
from phasegate.facts.connections.objects.base import Coming, Listed, OpenStore, RefusedError
from phasegate.facts.connections.registry import store_named
from phasegate.facts.sources.content import Own, Room
from phasegate.facts.sources.file import is_folder, open_files, open_folder, part_of_table
from phasegate.facts.sources.files import BESIDE, FoundFile, SourceError, fit, words
from phasegate.facts.sources.formats.base import Part
from phasegate.facts.sources.formats.folder import Folder, not_within
from phasegate.facts.sources.rewritten import kept, unnamed_file
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.file_format import FILE_FORMATS, about_format
from phasegate.rules.model.project import SourceFile
from phasegate.rules.values.object_path import ObjectPath, object_path

OBJECT_AT_MOST = 64 << 30
"""Bytes of an object: it has to lie on this machine for the time of the run."""
OBJECTS_AT_MOST = 10_000
_WITHIN_AT_MOST = (1 << 20) + 1
_MARKS = {name: each.folder for name, each in FILE_FORMATS.items() if each.folder}
"""The folders within tables that say which of their objects count: a glob would take all of them."""
_Found = TypeVar("_Found")


class Objects:
    """What is read of stores in one run: each is opened once.

    Args:
        connections: how they are reached, by name.
        environ: the environment, whose variables say where they are, and who asks.
    """

    def __init__(self, connections: Mapping[str, Connection], environ: Mapping[str, str]) -> None:
        self._connections, self._environ = connections, environ
        self._opened: dict[str, OpenStore] = {}
        self._no_tables: set[tuple[str, str, str]] = set()
        _let_more_files_be_open()

    def find(self, source: SourceFile, room: Room) -> tuple[Part, ...]:
        """The objects that a path stands for, in the order of their keys, each read; or those of a table.

        Args:
            source: its path, and the connection that leads there.
            room: what may still be held of the sources of this run.

        Raises:
            SourceError: if there is none, or not each byte of each of them came.
            PathError: if the path is none.
        """
        place = self._place(source)
        if (name := place.table(source)) is not None:
            return open_folder(ObjectFolder(place, room), source, name)
        found = tuple(place.brought(each, room) for each in place.listed())
        self._refuse_inner(source.connection or "", place)
        return open_files(found, source)

    def listed(self, source: SourceFile) -> list[tuple[str, int]]:
        """Their names with their bytes, of a table those of its log; an only one is asked for, and not read.

        Raises:
            SourceError, PathError: as `find` does.
        """
        place = self._place(source)
        if (name := place.table(source)) is not None:
            log = f"{place.path.key}/{about_format(name).folder}/"
            return [(place.path.shown(log), sum(each.size or 0 for each in place.all_within(log)))]
        found = place.listed() if place.path.is_glob else [place.first()]
        return [(place.path.shown(each.key), each.size or 0) for each in found]

    def open(self, name: str) -> OpenStore:
        """The store that a connection leads to.

        Raises:
            SourceError: if it leads to none.
        """
        connection = self._connections.get(name)
        if connection is None:
            hint = suggest(name, self._connections, of="connections")
            raise SourceError(f"there is no connection {name!r}", hint)
        if connection.store is None:
            raise SourceError(f"the connection {name!r} leads to a database, and not to a store of objects")
        if name not in self._opened:
            self._opened[name] = store_named(connection.store).opened(name, connection, self._environ)
        return self._opened[name]

    def _refuse_inner(self, name: str, place: _Place) -> None:
        """Refuses objects within a folder that is a table, as it is done with files.

        Who names a single object may lack the right to list others: that it is in a table is then not seen.
        """
        for folder in place.path.folders_above:
            if (seen := (name, place.path.bucket, folder)) in self._no_tables:
                continue
            try:
                found = place.table_in(folder)
            except RefusedError:
                if place.path.is_glob:
                    raise
                return
            if found is not None:
                raise _within_table(place.path, place.path.key, found, folder)
            self._no_tables.add(seen)

    def _place(self, source: SourceFile) -> _Place:
        path, name = object_path(source.place), source.connection or ""
        return _Place(path, self.open(name), self._connections[name])


@dataclass(frozen=True)
class _Place:
    """Where the objects of a source are."""

    path: ObjectPath
    store: OpenStore
    connection: Connection

    def listed(self) -> list[Listed]:
        """The objects that are meant, as they are listed now; one that is named is not looked for."""
        if not self.path.is_glob:
            return [Listed(self.path.key)]
        return self._tried(self.path.shown(self.path.key), self._matching)

    def first(self) -> Listed:
        """What the store says of the one that is named."""
        return self._tried(self.path.shown(self.path.key), self._head)

    def table(self, source: SourceFile) -> str | None:
        """The format of the table that a folder of this name is; None where it is none.

        It is looked for only where neither the source nor its name says which format it has.
        """
        if is_folder(source):
            return source.format
        if self.path.is_glob or source.format_of(PurePosixPath(self.path.key).name) is not None:
            return None
        try:
            return self.table_in(f"{self.path.key}/")
        except RefusedError:  # who may not list may read an object
            return None

    def table_in(self, folder: str) -> str | None:
        """The format of the table that a folder is; None if it is none."""
        for name, mark in _MARKS.items():
            if self._tried(self.path.shown(folder), partial(self._has, f"{folder}{mark}/")):
                return name
        return None

    def _has(self, begins: str) -> bool:
        return any(self.store.listed(self.path.bucket, begins, True))

    def all_within(self, folder: str) -> list[Listed]:
        """The objects that lie in a folder itself."""

        def look() -> list[Listed]:
            listed = self.store.listed(self.path.bucket, folder, True)
            return list(islice((each for each in listed if not each.key.endswith("/")), _WITHIN_AT_MOST))

        return self._tried(self.path.shown(folder), look)

    def brought(self, wanted: Listed, room: Room) -> FoundFile:
        """An object's bytes, all of one moment: a second try asks for what the first one found."""
        shown, pinned = self.path.shown(wanted.key), wanted

        def bring() -> IO[bytes] | bytes:
            nonlocal pinned
            with self.store.coming(self.path.bucket, pinned) as coming:
                pinned = _refuse_other(shown, pinned, coming.found)
                return kept(_whole(shown, coming), room, lambda: _one_more_file(room))

        try:
            held = Own(self._tried(shown, bring))
        except OSError as error:
            hint = "it is kept for the time of the run in TMPDIR, else in /var/tmp or /tmp: is there room?"
            if error.errno == EMFILE:
                hint = "write fewer and larger ones, or let the process have more files open: ulimit -n"
            raise SourceError(f"{shown} can not be kept for the run: {words(error)}", hint) from error
        looked = partial(self._beside, wanted.key)
        return replace(fit(Path(shown), shown, held, room), version=pinned.version, looked=looked)

    def _beside(self, key: str, ending: str) -> bytes:
        """How the object begins that stands beside one; who may not list is not told of any."""

        def begun() -> bytes:
            found = next(self.store.listed(self.path.bucket, f"{key}{ending}", True), None)
            if found is None or found.key != f"{key}{ending}" or not found.size:
                return b""
            with self.store.coming(self.path.bucket, found) as coming:
                return next(iter(coming.pieces), b"")[:BESIDE]

        try:
            return self._tried(self.path.shown(key), begun)
        except RefusedError:
            return b""

    def _tried(self, shown: str, work: Callable[[], _Found]) -> _Found:
        return again(lambda: _within(self.connection, shown, work), _PAUSE)

    def _head(self) -> Listed:
        with self.store.coming(self.path.bucket, Listed(self.path.key)) as coming:
            return coming.found

    def _matching(self) -> list[Listed]:
        path = self.path
        found: dict[str, Listed] = {}
        tables: dict[str, str] = {}
        for each in self.store.listed(path.bucket, path.begins, path.flat):
            for name, mark in _MARKS.items():
                if f"/{mark}/" in f"/{each.key}":
                    tables[each.key.partition(f"{mark}/")[0]] = name
            if each.key in found:
                hint = "run again once nobody writes there"
                raise SourceError(f"{path.shown(each.key)} is listed twice", hint)
            if each.key == path.key:  # which has the signs of a glob in its name
                return [each]
            if not each.key.endswith("/") and path.matches(each.key):
                found[each.key] = each
                if len(found) > OBJECTS_AT_MOST:
                    what = f"{path.shown(path.key)} stands for more than {OBJECTS_AT_MOST:,} objects"
                    raise SourceError(what, "name them more narrowly, or write fewer and larger ones")
        if not found:
            raise SourceError(f"no object matches {path.shown(path.key)}")
        for folder, name in tables.items():
            inner = next((key for key in sorted(found) if key.startswith(folder)), None)
            if inner is not None:
                raise _within_table(path, inner, name, folder)
        return [found[key] for key in sorted(found)]


class ObjectFolder(Folder):
    """A folder of a store that is a table.

    Args:
        place: where it is.
        room: what may still be held of the sources of this run.
    """

    def __init__(self, place: _Place, room: Room) -> None:
        self._place, self._room = place, room
        self._listed: dict[str, Listed] = {}
        self.shown = place.path.shown(place.path.key)

    def names(self, inner: str) -> Iterator[str]:
        """The names of the objects in a folder within it, each of which is read as it was listed."""
        begins = f"{self._place.path.key}/{inner}/"
        for each in self._place.all_within(begins):
            self._listed[each.key] = each
            yield each.key.removeprefix(begins)

    def held(self, paths: Sequence[str]) -> tuple[FoundFile, ...]:
        """Objects of the folder, read; no address leads to one elsewhere."""
        found = []
        for path in paths:
            if (what := not_within(self, path)) is not None:
                raise SourceError(what, "have the table written whole, in one folder")
            key = f"{self._place.path.key}/{path}"
            found.append(self._place.brought(self._listed.get(key, Listed(key)), self._room))
        return tuple(found)


def _within_table(path: ObjectPath, key: str, name: str, folder: str) -> SourceError:
    return part_of_table(path.shown(key), name, path.shown(folder).rstrip("/"))


def _refuse_other(shown: str, wanted: Listed, found: Listed) -> Listed:
    """Refuses an object that is not the one that was asked for, whatever the store makes of conditions."""
    if found.size is None:
        raise SourceError(f"{shown} can not be read: the store does not say how large it is")
    before, now = (wanted.tag, found.tag) if wanted.tag else (wanted.version, found.version)
    if (before and before != now) or (wanted.size is not None and wanted.size != found.size):
        raise SourceError(f"{shown} changed while it was read", "run again once it is written")
    if found.size > OBJECT_AT_MOST:
        what = f"{shown} has {found.size:,} bytes, and objects of up to {OBJECT_AT_MOST:,} are read"
        raise SourceError(what, "divide it into several")
    return found


def _whole(shown: str, coming: Coming) -> Iterator[bytes]:
    size = 0
    for piece in coming.pieces:
        size += len(piece)
        yield piece
    if size != coming.found.size:
        raise SourceError(f"{shown} came with {size:,} bytes, where the store says {coming.found.size:,}")


def _one_more_file(room: Room) -> IO[bytes]:
    room.one_more_file()
    return unnamed_file()


def _let_more_files_be_open() -> None:
    """Of a file that has a name the name would do; each of ours has to stay open. The system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8 * OBJECTS_AT_MOST  # an eighth of them is used, see `Room`
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _within(connection: Connection, shown: str, work: Callable[[], _Found]) -> _Found:
    """Does what may take as long as the connection says, whatever a store does meanwhile.

    No time limit of a socket ends an answer of which a byte comes now and then.

    Raises:
        SourceError: if it takes longer.
    """
    done: Future[_Found] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    Thread(target=run, name="phasegate-object", daemon=True).start()
    try:
        return done.result(timeout=connection.seconds)
    except TimeoutError:
        if done.done():
            raise
    hint = "if it is only large, set 'timeout' of the connection"
    raise SourceError(f"{shown}: the store took longer than {connection.timeout}", hint)
