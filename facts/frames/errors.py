"""Why a table that a program gives can not stand for a source: told before anything is measured."""

from __future__ import annotations

from collections.abc import Iterable

from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.errors import PhasegateError


class GivenTableError(PhasegateError):
    """A table that a program gives, and that can not be read as one.

    Args:
        name: of the source.
        what: what is wrong with its table.
        hint: what to do about it.
    """

    def __init__(self, name: str, what: str, hint: str | None = None) -> None:
        super().__init__(f"the table given for {name!r} {what}", hint)
        self.what = what


class UnknownTableError(PhasegateError):
    """A table for a source that the project does not have."""

    def __init__(self, name: object, sources: Iterable[str]) -> None:
        hint = suggest(str(name), sources, of="sources")
        super().__init__(f"a table is given for {name!r}, and the project has no such source", hint)
