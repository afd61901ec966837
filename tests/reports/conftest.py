from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from phasegate.audit.record.document import Record
from phasegate.audit.record.saved import load_record

RECORDS = Path(__file__).parent / "records"


@pytest.fixture
def saved() -> Callable[[str], Record]:
    """Reads one of the records that lie beside these tests."""
    return lambda name: load_record(RECORDS / f"{name}.json")
