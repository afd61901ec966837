"""Decides a project for a test: as of a fixed day, without a ledger, and without writing anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING

from phasegate.api.arguments import day_of, start_of

if TYPE_CHECKING:
    from phasegate.records.schema import Record


def decide(project: str | PathLike[str], *, as_of: dt.date | str, ids: Sequence[str] = ()) -> Record:
    """Decides a project as ``phasegate check`` does, from its files alone.

    No ledger is read, so nothing that people have signed counts: no waiver, attestation or approval in a
    ledger. Waivers of a file count where the project lists no signers.

    Args:
        project: the project's file, or a folder in or above which it stands; it must be there.
        as_of: the day for which it is decided, as a date or as ``2026-03-01``.
        ids: what is decided, such as ``phase:2``; nothing for everything.

    Raises:
        NoProjectThereError: if the path does not exist.
        NoDayError: if the text is no date.
        PhasegateError: if it comes to no verdict for another reason.
    """
    from phasegate.runs.evaluate import evaluate
    from phasegate.runs.preflight import ready_project

    day = day_of(as_of)
    hint = "name the project's file or its folder, relative to the folder of the test's file"
    return evaluate(ready_project(start_of(project, hint)), day, ids)
