"""What can be wrong with a ledger, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST = 50
"""Of one ledger so many faults are told; one change often breaks everything after it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was kept.

    Attributes:
        place: where, such as ``entry 17``.
        text: what is wrong there.
    """

    place: str
    text: str


@dataclass
class Faults:
    """The faults of a ledger in the order in which they were found, the first of them in full."""

    found: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, text: str) -> None:
        """Notes a fault."""
        self.count += 1
        if len(self.found) < MOST:
            self.found.append(Fault(place, text))

    def all(self) -> Sequence[Fault]:
        """What was noted."""
        return tuple(self.found)
