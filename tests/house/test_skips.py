"""In CI, a test that is skipped has a reason that is listed; any other has failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SKIPPED = {
    "in a test": 'import pytest\ndef test_it():\n    pytest.skip("{}")\n',
    "by a mark": 'import pytest\n@pytest.mark.skipif(True, reason="{}")\ndef test_it(): ...\n',
    "by a fixture": 'import pytest\n@pytest.fixture\ndef f():\n    pytest.skip("{}")\ndef test_it(f): ...\n',
    "as a module": 'import pytest\npytest.skip("{}", allow_module_level=True)\n',
}
EXPECTED = "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_it():\n    assert False\n"


def run(folder: Path, test: str, listed: bool = True) -> subprocess.CompletedProcess[str]:
    """What pytest makes of a test with what holds for all tests here."""
    (folder / "test_it.py").write_text(f"{test}def test_sound(): ...\n", encoding="utf-8")
    (folder / "skips.txt").write_text("# of the weather\nit rains  # now and then\n", encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("P")}
    environ |= {"PATH": os.environ["PATH"], "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS / 'shared'}"}
    environ |= {"PHASEGATE_TEST_SKIPS": str(folder / "skips.txt")} if listed else {}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "test_it.py"]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("how", SKIPPED)
def test_a_skip_that_is_not_listed_fails(how: str, tmp_path: Path) -> None:
    done = run(tmp_path, SKIPPED[how].format("it snows"))
    assert done.returncode in (1, 2), done.stdout
    assert "does not list the reason: it snows" in done.stdout


def test_one_that_is_listed_does_not(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPPED["in a test"].format("it rains"))
    assert (done.returncode, "1 passed, 1 skipped" in done.stdout) == (0, True), done.stdout


def test_without_a_list_any_may_be_skipped(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED["by a mark"].format("it snows"), listed=False).returncode == 0


def test_a_failure_that_is_expected_is_no_skip(tmp_path: Path) -> None:
    done = run(tmp_path, EXPECTED)
    assert (done.returncode, "1 xfailed" in done.stdout) == (0, True), done.stdout
