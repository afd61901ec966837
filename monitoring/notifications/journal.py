"""Notes in the ledger who was told what, and sees beforehand that it can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Never

from phasegate.audit.ledger.entry import Draft, Position
from phasegate.audit.trail.notification_entries import Told
from phasegate.audit.trail.project import title_of
from phasegate.audit.trail.trail import Trail
from phasegate.rules.loading.project import LoadedProject


class _CanBeWritten(Exception):  # noqa: N818 - it is no error
    """Ends an append before anything of it is written."""


class Journal:
    """Notes what somebody was told.

    Args:
        key: the file of the key that signs the ledger.
        clock: tells this moment, in UTC.
        environ: the environment.
    """

    def __init__(
        self, key: Path | None, clock: Callable[[], dt.datetime], environ: Mapping[str, str]
    ) -> None:
        self._key = key
        self._clock = clock
        self._environ = environ
        self._late: dict[str, Told] = {}

    def catch_up(self, loaded: LoadedProject, name: str) -> bool:
        """Notes what could not be noted when it happened; whether there was any.

        Raises:
            PhasegateError: if it still can not be.
        """
        if name not in self._late:
            return False
        self.note(loaded, self._late[name])
        return True

    def ready(self, loaded: LoadedProject) -> None:
        """Sees that an entry could be written now.

        Without it a message would be sent, not noted, and sent again, for as long as that lasts.

        Raises:
            PhasegateError: if it could not: for want of a key, or of a ledger that takes it.
        """

        def nothing(_: Position) -> Never:
            raise _CanBeWritten

        with suppress(_CanBeWritten):
            self._append(loaded, nothing)

    def note(self, loaded: LoadedProject, entry: Told) -> None:
        """Notes what somebody was told.

        Raises:
            PhasegateError: if it can not be; then `catch_up` tries again.
        """
        self._late[entry.to] = entry
        self._append(loaded, lambda envelope: [entry.draft(title_of(loaded), envelope)])
        del self._late[entry.to]

    def _append(self, loaded: LoadedProject, drafts: Callable[..., Sequence[Draft]]) -> None:
        trail = Trail.of(loaded, self._key, self._clock(), self._environ)
        trail.append(lambda _: drafts(trail.envelope.document()))


class DryJournal(Journal):
    """Notes nothing: for who only wants to see what would be told."""

    def ready(self, loaded: LoadedProject) -> None:
        """There is nothing to see to."""

    def note(self, loaded: LoadedProject, entry: Told) -> None:
        """Nothing is noted."""
