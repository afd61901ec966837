"""What is wrong with a trail, in words."""

from __future__ import annotations

from phasegate.rules.errors import PhasegateError


class TrailError(PhasegateError):
    """Something kept in a ledger that can not be used as what it is meant for."""


class UnknownRunError(PhasegateError):
    """A run that a ledger does not have."""

    def __init__(self, given: str, newest: int) -> None:
        hint = f"its runs are 1 to {newest}; 'phasegate runs' lists them" if newest else "it has no runs yet"
        super().__init__(f"the ledger has no run {given!r}", hint)


class UnknownSubjectError(PhasegateError):
    """Something that a run did not decide."""

    def __init__(self, given: str, run: int, hint: str | None) -> None:
        super().__init__(f"run {run} decided nothing called {given!r}", hint)
