"""What the actions of a log make of a table: its schema, and the files that hold its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import unquote

FILES_AT_MOST = 100_000
"""So many files a version may have."""
_READER_AT_MOST = 3
_FEATURES_FROM = 3
_KNOWN = frozenset(
    {
        *("columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"),
        *("typeWidening", "typeWidening-preview"),  # types of files are held against that of the table
        *("variantType", "variantType-preview"),  # such columns are left out by their type
    }
)
"""The features of tables that change what a reader has to do, and are read."""


_OF_NO_ROWS = frozenset({"txn", "cdc", "domainMetadata", "checkpointMetadata"})
"""Actions that say nothing of which rows there are."""


class LogError(Exception):
    """What is wrong with what a log says, and what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Vector(NamedTuple):
    """Where it stands which rows of a file are deleted.

    Attributes:
        storage: ``u`` in a file that is named by an id, ``p`` in a file with a path, ``i`` right here.
        where: the id, path or bytes.
        offset: where in the file.
        size: how many bytes.
        rows: how many rows are deleted.
    """

    storage: str
    where: str
    offset: int | None
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file that holds rows.

    Attributes:
        path: as the log has it, decoded.
        values: the texts of the partition columns in all of its rows, by their names in files.
        size: its bytes.
        deleted: where it stands which of its rows are deleted.
    """

    path: str
    values: Mapping[str, str | None]
    size: int
    deleted: Vector | None


_Key = tuple[str, Vector | None]
"""What tells a file in a log: the same file with other rows deleted is another one."""


@dataclass(slots=True)
class Actions:
    """What the actions say that came so far, the later ones prevailing.

    Attributes:
        protocol: what a reader must know.
        metadata: what the table is.
        files: the files by path and deletion vector.
        sidecars: the names of files in which a checkpoint goes on.
        time: milliseconds since 1970 at which the last commit was made, as that says.
    """

    protocol: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    files: dict[_Key, DataFile] = field(default_factory=dict)
    sidecars: list[str] = field(default_factory=list)
    time: int | None = None

    def checkpoint(self, actions: Iterable[Mapping[str, Any]]) -> None:
        """Takes what a checkpoint says, the removed files in it being no part of the table.

        Raises:
            LogError: if it contradicts itself, or says what no log says.
        """
        self._take(actions, removes=False)

    def commit(self, actions: Iterable[Mapping[str, Any]]) -> None:
        """Likewise of the next version's commit."""
        self._take(actions, removes=True)

    def whole(self) -> list[DataFile]:
        """The files of the table, in the order of their paths.

        Raises:
            LogError: if it can not be read, or must not be.
        """
        if self.protocol is None or self.metadata is None:
            lacking = "protocol" if self.protocol is None else "schema"
            raise LogError(f"does not say the table's {lacking}")
        _refuse_unknown(self.protocol)
        files = sorted(self.files.values(), key=lambda file: file.path)
        for one, other in pairwise(files):
            if one.path == other.path:
                raise LogError(f"names {one.path} twice, each time with other rows deleted")
        return files

    def _take(self, actions: Iterable[Mapping[str, Any]], *, removes: bool) -> None:
        said = _Said()
        for action in actions:
            for kind, found in action.items():
                if found is not None:
                    said.see(kind, found)
        if removes:
            said.refuse_both()
            self.time = said.time
            for key in said.removed:
                self.files.pop(key, None)
        self.files |= said.added
        if len(self.files) > FILES_AT_MOST:
            raise LogError(*_TOO_MANY)
        self.protocol = said.once.get("protocol", self.protocol)
        self.metadata = said.once.get("metaData", self.metadata)
        self.sidecars += said.sidecars


