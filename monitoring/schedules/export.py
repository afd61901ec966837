"""Schedules in the words of other schedulers. Each of them calls ``phasegate schedule run --once``.

Which runs are due is still told by the project and its ledger: a call too many makes nothing, and one that
was missed is made up for by the next. So a scheduler that can not say a schedule exactly calls more often.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from string import Template
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from phasegate.rules.model.project import CycleStart
    from phasegate.rules.model.schedule import Schedule

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NO_NAME = re.compile(r"[^a-z0-9]+")


class ScheduleExport(NamedTuple):
    """What is written for another scheduler.

    Attributes:
        schedules: those of the project.
        cycle: its cycle, where it has one.
        folder: the project's folder, as the other scheduler finds it.
        program: the words that start phasegate, as it finds that.
        image: of containers.
        user: who makes the runs; empty where the other scheduler is not told.
        volume: what holds the project's folder where a machine is thrown away after each run.
        variables: the names of the variables that the project needs, in which secrets are.
        ledger: the file of the ledger, as the project names it; None where it is on a server.
    """

    schedules: Mapping[str, Schedule]
    cycle: CycleStart | None
    folder: str
    program: Sequence[str]
    image: str
    user: str = ""
    volume: str = ""
    variables: Sequence[str] = ()
    ledger: str | None = None

    def line(self, schedule: Schedule) -> str:
        """A line of crontab that is due whenever the schedule is: of a cycle, once in each week."""
        if schedule.line is not None:
            return schedule.line
        hour, minute = schedule.at.split(":")
        assert self.cycle is not None
        return f"{int(minute)} {int(hour)} * * {_DAYS[self.cycle.start.weekday()]}"

    def line_in_utc(self, schedule: Schedule) -> str:
        """A line in UTC: the same where that is the zone, and else one in each hour, at its minute."""
        from zoneinfo import ZoneInfo

        line = self.line(schedule)
        if ZoneInfo(schedule.zone).key in ("UTC", "Etc/UTC"):
            return line
        # Some zones are half an hour or a quarter off: the hour alone would miss their minute.
        minute = line.split()[0]
        return f"{minute} * * * *" if minute.isdigit() and int(minute) % 15 else "*/15 * * * *"

    def words(self, *once: str) -> list[str]:
        """What is called."""
        return [*self.program, "schedule", "run", *once, "--project", self.folder]

    def labelled(self) -> Iterator[tuple[str, str, Schedule]]:
        """The schedules, each with a label that others take for a name, and no two with one."""
        taken: set[str] = set()
        for name, schedule in self.schedules.items():
            label, number = _label(name), 2
            while label in taken:
                label, number = f"{_label(name)[:48]}-{number}", number + 1
            taken.add(label)
            yield name, label, schedule


def _label(name: str) -> str:
    return f"phasegate-{_NO_NAME.sub('-', name.lower()).strip('-')}"[:52].rstrip("-")


class ExportTarget(NamedTuple):
    """Another scheduler, by what is written for it: templates, and how texts are quoted in them.

    Attributes:
        head: what stands before the schedules.
        command: what is called, as it is written there.
        each: what stands for a schedule; what is the same for several stands once.
        foot: what stands behind them.
        between: what stands between two of them.
        quoted: how a text is written there.
        line: the line of crontab for a schedule.
        variables: what hands over the variables there: what stands before them, and for each.
        folder: the project's folder there; None where it is this machine's.
        program: the words that start phasegate there; None where it is this machine's.
        user: who makes the runs there: a name or number, ``owner`` for who owns the project's folder, or
            None where nobody is named.
        thrown_away: whether the machine ends with the run, and every file on it.
    """

    head: str
    command: Callable[[ScheduleExport], str]
    each: str = ""
    foot: str = ""
    between: str = ""
    quoted: Callable[[str], str] = str
    line: Callable[[ScheduleExport, Schedule], str] = ScheduleExport.line
    variables: tuple[str, str] = ("", "")
    folder: str | None = None
    program: tuple[str, ...] | None = None
    user: str | None = None
    thrown_away: bool = False

    def lost(self, export: ScheduleExport) -> str | None:
        """What is lost between two runs there; None if nothing is."""
        if not self.thrown_away or export.ledger is None:
            return None
        return (
            f"the ledger {export.ledger} is a file, and is thrown away with the machine of each job. No run "
            "is kept. Put it on a server: ledger: env:PHASEGATE_LEDGER"
        )

    def written(self, export: ScheduleExport) -> str:
        """The schedules, as the other scheduler reads them."""
        before, one = self.variables
        variables = "".join(Template(one).substitute(name=name) for name in export.variables)
        lost = self.lost(export)
        fixed = {
            "command": self.command(export),
            "image": self.quoted(export.image),
            "folder": self.quoted(export.folder),
            "user": export.user,
            "column": f"{export.user} " if export.user else "",
            "volume": self.quoted(export.volume),
            "variables": f"{before}{variables}" if variables else "",
            "warning": f"# WARNING: {lost}\n" if lost else "",
        }
        each = Template(self.each)
        told = [
            each.substitute(
                fixed,
                name=name,
                label=label,
                number=number,
                line=self.quoted(self.line(export, schedule)),
                zone=self.quoted(schedule.zone),
            )
            for number, (name, label, schedule) in enumerate(export.labelled(), 1)
        ]
        head, foot = (Template(part).substitute(fixed) for part in (self.head, self.foot))
        return f"{head}{self.between.join(dict.fromkeys(told))}{foot}"
