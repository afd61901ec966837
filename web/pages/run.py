"""A run of the past, as it was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.web.pages.whole_report import whole_report

if TYPE_CHECKING:
    from phasegate.web.asked import Asked
    from phasegate.web.cache import Answer


def page(asked: Asked) -> Answer:
    """The page of a run."""
    return whole_report(asked, None)
