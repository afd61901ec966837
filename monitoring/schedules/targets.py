"""The other schedulers that schedules are written for, and how each has its texts."""

from __future__ import annotations

import json
import re
import shlex

from phasegate.monitoring.schedules.export import ExportTarget, ScheduleExport

CONTAINER = ("/usr/local/phasegate/bin/phasegate",)
"""What starts phasegate in a container that the Dockerfile makes."""


def _unit_command(export: ScheduleExport) -> str:
    """The command line of a unit: there are specifiers, variables, and quotes as in C."""
    plain = [each.replace("%", "%%").replace("$", "$$") for each in export.words()]
    return " ".join(each if re.fullmatch(r"[\w./:=@%$+-]+", each) else json.dumps(each) for each in plain)


EXPORTS: dict[str, ExportTarget] = {
    "cron": ExportTarget(
        """\
# cronie reads CRON_TZ. Where another cron does not, its own time zone counts, and a run is made
# at the first call after its moment.
$variables""",
        lambda export: shlex.join(export.words("--once")).replace("%", r"\%"),
        each="""\
# $name
CRON_TZ=$zone
$line $column$command
""",
        variables=(
            "# cron hands over none of a shell's variables: set these here, and let nobody else read it.\n",
            "# $name=\n",
        ),
    ),
    # It makes runs as they fall due, for as long as the machine is up.
    "systemd": ExportTarget(
        """\
[Unit]
Description=phasegate: scheduled compliance runs
Wants=network-online.target
After=network-online.target

[Service]
User=$user
${variables}ExecStart=$command
Restart=on-failure
RestartSec=60
KillSignal=SIGTERM
TimeoutStopSec=30min

[Install]
WantedBy=multi-user.target
""",
        _unit_command,
        variables=(
            """\
EnvironmentFile=/etc/phasegate/environment
# That file is readable by root alone, and has a line NAME=value of each of these:
""",
            "#   $name\n",
        ),
        user="owner",
    ),
    "github": ExportTarget(
        """\
${warning}name: phasegate
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
      # Install phasegate here, with its extra 'postgres' where the ledger is on a server.
      - run: $command
$variables""",
        quoted=json.dumps,
        line=ScheduleExport.line_in_utc,
        variables=("        env:\n", "          $name: $${{ secrets.$name }}\n"),
        folder=".",
        program=("phasegate",),
        thrown_away=True,
    ),
    "gitlab": ExportTarget(
        "$warning# Make these pipeline schedules under Build > Pipeline schedules:\n",
        lambda export: json.dumps(shlex.join(export.words("--once"))),
        each="#   $name: interval $line, time zone $zone\n",
        foot="""\
${variables}phasegate-schedule:
  rules:
    - if: $$CI_PIPELINE_SOURCE == "schedule"
  resource_group: phasegate-schedule
  script:
    - $command
""",
        variables=("# Set these under Settings > CI/CD > Variables, masked:\n", "#   $name\n"),
        folder=".",
        program=("phasegate",),
        thrown_away=True,
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
          securityContext: {runAsNonRoot: true, runAsUser: $user, runAsGroup: $user, fsGroup: $user}
          containers:
            - name: phasegate
              image: $image
              command: $command
              volumeMounts:
                - {name: project, mountPath: $folder}
${variables}          volumes:
            # It holds the project's folder, and its ledger where that is a file.
            - name: project
              persistentVolumeClaim: {claimName: $volume}
""",
        between="---\n",
        quoted=json.dumps,
        variables=(
            "              env:\n",
            """\
                - name: $name
                  valueFrom: {secretKeyRef: {name: phasegate, key: $name}}
""",
        ),
        folder="/project",
        program=CONTAINER,
        user="10001",
    ),
    "airflow": ExportTarget(
        """\
import pendulum
from airflow import DAG
try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # before Airflow 3
    from airflow.operators.bash import BashOperator

$variables""",
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
        variables=("# The environment of the workers must have:\n", "#   $name\n"),
    ),
}
"""By name, what writes the schedules for another scheduler."""
