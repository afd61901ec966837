"""The lock pins everything that pyproject.toml asks for, with hashes, and names no registry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-wheels.lock")


def pinned(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """Name to version and hashes."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
    found: dict[str, tuple[str, list[str]]] = {}
    for entry in entries:
        if match := re.match(r"([A-Za-z0-9._-]+)==(\S+)", entry):
            found[canonicalize_name(match[1])] = (
                match[2],
                re.findall(r"--hash=sha256:([0-9a-f]{64})", entry),
            )
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(root: Path, name: str) -> None:
    pins = pinned(root / name)
    assert pins
    assert [package for package, (_, hashes) in pins.items() if not hashes] == []


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_says_nothing_but_pins(root: Path, name: str) -> None:
    lines = (root / name).read_text(encoding="utf-8").splitlines()
    plain = re.compile(r"#.*|[a-z0-9.-]+==[^\s:]+( ; [^:]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not plain.fullmatch(line)] == []


def test_the_lock_is_current(root: Path, pyproject: dict[str, Any]) -> None:
    project = pyproject["project"]
    wanted = [
        (text, LOCKS[0]) for text in (*project["dependencies"], *project["optional-dependencies"]["dev"])
    ]
    wanted += [(text, LOCKS[1]) for text in pyproject["dependency-groups"]["build"]]
    wanted += [(text, LOCKS[2]) for text in pyproject["dependency-groups"]["wheels"]]
    for text, lock in wanted:
        requirement = Requirement(text)
        version, _ = pinned(root / lock)[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{text} is locked at {version}: run make lock"


def test_what_builds_the_wheel_is_pinned(pyproject: dict[str, Any]) -> None:
    assert set(pyproject["build-system"]["requires"]) <= set(pyproject["dependency-groups"]["build"])
