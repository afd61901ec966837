"""The runs of one project in their order, as far as they say how it stood on their day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.kept_basis import with_basis
from phasegate.audit.trail.runs import KeptRun, find_run, newest_first, record_of, recorded_day, runs_after
from phasegate.audit.trail.standing_runs import stands_for_its_day
from phasegate.audit.trail.weeks import weeks_then
from phasegate.monitoring.history.diff import Difference, difference
from phasegate.monitoring.notifications.changes import Known, known_by
from phasegate.monitoring.schedules.due_runs import is_of
from phasegate.records.overdue import Weeks, may_be_overdue
from phasegate.records.schema import Record
from phasegate.records.upcoming import Coming, coming

GONE_BACK = 20_000
"""So many runs are gone back at most to find one that decided everything."""
_HELD = 8
"""So many records are kept at hand."""


class RunHistory:
    """Reads the runs of a project from its ledger.

    A run tells how things stood if it decided its own day, or was made up for by a schedule. One as of
    another day tried out what was, or what would be.

    Args:
        ledger: where they are kept.
        title: the project's, by which its runs are told from those of another where neither has an id.
    """

    def __init__(self, ledger: Ledger, title: str) -> None:
        self._ledger = ledger
        self._title = title
        # Everybody who is told of a run asks for the same.
        self._record = lru_cache(_HELD)(self._read)
        self._changes = lru_cache(_HELD)(self._compare)
        self._weeks: dict[str, Weeks] = {}

    def newest(self) -> int:
        """The number of the newest run that counts; 0 for none."""
        return next((each.number for each in self._back(None)), 0)

    def after(self, number: int) -> Iterator[KeptRun]:
        """The runs that count after one, the oldest first.

        Raises:
            TrailError: if one can not be read.
        """
        for run in runs_after(self._ledger, number):
            if self._counts(run):
                yield run

    def record(self, number: int) -> Record:
        """What a run decided."""
        return self._record(number)

    def changes(self, before: int, run: KeptRun) -> Difference:
        """What a run decided otherwise than an earlier one."""
        return self._changes(before, run.number)

    def coming(self, run: KeptRun, days: int) -> Coming:
        """What is due by a run within some days of its own."""
        record = self.record(run.number)
        try:
            until = dt.date.fromisoformat(record["as_of"]) + dt.timedelta(days=days)
        except OverflowError:
            until = dt.date.max
        return coming(record, self._weeks_of(run, record), until)

    def made_up_for(self, run: KeptRun) -> bool:
        """Whether a run was made after the day that it decided."""
        return str(run.entry["as_of"]) < recorded_day(run)

    def known_after(self, number: int, days: int | None, earlier: Sequence[int] = ()) -> Known | None:
        """What somebody knows who was told of everything up to a run; None where there is no such run.

        Args:
            number: the run.
            days: how far ahead what is due was told; None where nothing of it was.
            earlier: runs before it that somebody was told of.
        """
        found: Known | None = None
        scopes: set[tuple[str, tuple[str, ...]]] = set()
        for run in self._back(number):
            scope = str(run.entry["kind"]), tuple(run.entry["scope"])
            if scope in scopes:  # a later one decided the same
                continue
            scopes.add(scope)
            record = self.record(run.number)
            due = self.coming(run, days) if days is not None else Coming()
            own = known_by(run.number, record, due)
            if found is None:
                found = own
            else:
                gates, criteria = {**own.gates, **found.gates}, {**own.criteria, **found.criteria}
                found = Known(found.run, found.as_of, gates, criteria, {**own.due, **found.due})
            if run.whole:
                break
        if found is None or days is None:
            return found
        left = [self.coming(find_run(self._ledger, str(each)), days).days for each in earlier]
        return replace(found, left={name: day for each in left for name, day in each.items()})

    def _back(self, number: int | None) -> Iterator[KeptRun]:
        for run in islice(newest_first(self._ledger, number), GONE_BACK):
            if self._counts(run):
                yield run

    def _counts(self, run: KeptRun) -> bool:
        return is_of(run.entry, self._title) and stands_for_its_day(run)

    def _weeks_of(self, run: KeptRun, record: Record) -> Weeks:
        """The weeks of the phases by the rules of a run, which are not read for each run anew."""
        if not may_be_overdue(record):
            return {}
        rules = str(run.entry["rules"])
        if rules not in self._weeks:
            self._weeks[rules] = weeks_then(self._ledger, run, record)
        return self._weeks[rules]

    def _compare(self, before: int, after: int) -> Difference:
        runs = (find_run(self._ledger, str(each)) for each in (before, after))
        return difference(*(with_basis(self._ledger, run, self.record(run.number)) for run in runs))

    def _read(self, number: int) -> Record:
        return record_of(self._ledger, find_run(self._ledger, str(number)))
