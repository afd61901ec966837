"""The rules that a ledger keeps of its runs, read once for all runs that were decided by them."""

from __future__ import annotations

from collections.abc import Callable

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

    def of(self, address: object, digest: object) -> LoadedPack | None:
        """Some rules; None where they are missing or damaged, which is told by itself.

        Args:
            address: where they are kept.
            digest: of the pack.

        Raises:
            PhasegateError: if they can not be read, or are others.
        """
        from phasegate.audit.trail.pack_snapshot import rules_of

        name = (address, digest)
        if self._read is not None and self._read[0] == name:
            return self._read[1]
        document = self._kept(address)
        if document is None:
            return None
        read = rules_of(document)
        if read.digest != digest:
            raise TrailError("they are others than those of its record")
        self._read = (name, read)
        return read
