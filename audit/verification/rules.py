"""The rules that a ledger keeps of its runs, read once for all runs that were decided by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from phasegate.audit.errors import TrailError
from phasegate.rules.loading.pack import LoadedPack


class KeptRules:
    """Reads rules.

    Args:
        kept: gives a kept document by its address; None where it is missing or damaged.
    """

    def __init__(self, kept: Callable[[object], bytes | None]) -> None:
        self._kept = kept
        self._read: tuple[tuple[object, object], LoadedPack] | None = None
        self._under: dict[object, dict[object, None]] = {}

    def note(self, address: object, digest: object) -> None:
        """Takes note of where the rules of a run are kept, and under which digest."""
        if isinstance(address, str) and isinstance(digest, str):
            self._under.setdefault(digest, {})[address] = None

    def of(self, address: object, digest: object, about: Iterable[str] = ()) -> LoadedPack | None:
        """Some rules; None where they are missing or damaged, which is told by itself.

        Args:
            address: where they are kept.
            digest: of the pack.
            about: further digests; the rules then know which of these name them.

        Raises:
            PhasegateError: if they can not be read, or are others.
        """
        read = self._of(address, digest)
        if read is None or not (unknown := {each for each in about if not read.is_named(each)}):
            return read
        from phasegate.audit.trail.named_rules import with_earlier_names

        return with_earlier_names(read, unknown, self._documents)

    def _documents(self, digest: str) -> Iterator[bytes]:
        for address in self._under.get(digest, ()):
            if (document := self._kept(address)) is not None:
                yield document

    def _of(self, address: object, digest: object) -> LoadedPack | None:
        from phasegate.audit.trail.pack_snapshot import rules_of

        name = (address, digest)
        if self._read is not None and self._read[0] == name:
            return self._read[1]
        document = self._kept(address)
        if document is None:
            return None
        read = rules_of(document)
        if digest == read.files_digest:  # as they were named when this was written
            read = replace(read, by_files=True)
        elif digest != read.digest:
            raise TrailError("they are others than those of its record")
        self._read = (name, read)
        return read
