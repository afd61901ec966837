"""The job of GitLab, the stage of Jenkins and the hook of pre-commit do what their systems make of them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from machines import STATES, Machine

Make = Callable[..., Machine]
FILES = {"gate.html", "gate.json", "gate.xml"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", "action.yml"),
        ("gitlab-ci", "integrations/gitlab/phasegate.yml"),
        ("azure-pipelines", "integrations/azure/phasegate.yml"),
    ],
)
def test_schema(schema: str, file: str, root: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", root / file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def job(root: Path) -> Any:
    text = (root / "integrations" / "gitlab" / "phasegate.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)[".phasegate"]


@pytest.fixture(scope="module")
def stage(root: Path) -> str:
    """The Jenkinsfile."""
    return (root / "integrations" / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")


def gitlab(machine: Machine, job: Any, **variables: str) -> subprocess.CompletedProcess[str]:
    script = "set -eo pipefail\n" + "\n".join(job["script"])
    return machine.run(
        ["bash"], script, CI_JOB_URL="https://git.example/17", **{**job["variables"], **variables}
    )


def jenkins(machine: Machine, stage: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (script,) = re.findall(r"sh '''(.*?)'''", stage, re.DOTALL)
    assert "\\\\" not in script
    told = dict(re.findall(r"(PHASEGATE_\w+) = '([^']*)'", stage))
    assert told == {"PHASEGATE_GATE": "2", "PHASEGATE_PROJECT": "."}
    build = {"BUILD_URL": "https://ci.example/17/"}
    # What a string of Groovy in three quotes makes of a backslash before the end of a line: nothing.
    return machine.run(["sh", "-xe"], script.replace("\\\n", ""), **build, **{**told, **variables})


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("code", STATES)
@pytest.mark.parametrize("system", ["gitlab", "jenkins"])
def test_each_exit_code(system: str, code: int, machine: Make, job: Any, stage: str) -> None:
    made = machine()
    made.ending(code)
    gate = {"PHASEGATE_GATE": "programme"}
    done = gitlab(made, job, **gate) if system == "gitlab" else jenkins(made, stage, **gate)
    assert done.returncode == code, done.stdout + done.stderr
    folder = made.repository / "phasegate-reports"
    assert {path.name for path in folder.iterdir()} == (set() if code == 2 else FILES)
    if code == 2:
        assert "error: " in done.stderr
        return
    assert done.stdout.rstrip().endswith(f"Exit code {code}.")
    assert json.loads((folder / "gate.json").read_text())["outcome"] == STATES[code]
    assert ET.parse(folder / "gate.xml").getroot().tag == "testsuites"
    address = {"gitlab": "https://git.example/17", "jenkins": "https://ci.example/17/"}[system]
    assert address.encode() in (made.repository / "phasegate.db").read_bytes()


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("system", ["gitlab", "jenkins"])
@pytest.mark.parametrize("text", ['"$(touch pwned)"; `touch pwned`', "--help"])
@pytest.mark.parametrize("name", ["PHASEGATE_GATE", "PHASEGATE_PROJECT"])
def test_no_variable_is_taken_for_anything_else(
    name: str, text: str, system: str, machine: Make, job: Any, stage: str
) -> None:
    made = machine()
    given = {"PHASEGATE_GATE": "programme", name: text}
    done = gitlab(made, job, **given) if system == "gitlab" else jenkins(made, stage, **given)
    assert done.returncode == 2, done.stdout + done.stderr
    assert not list(made.repository.rglob("pwned*"))


@pytest.mark.slow
def test_options_and_a_key_that_anyone_may_read(machine: Make, job: Any) -> None:
    made = machine()
    made.run(["sh"], "phasegate keys new key && chmod 666 key")
    digest = f"sha256:{'0' * 64}"
    done = gitlab(
        made,
        job,
        PHASEGATE_GATE="programme",
        PHASEGATE_KEY="key",
        PHASEGATE_OPTIONS=f"--strict --pack-digest {digest} *",
    )
    assert done.returncode == 2
    assert "Got unexpected extra argument (programme)" in done.stderr  # * is the gate, not many files
    done = gitlab(made, job, PHASEGATE_GATE="programme", PHASEGATE_KEY="key", PHASEGATE_OPTIONS="--strict")
    assert done.returncode == 1, done.stderr
    assert [path.name for path in made.home.glob("tmp.*")] == []  # the copy of the key is gone
    done = gitlab(made, job, PHASEGATE_GATE="programme", PHASEGATE_OPTIONS=f"--pack-digest {digest}")
    assert f"not {digest}" in done.stderr


def test_a_job_of_gitlab_says_what_it_is_to_install(machine: Make, job: Any) -> None:
    empty, install = job["before_script"]
    assert empty == "rm -rf phasegate-reports"
    done = machine().run(["bash"], install)
    assert done.returncode != 0
    assert "say in PHASEGATE_PACKAGE what pip is to install" in done.stderr


def test_what_gitlab_and_jenkins_keep_is_what_is_written(job: Any, stage: str) -> None:
    kept = {*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]}
    assert kept == {f"phasegate-reports/{name}" for name in FILES}
    assert job["artifacts"]["when"] == "always"
    assert "junit testResults: 'phasegate-reports/gate.xml'" in stage
    assert "archiveArtifacts artifacts: 'phasegate-reports/*'" in stage


@pytest.fixture(scope="module")
def hook(root: Path) -> Any:
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["language"], hook["types"], hook["require_serial"]) == ("python", ["yaml"], True)
    assert hook.get("pass_filenames", True)
    return hook


def commit(machine: Machine, hook: Any, *files: str) -> subprocess.CompletedProcess[str]:
    """Runs the hook as pre-commit does: from the root, with the names of the changed files behind it."""
    return machine.run(["sh"], shlex.join([*shlex.split(hook["entry"]), *files]))


@pytest.mark.slow
def test_the_hook_finds_what_is_wrong_with_the_project_of_a_file(hook: Any, machine: Make) -> None:
    made = machine("plans/harbour")
    shutil.copytree(made.repository / "plans/harbour", made.repository / "plans/airport")
    (made.repository / "plans/harbour/more").mkdir()
    for name in ("harbour", "airport"):
        made.ending(2, f"plans/{name}")
    for name in ("plans/harbour/more/x.yaml", "ci.yaml"):
        (made.repository / name).write_text("a: 1\n", encoding="utf-8")
    none = commit(made, hook, "ci.yaml")
    assert (none.returncode, none.stdout) == (0, "None of these files is of a project.\n")
    one = commit(made, hook, "ci.yaml", "plans/harbour/more/x.yaml", "plans/harbour/phasegate.yaml")
    assert (one.returncode, one.stdout.count("unknown-key")) == (2, 1), one.stdout + one.stderr
    assert one.stdout.startswith("plans/harbour/phasegate.yaml:")
    both = commit(made, hook, "plans/harbour/more/x.yaml", "plans/airport/phasegate.yaml")
    assert re.findall("^(.*?):.* unknown-key", both.stdout, re.MULTILINE) == [
        "plans/airport/phasegate.yaml",
        "plans/harbour/phasegate.yaml",
    ]
