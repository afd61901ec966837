"""What keeps a document from becoming a pack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from phasegate.rules.diagnostics.diagnostic import Diagnostic, PackError
from phasegate.rules.diagnostics.position import Position

_MOST_SHOWN = 50


class Unfit(NamedTuple):
    """One thing that a pack can not say as the document says it.

    Attributes:
        line: where the document says it; None where no line is to blame.
        text: what is wrong.
        hint: what to do about it.
    """

    line: int | None
    text: str
    hint: str | None = None


class UnfitDocumentError(PackError):
    """A document that can be read, but is no plan that a pack could hold anybody to."""

    def __init__(self, name: str, faults: Iterable[Unfit]) -> None:
        found = [
            Diagnostic("unfit-document", text, Position(name, line or 1, 1), hint)
            for line, text, hint in faults
        ]
        super().__init__(found[:_MOST_SHOWN], f"nothing was written: {name}")
