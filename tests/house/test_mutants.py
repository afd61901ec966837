"""What tries changes of the code tells those that a test notices from those that nobody does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SERVER = Path(__file__).parents[2] / "tools" / "mutants" / "server.py"
CODE = "import time\n\ndef double(number):\n    return number * 2\n"
TEST = "from doubling import double\n\ndef test_it():\n    assert double(2) == 4\n"
Try = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doubling")


@pytest.fixture(scope="module")
def attempt(folder: Path) -> Iterator[Try]:
    (folder / "doubling.py").write_text(CODE, encoding="utf-8")
    (folder / "test_it.py").write_text(TEST, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, SERVER],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def tried(old: str = "", new: str = "", cpu: int = 60, wait: float = 600) -> dict[str, Any]:
        request = {
            "path": str(folder / "doubling.py"),
            "source": CODE.replace(old, new),
            "tests": "",
            "arguments": ["-q", "-p", "no:cacheprovider", "test_it.py"],
            "cpu": cpu,
            "wait": wait,
        }
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    yield tried
    process.communicate()


def test_each_end_is_told_from_the_others(attempt: Try) -> None:
    assert attempt()["ended"] == "code 0"
    noticed = attempt("* 2", "* 3")
    assert noticed["ended"] == "code 1"
    assert "FAILED test_it.py::test_it" in noticed["printed"]
    assert attempt("* 2", "+ 2")["ended"] == "code 0"
    assert attempt("number * 2", "number * two")["ended"] == "code 1"
    assert attempt("import time", "import thyme")["ended"] == "code 2"


def test_what_uses_up_its_time_is_no_end_and_what_waits_is_given_up(attempt: Try) -> None:
    assert attempt("return", "while True:", cpu=2)["ended"] == "no end"
    assert attempt("return", "time.sleep(600)\n    return", wait=3)["ended"] == "given up"
    assert attempt()["ended"] == "code 0"


def test_no_file_is_changed(attempt: Try, folder: Path) -> None:
    attempt("* 2", "* 3")
    assert (folder / "doubling.py").read_text(encoding="utf-8") == CODE
