"""Schedules in the words of other schedulers. Each of them calls ``phasegate schedule run --once``.

Which runs are due is still told by the project and its ledger: a call too many makes nothing, and one that
was missed is made up for by the next. So a scheduler that can not say a schedule exactly calls more often.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
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
        program: the command phasegate, as it finds that.
        image: of containers.
    """

    schedules: Mapping[str, Schedule]
    cycle: CycleStart | None
    folder: str
    program: str
    image: str

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
        return [self.program, "schedule", "run", *once, "--project", self.folder]

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
        checked_out: whether it works where a repository is checked out, and not on this machine.
    """

    head: str
    command: Callable[[ScheduleExport], str]
    each: str = ""
    foot: str = ""
    between: str = ""
    quoted: Callable[[str], str] = str
    line: Callable[[ScheduleExport, Schedule], str] = ScheduleExport.line
    checked_out: bool = False

    def written(self, export: ScheduleExport) -> str:
        """The schedules, as the other scheduler reads them."""
        fixed = {"command": self.command(export), "image": self.quoted(export.image)}
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


def _unit_command(export: ScheduleExport) -> str:
    """The command line of a unit: there are specifiers, variables, and quotes as in C."""
    plain = [each.replace("%", "%%").replace("$", "$$") for each in export.words()]
    return " ".join(each if re.fullmatch(r"[\w./:=@%$+-]+", each) else json.dumps(each) for each in plain)


EXPORTS: dict[str, ExportTarget] = {
    "cron": ExportTarget(
        """\
# cronie reads CRON_TZ. Where another cron does not, its own time zone counts, and a run is made
# at the first call after its moment.
""",
        lambda export: shlex.join(export.words("--once")).replace("%", r"\%"),
        each="""\
# $name
CRON_TZ=$zone
$line $command
""",
    ),
    # It makes runs as they fall due, for as long as the machine is up.
    "systemd": ExportTarget(
        """\
[Unit]
Description=phasegate: scheduled compliance runs
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=$command
Restart=on-failure
RestartSec=60
KillSignal=SIGTERM
TimeoutStopSec=30min

[Install]
WantedBy=multi-user.target
""",
        _unit_command,
    ),
    "github": ExportTarget(
        """\
name: phasegate
on:
  schedule:
""",
        # GitHub fills in expressions before the shell sees any quotes.
        lambda export: json.dumps(shlex.join(export.words("--once")).replace("${{", "${{ '${{' }}")),
        each="    - cron: $line\n",
        foot="""\
  workflow_dispatch: {}
concurrency: {group: phasegate-schedule}
jobs:
  due:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      # Install phasegate here. The ledger must outlive this job, as one on a server does.
      - run: $command
""",
        quoted=json.dumps,
        line=ScheduleExport.line_in_utc,
        checked_out=True,
    ),
    "gitlab": ExportTarget(
        "# Make these pipeline schedules under Build > Pipeline schedules:\n",
        lambda export: json.dumps(shlex.join(export.words("--once"))),
        each="#   $name: interval $line, time zone $zone\n",
        foot="""\
phasegate-schedule:
  rules:
    - if: $$CI_PIPELINE_SOURCE == "schedule"
  resource_group: phasegate-schedule
  script:
    - $command
""",
        checked_out=True,
    ),
    "kubernetes": ExportTarget(
        "",
        # It fills in $(VARIABLES).
        lambda export: json.dumps([each.replace("$", "$$") for each in export.words("--once")]),
        each="""\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: $label
spec:
  schedule: $line
  timeZone: $zone
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: OnFailure
          containers:
            - name: phasegate
              image: $image
              command: $command
""",
        between="---\n",
        quoted=json.dumps,
    ),
    "airflow": ExportTarget(
        """\
import pendulum
from airflow import DAG
try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # before Airflow 3
    from airflow.operators.bash import BashOperator

""",
        # It fills in templates, and takes what ends with .sh for the name of one.
        lambda export: repr(shlex.join(export.words("--once")).replace("{", "{{ '{' }}") + " "),
        each="""\
with DAG(
    dag_id='$label',
    schedule=$line,
    start_date=pendulum.datetime(2026, 1, 1, tz=$zone),
    catchup=False,  # phasegate makes up for missed runs, each as of its own day
    max_active_runs=1,
) as dag_$number:
    BashOperator(task_id='due', bash_command=$command)
""",
        between="\n",
        quoted=repr,
    ),
}
"""By name, what writes the schedules for another scheduler."""
