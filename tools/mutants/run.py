"""Changes the code in one place at a time, and tells how many of the changes the tests notice.

    python tools/mutants/run.py --tests-run-by .venv/bin/python

A mutant is the code with one change: a comparison turned, a number off by one, a loop left out. Cosmic
Ray says which there are, and `changes.py` which of these count. Of a sample of them, drawn by a seed,
each is put in place of its module (see `server.py`), and the tests that run its line are run until one
fails. One that no test notices survived: it is shown with its difference. Which test runs which line is
measured first, and kept for as long as nothing changes.

What is measured and limited are seconds of CPU, so that a busy machine changes nothing: a mutant without
end is one that uses up many times what its tests take. One that waits for so long that it is given up is
neither killed nor has it survived; it is counted apart, and against the score.

The score is a lower bound. Tests that run their line in another process are not asked, nor those that a
mutant's seconds do not reach; and some mutants are the same programme in other words.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import hashlib
import itertools
import json
import math
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from changes import Mutant, mutants_of
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from coverage import Coverage, CoverageData
from server import FAULT

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".tmp" / "mutants" / "measured"
MUTATED = ("engine", "facts/measures", "records", "rules/model", "rules/values")
"""The modules that are changed, or folders of them."""
TESTS = tuple(f"tests/{name}" for name in (
    "audit/verification", "doors", "engine", "facts", "monitoring/history", "records", "rules", "runs",
))  # fmt: skip
"""The tests that are asked: those near the code; what goes through many runs is dear."""
LEFT_OUT = (".git", ".venv", ".tmp", "build", "dist", "node_modules", "__pycache__", "*.egg-info")
NOTHING_RAN = 5
"""The exit code of pytest that found no test."""
FIRST = 2.0
"""Seconds of tests that are tried before all others."""
SLOWER = 10
"""A mutant has no end if its tests take so many times what they take, and a minute."""
PATIENCE = 1_200.0
"""Seconds after which it is given up: on a machine that is this busy nothing can be said of it."""
WORDS = {True: "killed  ", False: "SURVIVED", None: "GIVEN UP"}
Z = 1.959964
"""Of an interval of 95 %."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    Attributes:
        mutant: it.
        killed: whether a test noticed it; None where it was given up.
        how: what noticed it, or what did not.
        difference: its lines.
        cpu: the seconds of CPU that it took.
    """

    mutant: Mutant
    killed: bool | None
    how: str
    difference: str
    cpu: float


def main() -> int:
    """Draws, tries and tells; 0 where the score reaches what is asked, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--tests-run-by", type=Path, required=True, help="the Python that has what tests need"
    )
    parser.add_argument("--sample", type=int, default=300, help="how many mutants are tried")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    parser.add_argument("--seconds", type=float, default=30, help="of tests, at most, for one mutant")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--only", default="", help="mutants of files whose path begins so")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="the tests that are asked")
    parser.add_argument("--at-least", type=float, default=0, help="the score, in percent, that is asked")
    given = parser.parse_args()
    python = Path(os.path.abspath(given.tests_run_by))  # noqa: PTH100 - a link to a Python is left as it is
    files = sorted(path for part in MUTATED for path in _modules(ROOT / part))
    mutants = sorted(
        each for path in files for each in mutants_of(path, ROOT) if each.file.startswith(given.only)
    )
    drawn = random.Random(given.seed).sample(mutants, min(given.sample, len(mutants)))  # noqa: S311
    _tell(f"{len(drawn)} of {len(mutants):,} mutants in {len(files)} modules, seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        copy = Copy(Path(scratch) / "copy", python, given.tests)
        copy.compile()
        reach = Reach(_measured(copy, files, given.workers), copy.root)
        servers = [Server(copy, number) for number in range(given.workers)]
        servers[0].hold_unchanged(drawn[0], reach, given.seconds)
        outcomes = list(_tried(drawn, servers, reach, given.seconds))
    return _told(outcomes, given.at_least)


def _modules(part: Path) -> Iterator[Path]:
    return iter([part]) if part.suffix else part.rglob("*.py")


class Copy:
    """A copy of the tree, so that nobody who goes on working changes what is tried."""

    def __init__(self, root: Path, python: Path, tests: Sequence[str]) -> None:
        self.root = root
        self.python = python
        self.tests = tests
        shutil.copytree(ROOT, root, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        self.environment = {
            **os.environ,
            # Before what is installed, which leads to the tree itself.
            "PYTHONPATH": os.pathsep.join([str(root / ".typing"), str(Path(__file__).parent)]),
            "PYTHONPYCACHEPREFIX": str(root / ".tmp" / "compiled"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(root / ".tmp" / "hypothesis"),
            "POLARS_MAX_THREADS": "1",
        }
        (root / ".tmp" / "files").mkdir(parents=True)

    def pytest(self, *arguments: str, variables: Mapping[str, str]) -> tuple[int, str]:
        """Runs pytest: its exit code, and what it printed."""
        done = subprocess.run(
            [self.python, "-m", "pytest", *self.options("all"), *arguments],
            cwd=self.root,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def options(self, name: str) -> list[str]:
        """What each run of pytest is told."""
        return [f"--basetemp={self.root / '.tmp' / 'files' / name}", "-p", "probe", "-q"]

    def compile(self) -> None:
        """Compiles the modules and the tests once, and sees that the tests are those of this copy."""
        code, printed = self.pytest("--collect-only", *self.tests, variables={"PYTHONDONTWRITEBYTECODE": ""})
        if code:
            raise SystemExit(f"the tests can not be collected:\n{printed[-3000:]}")


class Server:
    """Tries one mutant at a time."""

    def __init__(self, copy: Copy, number: int) -> None:
        self._copy = copy
        self._options = copy.options(str(number))
        self._chosen = copy.root / ".tmp" / f"chosen-{number}"
        self._process = subprocess.Popen(
            [copy.python, Path(__file__).with_name("server.py")],
            cwd=copy.root,
            env={**copy.environment, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hold_unchanged(self, mutant: Mutant, reach: Reach, seconds: float) -> None:
        """Sees that what a mutant would be tried with passes without it: else all would be killed."""
        path = self._copy.root / mutant.file
        source = path.read_text(encoding="utf-8")
        killed, how, _ = self._tried(path, source, *reach.tests(mutant, seconds), reach.seconds)
        if killed is not False:
            raise SystemExit(f"the tests do not pass as it is: {how}")

    def outcome(self, mutant: Mutant, reach: Reach, seconds: float) -> Outcome:
        """What becomes of a mutant."""
        path = self._copy.root / mutant.file
        before = path.read_text(encoding="utf-8")
        after = mutate_code(before, get_operator(mutant.operator)(), mutant.occurrence)
        if after is None or after == before:
            raise SystemExit(f"{mutant} changes nothing")
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        killed, how, cpu = self._tried(path, after, *reach.tests(mutant, seconds), reach.seconds)
        return Outcome(mutant, killed, how, "\n".join(lines), cpu)

    def _tried(
        self, path: Path, source: str, tests: Sequence[str], left: int, seconds: Mapping[str, float]
    ) -> tuple[bool | None, str, float]:
        if not tests:
            return False, "no test runs it", 0.0
        first = [name for name, until in zip(tests, _sums(tests, seconds), strict=True) if until <= FIRST]
        cpu = 0.0
        for part in (first, tests[len(first) :]):
            if not part:
                continue
            found = self._run(path, source, part, sum(seconds[name] for name in part))
            if found["ended"] == f"code {FAULT}":
                raise SystemExit(f"no test was run:\n{found['printed']}")
            cpu += found["cpu"]
            if found["ended"] == "given up":
                return None, "given up", cpu
            if found["ended"] == f"code {NOTHING_RAN}":
                return False, "the tests that run it are gone", cpu
            if found["ended"] != "code 0":
                lines = found["printed"].splitlines()
                failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
                return True, failed[0][:120] if failed else f"pytest ends with {found['ended']}", cpu
        return False, f"{len(tests):,} tests pass{f', {left:,} were not asked' if left else ''}", cpu

    def _run(self, path: Path, source: str, tests: Sequence[str], seconds: float) -> dict[str, Any]:
        """Runs tests until one fails."""
        self._chosen.write_text("\n".join(tests), encoding="utf-8")
        files = dict.fromkeys(name.partition("::")[0] for name in tests)
        request = {
            "path": str(path),
            "source": source,
            "tests": str(self._chosen),
            "arguments": [*self._options, "-x", "-p", "no:xdist", *files],
            "cpu": 60 + int(SLOWER * seconds),
            "wait": PATIENCE,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> None:
        """Ends the process."""
        self._process.communicate()


def _sums(tests: Iterable[str], seconds: Mapping[str, float]) -> Iterator[float]:
    return itertools.accumulate(seconds[name] for name in tests)


class Reach:
    """Which tests run which lines.

    Attributes:
        seconds: what each test takes.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._data = CoverageData(str(folder / "lines"))
        self._data.read()
        self._root = Path((folder / "root").read_text(encoding="utf-8"))
        self.seconds: dict[str, float] = json.loads((folder / "times.json").read_text(encoding="utf-8"))

    def tests(self, mutant: Mutant, seconds: float) -> tuple[list[str], int]:
        """The tests to ask, in their order, and how many there is no time for.

        Half of the time is for the fastest of the same station. The rest is for all others, of each file
        its fastest first and then the next, so that those of one file do not take all of it.
        """
        by_line = self._data.contexts_by_lineno(str(self._root / mutant.file))
        wanted = mutant.lines or by_line
        found = {name for line in wanted for name in by_line.get(line, ()) if name in self.seconds}
        fastest = sorted(found, key=lambda name: (self.seconds[name], name))
        near = [name for name in fastest if name.startswith(f"tests/{mutant.file.partition('/')[0]}/")]
        first = self._within(near, seconds / 2)
        others = self._within(_in_turn(name for name in fastest if name not in set(first)), seconds / 2)
        chosen = [*first, *others] or fastest[:1]
        return chosen, len(found) - len(chosen)

    def _within(self, names: Sequence[str], seconds: float) -> list[str]:
        """So many of the first tests as there is time for."""
        until = _sums(names, self.seconds)
        return [name for name, end in zip(names, until, strict=True) if end <= seconds]


def _in_turn(names: Iterable[str]) -> list[str]:
    """The first test of each file, then the second of each, and so on."""
    files: dict[str, list[str]] = {}
    for name in names:
        files.setdefault(name.partition("::")[0], []).append(name)
    rounds = itertools.zip_longest(*files.values())
    return [name for each in rounds for name in each if name is not None]


def _measured(copy: Copy, files: Sequence[Path], workers: int) -> Path:
    """The folder with what was measured of this tree."""
    folder = KEPT / _digest(copy)
    if (folder / "times.json").exists():
        return folder
    shutil.rmtree(KEPT, ignore_errors=True)
    folder.mkdir(parents=True)
    _tell("measuring which test runs which line")
    variables = {
        "MUTANTS_MEASURE": str(folder),
        "MUTANTS_PACKAGES": str(Path(sys.modules["coverage"].__path__[0]).parent),
        "MUTANTS_MODULES": os.pathsep.join(str(copy.root / path.relative_to(ROOT)) for path in files),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    began = time.monotonic()
    _, printed = copy.pytest("-n", str(workers), "--dist", "worksteal", *copy.tests, variables=variables)
    _tell(f"{printed.splitlines()[-1]} ({time.monotonic() - began:.0f} s)")
    parts = sorted(folder.glob("times-*.json"))
    if not parts:
        raise SystemExit(printed[-3000:])
    together = Coverage(data_file=str(folder / "lines"), config_file=False, messages=False)
    together.combine([str(folder)])
    together.save()
    (folder / "root").write_text(str(copy.root), encoding="utf-8")
    seconds = {name: took for part in parts for name, took in json.loads(part.read_text()).items()}
    (folder / "times.json").write_text(json.dumps(seconds), encoding="utf-8")
    return folder


def _digest(copy: Copy) -> str:
    """Of all that stands in a copy, and of which tests of it are asked."""
    found, root = hashlib.sha256("\0".join(copy.tests).encode()), copy.root
    for path in sorted(path for path in root.rglob("*") if path.is_file() and ".tmp" not in path.parts):
        found.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _tried(
    drawn: Sequence[Mutant], servers: Sequence[Server], reach: Reach, seconds: float
) -> Iterator[Outcome]:
    free: queue.SimpleQueue[Server] = queue.SimpleQueue()
    for server in servers:
        free.put(server)

    def attempt(mutant: Mutant) -> Outcome:
        server = free.get()
        try:
            return server.outcome(mutant, reach, seconds)
        finally:
            free.put(server)

    with ThreadPoolExecutor(len(servers)) as pool:
        waiting = [pool.submit(attempt, mutant) for mutant in drawn]
        for number, done in enumerate(as_completed(waiting), start=1):
            each = done.result()
            place = f"{each.mutant.file}:{each.mutant.line}"
            kind = each.mutant.operator.removeprefix("core/")
            _tell(f"{number:4d}  {WORDS[each.killed]}  {each.cpu:5.1f} s  {place}  {kind}  {each.how}")
            yield each
    for server in servers:
        server.end()


def _told(outcomes: Sequence[Outcome], at_least: float) -> int:
    for each in sorted((each for each in outcomes if not each.killed), key=lambda each: each.mutant):
        _tell(f"\n{each.mutant.file}:{each.mutant.line}  {each.mutant.operator}: {each.how}")
        _tell("\n".join(each.difference.splitlines()[2:]))
    killed, tried = sum(each.killed is True for each in outcomes), len(outcomes)
    unknown = sum(each.killed is None for each in outcomes)
    low, high = wilson(killed, tried)
    _tell(
        f"\n{killed} of {tried} mutants killed, {unknown} given up, in {sum(e.cpu for e in outcomes):,.0f} "
        f"seconds of CPU: {100 * killed / tried:.1f} %, "
        f"95 % interval (Wilson) {100 * low:.1f} to {100 * high:.1f} %"
    )
    return 0 if 100 * killed >= at_least * tried else 1


def wilson(killed: int, tried: int) -> tuple[float, float]:
    """The interval in which the share of all mutants lies, in 95 of 100 samples.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    """
    share, square = killed / tried, Z**2 / tried
    middle = (share + square / 2) / (1 + square)
    half = Z * math.sqrt(share * (1 - share) / tried + square / (4 * tried)) / (1 + square)
    return middle - half, middle + half


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main())
