"""Decides a project for a test: as of a fixed day, without a ledger, and without writing anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phasegate.audit.record.document import Record


def decide(project: str | PathLike[str], *, as_of: dt.date | str, ids: Sequence[str] = ()) -> Record:
    """Decides a project as ``phasegate check`` does, from its files alone.

    No ledger is read, so nothing that people have signed counts: no waiver, attestation or approval in a
    ledger. Waivers of a file count where the project lists no signers.

    Args:
        project: the project's file, or a folder in or above which it stands.
        as_of: the day for which it is decided, as a date or as ``2026-03-01``.
        ids: what is decided, such as ``phase:2``; nothing for everything.

    Raises:
        PhasegateError: if it comes to no verdict.
        ValueError: if the text is no date.
    """
    from phasegate.audit.runs.preflight import ready_project
    from phasegate.audit.runs.run import evaluate

    day = dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return evaluate(ready_project(Path(project)), day, ids)
