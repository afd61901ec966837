"""What the fixtures give: a record of a project, and the snapshot that a record is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Protocol

import pytest

from phasegate.testing.deciding import decide

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from phasegate.records.schema import Record


class Decide(Protocol):
    """Decides a project; the type of the fixture ``phasegate_record``."""

    def __call__(
        self, project: str | PathLike[str] = ".", *, as_of: dt.date | str, ids: Sequence[str] = ()
    ) -> Record:
        """See `phasegate.testing.decide`; relative paths begin at the folder of the test's file."""


class Snapshots(Protocol):
    """Names the format of a snapshot; the type of the fixture ``report_snapshot``."""

    def __call__(self, form: str = "markdown") -> SnapshotAssertion:
        """What a record is compared with: ``assert record == report_snapshot("html")``."""


def deciding(here: Path) -> Decide:
    """Decides projects for the tests of a folder; what is refused fails the test with its message."""

    def made(project: str | PathLike[str] = ".", *, as_of: dt.date | str, ids: Sequence[str] = ()) -> Record:
        from phasegate.reports.text.refusal import refusal
        from phasegate.rules.errors import PhasegateError

        try:
            return decide(here / project, as_of=as_of, ids=ids)
        except PhasegateError as error:
            told = refusal(error)
        return pytest.fail(told, pytrace=False)

    return made


def snapshots(request: pytest.FixtureRequest) -> Snapshots:
    """The snapshots of one test, a file each; several of one format are counted."""
    try:
        from phasegate.testing.snapshots import extension_for
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "syrupy":
            raise
        pytest.fail("report_snapshot needs syrupy: install phasegate with the extra 'testing'", pytrace=False)
    plain: SnapshotAssertion = request.getfixturevalue("snapshot")
    made: dict[str, SnapshotAssertion] = {}

    def of(form: str = "markdown") -> SnapshotAssertion:
        if form not in made:
            made[form] = plain.use_extension(extension_for(form))
        return made[form]

    return of
