"""What keeps a document from becoming a pack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from phasegate.rules.errors import PhasegateError

_MOST_SHOWN = 20


class Unfit(NamedTuple):
    """One thing that a pack can not say as the document says it.

    Attributes:
        line: where the document says it; None where no line is to blame.
        text: what is wrong.
    """

    line: int | None
    text: str


class UnfitDocumentError(PhasegateError):
    """A document that can be read, but is no plan that a pack could hold anybody to."""

    def __init__(self, name: str, faults: Sequence[Unfit]) -> None:
        lines = [f"{name} can not become a pack:"]
        for line, text in faults[:_MOST_SHOWN]:
            lines.append(f"  {'' if line is None else f'line {line}: '}{text}")
        if len(faults) > _MOST_SHOWN:
            lines.append(f"  and {len(faults) - _MOST_SHOWN} more")
        super().__init__("\n".join(lines), "mend the document and run it again; nothing was written")