class _Said:
    """The actions of one file, among which the order is of no matter."""

    def __init__(self) -> None:
        self.added: dict[_Key, DataFile] = {}
        self.removed: set[_Key] = set()
        self.once: dict[str, Mapping[str, Any]] = {}
        self.sidecars: list[str] = []
        self.time: int | None = None

    def see(self, kind: str, found: Any) -> None:
        if not isinstance(found, Mapping):
            raise LogError(f"has an action {kind!r} that is none")
        match kind:
            case "add":
                file = data_file(found)
                if self.added.setdefault((file.path, file.deleted), file) != file:
                    raise LogError(f"adds {file.path} twice, each time otherwise")
                if len(self.added) > FILES_AT_MOST:
                    raise LogError(*_TOO_MANY)
            case "remove":
                self.removed.add((_path(found), _vector(found)))
            case "protocol" | "metaData":
                if self.once.setdefault(kind, found) != found:
                    raise LogError(f"says {kind} twice, each time otherwise")
            case "sidecar":
                self.sidecars.append(_text(found, "path"))
            case "commitInfo":
                self.time = _time(found)
            case _ if kind not in _OF_NO_ROWS:
                raise LogError(f"has an action {kind!r} that is not known", "was it damaged?")

    def refuse_both(self) -> None:
        for path, _ in self.added.keys() & self.removed:
            raise LogError(f"adds and removes {path} at once")


_TOO_MANY = (f"names more than {FILES_AT_MOST:,} files", "have its files put together, as by OPTIMIZE")


def data_file(said: Mapping[str, Any]) -> DataFile:
    """What an ``add`` says.

    Raises:
        LogError: if it is none.
    """
    values = pairs(said.get("partitionValues"))
    return DataFile(_path(said), values, _number(said, "size"), _vector(said))


def pairs(found: Any) -> dict[str, str | None]:
    """A map of texts, as JSON or Parquet have it.

    Raises:
        LogError: if it is none.
    """
    if isinstance(found, list) and all(isinstance(each, Mapping) for each in found):
        both = [(each.get("key"), each.get("value")) for each in found]
        if len(both) > len({key for key, _ in both}):
            raise LogError("has a map with a key twice")
        found = dict(both)
    found = {} if found is None else found
    if not isinstance(found, Mapping) or not all(
        isinstance(key, str) and (value is None or isinstance(value, str)) for key, value in found.items()
    ):
        raise LogError("has a map that is none of texts")
    return dict(found)


def _path(said: Mapping[str, Any]) -> str:
    try:
        path = unquote(_text(said, "path"), errors="strict")
        path.encode()
    except UnicodeError as error:
        raise LogError("has a path that is no text") from error
    if not path:
        raise LogError("has an empty path")
    return path


def _vector(said: Mapping[str, Any]) -> Vector | None:
    found = said.get("deletionVector")
    if found is None:
        return None
    if not isinstance(found, Mapping):
        raise LogError("has a deletion vector that is none")
    offset = None if found.get("offset") is None else _number(found, "offset")
    sizes = _number(found, "sizeInBytes"), _number(found, "cardinality")
    return Vector(_text(found, "storageType"), _text(found, "pathOrInlineDv"), offset, *sizes)


def _text(said: Mapping[str, Any], key: str) -> str:
    found = said.get(key)
    if not isinstance(found, str):
        raise LogError(f"has an action without a text {key!r}")
    return found


def _number(said: Mapping[str, Any], key: str) -> int:
    found = said.get(key)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 1 << 63:
        raise LogError(f"has an action without a number {key!r}")
    return found


def _time(said: Mapping[str, Any]) -> int | None:
    for key in ("inCommitTimestamp", "timestamp"):
        found = said.get(key)
        if isinstance(found, int) and not isinstance(found, bool):
            return found
    return None


def features(protocol: Mapping[str, Any]) -> list[str]:
    """What a reader must know, by name.

    Raises:
        LogError: if that can not be told.
    """
    found = protocol.get("readerFeatures")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise LogError("has a protocol that is none")
    return sorted(found)


def _refuse_unknown(protocol: Mapping[str, Any]) -> None:
    version = _number(protocol, "minReaderVersion")
    unknown = [each for each in features(protocol) if each not in _KNOWN]
    if version > _READER_AT_MOST or (version == _FEATURES_FROM and protocol.get("readerFeatures") is None):
        raise LogError(
            f"asks for readers of version {version}, which is not known", "export the table as Parquet"
        )
    if unknown:
        asked = ", ".join(unknown[:3])
        what = f"asks for readers that know {asked}: its rows could be read wrongly without"
        raise LogError(what, "export the table as Parquet, or have that feature dropped from it")
