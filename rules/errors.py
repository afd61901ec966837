"""The base of every error that phasegate shows to its user."""

from __future__ import annotations


class PhasegateError(Exception):
    """Something that the user must mend; the run ends with exit code 2.

    Attributes:
        message: what is wrong and where, one line.
        hint: what to do about it, None where the message says it all.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhelp: {self.hint}" if self.hint else self.message
