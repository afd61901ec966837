"""The import contract holds, and is seen to catch what it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = ("audit", "engine", "facts", "reports", "rules", "cli.py")

VIOLATIONS = {
    "rules know facts": ("rules/bounds.py", "import phasegate.facts.fact"),
    "rules know the engine, late": (
        "rules/bounds.py",
        "def late() -> None:\n    import phasegate.engine.plan",
    ),
    "rules know the data": ("rules/bounds.py", "import polars"),
    "facts know the engine": ("facts/fact.py", "from phasegate.engine import plan"),
    "the engine knows the trail": ("engine/plan.py", "import phasegate.audit"),
    "the trail knows reports": ("audit/__init__.py", "import phasegate.reports"),
    "reports know the command line": ("reports/__init__.py", "import phasegate.cli"),
    "reports compute": ("reports/__init__.py", "import polars"),
}


@pytest.fixture
def house(root: Path, tmp_path: Path) -> Path:
    """A copy of the package, in a folder of its name, with the project's own contract beside it."""
    unwanted = shutil.ignore_patterns("__pycache__", "packs")
    for part in PARTS:
        source, target = root / part, tmp_path / "phasegate" / part
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=unwanted)
        else:
            shutil.copy(source, target)
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    # -S: no site, so the editable install does not lead back from the copy to the project.
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    code = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-S", "-c", code, "--no-cache", "--no-logo"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": f"{house}{os.pathsep}{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contract_holds(house: Path) -> None:
    result = lint(house)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_the_contract_catches(house: Path, violation: str) -> None:
    module, code = VIOLATIONS[violation]
    with (house / "phasegate" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{code}\n")
    result = lint(house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert (
        "phasegate." + module.removesuffix(".py").removesuffix("/__init__").replace("/", ".") in result.stdout
    )
