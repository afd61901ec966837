"""Lets the tests of this folder import what they share."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def as_of() -> dt.date:
    return dt.date(2025, 11, 20)
