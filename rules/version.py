"""Which phasegate this is; packages are built with this version too."""

from __future__ import annotations

VERSION = "0.1.0"
