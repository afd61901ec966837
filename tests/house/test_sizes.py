"""Of a long table a part is tried each time, another one by the slow tests, and all by the long ones."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sizes import handed_out

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

@pytest.mark.sampled(every=3, whole=True)
@pytest.mark.parametrize("a", range(6))
def test_ways(a): ...

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
MORE = {"SIZE", "examples", "some"}
"""What of `sizes` has a test try more where it is slow."""
TRIED_MORE = {"slow", "sampled", "given"}
"""The marks and decorators of tests that the slow tests are."""
CHOSEN = {
    "fast": "not slow and not long",
    "slow": "(slow or sampled) and not long",
    "long": "long or sampled",
}


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


@pytest.mark.parametrize(
    ("first", "handed"),
    [
        ({}, ["abcdefgh"]),
        ({"f": "server", "c": "a", "h": "server"}, ["fhcabdeg"]),
        ({}, ["abcd", "efgh"]),
        ({"f": "server", "c": "pack", "h": "server"}, ["fhab", "cdeg"]),
        ({"h": "server"}, ["ha", "bcd", "efg"]),
    ],
)
def test_what_is_costly_begins_the_piece_of_a_worker(first: dict[str, str], handed: list[str]) -> None:
    assert "".join(handed_out("abcdefgh", first, len(handed))) == "".join(handed)


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return collected(tmp_path_factory.mktemp("fast"), "fast")


def tables(cases: set[str]) -> Counter[str]:
    return Counter(each.partition("[")[0].removeprefix("test_it.py::") for each in cases)


@pytest.mark.slow
def test_the_slow_tests_try_some_of_what_the_fast_ones_leave(fast: set[str], tmp_path: Path) -> None:
    tried = tables(fast)
    assert tried.pop("test_table") in (2, 3)  # of eight, by the Python
    assert tried == {"test_more_in_each_case": 2, "test_short": 1, "test_ways": 2, "test_whole": 1}
    by_seed = [collected(tmp_path, "slow", PHASEGATE_TEST_SEED=str(seed)) for seed in range(3)]
    for slow in by_seed:
        assert {each for each in fast & slow if "test_more_in_each_case" not in each} == set()
        tried = tables(slow)
        assert tried.pop("test_table") in (4 + 1, 4 + 2)  # the slow ones too
        assert tried == {"test_more_in_each_case": 4, "test_short": 1, "test_ways": 4}
    assert len(fast.union(*by_seed)) == 4 * 3 + 4 + 2 + 6 + 1


@pytest.mark.slow
def test_the_long_tests_try_all_of_a_table(tmp_path: Path) -> None:
    assert tables(collected(tmp_path, "long")) == {
        "test_table": 4 * 3,
        "test_more_in_each_case": 4,
        "test_short": 2,
        "test_ways": 6,
    }


@pytest.mark.slow
def test_who_names_a_test_gets_all_of_it(tmp_path: Path) -> None:
    assert len(collected(tmp_path, "fast", "test_it.py::test_table")) == 4 * 2


@pytest.mark.slow
def test_where_all_cases_are_asked_for_none_is_left(tmp_path: Path) -> None:
    assert len(collected(tmp_path, "fast", PHASEGATE_TEST_CASES="all")) == 4 * 2 + 4 + 2 + 6 + 1


def named(tree: ast.AST) -> set[str]:
    """All names in a part of a module, those behind a point too."""
    found = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    return found | {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}


def never_tried_more(text: str) -> Iterator[str]:
    """The tests of a module that would try more with the slow tests, and are none of them."""
    parts = ast.parse(text).body
    sized = MORE & {
        each.name
        for part in parts
        if isinstance(part, ast.ImportFrom) and part.module == "sizes"
        for each in part.names
    }
    for part in parts:
        names = named(part)
        if isinstance(part, ast.Assign) and {"pytestmark", "slow"} <= names:
            return  # all of the module is
        if isinstance(part, ast.Assign) and names & sized:
            sized |= {each.id for each in part.targets if isinstance(each, ast.Name)}
        elif isinstance(part, ast.FunctionDef) and names & sized and not names & TRIED_MORE:
            if part.name.startswith("test_"):
                yield part.name
            else:
                sized.add(part.name)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("def test_it(): examples(9)", True),
        ("@mark.parametrize('a', some([1, 2], 0, 2))\ndef test_it(a): ...", True),
        ("@mark.sampled\n@mark.parametrize('a', some([1, 2], 0, 2))\ndef test_it(a): ...", False),
        ("@given(x)\n@settings(max_examples=examples(9))\ndef test_it(a): ...", False),
        ("@mark.slow\ndef test_it(): examples(9)", False),
        ("pytestmark = mark.slow\ndef test_it(): examples(9)", False),
        ("pytestmark = mark.usefixtures('a')\ndef test_it(): examples(9)", True),
        ("COUNT = {'fast': 1}[SIZE]\ndef test_it(): range(COUNT)", True),
        ("def hold(): examples(9)\ndef test_it(): hold()", True),
        ("def test_it(): list(range(9))", False),
    ],
)
def test_who_would_never_try_more_is_found(line: str, found: bool) -> None:
    text = f"from sizes import SIZE, examples, some\n{line}\n"
    assert list(never_tried_more(text)) == (["test_it"] if found else [])


def test_what_tries_less_in_the_fast_tests_tries_more_in_the_slow_ones() -> None:
    modules = [each for each in TESTS.rglob("test_*.py") if "sizes" in each.read_text(encoding="utf-8")]
    assert len(modules) > 20
    found = {each: [*never_tried_more(each.read_text(encoding="utf-8"))] for each in modules}
    assert {str(each): tests for each, tests in found.items() if tests} == {}
