"""What a code of a finding means."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """One kind of finding.

    Attributes:
        means: what is wrong, and what it would lead to.
        wrong: what is found, in the fewest lines that show it.
        right: the same as it should be.
    """

    means: str
    wrong: str
    right: str
