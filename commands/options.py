"""What commands take: dates, files, and the options that several of them share."""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import click

from phasegate.commands import completion
from phasegate.reports.formats.registry import FORMATS, Format, format_of

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
        except ValueError:
            self.fail(f"{value!r} is not a date: write it as 2026-01-31", param, ctx)
        if day.year not in self.years:
            first, last = self.years[0], self.years[-1]
            self.fail(f"{value} is out of range: the years are those from {first} to {last}", param, ctx)
        return day


class Needed(click.Option):
    """An option that one use of a command needs, and another does not.

    Args:
        unless: the option of that other use.
    """

    def __init__(self, *args: Any, unless: str, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.unless = unless

    def get_help_extra(self, ctx: click.Context) -> Any:
        """What its help says beside."""
        return {**super().get_help_extra(ctx), "required": f"required, unless {self.unless}"}


class Span(click.ParamType[dt.timedelta]):
    """Some days or weeks, as ``30d`` or ``6w``."""

    name = "span"
    longest = 3_660
    """Days; ten years are further than any programme looks."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.timedelta:
        """Reads the span."""
        found = re.fullmatch(r"([0-9]{1,4})([dw])", value)
        days = int(found[1]) * {"d": 1, "w": 7}[found[2]] if found else -1
        if not 0 <= days <= self.longest:
            self.fail(f"{value!r} is no span of up to ten years: write it as 30d or 6w", param, ctx)
        return dt.timedelta(days=days)


class Assigned(click.ParamType[tuple[str, str]]):
    """A name and a value, as ``NAME=VALUE``; the value may hold further signs of that kind."""

    name = "assigned"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Takes them apart at the first ``=``."""
        name, sign, given = value.partition("=")
        if not (name.strip() and sign and given.strip()):
            form = param.metavar if param is not None else None
            self.fail(f"{value!r} is not of the form {form or 'NAME=VALUE'}", param, ctx)
        return name.strip(), given.strip()


FILE = click.Path(path_type=Path)
SCREEN = Path("-")
"""Stands for the screen, as elsewhere."""
PROJECT = click.option(
    "--project",
    type=click.Path(exists=True, path_type=Path),
    default=".",
    help="The project's folder or file; the nearest phasegate.yaml upward by default.",
)
AS_OF = click.option(
    "--as-of", type=Day(), help="As of this day; today by default, in the time zone of the project."
)
RECORD = click.option("--record", type=FILE, help="A saved record, instead of deciding anew.")
SAVED = click.option("--record", type=FILE, help="A saved record (json), instead of a run of the ledger.")
OUTPUT = click.option(
    "-o",
    "--output",
    type=FILE,
    callback=lambda _, __, path: None if path == SCREEN else path,
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
QUIET = click.option("-q", "--quiet", is_flag=True, help="Only the last line on the screen; files are whole.")
VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Passes and facts too; nothing shortened.")
KEY = click.option(
    "--key", type=FILE, help="The key that signs what is kept; PHASEGATE_KEY names it by default."
)
NO_LEDGER = click.option("--no-ledger", is_flag=True, help="Try it out: keep nothing.")
LEDGER = click.option(
    "--ledger", metavar="ADDRESS", help="A ledger's file or postgresql:// address; the project's by default."
)
RUN = click.option(
    "--run",
    default="latest",
    show_default=True,
    shell_complete=completion.runs,
    help="The run: its number, or latest.",
)


class ReportFormat(click.Choice[str]):
    """A format of reports; one that is not phasegate's own is looked for among plugins."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name of the format."""
        if isinstance(value, str) and value not in self.choices:
            from phasegate.rules.loading.plugins import names_of

            if value in names_of("report"):
                return value
        return super().convert(value, param, ctx)


FORMS = click.option(
    "--format",
    "forms",
    type=ReportFormat(tuple(FORMATS)),
    multiple=True,
    help="What the report is written as; text by default. Repeatable.",
)
OUTPUTS = click.option(
    "-o",
    "--output",
    "outputs",
    type=FILE,
    multiple=True,
    help="The file for the report, instead of the screen; the second for the second --format, and so on. "
    "Without a --format for it, the ending of its name tells: "
    + ", ".join(ending for each in FORMATS.values() for ending in each.endings)
    + ". Repeatable.",
)


_WHAT_IF = (
    click.option(
        "--set",
        "parameters",
        type=Assigned(),
        metavar="PARAMETER=VALUE",
        multiple=True,
        help="What if a parameter had this value? Nothing is kept, and the exit code is never 0. Repeatable.",
    ),
    click.option(
        "--set-bound",
        "bounds",
        type=Assigned(),
        metavar="ID=BOUND",
        multiple=True,
        help="What if a requirement or target had this bound, such as '1/success=>= 90 %'? Repeatable.",
    ),
    click.option("--without-waivers", is_flag=True, help="What if no waiver counted?"),
)


def supposing(command: Command) -> Command:
    """The options of a command that tells what would follow from other rules."""
    for option in reversed(_WHAT_IF):
        command = option(command)
    return command


def reported(command: Command) -> Command:
    """The options of commands that decide."""
    for option in (VERBOSE, QUIET, STRICT, OUTPUTS, FORMS, PROJECT):
        command = option(command)
    return command


class OutputRequest(NamedTuple):
    """Which reports are asked for.

    Attributes:
        screen: the format that goes to the screen; None where every report goes to a file.
        files: the files, each with the format that goes there.
    """

    screen: Format | None
    files: tuple[tuple[Path, Format], ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(path for path, _ in self.files)

    @property
    def formats(self) -> set[str]:
        """The names of all formats that are asked for."""
        return {each.name for each in self._each}

    @property
    def beside(self) -> bool:
        """Whether one of them tells what the ledger knows beside the run."""
        return any(each.beside for each in self._each)

    @property
    def _each(self) -> list[Format]:
        return [each for each in (*(form for _, form in self.files), self.screen) if each is not None]

    def hold_to_what_if(self) -> None:
        """Refuses formats in which a what-if could be taken for what was decided.

        Raises:
            click.UsageError: if one is asked for.
        """
        taken = ", ".join(each.name for each in FORMATS.values() if each.what_if)
        if refused := [each.name for each in self._each if not each.what_if]:
            raise click.UsageError(
                f"{refused[0]} is read as what was decided: a what-if is told as one of {taken}"
            )


def output_request(forms: tuple[str, ...], outputs: tuple[Path, ...]) -> OutputRequest:
    """Pairs formats and files in the order in which they were given; ``-`` is the screen.

    Raises:
        click.UsageError: if two reports go to one place, or a table that is no text goes to the screen.
        PhasegateError: if the name of a file tells no format, or another than the one it is paired with.
    """
    named = [_format(name) for name in forms]
    screens: list[Format] = []
    files: list[tuple[Path, Format]] = []
    for path, form in zip_longest(outputs, named):
        if path is None or path == SCREEN:
            screens.append(form or FORMATS["text"])
        else:
            files.append((path, format_of(path, form)))
    places = [_place(path) for path, _ in files]
    for (path, _), place in zip(files, places, strict=True):
        if places.count(place) > 1:
            raise click.UsageError(f"two reports would go to {path.name}: give each an --output of its own")
    if len(screens) > 1:
        raise click.UsageError("only one report goes to the screen: give each other --format an --output")
    if screens and not screens[0].text:
        raise click.UsageError(f"{screens[0].name} is no text for a screen: name a file with --output")
    return OutputRequest(screens[0] if screens else None if files else FORMATS["text"], tuple(files))


def _format(name: str) -> Format:
    if name in FORMATS:
        return FORMATS[name]
    from phasegate.reports.formats.foreign import foreign_format

    return foreign_format(name)


def _place(path: Path) -> object:
    """What two paths have in common that lead to one file, by whatever links."""
    with suppress(OSError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            return found.st_dev, found.st_ino
    return os.path.realpath(path)
