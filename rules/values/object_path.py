"""Where objects of a store are: a bucket, and the key of an object in it or a glob that keys match."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from phasegate.rules.values.paths import PathError

SCHEMES = ("s3",)
_MARK = "://"
_ANY_FOLDERS = "**"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_WILD = re.compile(r"[*?[]")
_LONGEST_KEY = 1_024


class ObjectPath(NamedTuple):
    """Where objects are.

    Attributes:
        scheme: by which the kind of store is known.
        bucket: in which they are.
        key: of an object, or a glob.
    """

    scheme: str
    bucket: str
    key: str

    @property
    def begins(self) -> str:
        """How each key begins that may be meant: what stands before the first wildcard."""
        return _WILD.split(self.key, maxsplit=1)[0]

    @property
    def is_glob(self) -> bool:
        """Whether it stands for several keys."""
        return self.begins != self.key

    @property
    def flat(self) -> bool:
        """Whether none of the keys that are meant goes on behind a slash after what it begins with."""
        rest = self.key[len(self.begins) :]
        return "/" not in rest and _ANY_FOLDERS not in rest

    @property
    def folders_above(self) -> list[str]:
        """The folders in which all objects lie that are meant, beyond where a list of them begins."""
        parts = self.begins.split("/")
        folders = ["/".join(parts[:depth]) + "/" if depth else "" for depth in range(len(parts))]
        return [folder for folder in reversed(folders) if folder != self.begins]

    @property
    def named(self) -> str:
        """What a table that is there may be called: as its object, or the folder in which a glob begins."""
        *folders, last = self.begins.split("/")
        if not self.is_glob:
            return last.partition(".")[0]
        return folders[-1] if folders else self.bucket

    def shown(self, key: str) -> str:
        """How an object of the same bucket is called."""
        return f"{self.scheme}{_MARK}{self.bucket}/{key}"

    def matches(self, key: str) -> bool:
        """Whether a key is meant, by what a glob means for files.

        A wildcard stands for no slash, and for nothing that begins with a dot; ``**`` stands for any
        number of folders, none included, and those without a name too.
        """
        return _match(self.key.split("/"), key.split("/"))


def is_object(path: str | None) -> bool:
    """Whether a path is one of objects in a store."""
    return path is not None and path.startswith(tuple(f"{scheme}{_MARK}" for scheme in SCHEMES))


def has_keys(path: str) -> bool:
    """Whether a path in a store may carry who asks for it, which belongs into the environment."""
    rest = path.partition(_MARK)[2]
    return is_object(path) and (":" in rest.rpartition("@")[0] or ":" in rest.partition("/")[0])


def object_path(written: str) -> ObjectPath:
    """Where objects are.

    Raises:
        PathError: if it says no such place, or more than one. What may be a secret is not told again.
    """
    scheme, _, rest = written.partition(_MARK)
    bucket, slash, key = rest.partition("/")
    if "@" in bucket or ":" in bucket:
        raise PathError("a path in s3 has a bucket and a key, and nothing before them", _HINT)
    if _BUCKET.fullmatch(bucket) is None:
        raise PathError(f"{bucket[:80]!r} is no name of a bucket", _HINT)
    if not slash or not key or "\x00" in key:
        raise PathError(f"{written[:200]!r} names no object", _HINT)
    if len(key.encode("utf-8", "replace")) > _LONGEST_KEY:
        raise PathError("a key has at most 1,024 bytes", _HINT)
    if key.endswith("/"):
        raise PathError(f"{written!r} is a folder", f"name its objects, such as {written}*.parquet")
    return ObjectPath(scheme, bucket, key)


_HINT = "write s3://BUCKET/KEY, or s3://BUCKET/FOLDER/*.parquet"


def _match(parts: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the parts of a glob, between its slashes, mean the names between the slashes of a key."""
    if not parts:
        return not names
    if parts[0] == _ANY_FOLDERS:
        if _match(parts[1:], names) if parts[1:] else len(names) == 1 and _plain(names[0]):
            return True
        return len(names) > 1 and _plain(names[0], empty=True) and _match(parts, names[1:])
    return bool(names) and _means(parts[0], names[0]) and _match(parts[1:], names[1:])


def _means(part: str, name: str) -> bool:
    if _WILD.search(part) is None:
        return part == name
    return fnmatchcase(name, part) and (part.startswith(".") or _plain(name))


def _plain(name: str, *, empty: bool = False) -> bool:
    return not name.startswith(".") and (empty or bool(name))
