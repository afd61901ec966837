"""Paths that a project file names, held inside the project's folder."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from phasegate.rules.errors import PhasegateError


class PathError(PhasegateError):
    """A path that a project file must not name."""


class LoopError(PathError):
    """A link that leads back to itself."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} is a link that leads back to itself", "put the file itself there")


def not_text(path: Path) -> str | None:
    r"""A path that is not written in UTF-8, with what no text can hold as ``\xff``; None where it is."""
    told = re.sub("[\ud800-\udfff]", lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", str(path))
    return None if told == str(path) else told


def resolved(path: Path) -> Path:
    """The place that a path leads to, links followed; it need not exist.

    ``Path.resolve`` takes a link that leads back to itself for a place since Python 3.13.

    Raises:
        PathError: if a link leads back to itself.
    """
    try:
        return Path(os.path.realpath(path, strict=True))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise LoopError(str(path)) from error
        return Path(os.path.realpath(path))


def resolve_inside(root: Path, path: str, allowed: bool = False) -> Path:
    """The place that a path in a project file stands for.

    Symbolic links are followed before the place is judged. The file need not exist, and the last
    part may hold wildcards; whoever expands them asks again for each match.

    Args:
        root: the project's folder.
        path: the path as written, relative to it.
        allowed: True where the project file says ``outside: true``.

    Raises:
        PathError: if the path leaves the folder and is not allowed to.
    """
    if "\x00" in path or not path.strip():
        raise PathError(f"{path!r} is not a path")
    if "://" in path:
        # What follows may be a secret.
        what = f"{path.partition('://')[0][:40] + '://...'!r} is an address, not a file"
        raise PathError(what, "fetch it into the project's folder first; of stores, s3://BUCKET/KEY is read")
    base = resolved(root)
    if allowed:
        return _followed(base, path)
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        raise PathError(f"{path!r} is absolute", f"write it relative to {_INSIDE}")
    if ".." in PurePosixPath(path).parts or ".." in PureWindowsPath(path).parts:
        raise PathError(f"{path!r} leads out of the project's folder", f"keep the file in {_INSIDE}")
    found = _followed(base, path)
    if not found.is_relative_to(base):
        raise PathError(
            f"{path!r} is a link that leads out of the project's folder", f"keep the file in {_INSIDE}"
        )
    return found


def _followed(base: Path, path: str) -> Path:
    try:
        return resolved(base / path)
    except LoopError as error:
        raise LoopError(path) from error
    except OSError as error:
        raise PathError(f"{path!r} is no place", "put the file itself there") from error


_INSIDE = "the project's folder, or say 'outside: true' for this source"
