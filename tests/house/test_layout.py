"""The root is the package: what is listed, what is shipped, and how large a module may be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from stations import STATIONS

ALONE = {"phasegate.testing.pytest_phasegate": "pytest_phasegate"}
"""What is installed under a name of its own (docs/decisions/0019)."""
LARGE, TOO_LARGE = 200, 500
MOST = 20
"""Modules that a folder may hold: as many as a stranger takes in at a look."""


def packages_in(root: Path) -> set[str]:
    """Every folder below a station that holds a module, as a dotted name."""
    folders = {
        module.parent.relative_to(root)
        for station in STATIONS
        for module in (root / station).rglob("*.py")
        if "__pycache__" not in module.parts
    }
    return {".".join(("phasegate", *folder.parts)) for folder in folders}


def folder_of(root: Path, package: str) -> Path:
    """Where a package lies that is installed under a name."""
    named = {installed: name for name, installed in ALONE.items()}.get(package, package)
    return root.joinpath(*named.split(".")[1:])


def modules_in(root: Path) -> list[Path]:
    return [
        *root.glob("*.py"),
        *sorted(path for station in STATIONS for path in (root / station).rglob("*.py")),
    ]


def test_packages_are_listed(root: Path, pyproject: dict[str, Any]) -> None:
    listed = pyproject["tool"]["setuptools"]["packages"]
    found = {ALONE.get(name, name) for name in packages_in(root)}
    assert set(listed) == found | {"phasegate"}
    places = pyproject["tool"]["setuptools"]["package-dir"]
    assert places == {"phasegate": ".", "pytest_phasegate": "testing/pytest_phasegate"}
    assert listed == sorted(set(listed))


def test_no_other_folder_holds_modules_that_look_like_a_package(root: Path) -> None:
    beside = {path.parent.name for path in root.glob("*/__init__.py")}
    assert beside == set(STATIONS)


def test_only_the_command_line_lies_loose(root: Path) -> None:
    # Every one of them is shipped; `python -m phasegate` looks for `__main__` nowhere else, and `import
    # phasegate` for what programs use.
    assert sorted(path.name for path in root.glob("*.py")) == ["__init__.py", "__main__.py", "cli.py"]


@pytest.mark.parametrize("station", STATIONS)
def test_every_package_is_typed(root: Path, station: str) -> None:
    for init in (root / station).rglob("__init__.py"):
        assert init.with_name("py.typed").read_bytes() == b"", init.parent


def test_every_folder_of_modules_is_a_regular_package(root: Path) -> None:
    for name in packages_in(root):
        assert root.joinpath(*name.split(".")[1:], "__init__.py").is_file(), name


def test_every_file_in_a_package_is_shipped(root: Path, files: list[Path], pyproject: dict[str, Any]) -> None:
    shipped = {
        path
        for package, patterns in pyproject["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in folder_of(root, package).glob(pattern)
    }
    data = {path for path in files if path.relative_to(root).parts[0] in STATIONS and path.suffix != ".py"}
    assert data - shipped == set()


def test_modules_are_small(root: Path) -> None:
    lines = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8").count("\n") for path in modules_in(root)
    }
    for name, count in sorted(lines.items()):
        if count > LARGE:
            print(f"{name} has {count} lines; most modules have fewer than {LARGE}")
    assert {name: count for name, count in lines.items() if count > TOO_LARGE} == {}


def test_folders_are_small(root: Path) -> None:
    modules = [path for path in modules_in(root) if path.name != "__init__.py"]
    held = Counter(str(path.parent.relative_to(root)) for path in modules)
    assert {folder: count for folder, count in held.items() if count > MOST} == {}


def test_type_checkers_reach_the_package_through_one_link(root: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("the link is in the repository only: archives do not carry it")
    link = root / ".typing" / "phasegate"
    assert link.is_symlink()
    assert link.resolve() == root


def test_tests_are_not_packages(root: Path) -> None:
    assert list((root / "tests").rglob("__init__.py")) == []
