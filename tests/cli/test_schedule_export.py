"""Schedules in the words of other schedulers: read by their own rules where those are at hand."""

from __future__ import annotations

import datetime as dt
import shlex
import shutil
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from cronsim import CronSim
from syrupy.assertion import SnapshotAssertion

from phasegate.commands.schedule import TARGETS
from phasegate.reports.schedule_export import EXPORTS
from phasegate.rules.schedule_faults import cron_fault

Run = Callable[..., Result]
SCHEDULES = """\
schedules:
  daily: {cron: "5 6 * * mon-fri", zone: Europe/Berlin}
  Every_Month.1: {every: month, zone: Asia/Kolkata}
  gate: {every: quarter, at: "07:30", gate: programme}
"""
FOLDERS = ["/srv/phasegate", "/srv/with space", "/srv/100%", '/srv/it\'s "$HOME" {{ x }}', "/srv/é;touch x"]


@pytest.fixture
def scheduled(tmp_path: Path, run: Run) -> Path:
    run("init", "--minimal")
    with (tmp_path / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write(SCHEDULES)
    return tmp_path


def exported(run: Run, target: str, *args: str) -> str:
    result = run("schedule", "export", "--to", target, *args)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def command(folder: str) -> list[str]:
    return ["phasegate", "schedule", "run", "--once", "--project", folder]


def test_every_target_is_written() -> None:
    assert tuple(EXPORTS) == TARGETS


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("target", TARGETS)
def test_snapshot(target: str, run: Run, snapshot: SnapshotAssertion) -> None:
    assert exported(run, target, "--folder", "/srv/phasegate") == snapshot


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("folder", FOLDERS)
def test_cron(folder: str, run: Run) -> None:
    lines = exported(run, "cron", "--folder", folder).splitlines()
    assert [line for line in lines if line.startswith("CRON_TZ")] == [
        "CRON_TZ=Europe/Berlin", "CRON_TZ=Asia/Kolkata", "CRON_TZ=UTC",
    ]  # fmt: skip
    for line in lines:
        if line[:1] not in ("#", "C"):
            fields, words = line.split(None, 5)[:5], line.split(None, 5)[5]
            assert cron_fault(" ".join(fields)) is None
            assert shlex.split(words.replace(r"\%", "%")) == command(folder)
            assert "%" not in words.replace(r"\%", "")  # cron ends the command at one


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("folder", FOLDERS)
def test_systemd(folder: str, run: Run, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    unit = tmp_path / "phasegate.service"
    program = str(Path(sys.executable).parent / "phasegate")
    unit.write_text(exported(run, "systemd", "--folder", folder, "--program", program), encoding="utf-8")
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    about_us = [line for line in done.stderr.splitlines() if "phasegate.service" in line]
    assert (done.returncode, about_us) == (0, []), done.stderr


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("target", ["github", "gitlab"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_pipelines(target: str, folder: str, run: Run, tmp_path: Path) -> None:
    text = exported(run, target, "--folder", folder)
    schema, file = {"github": "github-workflows", "gitlab": "gitlab-ci"}[target], tmp_path / "pipeline.yml"
    file.write_text(text, encoding="utf-8")
    judge = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", file]
    done = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    read = yaml.safe_load(text)
    steps = read["jobs"]["due"]["steps"] if target == "github" else []
    script = steps[-1]["run"] if steps else read["phasegate-schedule"]["script"][0]
    assert shlex.split(script) == command(folder)


@pytest.mark.usefixtures("scheduled")
def test_github_calls_whenever_something_is_due(run: Run) -> None:
    """Its lines are in UTC: where that is not the zone, it is called more often, and makes what is due."""
    lines = [each["cron"] for each in yaml.safe_load(exported(run, "github"))[True]["schedule"]]
    assert lines == ["5 * * * *", "*/15 * * * *", "30 7 1 1,4,7,10 *"]


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("folder", FOLDERS)
def test_kubernetes(folder: str, run: Run) -> None:
    documents = list(yaml.safe_load_all(exported(run, "kubernetes", "--folder", folder)))
    assert [(each["apiVersion"], each["kind"]) for each in documents] == [("batch/v1", "CronJob")] * 3
    assert [each["metadata"]["name"] for each in documents] == [
        "phasegate-daily", "phasegate-every-month-1", "phasegate-gate",
    ]  # fmt: skip
    assert [each["spec"]["timeZone"] for each in documents] == ["Europe/Berlin", "Asia/Kolkata", "UTC"]
    for each in documents:
        assert cron_fault(each["spec"]["schedule"]) is None
        pod = each["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        assert pod["containers"][0]["command"] == command(folder)
        assert pod["restartPolicy"] == "OnFailure"


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("folder", FOLDERS)
def test_airflow(folder: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module runs where stand-ins say what it makes; Airflow itself would fill in its templates."""
    made: list[dict[str, Any]] = []

    class Dag:
        def __init__(self, **said: Any) -> None:
            made.append(said)

        def __enter__(self) -> None:
            return None

        def __exit__(self, *_: object) -> None:
            return None

    def operator(**said: Any) -> None:
        made[-1] |= said

    modules = {
        "pendulum": {"datetime": lambda *day, tz: (day, tz)},
        "airflow": {"DAG": Dag},
        "airflow.operators": {},
        "airflow.operators.bash": {"BashOperator": operator},
    }
    for name, said in modules.items():
        module = types.ModuleType(name)
        vars(module).update(said)
        monkeypatch.setitem(sys.modules, name, module)
    exec(compile(exported(run, "airflow", "--folder", folder), "dag.py", "exec"), {})
    assert [each["dag_id"] for each in made] == [
        "phasegate-daily",
        "phasegate-every-month-1",
        "phasegate-gate",
    ]
    assert [each["start_date"][1] for each in made] == ["Europe/Berlin", "Asia/Kolkata", "UTC"]
    for each in made:
        filled = each["bash_command"].replace("{{ '{' }}", "{")
        assert shlex.split(filled) == command(folder)
        CronSim(each["schedule"], dt.datetime(2026, 1, 1))


@pytest.mark.parametrize("option", ["--folder", "--program", "--image"])
def test_what_no_line_can_hold(option: str, scheduled: Path, run: Run) -> None:
    result = run("schedule", "export", "--to", "cron", option, "/srv/a\n* * * * * touch x")
    assert result.exit_code == 2
    assert "can not be written into a line of another scheduler" in result.output
    assert scheduled.exists()
