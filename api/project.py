"""A project, loaded and decided from a program: what ``phasegate check`` does, by the same code."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.api import clock
from phasegate.api.arguments import day_of, start_of
from phasegate.api.result import Result
from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    from phasegate.facts.frames.given import GivenTable


class NoIdsError(PhasegateError, TypeError):
    """Ids that are one text, of which each letter would be an id."""

    def __init__(self, given: str) -> None:
        super().__init__(f"ids is {given!r}", f"give a list, as in ids=[{given!r}]")


class Project:
    """A project, found and without errors when it was loaded.

    Its files are read anew for each decision: what was edited since counts.

    Args:
        file: the project file.
        title: what people call it.

    Attributes:
        file: the project file.
        title: what people call it.
    """

    def __init__(self, file: Path, title: str) -> None:
        self.file, self.title = file, title

    def __repr__(self) -> str:
        return f"<phasegate.Project {self.title!r} in {str(self.file)!r}>"

    @classmethod
    def load(cls, path: str | PathLike[str] = ".") -> Project:
        """Finds a project and looks it over, its pack and its SQL included.

        Args:
            path: the project's file, or a folder in or above which it stands; it must be there.

        Raises:
            PackError: with every error of the project file and its pack, each with file, line and column.
            PhasegateError: if there is no project.
        """
        from phasegate.audit.trail.project import title_of
        from phasegate.runs.preflight import ready_project

        loaded = ready_project(start_of(path, "name the project's file or its folder"))
        return cls(loaded.file, title_of(loaded))

    def check(
        self,
        ids: Sequence[str] = (),
        *,
        as_of: dt.date | str | None = None,
        tables: Mapping[str, object] | None = None,
        keep: bool = False,
        key: str | PathLike[str] | None = None,
    ) -> Result:
        """Decides everything, or what ids name, as ``phasegate check`` does.

        Nothing is kept unless that is asked for. What people have signed in the project's ledger counts
        either way.

        Args:
            ids: points, criteria, areas, phases (``phase:2``) and the like; nothing for everything.
            as_of: the day for which it is decided, as a date or as ``2026-03-01``; today, by the project's
                time zone, where it is not given.
            tables: tables by the names of sources, in place of what the project names for them: frames of
                polars or pandas, or tables of Arrow. Each is copied before anything else is done.
            keep: whether the run is kept in the project's ledger, by the rules of the command: signed, and an
                error where it can not be.
            key: the file of the key that signs what is kept; ``PHASEGATE_KEY`` names it by default.

        Raises:
            PhasegateError: if it comes to no verdict, or could not be kept; with the text of the command.
        """
        if isinstance(ids, str):
            raise NoIdsError(ids)
        day = None if as_of is None else day_of(as_of)
        given = _copied(tables or {})
        from phasegate.records.build import exit_code
        from phasegate.records.overdue import overdue
        from phasegate.reports.report import Report
        from phasegate.runs.attempt import Attempt

        if keep:
            from phasegate.audit.trail.standing_runs import refuse_schedules_reference

            refuse_schedules_reference(os.environ)
        signs = None if key is None else Path(key)
        attempt = Attempt(("check", *ids), self.file, clock.now(), os.environ, signs, kept=keep, tables=given)
        weeks: dict[str, int] = {}
        rows: dict[str, bytes] = {}
        record, kept = attempt.decide(day, ids=tuple(ids), weeks=weeks, files=rows)
        code = exit_code(record["outcome"])
        return Result(Report(record, code, kept=kept, overdue=overdue(record, weeks)), rows)


def _copied(tables: Mapping[str, object]) -> dict[str, GivenTable]:
    if not tables:
        return {}
    from phasegate.facts.frames.given import given_table

    return {name: given_table(name, table) for name, table in tables.items()}
