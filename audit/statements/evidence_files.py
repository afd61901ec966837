"""Files of evidence: what stands in a project's folder, by its digest as it is now."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.project_entries import owner
from phasegate.audit.ledger.store import Finding
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.paths import PathError, resolve_inside, resolved

MAX_BYTES = 2**30
"""Larger files are no evidence that anybody reads."""
_PART = 2**20


class EvidenceError(TrailError):
    """A file that can not be evidence."""


def name_in_project(root: Path, file: Path) -> str:
    """The name of a file relative to the project that it stands in; links are not followed.

    Args:
        root: the project's folder.
        file: the file as somebody named it on a command line.

    Raises:
        EvidenceError: if it stands elsewhere.
    """
    place = Path(os.path.abspath(file))  # noqa: PTH100 - Path.resolve would follow a link to its end
    for base in (Path(os.path.abspath(root)), resolved(root)):  # noqa: PTH100
        for found in (place, resolved(place.parent) / place.name):
            if found.is_relative_to(base):
                return found.relative_to(base).as_posix()
    raise EvidenceError(f"{file} is not in the project's folder", "put the evidence there, beside the rules")


def digest_of_evidence(root: Path, name: str) -> str:
    """The digest of a file of evidence.

    Args:
        root: the project's folder.
        name: the file, relative to it.

    Raises:
        EvidenceError: if it is not there, is no regular file, leads out of the folder, or is too large.
    """
    if not name.isprintable():
        raise EvidenceError(f"{name!r} is no name for a file of evidence")
    try:
        place = resolve_inside(root, name)
    except PathError as error:
        raise EvidenceError(error.message, "keep the evidence in the project's folder") from error
    try:
        # A pipe would block until somebody writes to it.
        with open(place, "rb", opener=_without_waiting) as file:
            return _digest(file.fileno(), name)
    except FileNotFoundError:
        raise EvidenceError(f"{name} is missing") from None
    except OSError as error:
        raise EvidenceError(f"{name} can not be read: {error.strerror or error}") from error


def evidence_named(log: Finding, project: str | None) -> frozenset[str]:
    """The files on which attestations of a project rest, whether or not these count.

    Args:
        log: where they stand.
        project: the id of the project; of those that are nobody's, it is asked too.
    """
    from phasegate.audit.signing.in_toto import read_statement

    found: set[str] = set()
    for row in log.find(("attestation",)):
        with suppress(PhasegateError, KeyError, TypeError, ValueError, binascii.Error):
            document = read_canonical(row.body)
            if owner(document) in (None, project):
                payload = base64.b64decode(document["envelope"]["payload"], validate=True)
                found |= {each.name for each in read_statement(payload).subjects}
    return frozenset(found)


class Evidence:
    """The evidence of a project as it is today; each file is read once, however much rests on it.

    Args:
        root: the project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: dict[str, str | EvidenceError] = {}

    def fault(self, evidence: Mapping[str, str]) -> str | None:
        """What is wrong with some evidence, in words; None if it is what was signed.

        Args:
            evidence: the digests that were signed, by file.
        """
        for name, signed in evidence.items():
            found = self._digest(name)
            if isinstance(found, EvidenceError):
                return f"its evidence {found.message}; signed was {signed}"
            if found != signed:
                return f"its evidence {name} has changed: signed was {signed}, found is {found}"
        return None

    def _digest(self, name: str) -> str | EvidenceError:
        if name not in self._found:
            try:
                self._found[name] = digest_of_evidence(self._root, name)
            except EvidenceError as error:
                self._found[name] = error
        return self._found[name]


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _digest(descriptor: int, name: str) -> str:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise EvidenceError(f"{name} is no file")
    sha, size = hashlib.sha256(), 0
    while part := os.read(descriptor, _PART):
        size += len(part)
        if max(size, status.st_size) > MAX_BYTES:
            raise EvidenceError(f"{name} is larger than {MAX_BYTES:,} bytes", "sign a summary of it")
        sha.update(part)
    return f"sha256:{sha.hexdigest()}"
