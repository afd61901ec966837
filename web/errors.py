"""What keeps a page from being shown, each with the status that it is answered with."""

from __future__ import annotations

from phasegate.rules.errors import PhasegateError


class PageError(PhasegateError):
    """A request that is answered with a page which says why there is no other.

    Attributes:
        status: the status of the answer.
        title: what the page is called.
    """

    status = 500
    title = "This page can not be shown"


class NotThereError(PageError):
    """Something that is not there, or that whoever asks may not know to be there."""

    status = 404
    title = "There is no such page"


class NotAllowedError(PageError):
    """Something that whoever asks may not read."""

    status = 403
    title = "You may not read this"

    def __init__(self, what: str) -> None:
        super().__init__(f"you may not read {what}", "whoever runs this server says who reads what")


class BadRequestError(PageError):
    """An address that asks for nothing that could be."""

    status = 400
    title = "This can not be asked for"


class NotGoodError(PageError):
    """A ledger, or a project file, by which nothing can be shown as it stands now."""

    status = 503
    title = "Nothing can be shown as it stands now"

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint or "nothing of it is shown until that is put right")
