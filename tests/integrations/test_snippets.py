"""What the document on reports shows of pipelines fits their systems, and what is there to be used."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

SNIPPET = re.compile(r"^<!-- snippet: ([a-z-]+) -->\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PARAMETER = re.compile(r"\$\{\{ parameters\.([a-z-]+) \}\}")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def snippets(root: Path) -> dict[str, str]:
    found = SNIPPET.findall((root / "docs" / "reports.md").read_text(encoding="utf-8"))
    assert [name for name, _ in found] == ["github", "github-ledger", "gitlab", "azure", "pre-commit"]
    return dict(found)


@pytest.mark.parametrize(
    ("name", "schema"),
    [("github", "github-workflows"), ("gitlab", "gitlab-ci"), ("azure", "azure-pipelines")],
)
def test_schema(name: str, schema: str, snippets: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "snippet.yaml"
    file.write_text(snippets[name], encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_uses_what_the_action_has(root: Path, snippets: dict[str, str]) -> None:
    action = load(root / "action.yml")
    (job,) = yaml.safe_load(snippets["github"])["jobs"].values()
    (step,) = [each for each in job["steps"] if each.get("id") == "gate"]
    assert set(step["with"]) <= set(action["inputs"])
    assert {name for name, each in action["inputs"].items() if each.get("required")} <= set(step["with"])
    named = set(re.findall(r"steps\.gate\.outputs\.([a-z-]+)", snippets["github"]))
    assert named <= set(action["outputs"])
    document = (root / "docs" / "reports.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ", document.partition("| input |")[2], re.MULTILINE)
    assert rows == list(action["inputs"])
    assert [name for name in action["outputs"] if f"`{name}`" not in document] == []


def test_the_job_extends_what_the_template_has(root: Path, snippets: dict[str, str]) -> None:
    snippet = yaml.safe_load(snippets["gitlab"])
    (included,) = snippet["include"]
    template = (root / included["file"]).read_text(encoding="utf-8")
    job = snippet["gate"]
    assert job["extends"] in yaml.safe_load(template)
    assert {name for name in job["variables"] if f"#   {name} " not in template} == set()


def test_the_steps_take_what_the_template_has(root: Path, snippets: dict[str, str]) -> None:
    (step,) = yaml.safe_load(snippets["azure"])["steps"]
    template = load(root / step["template"])
    known = {each["name"]: "default" in each for each in template["parameters"]}
    assert set(step["parameters"]) <= set(known)
    assert {name for name, optional in known.items() if not optional} <= set(step["parameters"])
    passed = {name for each in template["steps"] for name in PARAMETER.findall(str(each.get("env")))}
    assert passed == set(known)
    assert [each["bash"] for each in template["steps"] if "${{" in each.get("bash", "")] == []


def test_the_step_with_a_ledger_fits_into_the_workflow(root: Path, snippets: dict[str, str]) -> None:
    (step,) = yaml.safe_load(snippets["github-ledger"])
    (job,) = yaml.safe_load(snippets["github"])["jobs"].values()
    (plain,) = [each for each in job["steps"] if each.get("id") == "gate"]
    assert {name: plain[name] for name in ("name", "id", "uses")} == {
        name: step[name] for name in ("name", "id", "uses")
    }
    assert set(step["with"]) <= set(load(root / "action.yml")["inputs"])
    assert set(step["with"]["extras"].split(",")) <= set(extras(root))
    assert list(step["env"]) == ["PHASEGATE_LEDGER"]


def extras(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["optional-dependencies"])


def test_the_hook_is_there(root: Path, snippets: dict[str, str]) -> None:
    (repository,) = yaml.safe_load(snippets["pre-commit"])["repos"]
    ids = {each["id"] for each in load(root / ".pre-commit-hooks.yaml")}
    assert {each["id"] for each in repository["hooks"]} == ids


def test_every_format_has_its_row(root: Path) -> None:
    from phasegate.reports.formats.registry import FORMATS

    document = (root / "docs" / "reports.md").read_text(encoding="utf-8").partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \|(.*)\|$", document, re.MULTILINE)
    assert dict(rows) == {
        name: f" {', '.join(f'`{ending}`' for ending in each.endings)} " if each.endings else " "
        for name, each in FORMATS.items()
    }
