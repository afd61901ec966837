"""The action of GitHub: its steps, run by the shell as the runner does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
import yaml
from foreign_readers import Annotation, annotations
from machines import STATES, Machine

SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
LEDGER = "phasegate.db"
FILES = {"code-scanning.sarif", "gate.html", "gate.json", "gate.md", "gate.sarif", "gate.xml"}
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
Make = Callable[..., Machine]


@pytest.fixture(scope="module")
def action(root: Path) -> Any:
    return yaml.safe_load((root / "action.yml").read_text(encoding="utf-8"))


class Done(NamedTuple):
    """What a job sees of the action."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def folder(self) -> Path:
        return Path(self.outputs["folder"])


Act = Callable[..., Done]


@pytest.fixture
def act(action: Any) -> Act:
    """Takes the step that decides, as the runner does it for ``with:`` and ``env:`` of a job."""

    def take(machine: Machine, env: dict[str, str] | None = None, **given: str) -> Done:
        inputs = {name: str(each.get("default", "")) for name, each in action["inputs"].items()}
        inputs.update({name.replace("_", "-"): value for name, value in given.items()})
        step = action["runs"]["steps"][-1]
        runner = machine.home / "runner"
        machine.install(runner / "phasegate-environment" / "bin")
        told = {name: INPUT.sub(lambda found: inputs[found[1]], value) for name, value in step["env"].items()}
        done = machine.run(
            SHELL,
            step["run"],
            RUNNER_TEMP=str(runner),
            GITHUB_WORKSPACE=str(machine.repository),
            GITHUB_OUTPUT=str(runner / "outputs"),
            GITHUB_STEP_SUMMARY=str(runner / "summary"),
            GITHUB_SERVER_URL="https://git.example",
            GITHUB_REPOSITORY="harbour/plans",
            GITHUB_RUN_ID="17",
            **told,
            **(env or {}),
        )
        pairs = (line.split("=", 1) for line in (runner / "outputs").read_text().splitlines())
        return Done(done.returncode, done.stdout + done.stderr, dict(pairs), (runner / "summary").read_text())

    return take


def heard(log: str) -> list[Annotation]:
    """The annotations that the runner takes from a log; between stop-commands, it takes none."""
    lines, stopped = [], None
    for line in log.splitlines(keepends=True):
        if stopped is not None:
            stopped = None if line.strip() == f"::{stopped}::" else stopped
        elif line.startswith("::stop-commands::"):
            stopped = line.strip().removeprefix("::stop-commands::")
            assert re.fullmatch("[0-9a-f]{32}", stopped)
        else:
            lines.append(line)
    assert stopped is None
    return annotations("".join(lines))


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("code", STATES)
def test_each_exit_code(code: int, machine: Make, act: Act) -> None:
    made = machine()
    made.ending(code)
    done = act(made, gate="programme")
    assert done.code == code, done.log
    assert done.outputs == {"state": STATES[code], "exit-code": str(code), "folder": str(done.folder)}
    levels = {each.level for each in heard(done.log)}
    assert levels == {0: set(), 1: {"error"}, 2: {"error"}, 3: {"warning"}}[code]
    assert done.summary.startswith("## ")
    if code == 2:
        assert {path.name for path in done.folder.iterdir()} == {"messages.txt"}
        (refused,) = heard(done.log)
        assert refused.message == (done.folder / "messages.txt").read_text().rstrip("\n")
        assert "unknown" in refused.message
        assert "    error: " in done.summary
    else:
        assert {path.name for path in done.folder.iterdir()} == {*FILES, "messages.txt"}
        assert json.loads((done.folder / "gate.json").read_text())["outcome"] == STATES[code]
        assert json.loads((done.folder / "gate.sarif").read_text())["version"] == "2.1.0"
        (alerts,) = json.loads((done.folder / "code-scanning.sarif").read_text())["runs"]
        assert bool(alerts["results"]) == (done.code != 0)
        assert ET.parse(done.folder / "gate.xml").getroot().tag == "testsuites"
        assert (done.folder / "gate.html").read_text().startswith("<!DOCTYPE html>")
        assert (done.folder / "gate.md").read_text() == done.summary


