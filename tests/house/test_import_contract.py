"""The import contract holds, and is seen to catch what it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from stations import STATIONS

PARTS = (*STATIONS, "__init__.py", "__main__.py", "cli.py")

# Module, what is planted at its end, and what the report must then name.
VIOLATIONS = {
    "rules know facts": (
        "rules/values/bounds.py",
        "import phasegate.facts.model.fact",
        "phasegate.facts.model.fact",
    ),
    "rules know the engine, late": (
        "rules/values/units.py",
        "def late() -> None:\n    import phasegate.engine.plan",
        "phasegate.engine.plan",
    ),
    "rules know Markdown": ("rules/model/waiver.py", "import markdown_it", "markdown_it"),
    "the reader of map documents knows what traces them": (
        "rules/maps/reader/document.py",
        "import phasegate.rules.maps.trace",
        "phasegate.rules.maps.trace",
    ),
    "rules know the data": ("rules/model/waiver.py", "import polars", "polars"),
    "facts know the engine": (
        "facts/model/fact.py",
        "from phasegate.engine import plan",
        "phasegate.engine.plan",
    ),
    "the engine knows the trail": ("engine/plan.py", "import phasegate.audit", "phasegate.audit"),
    "the trail knows reports": ("audit/__init__.py", "import phasegate.reports", "phasegate.reports"),
    "reports know the command line": ("reports/__init__.py", "import phasegate.cli", "phasegate.cli"),
    "texts know pages": (
        "reports/text/plain.py",
        "import phasegate.reports.terminal.page",
        "phasegate.reports.terminal.page",
    ),
    "reports compute": ("reports/__init__.py", "import polars", "polars"),
    "commands know a team's tests": (
        "commands/__init__.py",
        "import phasegate.testing",
        "phasegate.testing",
    ),
    "commands know pytest": ("commands/options.py", "import pytest", "pytest"),
    "a team's tests know the command line": (
        "testing/__init__.py",
        "import phasegate.commands",
        "phasegate.commands",
    ),
}


def copy(root: Path, place: Path) -> Path:
    """Copies the package, into a folder of its name, and the project's own contract beside it."""
    unwanted = shutil.ignore_patterns("__pycache__", "packs")
    for part in PARTS:
        source, target = root / part, place / "phasegate" / part
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=unwanted)
        else:
            shutil.copy(source, target)
    shutil.copy(root / "pyproject.toml", place)
    return place


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


@pytest.fixture(scope="module")
def broken(root: Path, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The report on a house in which everything that is forbidden was done, once."""
    house = copy(root, tmp_path_factory.mktemp("broken"))
    for module, code, _ in VIOLATIONS.values():
        with (house / "phasegate" / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{code}\n")
    return lint(house)


@pytest.mark.slow
def test_the_contract_holds(root: Path, tmp_path: Path) -> None:
    result = lint(copy(root, tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.slow
def test_every_contract_can_break(broken: subprocess.CompletedProcess[str]) -> None:
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "0 kept" in broken.stdout


@pytest.mark.slow
@pytest.mark.parametrize("violation", VIOLATIONS)
def test_the_contract_catches(violation: str, broken: subprocess.CompletedProcess[str]) -> None:
    module, _, imported = VIOLATIONS[violation]
    importer = "phasegate." + module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert f"{importer} -> {imported} (l." in broken.stdout
