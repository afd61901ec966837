"""What the tests of this folder share."""

from __future__ import annotations

import datetime as dt

import pytest
from postgres_server import server  # noqa: F401 - a fixture


@pytest.fixture(scope="session")
def as_of() -> dt.date:
    return dt.date(2025, 11, 20)
