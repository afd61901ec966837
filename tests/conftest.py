"""What holds for all tests: how much they try, and that none is left out without a reason that is listed."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from held_records import holding
from sizes import OTHERS, SEED, SIZE, handed_out, is_tried_whole, part, seed_of_run, set_up

set_up()
gc.disable()  # until all are collected
SELDOM = (50_000, 20, 50)
"""How much is made before it is looked through for garbage."""
LISTED = os.environ.get("PHASEGATE_TEST_SKIPS")
"""A file: every reason for which a test may be skipped, one a line. Without it, all may."""


@pytest.fixture(scope="session", autouse=True)
def records_hold_to_their_schema() -> Generator[None]:
    """Every record that a test has made is of the published form."""
    with pytest.MonkeyPatch.context() as patch:
        holding(patch)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis draws from the seed of the run, as all do; in the fast tests it has one for each test."""
    if SIZE != "fast" and config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(seed_of_run())


def pytest_report_header() -> str | None:
    return None if SIZE == "fast" else f"drawn from {SEED}={seed_of_run()}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """A worker more than there are processors: now and then each waits for what it has started.

    The slow tests wait more often, for servers, browsers and what is given up: two more.

    Who wants others says so in ``PYTEST_XDIST_AUTO_NUM_WORKERS``.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (known or 1) + (1 if SIZE == "fast" else 2)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Leaves out what is not tried each time, and puts first what takes longest."""
    leave_out(config, items)
    yield
    first = {
        item: str(mark.kwargs["first"])
        for item in items
        for mark in item.iter_markers("slow")
        if "first" in mark.kwargs
    }
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    items[:] = handed_out(items, first, workers)


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a table that is marked ``sampled(every=3)`` a third is tried here, some others with slow tests.

    With ``whole=True`` these try all others: of ways to open a gate that must stay shut, and of lies.
    A test that is named, as in ``pytest tests/cli/test_help.py::test_it``, is tried with all of its cases.
    """
    if is_tried_whole() or any("::" in argument for argument in config.args):
        return
    tables: dict[tuple[str, int, int], list[str]] = {}
    for item in items:
        marks = [mark.kwargs.get("every") for mark in item.iter_markers("sampled")]
        if item.get_closest_marker("slow") or item.get_closest_marker("long") or not any(marks):
            continue
        if SIZE == "fast" or None not in marks:  # the slow tests try more in a case, too
            table = item.nodeid.partition("[")[0]
            whole = any(mark.kwargs.get("whole") for mark in item.iter_markers("sampled"))
            known = (table, max(filter(None, marks)), 1 if whole else OTHERS)
            tables.setdefault(known, []).append(item.nodeid)
    left = {case for (_, *sizes), cases in tables.items() for case in {*cases} - part(cases, *sizes)}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left])
    items[:] = [item for item in items if item.nodeid not in left]


def pytest_collection_finish() -> None:
    """Nothing of ten thousand tests is garbage before the end; looking through them again takes time.

    What tests make is looked through seldom, as in the command, which never does.
    """
    gc.enable()
    gc.freeze()
    gc.set_threshold(*SELDOM)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that is skipped for a reason that is not listed has failed."""
    report = yield
    if LISTED and report.skipped and not hasattr(report, "wasxfail"):
        refuse(report, LISTED)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that is skipped as a whole, likewise."""
    report = yield
    if LISTED and report.outcome == "skipped":
        refuse(report, LISTED)
    return report


def refuse(report: pytest.TestReport | pytest.CollectReport, listed: str) -> None:
    """Makes a failure of a skip that is not listed."""
    told = report.longrepr
    reason = (told[2] if isinstance(told, tuple) else str(told)).removeprefix("Skipped: ")
    if reason not in reasons(listed):
        report.outcome = "failed"
        report.longrepr = f"skipped, and {listed} does not list the reason: {reason}"


@cache
def reasons(listed: str) -> frozenset[str]:
    """The reasons of a list; what follows a ``#`` says why each is one."""
    lines = Path(listed).read_text(encoding="utf-8").splitlines()
    return frozenset(filter(None, (re.sub(r"\s*#.*", "", line).strip() for line in lines)))
