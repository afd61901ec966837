"""What the document on reports shows of pipelines fits their systems, and what is there to be used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

SNIPPET = re.compile(r"^<!-- snippet: ([a-z-]+) -->\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def snippets(root: Path) -> dict[str, str]:
    found = SNIPPET.findall((root / "docs" / "reports.md").read_text(encoding="utf-8"))
    assert [name for name, _ in found] == ["github", "gitlab", "pre-commit"]
    return dict(found)


@pytest.mark.parametrize(("name", "schema"), [("github", "github-workflows"), ("gitlab", "gitlab-ci")])
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