@pytest.mark.slow
def test_an_annotation_stands_on_the_line_of_the_rule(machine: Make, act: Act) -> None:
    made = machine("plans/harbour")
    done = act(made, gate="programme", project="plans/harbour")
    (found,) = [each for each in heard(done.log) if "file" in each.properties]
    assert found.properties["file"] == "plans/harbour/phasegate.yaml"
    lines = (made.repository / found.properties["file"]).read_text().splitlines()
    assert lines[int(found.properties["line"]) - 1] == '  invoices.reconciled: ">= 95 %"'


NAMES = ["gate", "project", "pack_digest", "key"]
WRITTEN = ['"$(touch pwned)"; `touch pwned`', "--help", "a\n::error::b", ""]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param(text, name, marks=pytest.mark.long if (at + place) % 4 else pytest.mark.slow)
        for at, text in enumerate(WRITTEN)
        for place, name in enumerate(NAMES)
    ],
)
def test_no_input_is_taken_for_anything_else(name: str, text: str, machine: Make, act: Act) -> None:
    made = machine()
    before = {path.name for path in made.repository.iterdir()}
    done = act(made, **{"gate": "programme", name: text})
    harmless = text == "" and name in ("pack_digest", "key")
    assert done.code == (1 if harmless else 2), done.log
    assert done.outputs["state"] == ("closed" if harmless else "refused")
    assert {each.properties.get("title") for each in heard(done.log)} >= (
        {"CLOSED: the programme gate"} if harmless else {"phasegate refused"}
    )
    after = {path.name for path in made.repository.iterdir()}
    assert {name for name in after - before if not name.startswith((".phasegate", "phasegate.db"))} == set()


@pytest.mark.slow
@pytest.mark.parametrize(("strict", "code"), [("false", 0), ("", 0), ("true", 1), ("yes", 1), ("False", 1)])
def test_strict(strict: str, code: int, machine: Make, act: Act) -> None:
    made = machine()
    waived(made)
    assert act(made, gate="1", strict=strict).code == code


def waived(machine: Machine) -> None:
    """Makes the project one whose gate is open with a waiver."""
    from phasegate.rules.loading.pack import load_pack

    machine.repository.joinpath("pack").mkdir()
    machine.repository.joinpath("pack/pack.yaml").write_text(PACK, encoding="utf-8")
    digest = load_pack(machine.repository / "pack").digest
    machine.repository.joinpath("waivers.yaml").write_text(WAIVERS.format(digest=digest), encoding="utf-8")
    machine.repository.joinpath("phasegate.yaml").write_text(PROJECT, encoding="utf-8")


PROJECT = "phasegate: 1\npack: pack\nwaivers: waivers.yaml\nsources: {invoices: {path: invoices.csv}}\n"
PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berth planning
    criteria:
      - {id: systems, text: Berths, enforcement: soft, require: {invoices.reconciled: ">= 95 %"}}
      - {id: tables, text: Tables, require: {invoices.reconciled: ">= 50 %"}}
phases:
  "1": {title: Berths, points: ["1.1"]}
sources:
  invoices: {title: one invoice, columns: {invoice: {type: string}, status: {type: string}}}
measures:
  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
"""
WAIVERS = """\
waivers:
  - id: W-1
    requirement: 1.1/systems/invoices.reconciled
    pack_digest: {digest}
    covers: [fail]
    floor: 80 %
    reason: The ledger is being moved.
    risk_owner: f-101
    requester: d-7
    approver: f-9
    granted: 2026-01-01T00:00:00Z
    start: 2026-01-01T00:00:00Z
    end: 2999-01-01T00:00:00Z
