"""A team's tests of its own reports: a record as of a fixed day, and snapshots of it in any format."""

from __future__ import annotations

from phasegate.testing.deciding import decide
from phasegate.testing.fixtures import Decide, Snapshots

__all__ = ["Decide", "Snapshots", "decide"]
