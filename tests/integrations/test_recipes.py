"""The recipes of the document on reports, step by step: a refused run keeps nothing of the one before it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from machines import Machine

PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berth planning
    criteria: [{id: systems, text: Berths, require: {invoices.reconciled: ">= 50 %"}}]
phases: {"2": {title: Berths, points: ["1.1"]}}
sources:
  invoices: {title: one invoice, columns: {invoice: {type: string}, status: {type: string}}}
measures:
  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
"""
PROJECT = "phasegate: 1\npack: pack\nsources: {invoices: {path: invoices.csv}}\n"
PYTHON = """\
#!/bin/sh
# Takes the place of a Python that installs: what is installed is there already.
case "$2" in
venv) mkdir -p "$3/bin" && cp "$(dirname "$0")/phasegate" "$(dirname "$0")/python" "$3/bin" ;;
pip) echo "$@" >>"$HOME/installed" && test ! -e "$HOME/offline" ;;
esac
"""
OUTPUT = re.compile(r"\$\{\{ steps\.gate\.outputs\.([a-z-]+) \}\}")


class Step(NamedTuple):
    """One script of a recipe, with its shell and its variables."""

    shell: tuple[str, ...]
    script: str
    variables: dict[str, str]


class Recipe(NamedTuple):
    """What a pipeline runs, one after the other until one fails, and what it keeps whatever came of it."""

    steps: tuple[Step, ...]
    kept: tuple[str, ...]


def snippet(document: str, name: str) -> Any:
    """A recipe as the document shows it."""
    (found,) = re.findall(
        rf"<!-- snippet: {name} -->\n```yaml\n(.*?)^```$", document, re.DOTALL | re.MULTILINE
    )
    return yaml.safe_load(found)


def github(root: Path, document: str, home: Path) -> Recipe:
    (job,) = snippet(document, "github")["jobs"].values()
    used = {each["uses"].partition("@")[0]: each for each in job["steps"]}
    action = yaml.safe_load((root / "action.yml").read_text(encoding="utf-8"))
    given = {name: str(each.get("default", "")) for name, each in action["inputs"].items()}
    given |= used["OWNER/phasegate"]["with"]
    known = {
        "${{ steps.python.outputs.python-path }}": str(home / "bin" / "python"),
        **{f"${{{{ inputs.{name} }}}}": value for name, value in given.items()},
    }
    runner = {
        **{f"GITHUB_{name}": str(home / name.lower()) for name in ("OUTPUT", "STEP_SUMMARY")},
        "RUNNER_TEMP": str(home),
        "GITHUB_ACTION_PATH": str(root),
        "GITHUB_SERVER_URL": "https://git.example",
        "GITHUB_REPOSITORY": "harbour/plans",
        "GITHUB_RUN_ID": "17",
    }
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
    steps = [
        Step(shell, each["run"], {**runner, **{name: known[value] for name, value in each["env"].items()}})
        for each in action["runs"]["steps"]
        if "run" in each
    ]
    path = used["actions/upload-artifact"]["with"]["path"]
    sarif = used["github/codeql-action/upload-sarif"]["with"]["sarif_file"]
    return Recipe(tuple(steps), (path, sarif))


def gitlab(root: Path, document: str, home: Path) -> Recipe:
    told = snippet(document, "gitlab")
    template = yaml.safe_load((root / told["include"][0]["file"]).read_text(encoding="utf-8"))
    base = template[told["gate"]["extends"]]
    variables = {**base["variables"], **told["gate"]["variables"], "CI_JOB_URL": "https://git.example/17"}
    script = "\n".join([*base["before_script"], *base["script"]])
    kept = base["artifacts"]
    return Recipe(
        (Step(("bash", "-eo", "pipefail"), script, variables),), (*kept["paths"], kept["reports"]["junit"])
    )


def jenkins(root: Path, document: str, home: Path) -> Recipe:
    (name,) = set(re.findall(r"`(\S+Jenkinsfile)`", document))
    stage = (root / name).read_text(encoding="utf-8")
    (script,) = re.findall(r"sh '''(.*?)'''", stage, re.DOTALL)
    told = dict(re.findall(r"(PHASEGATE_\w+) = '([^']*)'", stage))
    kept = re.findall(r"(?:testResults|artifacts): '([^']*)'", stage)
    step = Step(("sh", "-xe"), script.replace("\\\n", ""), {"BUILD_URL": "https://ci.example/17/", **told})
    return Recipe((step,), tuple(kept))