"""


@pytest.mark.slow
def test_the_run_is_kept_with_the_address_of_its_job(machine: Make, act: Act) -> None:
    made = machine()
    act(made, gate="programme")
    assert b"https://git.example/harbour/plans/actions/runs/17" in (made.repository / LEDGER).read_bytes()
    (made.repository / LEDGER).unlink()
    act(made, {"PHASEGATE_REFERENCE": "my own"}, gate="programme")
    kept = (made.repository / LEDGER).read_bytes()
    assert b"my own" in kept
    assert b"https://git.example" not in kept


@pytest.mark.slow
def test_a_key_signs(machine: Make, act: Act) -> None:
    made = machine()
    made.run(["bash"], "phasegate keys new key")
    assert act(made, gate="programme", key="key").code == 1
    assert "key" in act(made, gate="programme", key="other").log


def test_no_expression_stands_in_a_script(action: Any) -> None:
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert [script for script in scripts if "${{" in script] == []
    passed = {name for each in action["runs"]["steps"] for name in INPUT.findall(str(each))}
    assert passed == set(action["inputs"])
    assert {each["default"] for name, each in action["inputs"].items() if name == "python"} == {"3.12"}


PYTHON = """\
#!/bin/sh
case "$2" in venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;; pip) echo "$@" >>"$HOME/installed" ;; esac
"""


def test_it_installs_extras_and_anew_for_others(action: Any, root: Path, machine: Make) -> None:
    made = machine()
    python = made.home / "python"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    step = action["runs"]["steps"][1]
    given = {"RUNNER_TEMP": str(made.home), "GITHUB_ACTION_PATH": str(root), "PYTHON": str(python)}
    for extras in ("", "", "postgres,excel", "postgres,excel", '"; touch pwned', ""):
        assert made.run(SHELL, step["run"], EXTRAS=extras, **given).returncode == 0
    installed = (made.home / "installed").read_text(encoding="utf-8").splitlines()
    assert [line.partition("versions ")[2] for line in installed] == [
        str(root),
        f"{root}[postgres,excel]",
        f'{root}["; touch pwned]',
        str(root),
    ]


@pytest.mark.slow
def test_a_ledger_on_a_server_comes_as_a_variable(machine: Make, act: Act) -> None:
    made = machine()
    file = made.repository / "phasegate.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}ledger: env:PHASEGATE_LEDGER\n", encoding="utf-8")
    assert "PHASEGATE_LEDGER" in act(made, gate="programme").log
    nobody = "postgresql:///phasegate?host=/nobody"  # answers there, but whom it asks is told
    done = act(made, {"PHASEGATE_LEDGER": nobody}, gate="programme")
    assert (done.code, done.outputs["state"]) == (2, "refused")
    assert "/nobody" in done.log


@pytest.mark.slow(first="installing")
def test_it_installs_itself_once(action: Any, root: Path, machine: Make) -> None:
    made = machine()
    step = action["runs"]["steps"][1]
    variables = {
        "RUNNER_TEMP": str(made.home),
        "GITHUB_ACTION_PATH": str(copied(root, made.home / "action")),
        "PYTHON": sys.executable,
        "PIP_COMPILE": "0",
    }
    if (wheels := root / ".tmp" / "wheels").exists():  # the rule engine need not be compiled once more
        variables["PIP_FIND_LINKS"] = str(wheels)
    for _ in range(2):
        done = made.run(SHELL, step["run"], **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = subprocess.run(
            [made.home / "phasegate-environment" / "bin" / "phasegate", "--version"],
            cwd=made.home,
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout.startswith("phasegate ")
        variables["PATH"] = "/bin:/usr/bin"
        variables["PIP_NO_INDEX"] = "1"  # a second time, nothing is installed


def copied(root: Path, place: Path) -> Path:
    """The files of the repository, without what runs have left there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing says which files are the project's")
    for name in filter(None, listed.stdout.split("\0")):
        source, target = root / name, place / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    return place
