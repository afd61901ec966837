"""`make` tells what it can do, and every target that a document names exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")


def make(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=root, capture_output=True, text=True, check=False
    )


def targets(root: Path) -> set[str]:
    return set(re.findall(r"^\.PHONY: (\S+)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_help_shows_every_target_with_a_line(root: Path) -> None:
    shown = dict(re.findall(r"^  make (\S+) +(\S.*)$", make(root, "help").stdout, re.MULTILINE))
    assert set(shown) == targets(root)
    assert {"demo", "test", "test-slow", "lint", "types", "bench", "build", "lock", "clean"} < set(shown)


def test_help_is_what_a_bare_make_does(root: Path) -> None:
    assert make(root).stdout == make(root, "help").stdout


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".ci/run"])
def test_documents_name_only_targets_that_exist(root: Path, document: str) -> None:
    if not (root / document).exists():
        pytest.skip(f"{document} is not written yet")
    text = (root / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|[`\"])make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named - targets(root) == set()


def test_a_contributor_is_told_of_every_target(root: Path) -> None:
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {target for target in targets(root) if f"`make {target}`" not in text} == {"help"}


def test_a_missing_python_is_one_sentence(root: Path) -> None:
    environment = ".tmp/never-made"
    result = make(root, "types", f"VENV={environment}", "PYTHON=/no/such/python3.11")
    assert result.returncode != 0
    assert "phasegate: PYTHON=/no/such/python3.11 is not a program that can be run." in result.stderr
    assert "Traceback" not in result.stderr
    assert not (root / environment).exists()


@pytest.mark.parametrize("target", ["test", "test-slow"])
def test_tests_keep_bytecode_in_the_folder_and_their_files_in_memory(
    root: Path, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = make(root, "--question", f"VENV={sys.prefix}", f"{sys.prefix}/.installed")
    if ready.returncode:
        pytest.skip("this environment was not made by make")
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\nif [ "$1" = -m ]; then env; echo "command $*"; else exec {sys.executable} "$@"; fi\n'
    )
    python.chmod(0o700)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "/nowhere")
    said = make(root, target, f"VENV={sys.prefix}", f"PY={python}", "ARGS=--durations=3")
    assert said.returncode == 0, said.stderr
    variables = dict(line.split("=", 1) for line in said.stdout.splitlines() if "=" in line)
    assert "PYTHONDONTWRITEBYTECODE" not in variables
    assert variables["PYTHONPYCACHEPREFIX"] == str(root / ".tmp" / "pycache")
    assert re.search(r"^command -m pytest .*--durations=3$", said.stdout, re.MULTILINE)
    place = Path(variables["TMPDIR"])
    assert place == root / ".tmp" / "tmp" or (place.parent == Path("/dev/shm") and not place.exists())


@pytest.mark.parametrize("target", ["bench", "bench-peers"])
def test_what_is_measured_is_compiled_in_the_folder(root: Path, target: str) -> None:
    recipe = (
        (root / "Makefile").read_text(encoding="utf-8").partition(f"\n{target}: ")[2].partition("\n\n")[0]
    )
    measured = [line for line in recipe.splitlines() if "benchmarks/run.py" in line]
    assert [line.strip().startswith("@$(COMPILED_IN) $(PY) ") for line in measured] == [True]
