"""The command that tests rules."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import write
from phasegate.commands.options import FILE, OUTPUT
from phasegate.commands.report import WORKSPACE

if TYPE_CHECKING:
    from phasegate.runs.cases.run import CaseResult


@click.command(short_help="Test the rules of a pack or a project with cases.")
@click.argument("target", metavar="[PACK]", required=False)
@click.option("--only", multiple=True, metavar="PATTERN", help="Only cases with such a name: 'late *'.")
@click.option("--cases", type=FILE, help="The cases in this folder or file; those in tests/ by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "github"]),
    default="text",
    help="For people, for programs, or for what runs it.",
)
@click.option("-v", "--verbose", is_flag=True, help="Name the cases that pass, too.")
@OUTPUT
def test(
    target: str | None,
    only: tuple[str, ...],
    cases: Path | None,
    form: str,
    verbose: bool,
    output: Path | None,
) -> int:
    """Test the rules of PACK, a built-in one or a folder, or of a project, with cases.

    Without PACK it is the nearest project.

    A case gives rows, and says what must follow from them; see 'phasegate schema case'. Exit 1 where one
    does not come out as expected, 2 where there is none.
    """
    from phasegate.runs.cases.run import run_cases
    from phasegate.runs.cases.select import selected

    ground, chosen = selected(target, cases, only)
    results = list(run_cases(ground, chosen))
    write(_rendered(results, form, ground.pack.title, verbose=verbose), output, commands=form == "github")
    return 0 if all(each.passed for each in results) else 1


def _rendered(results: Sequence[CaseResult], form: str, title: str, *, verbose: bool) -> str:
    if form == "json":
        from phasegate.reports.cases.document import cases_document
        from phasegate.reports.output import as_json

        return as_json(cases_document(results))
    if form == "junit":
        from phasegate.reports.cases.junit import render_junit

        return render_junit(results, title)
    if form == "github":
        from phasegate.reports.cases.github import render_github

        return render_github(results, _in_repository(results))
    from phasegate.reports.cases.text import render_text

    return render_text(results, verbose=verbose)


def _in_repository(results: Sequence[CaseResult]) -> dict[str, str] | None:
    """The paths of the files of cases from the root of the repository; None where none is named."""
    if not os.environ.get(WORKSPACE):
        return None
    repository = Path(os.environ[WORKSPACE]).resolve()
    found: dict[str, str] = {}
    for name in {each.case.position.file for each in results}:
        with suppress(OSError, ValueError):  # it is not in the repository
            found[name] = Path(name).resolve().relative_to(repository).as_posix()
    return found
