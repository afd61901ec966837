"""Of a long table a part is tried each time, and the slow tests try the rest: together they try all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TABLES = """
import pytest

@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("a", range(4))
@pytest.mark.parametrize("b", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_table(a, b): ...

@pytest.mark.sampled
@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("a", range(4))
def test_more_in_each_case(a): ...

@pytest.mark.sampled(every=9)
@pytest.mark.parametrize("a", range(2))
def test_short(a): ...

def test_whole(): ...
"""
SETTINGS = """
[pytest]
markers =
    sampled
    slow
    long
"""
COLLECT = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "conftest", "-p", "no:cacheprovider"]
CHOSEN = {"fast": "not slow and not long", "slow": "(slow or sampled) and not long"}


def collected(folder: Path, size: str, named: str = "test_it.py", **variables: str) -> set[str]:
    """The tests of a file that run at some size."""
    (folder / "test_it.py").write_text(TABLES, encoding="utf-8")
    (folder / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("P")}
    environ |= {"PATH": os.environ["PATH"], "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS / 'shared'}"}
    environ |= {"PHASEGATE_TEST_SIZE": size, **variables}
    done = subprocess.run(
        [*COLLECT, "-m", CHOSEN[size], named],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return {line for line in done.stdout.splitlines() if line.startswith("test_it.py::")}


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return collected(tmp_path_factory.mktemp("fast"), "fast")


def test_the_slow_tests_try_what_the_fast_ones_leave(fast: set[str], tmp_path: Path) -> None:
    slow = collected(tmp_path, "slow")
    both = {each for each in fast & slow if "test_more_in_each_case" not in each}
    assert both == set()
    assert len(fast | slow) == 4 * 3 + 4 + 2 + 1
    tried = Counter(each.partition("[")[0].removeprefix("test_it.py::") for each in fast)
    assert tried.pop("test_table") in (2, 3)  # of eight, by the Python
    assert tried == {"test_more_in_each_case": 2, "test_short": 1, "test_whole": 1}
    assert sum("test_more_in_each_case" in each for each in slow) == 4


def test_who_names_a_test_gets_all_of_it(tmp_path: Path) -> None:
    assert len(collected(tmp_path, "fast", "test_it.py::test_table")) == 4 * 2


def test_where_all_cases_are_asked_for_none_is_left(tmp_path: Path) -> None:
    assert len(collected(tmp_path, "fast", PHASEGATE_TEST_CASES="all")) == 4 * 2 + 4 + 2 + 1
