"""A real browser, as far as this machine has one, and the scripts that drive it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests" / "browser"
MODULES, CHROMIUM = ROOT / ".tmp" / "browser", Path("/usr/bin/chromium")
EXAMPLE = ROOT / "examples" / "developer_finance"
MOST_SECONDS = 600


def missing() -> str | None:
    """What a browser's test needs and this machine does not have."""
    if shutil.which("node") is None:
        return "no node on this machine"
    if not (MODULES / "node_modules" / "playwright-core").exists():
        return "no modules for the browser: 'make browser' fetches them"
    return None if CHROMIUM.exists() else f"no {CHROMIUM.name} on this machine"


def needed() -> None:
    """Skips where it is missing, or fails where it must not be."""
    if why := missing():
        if os.environ.get("PHASEGATE_TEST_BROWSER"):
            pytest.fail(why)
        pytest.skip(why)


def node(script: str, *arguments: Path | str) -> Any:
    """What a script of `tests/browser` prints."""
    done = subprocess.run(
        ["node", SCRIPTS / script, MODULES, *arguments],
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    print(done.stderr)
    return json.loads(done.stdout)