def azure(root: Path, document: str, home: Path) -> Recipe:
    (told,) = snippet(document, "azure")["steps"]
    template = yaml.safe_load((root / told["template"]).read_text(encoding="utf-8"))
    given = {each["name"]: each.get("default") for each in template["parameters"]} | told["parameters"]
    given["env"] = {}  # with the ledger's address, which nobody answers to here
    agent = {
        "AGENT_TEMPDIRECTORY": str(home),
        "SYSTEM_COLLECTIONURI": "https://dev.example/harbour/",
        "SYSTEM_TEAMPROJECT": "plans",
        "BUILD_BUILDID": "17",
    }
    steps = []
    for each in template["steps"]:
        if "bash" in each:
            env = {name: value for name, value in each["env"].items() if name != "${{ insert }}"}
            named = {name: given[value[len("${{ parameters.") : -len(" }}")]] for name, value in env.items()}
            steps.append(Step(("bash", "--noprofile", "--norc"), each["bash"], {**agent, **named}))
    kept = [each["publish"] for each in template["steps"] if "publish" in each]
    tests = [each["inputs"]["testResultsFiles"] for each in template["steps"] if "PublishTest" in str(each)]
    return Recipe(tuple(steps), (*kept, *tests))


RECIPES = {each.__name__: each for each in (github, gitlab, jenkins, azure)}


def run(machine: Machine, recipe: Recipe) -> int:
    """Runs the steps of a recipe; the first that fails is the last."""
    for step in recipe.steps:
        done = machine.run(list(step.shell), step.script, **step.variables)
        if done.returncode:
            return done.returncode
    return 0


def kept(machine: Machine, recipe: Recipe) -> Iterator[Path]:
    """The files that the pipeline keeps now."""
    outputs = machine.home / "output"
    lines = outputs.read_text(encoding="utf-8").splitlines() if outputs.exists() else []
    told = dict(line.split("=", 1) for line in lines)
    for pattern in recipe.kept:
        named = OUTPUT.sub(lambda found: told.get(found[1], "none"), pattern)
        place = machine.repository / named
        found = [place] if place.exists() else machine.repository.glob(named) if "*" in named else []
        for each in found:
            yield from each.rglob("*") if each.is_dir() else [each]


@pytest.fixture
def begun(
    root: Path, machine: Callable[..., Machine], request: pytest.FixtureRequest
) -> tuple[Machine, Recipe]:
    """A checked-out project whose gate opens, on a machine with a recipe that was run once."""
    made = machine()
    (made.repository / "pack").mkdir()
    (made.repository / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
    (made.repository / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")
    python = made.home / "bin" / "python"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    document = (root / "docs" / "reports.md").read_text(encoding="utf-8")
    recipe = RECIPES[request.param](root, document, made.home)
    assert run(made, recipe) == 0
    found = {path.name: path for path in kept(made, recipe)}
    assert {"gate.html", "gate.xml", "gate.json"} <= set(found)
    assert json.loads(found["gate.json"].read_text(encoding="utf-8"))["outcome"] == "open"
    beside = {path.name for path in made.repository.iterdir()} - {"phasegate-reports"}
    written = {"phasegate.yaml", "project.schema.json", "invoices.csv"}
    assert beside == {*written, "pack", "phasegate.db", ".phasegate"}
    return made, recipe


def faulty(machine: Machine) -> None:
    (machine.repository / "phasegate.yaml").write_text(f"{PROJECT}unknown: true\n", encoding="utf-8")


def no_project(machine: Machine) -> None:
    (machine.repository / "phasegate.yaml").unlink()


def offline(machine: Machine) -> None:
    (machine.home / "offline").touch()
    for path in machine.home.rglob("phasegate"):
        if path.is_file():
            path.unlink()
    for path in machine.home.glob("phasegate-environment/made-of"):  # another machine
        path.unlink()


def killed(machine: Machine) -> None:
    for path in machine.home.rglob("bin/phasegate"):
        path.write_text("#!/bin/sh\nkill -9 $$\n", encoding="utf-8")


@pytest.mark.sampled(every=8)
@pytest.mark.parametrize("spoil", [faulty, offline, no_project, killed])
@pytest.mark.parametrize("begun", RECIPES, indirect=True)
def test_a_second_run_that_comes_to_no_verdict_keeps_nothing_of_the_first(
    begun: tuple[Machine, Recipe], spoil: Callable[[Machine], None]
) -> None:
    machine, recipe = begun
    spoil(machine)
    (machine.home / "output").unlink(missing_ok=True)  # of that job; this one has its own
    code = run(machine, recipe)
    assert code == 2 if spoil in (faulty, no_project) else code != 0
    assert {path.name for path in kept(machine, recipe)} <= {"messages.txt"}
