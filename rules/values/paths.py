"""Paths that a project file names, held inside the project's folder."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from phasegate.rules.errors import PhasegateError


class PathError(PhasegateError):
    """A path that a project file must not name."""


def not_text(path: Path) -> str | None:
    r"""A path that is not written in UTF-8, with what no text can hold as ``\xff``; None where it is."""
    told = re.sub("[\ud800-\udfff]", lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", str(path))
    return None if told == str(path) else told


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
        raise PathError(f"{path!r} is an address, not a file", "fetch it into the project's folder first")
    base = root.resolve()
    if allowed:
        return (base / path).resolve()
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        raise PathError(f"{path!r} is absolute", f"write it relative to {_INSIDE}")
    if ".." in PurePosixPath(path).parts or ".." in PureWindowsPath(path).parts:
        raise PathError(f"{path!r} leads out of the project's folder", f"keep the file in {_INSIDE}")
    try:
        found = (base / path).resolve()
    except (OSError, RuntimeError) as error:
        what = "a link that leads back to itself" if isinstance(error, RuntimeError) else "no place"
        raise PathError(f"{path!r} is {what}", "put the file itself there") from error
    if not found.is_relative_to(base):
        raise PathError(
            f"{path!r} is a link that leads out of the project's folder", f"keep the file in {_INSIDE}"
        )
    return found


_INSIDE = "the project's folder, or say 'outside: true' for this source"
