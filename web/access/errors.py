"""What keeps a server from starting, and a request from being answered."""

from __future__ import annotations

from phasegate.rules.errors import PhasegateError


class AccessError(PhasegateError):
    """Access is set up so that somebody would see what they must not, or nobody anything."""


class Refused(Exception):  # noqa: N818 - an answer, which ends the asking
    """A request that is not answered.

    Attributes:
        status: the status of HTTP.
        why: one sentence for whoever asked; it repeats nothing of the request.
        headers: what else the answer says.
    """

    def __init__(self, status: int, why: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.headers = headers
