"""A PostgreSQL server for the ledgers that stand on one."""

from __future__ import annotations

import sys
from pathlib import Path

_SERVERS = str(Path(__file__).parents[2] / "servers")
if _SERVERS not in sys.path:
    sys.path.insert(0, _SERVERS)

from postgres_server import database, server  # noqa: E402, F401
