"""The command that looks at many projects at once."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import done, screen, tell, write
from phasegate.commands.options import FILE, OUTPUT, STRICT, Span

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.places import Place
    from phasegate.rules.portfolio.load import LoadedPortfolio

_FORMATS = ("text", "json", "html", "excel", "metrics")


@click.command(short_help="Show how several projects stand today, the worst first.")
@click.argument("projects", nargs=-1, type=FILE, metavar="[PROJECT]...")
@click.option("--file", "file", type=FILE, help="A portfolio file; the nearest one upward by default.")
@click.option(
    "--gate", metavar="PHASE", help="Ask this gate of each project, or 'programme'; all by default."
)
@click.option(
    "--at-least", type=click.IntRange(1), metavar="N", help="Open if so many are; all must be by default."
)
@click.option(
    "--max-age", type=Span(), help="How old a run may be that opens a gate; 7d, if no file says otherwise."
)
@STRICT
@click.option("--format", "form", type=click.Choice(_FORMATS), help="For people, or for programs.")
@OUTPUT
@click.pass_obj
def portfolio(
    now: dt.datetime,
    /,
    projects: tuple[Path, ...],
    file: Path | None,
    gate: str | None,
    at_least: int | None,
    max_age: dt.timedelta | None,
    strict: bool,
    form: str | None,
    output: Path | None,
) -> int:
    """Show how projects stand today by what their ledgers hold, the worst first, and what they come to.

    Each PROJECT is the folder or the file of one; a portfolio file names them otherwise. Ledgers are read as
    for a gate, nothing is run, and nothing is written. A project never stands better than it was decided:
    what has ended since, a run that is too old and rules that are no longer approved shut it. Exit codes are
    those of 'gate'; an error of one project is never open.
    """
    from phasegate.monitoring.portfolio.portfolio import portfolio as portfolio_of
    from phasegate.monitoring.portfolio.rollup import Rule
    from phasegate.monitoring.portfolio.row import MAX_AGE, Asked
    from phasegate.reports.portfolio.formats import BINARY, format_of, render
    from phasegate.reports.portfolio.words import verdict_line

    form = format_of(output, form) if output is not None else form or "text"
    if output is None and form in BINARY:
        raise click.UsageError(f"{form} is no text for a screen: name a file with --output")
    loaded = _loaded(file, needed=not projects)
    places = _places(loaded, projects)
    title, rule, age = "Projects", Rule(at_least), MAX_AGE
    if loaded is not None:
        if at_least is not None:
            raise click.UsageError("--at-least is for projects on the command line: the file has its rule")
        title, age = loaded.portfolio.title, loaded.portfolio.max_age_days
        rule = Rule.of(loaded.portfolio.rollup)
        gate = gate if gate is not None else loaded.portfolio.gate
    elif at_least is not None and at_least > len(places):
        raise click.UsageError(f"at least {at_least} of {len(places)} projects can never be open")
    _spare(output, loaded, places)
    gate = gate.removeprefix("phase:") if gate is not None else None
    asked = Asked(gate, age if max_age is None else max_age.days)
    found = portfolio_of(title, places, now, asked, rule, strict=strict)
    write(render(found, form, **screen(output)), output)
    if output is not None:
        done(f"wrote {output}")
        tell(verdict_line(found))
    return found.rolled_up.standing.exit_code


def _loaded(file: Path | None, *, needed: bool) -> LoadedPortfolio | None:
    """The portfolio file that is named, or the nearest one where no project is."""
    if file is None and not needed:
        return None
    from phasegate.rules.portfolio.load import find_portfolio, load_portfolio

    return load_portfolio(file if file is not None else find_portfolio(Path()))


def _places(loaded: LoadedPortfolio | None, projects: tuple[Path, ...]) -> list[Place]:
    from phasegate.monitoring.portfolio.places import place_of_project, places_of

    named = places_of(loaded, os.environ) if loaded is not None else []
    return [*named, *(place_of_project(each, os.environ) for each in projects)]


def _spare(output: Path | None, loaded: LoadedPortfolio | None, places: list[Place]) -> None:
    """Sees that a report replaces nothing that the command reads."""
    if output is None:
        return
    from phasegate.runs.protect_inputs import spare

    read = [loaded.file] if loaded is not None else []
    read += [each.file for each in places if each.file is not None]
    read += [each.address for each in places if isinstance(each.address, Path)]
    for path in read:
        spare(output, path, "what the command reads")
