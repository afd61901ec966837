"""Schedules in the words of other schedulers. Each of them calls ``phasegate schedule run --once``.

Which runs are due is still told by the project and its ledger: a call too many makes nothing, and one that
was missed is made up for by the next. So a scheduler that can not say a schedule exactly calls more often.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from phasegate.rules.model.project import CycleStart
    from phasegate.rules.model.schedule import Schedule

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Exported:
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

    @property
    def command(self) -> list[str]:
        """What is called."""
        return [self.program, "schedule", "run", "--once", "--project", self.folder]

    def labelled(self) -> list[tuple[str, Schedule]]:
        """The schedules, each under a name that others take, and no two under one."""
        found: dict[str, Schedule] = {}
        for name, schedule in self.schedules.items():
            label, number = _label(name), 2
            while label in found:
                label, number = f"{_label(name)[:48]}-{number}", number + 1
            found[label] = schedule
        return list(found.items())


def cron(exported: Exported) -> str:
    """Lines for ``crontab``, each under its time zone."""
    lines = [
        "# cronie reads CRON_TZ. Where another cron does not, its own time zone counts, and a run is made",
        "# at the first call after its moment.",
    ]
    for name, schedule in exported.schedules.items():
        command = shlex.join(exported.command).replace("%", r"\%")
        lines += [f"# {name}", f"CRON_TZ={schedule.zone}", f"{exported.line(schedule)} {command}"]
    return "\n".join([*lines, ""])


def systemd(exported: Exported) -> str:
    """A unit that makes runs as they fall due, for as long as the machine is up."""
    command = [_unit(each) for each in [exported.program, "schedule", "run", "--project", exported.folder]]
    return "\n".join(
        [
            "[Unit]",
            "Description=phasegate: scheduled compliance runs",
            "Wants=network-online.target",
            "After=network-online.target",
            "",
            "[Service]",
            f"ExecStart={' '.join(command)}",
            "Restart=on-failure",
            "RestartSec=60",
            "KillSignal=SIGTERM",
            "TimeoutStopSec=30min",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )


def _unit(text: str) -> str:
    """A word of a unit's command line: there are specifiers, variables, and quotes as in C."""
    plain = text.replace("%", "%%").replace("$", "$$")
    return plain if re.fullmatch(r"[\w./:=@%$+-]+", plain) else json.dumps(plain)


def github(exported: Exported) -> str:
    """A workflow of GitHub Actions, whose cron lines are in UTC."""
    lines = dict.fromkeys(_in_utc(exported, each) for each in exported.schedules.values())
    # GitHub fills in expressions before the shell sees any quotes.
    command = shlex.join(exported.command).replace("${{", "${{ '${{' }}")
    return "\n".join(
        [
            "name: phasegate",
            "on:",
            "  schedule:",
            *(f"    - cron: {json.dumps(line)}" for line in lines),
            "  workflow_dispatch: {}",
            "concurrency: {group: phasegate-schedule}",
            "jobs:",
            "  due:",
            "    runs-on: ubuntu-latest",
            "    steps:",
            "      - uses: actions/checkout@v4",
            "      # Install phasegate here. The ledger must outlive this job, as one on a server does.",
            f"      - run: {json.dumps(command)}",
            "",
        ]
    )


def _in_utc(exported: Exported, schedule: Schedule) -> str:
    """A cron line in UTC: the same where that is the zone, and else one in each hour, at its minute."""
    line = exported.line(schedule)
    if ZoneInfo(schedule.zone).key in ("UTC", "Etc/UTC"):
        return line
    # Some zones are half an hour or a quarter off: the hour alone would miss their minute.
    minute = line.split()[0]
    return f"{minute} * * * *" if minute.isdigit() and int(minute) % 15 else "*/15 * * * *"


def gitlab(exported: Exported) -> str:
    """A job of GitLab CI; its schedules are made in the project's settings, as the comments say."""
    told = [
        f"#   {each}: interval {exported.line(schedule)}, time zone {schedule.zone}"
        for each, schedule in exported.schedules.items()
    ]
    return "\n".join(
        [
            "# Make these pipeline schedules under Build > Pipeline schedules:",
            *told,
            "phasegate-schedule:",
            "  rules:",
            '    - if: $CI_PIPELINE_SOURCE == "schedule"',
            "  resource_group: phasegate-schedule",
            "  script:",
            f"    - {json.dumps(shlex.join(exported.command))}",
            "",
        ]
    )


def kubernetes(exported: Exported) -> str:
    """A CronJob for each schedule, with its time zone."""
    command = [each.replace("$", "$$") for each in exported.command]  # it fills in $(VARIABLES)
    documents = []
    for label, schedule in exported.labelled():
        documents.append(
            "\n".join(
                [
                    "apiVersion: batch/v1",
                    "kind: CronJob",
                    "metadata:",
                    f"  name: {label}",
                    "spec:",
                    f"  schedule: {json.dumps(exported.line(schedule))}",
                    f"  timeZone: {json.dumps(schedule.zone)}",
                    "  concurrencyPolicy: Forbid",
                    "  jobTemplate:",
                    "    spec:",
                    "      backoffLimit: 2",
                    "      template:",
                    "        spec:",
                    "          restartPolicy: OnFailure",
                    "          containers:",
                    "            - name: phasegate",
                    f"              image: {json.dumps(exported.image)}",
                    f"              command: {json.dumps(command)}",
                    "",
                ]
            )
        )
    return "---\n".join(documents)


def _label(name: str) -> str:
    return f"phasegate-{_NO_NAME.sub('-', name.lower()).strip('-')}"[:52].rstrip("-")


def airflow(exported: Exported) -> str:
    """A module with a DAG for each schedule."""
    lines = [
        "import pendulum",
        "from airflow import DAG",
        "try:",
        "    from airflow.providers.standard.operators.bash import BashOperator",
        "except ImportError:  # before Airflow 3",
        "    from airflow.operators.bash import BashOperator",
        "",
    ]
    for number, (label, schedule) in enumerate(exported.labelled(), 1):
        lines += [
            "with DAG(",
            f"    dag_id={label!r},",
            f"    schedule={exported.line(schedule)!r},",
            f"    start_date=pendulum.datetime(2026, 1, 1, tz={schedule.zone!r}),",
            "    catchup=False,  # phasegate makes up for missed runs, each as of its own day",
            "    max_active_runs=1,",
            f") as dag_{number}:",
            f"    BashOperator(task_id='due', bash_command={_bash(exported.command)!r})",
            "",
        ]
    return "\n".join(lines)


def _bash(command: list[str]) -> str:
    # Airflow fills in templates, and takes what ends with .sh for the name of one.
    return shlex.join(command).replace("{", "{{ '{' }}") + " "


EXPORTS: dict[str, Callable[[Exported], str]] = {
    "cron": cron,
    "systemd": systemd,
    "github": github,
    "gitlab": gitlab,
    "kubernetes": kubernetes,
    "airflow": airflow,
}
"""By name, what writes the schedules for another scheduler."""
