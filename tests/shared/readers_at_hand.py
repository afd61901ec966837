"""Programs of others that judge and read the formats, as `make validators` fetches them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

PLACE = Path(__file__).parents[2] / ".tmp" / "validators"
PYTHON, SCHEMA = PLACE / "bin" / "python", PLACE / "junit-10.xsd"
MULTITOOL = PLACE / "sarif" / "node_modules" / "@microsoft" / "sarif-multitool-linux"


def needed(*files: Path) -> None:
    missing = [each for each in files if not each.exists()]
    if missing and os.environ.get("PHASEGATE_TEST_VALIDATORS") == "1":
        pytest.fail(f"{missing[0]} is missing; 'make validators' fetches it")
    if missing:
        pytest.skip(f"{missing[0].name} is missing; 'make validators' fetches it")


def run(*arguments: str | Path, folder: Path) -> str:
    environment = {
        **os.environ,
        "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(Path(tempfile.gettempdir()) / "dotnet"),
        "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
        "DOTNET_TieredCompilation": "0",  # no code of a short run is worth to be made better
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
    }
    done = subprocess.run(
        [str(each) for each in arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert not done.stderr.strip(), done.stderr
    return done.stdout
