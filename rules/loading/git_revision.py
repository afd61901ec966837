"""The rules of a project as a revision in git has them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.loading.project import read_project

_ENDINGS = (".yaml", ".yml")
_FILES = ("100644", "100755")
"""How git marks what is a file; links lead elsewhere and are left out."""


class NoRevisionError(PhasegateError):
    """Rules that git does not have."""

    def __init__(self, given: str, why: str) -> None:
        super().__init__(
            f"there are no rules {given!r}: {why}",
            "write a digest (sha256:...), a folder, a built-in pack, or a git revision such as HEAD~1",
        )


def rules_at(file: Path, revision: str) -> LoadedPack:
    """The rules of a project as they were in a revision of its repository.

    Args:
        file: the project file, where it is today.
        revision: what git calls one: a commit, a branch, a tag, ``HEAD~1``.

    Raises:
        NoRevisionError: if git is not there, or knows no such revision, or it has no such project.
        PackError: if the rules had faults.
    """
    root = file.parent
    asked = (*"rev-parse --verify --quiet --end-of-options".split(), f"{revision}^{{commit}}")
    commit = (
        _git(root, asked, revision, "it is no folder, and git knows no such revision here").decode().strip()
    )
    listed = _git(root, (*"ls-tree -r -z".split(), commit), revision, "git can not list its files").decode()
    with TemporaryDirectory() as folder:
        for entry in filter(None, listed.split("\0")):
            about, _, name = entry.partition("\t")
            mode, _, blob = about.split(" ")
            if mode in _FILES and name.endswith(_ENDINGS):
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(
                    _git(root, (*"cat-file blob".split(), blob), revision, f"git does not give {name}")
                )
        then = Path(folder, file.name)
        if not then.is_file():
            raise NoRevisionError(revision, f"it has no {file.name}")
        read = read_project(then)
        if read.pack is None:
            raise PackError(read.faults, file.name)
        return read.pack.whole()


def _git(root: Path, asked: Sequence[str], revision: str, why: str) -> bytes:
    try:
        return subprocess.run(("git", "-C", str(root), *asked), capture_output=True, check=True).stdout
    except (OSError, ValueError):
        raise NoRevisionError(revision, "there is no folder of that name, and no git to ask") from None
    except subprocess.CalledProcessError:
        raise NoRevisionError(revision, why) from None
