"""Private keys that lie in what is served from: a server that others reach must not be able to read one.

Pages sign nothing. Whoever breaks into the process that serves them gets at whatever it may read, and with
the key of an evaluator or an approver could sign in that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from phasegate.rules.errors import PhasegateError

LARGEST, MOST = 16_384, 5_000
"""So many bytes has a key at most; so many files are looked at, of a folder and of those in it."""
_BEGIN, _KEY = b"-----BEGIN ", b"PRIVATE KEY-----"


class SigningKeyError(PhasegateError):
    """A private key where pages are served from."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"the private key {file} can be read by what serves pages to others",
            "keep it out of the folder that is served from, or where the server's user can not read it: "
            "pages sign nothing",
        )


def refuse_signing_keys(folders: Iterable[Path]) -> None:
    """Sees that no private key lies in folders, or in a folder of them, that this process may read.

    Args:
        folders: those of the projects that are served.

    Raises:
        SigningKeyError: if one does.
    """
    for folder in dict.fromkeys(folders):
        for file in islice(_files(folder), MOST):
            if _is_key(file):
                raise SigningKeyError(file)


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder and of those in it; hidden ones first, where keys are kept."""
    inner = []
    for each in _listed(folder):
        if each.is_dir():
            inner.append(each)
        else:
            yield each
    for one in inner:
        yield from (each for each in _listed(one) if not each.is_dir())


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # what can not be listed can not be read
        return []


def _is_key(file: Path) -> bool:
    try:
        if not file.is_file() or file.stat().st_size > LARGEST:
            return False
        text = file.read_bytes().lstrip()
    except OSError:
        return False
    return text.startswith(_BEGIN) and _KEY in text.partition(b"\n")[0]
