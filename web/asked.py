"""What somebody asks for: a project as it stands, read by whoever asks, and what the address says beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, cast

from phasegate.audit.errors import UnknownRunError
from phasegate.audit.trail.past_verdicts import Past, history
from phasegate.audit.trail.runs import Kept, KeptRun, kept_as
from phasegate.audit.trail.standing_runs import by_day, newest, newest_decision
from phasegate.audit.trail.weeks import weeks_then
from phasegate.records.build import exit_code
from phasegate.records.overdue import overdue
from phasegate.reports.report import Report
from phasegate.web.errors import BadRequestError, NotThereError
from phasegate.web.narrow import area_of, cells_left_out, readable, tells_cells
from phasegate.web.permission import Needs, Viewer, permit

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import PortfolioRow
    from phasegate.records.schema import (
        CriterionEntry,
        GateEntry,
        PointEntry,
        Record,
        RequirementEntry,
    )
    from phasegate.web.config import Config
    from phasegate.web.ledgers.served import Opened, ServedProject
    from phasegate.web.ledgers.today import Turned
    from phasegate.web.verifier import Verifier

_Entry = TypeVar("_Entry")
LOOKED_AT = 100
"""So many of the newest runs are asked whether they decided something."""
EVERYTHING = "everything"
"""What a page seeks that tells of a project as a whole."""
LONGEST = 1_000
"""So many characters of a parameter are read; the id of a requirement may be long."""


@dataclass
class Asked:
    """What somebody asks for.

    Attributes:
        config: what the server shows.
        viewer: who asks.
        needs: what the page shows, for which they were let through.
        query: the parameters that the page knows.
        now: this moment.
        verifier: what verifies ledgers beside.
        seeks: of which kind the id is that is asked for, or `EVERYTHING`; None where the page is about none.
        project: which project is meant; None of a page of none.
        opened: its ledger; None where the page needs none.
        looks: at what evidence the page looks, each with its area.
    """

    config: Config
    viewer: Viewer
    needs: Needs
    query: Mapping[str, str]
    now: dt.datetime
    verifier: Verifier
    seeks: str | None = None
    project: ServedProject | None = None
    opened: Opened | None = None
    looks: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key of the project."""
        assert self.project is not None
        return self.project.key

    @property
    def ledger(self) -> Opened:
        """The project's ledger."""
        assert self.opened is not None
        return self.opened

    def given(self, name: str, default: str = "") -> str:
        """A parameter; of what is longer than any name only a part would be read, so it is refused.

        Raises:
            BadRequestError: if it is.
        """
        found = self.query.get(name, default)
        if len(found) > LONGEST:
            raise BadRequestError(f"the parameter {name!r} has {len(found):,} characters")
        return found

    def id(self) -> str:
        """The id that is asked for.

        Raises:
            BadRequestError: if none is.
        """
        if not (found := self.given("id")):
            raise BadRequestError("no id is given", "add it to the address, as in ?id=1.1.1/validation")
        return found

    @property
    def projects(self) -> list[ServedProject]:
        """The projects that whoever asks may read."""
        return [each for each in self.config.projects.values() if self.viewer.may_read(each.key)]

    def today(self) -> PortfolioRow:
        """How the project stands today."""
        assert self.project is not None
        return self.config.today.of(self.project, self.ledger, self.now)

    def turned(self) -> Turned | None:
        """How the newest run of everything came out against the one before it; None where alike."""
        assert self.project is not None
        return self.config.today.turned(self.project, self.ledger)

    @contextmanager
    def of(self, project: ServedProject) -> Iterator[Asked]:
        """The same, asked of one of several projects.

        Raises:
            NotGoodError: if nothing can be shown of it.
        """
        permit(self.viewer, Needs.PART, project.key)
        with project.opened() as opened:
            found = replace(self, project=project, opened=opened, needs=Needs.PART, seeks=None, looks=[])
            yield found

    @cached_property
    def run(self) -> KeptRun:
        """The run that is asked for; where none is named, the newest by its day that decided what is.

        Raises:
            NotThereError: if there is none.
        """
        if self.run_given is None and self.seeks is not None and (found := self._sought()) is not None:
            return self.ledger.run(str(found.number))
        return self.run_named("run")

    def _sought(self) -> KeptRun | None:
        return self._of_everything() if self.seeks == EVERYTHING else self._deciding()

    def _of_everything(self) -> KeptRun | None:
        """The newest run by its day of everything, unless its cycle is over; None if there is none."""
        log = self.ledger.log
        whole, last = newest_decision(log), newest(log)
        if whole is None or last is None or whole.entry.get("cycle") != last.entry.get("cycle"):
            return None
        return whole

    def _deciding(self) -> KeptRun | None:
        """The newest run by its day that decided the id that is asked for; None if none did."""
        log, given = self.ledger.log, self.id()
        if self.seeks == "gate":
            name = given.removeprefix("phase:")
            return next(by_day(log, lambda run: name in (run.entry.get("gates") or ())), None)
        subjects = [given]
        while "/" in subjects[-1] and self.seeks != "point":
            subjects.append(subjects[-1].rpartition("/")[0])
        return next(
            (
                run
                for run in islice(by_day(log, lambda _: True), LOOKED_AT)
                if any(log.find(("point", "target"), run=run.number, subject=each) for each in subjects)
            ),
            None,
        )

    def run_named(self, name: str) -> KeptRun:
        """The run that a parameter names."""
        try:
            return self.ledger.run(self.given(name) or None)
        except UnknownRunError as error:
            raise NotThereError(error.message, error.hint) from error

    @property
    def run_given(self) -> str | None:
        """The run that the address names; None where the newest is meant."""
        return self.given("run") or None

    @cached_property
    def record(self) -> Record:
        """What the run decided, as far as whoever asks may read it, without rows."""
        return self.record_of(self.run)

    def record_of(self, run: KeptRun) -> Record:
        """What a run decided, as far as whoever asks may read it, without rows.

        That somebody looks at those that break a contract, which stand in it still, is noted.
        """
        whole = self.ledger.record(run)
        if tells_cells(whole) and self.viewer.may_see_evidence(self.key):
            self.looks.append((f"run {run.number}, what breaks a contract", None))
        return readable(whole, self.viewer, self.key)

    def told(self, record: Record) -> Record:
        """What may be told of another record beside, to who may read the whole: no row, unless they may."""
        return cells_left_out(record, self.viewer, self.key)

    def with_rows(self, requirement: RequirementEntry | None = None) -> Record:
        """The same with the rows behind a requirement, or behind all; that somebody looks is noted.

        Rows that they may not see are left out.
        """
        whole = self.ledger.record(self.run)
        record = self.record
        held = {each["id"] for each in ([requirement] if requirement is not None else record["requirements"])}
        criteria = {each["id"]: each["criterion"] for each in record["requirements"] if each["id"] in held}
        areas = {criterion: area_of(record, criterion) for criterion in {*criteria.values()}}
        rows = [
            each
            for each in whole.get("rows", ())
            if each["requirement"] in criteria
            and self.viewer.may_see_evidence(self.key, areas[criteria[each["requirement"]]])
        ]
        what = f"run {self.run.number}, {requirement['id'] if requirement is not None else 'all'}"
        for area in dict.fromkeys(areas[criteria[each["requirement"]]] for each in rows):
            self.looks.append((what, area))
        return cast("Record", {**record, "rows": rows})

    @cached_property
    def kept(self) -> Kept:
        """Where the run is kept."""
        return kept_as(self.ledger.log, self.run)

    @cached_property
    def past(self) -> dict[str, tuple[Past, ...]]:
        """What earlier runs found of each requirement that may be read."""
        found = history(self.ledger.log, self.run)
        return {each["id"]: found[each["id"]] for each in self.record["requirements"] if each["id"] in found}

    @cached_property
    def report(self) -> Report:
        """The run as reports tell it."""
        return self.report_of(self.record)

    def report_of(self, record: Record) -> Report:
        """A record of the run as reports tell it."""
        late = overdue(record, weeks_then(self.ledger.log, self.run, record))
        code = exit_code(record["outcome"], strict=False)
        return Report(record, code, kept=self.kept, past_run=True, overdue=late)

    def gate(self) -> GateEntry:
        """The gate that is asked for."""
        name = self.id().removeprefix("phase:")
        return self._found("gate", next((each for each in self.record["gates"] if each["id"] == name), None))

    def point(self) -> PointEntry:
        """The point that is asked for."""
        return self._found(
            "point", next((each for each in self.record["points"] if each["id"] == self.id()), None)
        )

    def criterion(self) -> CriterionEntry:
        """The criterion or target that is asked for."""
        return self._found("criterion", self.report.criteria.get(self.id()))

    def requirement(self) -> RequirementEntry:
        """The requirement that is asked for."""
        return self._found("requirement", self.report.requirements.get(self.id()))

    def _found(self, kind: str, found: _Entry | None) -> _Entry:
        if found is None:
            raise NotThereError(
                f"run {self.run.number} decided no {kind} {self.id()!r} that you may read",
                "the search finds what there is by a part of its name",
            )
        return found
