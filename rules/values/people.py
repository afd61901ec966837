"""Whether two ids are of one person: the one place that says so for signers, requesters and approvers.

Whoever counts people counts those as one whom a reader would take for one. Whoever looks somebody up
wants the name as it is written: that two names are alike lets nobody in.
"""

from __future__ import annotations

from phasegate.rules.values.folding import folded

__all__ = ["folded", "same_person"]


def same_person(one: str, other: str) -> bool:
    """Whether two ids are of one person, however they are written."""
    return folded(one) == folded(other)
