"""A service that takes messages, for the tests of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)

from web_service import service  # noqa: E402 - it lies in this folder

__all__ = ["service"]
