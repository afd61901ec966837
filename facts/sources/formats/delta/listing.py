"""Which files of a table's log make up a version of it, by their names alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from phasegate.facts.sources.files import SourceError

_COMMIT = re.compile(r"([0-9]{20})\.json")
_CHECKPOINT = re.compile(r"([0-9]{20})\.checkpoint(?:\.([0-9]{10})\.([0-9]{10}))?\.parquet")
_NAMED = re.compile(r"([0-9]{20})\.checkpoint\.[0-9a-fA-F-]{36}\.(?:json|parquet)")
_RANGES_TOLD = 5


@dataclass(frozen=True, slots=True)
class Way:
    """How a version is put together.

    Attributes:
        version: which it is.
        checkpoint: the names of the files that say what the table was at some version; empty where the
            commits say it from the first on.
        commits: the versions whose commits come on top, in order.
        told_by: the version's own commit, where it is still there.
    """

    version: int
    checkpoint: tuple[str, ...]
    commits: range
    told_by: str | None


class Listing:
    """The log of a table.

    Args:
        names: of the files in it.
    """

    def __init__(self, names: Iterable[str]) -> None:
        commits: set[int] = set()
        whole: dict[int, tuple[str, ...]] = {}
        divided: dict[tuple[int, int], dict[int, str]] = {}
        for name in sorted(names):
            if found := _COMMIT.fullmatch(name):
                commits.add(int(found[1]))
            elif found := _NAMED.fullmatch(name):
                whole.setdefault(int(found[1]), (name,))
            elif found := _CHECKPOINT.fullmatch(name):
                if found[2] is None:
                    whole[int(found[1])] = (name,)
                else:
                    divided.setdefault((int(found[1]), int(found[3])), {})[int(found[2])] = name
        for (version, parts), own in divided.items():
            if len(own) == parts and sorted(own) == list(range(1, parts + 1)):
                whole.setdefault(version, tuple(own[part] for part in sorted(own)))
        self._commits: Collection[int] = commits
        self._checkpoints: Mapping[int, tuple[str, ...]] = whole

    def way_to(self, wanted: int | None, shown: str) -> Way:
        """How a version is put together; the newest one where none is wanted.

        Args:
            wanted: the version.
            shown: the table, for messages.

        Raises:
            SourceError: if the log does not say all of it.
        """
        known = sorted({*self._commits, *self._checkpoints})
        if not known:
            raise SourceError(f"{shown} has no version: its log is empty", "was it copied whole?")
        version = known[-1] if wanted is None else wanted
        begun = dict(self._begun(known))  # those that can be put together, and from which on
        if version not in begun:
            told = _ranges(sorted(begun))
            if wanted is not None:
                what = f"{shown} has no version {wanted}, or its log does not say all of it any more"
            else:
                what = f"{shown}: its log does not say all of version {version}: a file of it is missing"
            raise SourceError(what, f"it has {told}" if told else "was it copied whole?")
        base = begun[version]
        checkpoint = self._checkpoints.get(base, ())
        first = base + 1 if checkpoint else base
        told_by = commit_name(version) if version in self._commits else None
        return Way(version, checkpoint, range(first, version + 1), told_by)

    def _begun(self, known: Iterable[int]) -> Iterator[tuple[int, int]]:
        before: int | None = None
        base = 0
        for version in known:
            if version in self._checkpoints or version == 0:
                base = version
            elif before is None or before != version - 1:
                before = None
                continue
            before = version
            yield version, base


def commit_name(version: int) -> str:
    """What the commit of a version is called."""
    return f"{version:020}.json"


def _ranges(versions: Iterable[int]) -> str:
    """``version 3``, or ``versions 0 to 4 and 7``."""
    found: list[list[int]] = []
    for version in versions:
        if found and found[-1][1] == version - 1:
            found[-1][1] = version
        else:
            found.append([version, version])
    told = [f"{first}" if first == last else f"{first} to {last}" for first, last in found[-_RANGES_TOLD:]]
    if not told:
        return ""
    more = "among others " if len(found) > _RANGES_TOLD else ""
    word = "version" if len(found) == 1 and found[0][0] == found[0][1] else "versions"
    return f"{more}{word} {told[0] if len(told) == 1 else ', '.join(told[:-1]) + ' and ' + told[-1]}"
