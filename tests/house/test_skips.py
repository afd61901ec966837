"""In CI, a test that is skipped has a reason that is listed; any other has failed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parents[1]
SKIPPED = {
    "in a test": 'import pytest\ndef test_it():\n    pytest.skip("{}")\n',
    "by a mark": 'import pytest\n@pytest.mark.skipif(True, reason="{}")\ndef test_it(): ...\n',
    "by a fixture": 'import pytest\n@pytest.fixture\ndef f():\n    pytest.skip("{}")\ndef test_it(f): ...\n',
    "as a module": 'import pytest\npytest.skip("{}", allow_module_level=True)\n',
}
TESTED = {
    **{how: test.format("it snows") for how, test in SKIPPED.items()},
    "listed": SKIPPED["in a test"].format("it rains"),
    "expected": "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_it():\n    assert False\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """What pytest makes of all of them with what holds for all tests here, with a list or without."""
    folder = tmp_path_factory.mktemp("skipped")
    for name, test in TESTED.items():
        (folder / f"test_{name.replace(' ', '_')}.py").write_text(f"{test}def test_sound(): ...\n", "utf-8")
    (folder / "skips.txt").write_text("# of the weather\nit rains  # now and then\n", encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("P")}
    environ |= {"PATH": os.environ["PATH"], "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS / 'shared'}"}
    environ["COLUMNS"] = "400"  # so that no reason is cut short
    command = [sys.executable, "-m", "pytest", "-rA", "--tb=line", "-p", "conftest", "-p", "no:cacheprovider"]

    @cache
    def runs(listed: bool = True) -> str:
        told = {"PHASEGATE_TEST_SKIPS": str(folder / "skips.txt")} if listed else {}
        done = subprocess.run(
            [*command, "--continue-on-collection-errors"],
            cwd=folder,
            env={**environ, **told},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == (1 if listed else 0), done.stdout
        return done.stdout

    return runs


@pytest.mark.parametrize(
    ("how", "becomes"),
    {
        "in a test": "FAILED test_in_a_test.py::test_it",
        "by a mark": "ERROR test_by_a_mark.py::test_it",
        "by a fixture": "ERROR test_by_a_fixture.py::test_it",
        "as a module": "ERROR test_as_a_module.py",
    }.items(),
)
def test_a_skip_that_is_not_listed_fails(how: str, becomes: str, run: Callable[..., str]) -> None:
    assert how in SKIPPED
    assert re.search(f"^{becomes}.*does not list the reason: it snows", run(), re.MULTILINE)
    assert re.search(r"\b1 failed, \d+ passed, 1 skipped, 1 xfailed, 3 errors\b", run())


def test_one_that_is_listed_does_not(run: Callable[..., str]) -> None:
    assert re.search(r"^SKIPPED .*test_listed\.py.* it rains$", run(), re.MULTILINE)


def test_without_a_list_any_may_be_skipped(run: Callable[..., str]) -> None:
    assert re.search(r"\b\d+ passed, 5 skipped, 1 xfailed\b", run(listed=False))


def test_a_failure_that_is_expected_is_no_skip(run: Callable[..., str]) -> None:
    assert "XFAIL test_expected.py::test_it" in run()
