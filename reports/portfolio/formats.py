"""The formats of a portfolio; each is a module with a function ``render``, imported when asked."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import Portfolio

ENDINGS: dict[str, tuple[str, ...]] = {
    "text": (".txt", ".log"),
    "json": (".json",),
    "html": (".html", ".htm"),
    "excel": (".xlsx",),
    "metrics": (".prom",),
}
"""By name, those of the names of files that are taken for it where no format is named."""
MARKS = (
    r"\A[^\n]*, [0-9-]{10} [0-9:]{5} UTC\nWhat counts is .*;\s+it\s+takes\s.*Exit\s+code\s+[0-3]\.\n\Z",
    r'\A\{\s*"schema": "phasegate/portfolio/',
    r"\A<!DOCTYPE html>.*<footer class=\"soft\"><p>A project stands as its ledger says",
    r"Made by phasegate from ledgers",
    r"\A# HELP phasegate_portfolio_read_timestamp_seconds ",
)
"""Patterns of what each of them has, and no file of anybody else; of a workbook, what that says of itself."""
BINARY = frozenset({"excel"})
"""Those that are no text, and go to a file alone."""


class OtherEndingError(PhasegateError):
    """A file whose name tells no format, or another one than is asked for."""

    def __init__(self, path: PurePath, named: str | None, told: str | None) -> None:
        endings = ", ".join(ending for each in ENDINGS.values() for ending in each)
        if named is None:
            super().__init__(
                f"{path.name}: no format is known by the ending {path.suffix}",
                f"the endings are {endings}; or name a format with --format",
            )
        else:
            what = f"{named} would be written to {path.name}, whose name tells {told}"
            super().__init__(what, f"name the file with the ending {ENDINGS[named][0]}")


def format_of(path: PurePath, named: str | None) -> str:
    """The format of a file: the one that is named for it, or the one that its name tells.

    Raises:
        OtherEndingError: if the name tells none, or another one than is named.
    """
    told = next((form for form, endings in ENDINGS.items() if path.name.lower().endswith(endings)), None)
    if named is not None:
        if told not in (None, named, "text"):
            raise OtherEndingError(path, named, told)
        return named
    if told is None and path.suffix:
        raise OtherEndingError(path, None, None)
    return told or "text"


def render(found: Portfolio, form: str, *, width: int, colour: bool) -> str | bytes:
    """The portfolio in a format."""
    module = import_module(f"phasegate.reports.portfolio.{form}")
    return cast("str | bytes", module.render(found, width=width, colour=colour))
