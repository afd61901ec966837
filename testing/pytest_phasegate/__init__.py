"""The plugin of pytest, which every run of pytest imports where phasegate is installed.

So it imports nothing of phasegate before a test asks for a fixture, and it is installed as a package of its
own beside ``phasegate`` (docs/decisions/0019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from phasegate.testing import Decide, Snapshots


@pytest.fixture(scope="module")
def phasegate_record(request: pytest.FixtureRequest) -> Decide:
    """Decides projects from their files, as of a fixed day and without a ledger, and gives their records."""
    from phasegate.testing.fixtures import deciding

    return deciding(request.path.parent)


@pytest.fixture
def report_snapshot(request: pytest.FixtureRequest) -> Snapshots:
    """Snapshots of reports: what a record is compared with, in a format by name."""
    from phasegate.testing.fixtures import snapshots

    return snapshots(request)
