from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from phasegate.records.build import exit_code
from phasegate.records.reader import load_record
from phasegate.records.schema import Record
from phasegate.reports.report import Report

RECORDS = Path(__file__).parent / "records"


@pytest.fixture
def saved() -> Callable[[str], Record]:
    """Reads one of the records that lie beside these tests."""
    return lambda name: load_record(RECORDS / f"{name}.json")


@pytest.fixture
def report(saved: Callable[[str], Record]) -> Callable[[str], Report]:
    """One of them, ready for a renderer."""

    def ready(name: str) -> Report:
        record = saved(name)
        return Report(record, exit_code(record["outcome"]))

    return ready
