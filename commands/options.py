"""What commands take: dates, files, and the options that several of them share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., int | None]


class Day(click.ParamType[dt.date]):
    """A date as YYYY-MM-DD, and in no other form."""

    name = "date"
    years = range(1900, 3000)
    """Those of a programme; at the ends of the calendar no day can be added or taken away."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Reads the date."""
        try:
            if len(value) != len("2026-01-31"):
                raise ValueError
            day = dt.date.fromisoformat(value)
            if day.year not in self.years:
                raise ValueError
            return day
        except ValueError:
            self.fail(f"{value!r} is not a date: write it as 2026-01-31", param, ctx)


FILE = click.Path(path_type=Path)
PROJECT = click.option(
    "--project",
    type=click.Path(exists=True, path_type=Path),
    default=".",
    help="The project's folder or file; the nearest phasegate.yaml upward by default.",
)
AS_OF = click.option("--as-of", type=Day(), help="As of this day; today (UTC) by default.")
RECORD = click.option("--record", type=FILE, help="A saved record, instead of deciding anew.")
OUTPUT = click.option(
    "-o",
    "--output",
    type=FILE,
    callback=lambda _, __, path: None if path == Path("-") else path,  # "-" is the screen, as elsewhere
    help="Write the report to this file instead.",
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or for programs.",
)
STRICT = click.option("--strict", is_flag=True, help="Take 'open with waivers' for closed.")
QUIET = click.option("-q", "--quiet", is_flag=True, help="Only the last line.")
VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Passes and facts too; nothing shortened.")
KEY = click.option(
    "--key", type=FILE, help="The key that signs what is kept; PHASEGATE_KEY names it by default."
)
NO_LEDGER = click.option("--no-ledger", is_flag=True, help="Try it out: keep nothing.")
LEDGER = click.option(
    "--ledger", metavar="ADDRESS", help="A ledger's file or postgresql:// address; the project's by default."
)
RUN = click.option("--run", default="latest", show_default=True, help="The run: its number, or latest.")


def reported(command: Command) -> Command:
    """The options of commands that decide."""
    for option in (VERBOSE, QUIET, STRICT, OUTPUT, FORMAT, PROJECT):
        command = option(command)
    return command
