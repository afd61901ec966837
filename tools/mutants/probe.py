"""A plugin of pytest: measures which test runs which line, or runs some tests in a given order.

Measuring, each worker writes its lines and the seconds of CPU of each test that passed into one folder.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coverage import Coverage


def pytest_configure(config: pytest.Config) -> None:
    """Takes the part that the environment asks for."""
    if measured := os.environ.get("MUTANTS_MEASURE"):
        if hasattr(config, "workerinput"):
            config.pluginmanager.register(Measuring(Path(measured), config.workerinput["workerid"]))
    elif chosen := os.environ.get("MUTANTS_TESTS"):
        config.pluginmanager.register(Chosen(Path(chosen).read_text(encoding="utf-8").splitlines()))
        _found_is_enough()


def _found_is_enough() -> None:
    """Hypothesis looks for a case that fails, the same ones each time, and not for the smallest."""
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutants", deadline=None, phases=phases, database=None, derandomize=True)
    settings.load_profile("mutants")


class Measuring:
    """Measures lines by test."""

    def __init__(self, folder: Path, worker: str) -> None:
        self._times = folder / f"times-{worker}.json"
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._coverage = _coverage(folder, worker)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Names the test whose lines follow, and adds up what it takes."""
        self._coverage.switch_context(item.nodeid)
        before = _cpu()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid] = _cpu() - before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What does not pass here can tell nothing of a mutant."""
        if report.outcome != "passed":
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Writes both down."""
        self._coverage.stop()
        self._coverage.save()
        passed = {name: took for name, took in self._seconds.items() if name not in self._failed}
        self._times.write_text(json.dumps(passed), encoding="utf-8")


class Chosen:
    """Runs the named tests and no others, in that order."""

    def __init__(self, names: list[str]) -> None:
        self._place = {name: place for place, name in enumerate(names)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leaves the others out."""
        chosen = [item for item in items if item.nodeid in self._place]
        items[:] = sorted(chosen, key=lambda item: self._place[item.nodeid])


def _cpu() -> float:
    """Seconds of CPU, of what was started and has ended too."""
    return time.process_time() + sum(os.times()[2:4])


def _coverage(folder: Path, worker: str) -> Coverage:
    sys.path.append(os.environ["MUTANTS_PACKAGES"])  # the last place: what the tests have comes first
    from coverage import Coverage

    return Coverage(
        data_file=str(folder / "lines"),
        data_suffix=worker,
        include=os.environ["MUTANTS_MODULES"].split(os.pathsep),
        config_file=False,
        messages=False,
    )
