"""The pictures that the documents show of served pages are made, and no page of them scrolls sideways."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from browser_at_hand import ROOT, needed
from twelve_projects import twelve_projects

WORDS = ("--at", "2026-03-03T12:00", "--gate", "1", "--criterion", "1.1/systems", "--raw")


@pytest.fixture(scope="session", autouse=True)
def _needed() -> None:
    needed()


@pytest.mark.long
def test_twelve_projects_are_shown_on_a_screen_and_on_a_phone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, ROOT / "tools" / "served_pictures.py", *WORDS, out]
    done = subprocess.run(
        [*command, *twelve_projects(tmp_path / "projects")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {*told} == {each.stem for each in out.glob("*.png")}
    assert {name.rpartition("-")[2] for name in told} == {"light", "dark", "phone"}
    assert [name for name, (wide, window) in told.items() if wide > window] == []
