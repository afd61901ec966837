"""The look of a page, in one style sheet whose digest the page's own policy names."""

from __future__ import annotations

import base64
import hashlib

from phasegate.reports.html.sheets.base import BASE
from phasegate.reports.html.sheets.colours import COLOURS
from phasegate.reports.html.sheets.first import FIRST
from phasegate.reports.html.sheets.paper import PAPER
from phasegate.reports.html.sheets.parts import PARTS
from phasegate.reports.html.sheets.small import SMALL

STYLE = f"{COLOURS}{BASE}{FIRST}{PARTS}{SMALL}{PAPER}".replace("\n", "")
"""What all pages share; one with filters has their rules behind it."""


def policy(style: str = STYLE) -> str:
    """What a page may do: show itself with its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
