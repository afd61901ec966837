"""Lets the tests of this folder import what they share."""

from __future__ import annotations

import datetime as dt

import pytest


@pytest.fixture(scope="session")
def as_of() -> dt.date:
    return dt.date(2025, 11, 20)
