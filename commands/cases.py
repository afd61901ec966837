"""The command that tests rules."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from phasegate.commands.console import write
from phasegate.commands.options import FILE, OUTPUT
from phasegate.commands.report import WORKSPACE

if TYPE_CHECKING:
    from phasegate.reports.cases.lacks import Section
    from phasegate.runs.cases.run import CaseResult
    from phasegate.runs.cases.select import Selected
    from phasegate.runs.mutants.run import Mutation


class Share(click.ParamType[Fraction]):
    """A part of the whole, such as ``90 %``, ``90%`` or ``99.5%``."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Reads the share."""
        found = re.fullmatch(r"\s*([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%\s*", value)
        if found is None or (share := Fraction(found[1]) / 100) > 1:
            self.fail(f"{value!r} is no share: write '90 %', and no more than '100 %'", param, ctx)
        return share


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
@click.option("--coverage", is_flag=True, help="Name what no case has shown.")
@click.option("--at-least", type=Share(), help="Exit 1 where cases show less than that: '90 %'.")
@click.option("--mutate", is_flag=True, help="Change one rule after the other: does a case notice?")
@click.option("-v", "--verbose", is_flag=True, help="Name the cases that pass, too.")
@OUTPUT
def test(
    target: str | None,
    only: tuple[str, ...],
    cases: Path | None,
    form: str,
    coverage: bool,
    at_least: Fraction | None,
    mutate: bool,
    verbose: bool,
    output: Path | None,
) -> int:
    """Test the rules of PACK, a built-in one or a folder, or of a project, with cases.

    Without PACK it is the nearest project.

    A case gives rows, and says what must follow from them; see 'phasegate schema case'. Exit 1 where one
    does not come out as expected, where cases show less than --at-least, or where a mutant of the rules
    survives that none of them notices; 2 where there is no case.
    """
    if at_least is not None and not coverage:
        raise click.UsageError("--at-least is about --coverage: give both")
    from phasegate.runs.cases.run import run_cases
    from phasegate.runs.cases.select import selected

    chosen = selected(target, cases, only)
    results = list(run_cases(chosen.ground, chosen.cases))
    passed = all(each.passed for each in results)
    sections = []
    if coverage:
        from phasegate.reports.cases.lacks import of_coverage
        from phasegate.runs.coverage.coverage import coverage_of

        sections.append(of_coverage(coverage_of(chosen.ground, results), at_least))
    if mutate:
        from phasegate.reports.cases.lacks import of_mutants

        sections.append(
            of_mutants(_mutation(chosen, results) if all(each.passed for each in results) else None)
        )
    title = chosen.ground.pack.title
    write(_rendered(results, sections, form, title, verbose=verbose), output, commands=form == "github")
    return 0 if passed and all(each.passed for each in sections) else 1


def _mutation(chosen: Selected, results: Sequence[CaseResult]) -> Mutation:
    from phasegate.rules.cases.survivors import load_survivors
    from phasegate.runs.mutants.run import mutate

    return mutate(chosen.ground, results, load_survivors(chosen.folder), whole=chosen.whole)


def _rendered(
    results: Sequence[CaseResult], sections: Sequence[Section], form: str, title: str, *, verbose: bool
) -> str:
    if form == "json":
        from phasegate.reports.cases.document import cases_document
        from phasegate.reports.output import as_json

        return as_json(cases_document(results, sections))
    if form == "junit":
        from phasegate.reports.cases.junit import render_junit

        return render_junit(results, title, sections)
    if form == "github":
        from phasegate.reports.cases.github import render_github

        return render_github(results, _in_repository(results, sections), sections)
    from phasegate.reports.cases.text import render_text

    return render_text(results, sections, verbose=verbose)


def _in_repository(results: Sequence[CaseResult], sections: Sequence[Section]) -> dict[str, str] | None:
    """The paths of the files of cases and rules from the root of the repository; None where none is named."""
    if not os.environ.get(WORKSPACE):
        return None
    repository = Path(os.environ[WORKSPACE]).resolve()
    found: dict[str, str] = {}
    lacks = [lack for each in sections for lack in each.lacks]
    for name in {each.case.position.file for each in results} | {lack.at.file for lack in lacks}:
        with suppress(OSError, ValueError):  # it is not in the repository
            found[name] = Path(name).resolve().relative_to(repository).as_posix()
    return found
