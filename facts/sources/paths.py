"""Where the files of a source are: the one place in which its path, or its glob, is followed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from phasegate.rules.values.paths import resolve_inside

_MAGIC = "*?["


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file of a source is, or should be.

    Attributes:
        path: all links followed.
        shown: its path relative to the project, with forward slashes.
    """

    path: Path
    shown: str


def find_places(root: Path, written: str, outside: bool) -> tuple[Place, ...]:
    """Where the files are that a source's path stands for, in path order.

    Args:
        root: the project's folder.
        written: a path or a glob.
        outside: whether it may lead out of the project's folder.

    Returns:
        The files that match a glob, which may be none; of a path one, whether or not it is there.

    Raises:
        PathError: if one leaves the project's folder.
    """
    place = resolve_inside(root, written, outside)
    if not (root / written).exists() and any(sign in written for sign in _MAGIC):
        from glob import glob  # pathlib's own neither follows links nor takes a path out of the folder

        names = sorted(glob(written, root_dir=root, recursive=True))  # noqa: PTH207
        matches = [name for name in names if not (root / name).is_dir()]
        return tuple(Place(resolve_inside(root, name, outside), _shown(root, name)) for name in matches)
    return (Place(place, _shown(root, written)),)


def find_place(root: Path, written: str, outside: bool) -> Place:
    """Where the file or folder of a path is, which is no glob whatever signs it has.

    Args:
        root: the project's folder.
        written: the path.
        outside: whether it may lead out of the project's folder.

    Raises:
        PathError: if it leaves the project's folder.
    """
    return Place(resolve_inside(root, written, outside), _shown(root, written))


def _shown(root: Path, name: str) -> str:
    path = Path(name)
    if path.is_absolute() and path.is_relative_to(root):
        path = path.relative_to(root)
    return path.as_posix()
