"""Errors as pages of the same kind, or as documents of the API, with the right status."""

from __future__ import annotations

from http import HTTPStatus

from phasegate.audit.errors import UnknownRunError, UnknownSubjectError
from phasegate.reports.explain.explain import NotInRecordError
from phasegate.reports.html.markup import state_tone, tag
from phasegate.reports.output import json_text
from phasegate.reports.text.labels import state_sign
from phasegate.rules.errors import PhasegateError
from phasegate.runs.evidence import NotDecidedError
from phasegate.web.cache import Answer
from phasegate.web.errors import NotGoodError, NotThereError, PageError
from phasegate.web.links import API
from phasegate.web.shell import banner, document

_NOT_THERE = (UnknownRunError, UnknownSubjectError, NotInRecordError, NotDecidedError)


def refused(error: PhasegateError, path: str) -> Answer:
    """What is answered where a page can not be shown.

    Whatever goes wrong as a ledger is read is told with status 503: nothing of it is shown as it stands.

    Args:
        error: why.
        path: of the address that was asked for.
    """
    if isinstance(error, PageError):
        status, title = error.status, error.title
    elif isinstance(error, _NOT_THERE):
        status, title = NotThereError.status, NotThereError.title
    else:
        status, title = NotGoodError.status, NotGoodError.title
    return said(path, status, title, error.message, error.hint)


def said(path: str, status: int, title: str, message: str, hint: str | None = None) -> Answer:
    """An error in words: a document for programs, a page for people, a sign for a badge."""
    if path.startswith(API):
        told = {"error": {"status": status, "title": title, "message": message, "hint": hint}}
        return Answer(json_text(told).encode(), "application/json", status)
    if path.endswith("/badge.svg"):
        from phasegate.web.api.badge import unavailable

        return unavailable(status)
    line = f"{message[:1].upper()}{message[1:]}."
    parts = [
        tag("h1", title),
        banner(state_sign("error"), state_tone("error"), line) if status >= 500 else tag("p", line),
        tag("p", f"Help: {hint}.") if hint else None,
        tag("p", f"{status} {HTTPStatus(status).phrase}", class_="soft"),
    ]
    return Answer(document(title, *parts), status=status)
