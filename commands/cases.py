"""The command that tests rules."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from phasegate.commands import completion
from phasegate.commands.console import say, write
from phasegate.commands.options import AS_OF, FILE, OUTPUT
from phasegate.commands.report import WORKSPACE

if TYPE_CHECKING:
    from fractions import Fraction

    from phasegate.reports.cases.lacks import Section
    from phasegate.runs.cases.run import CaseResult
    from phasegate.runs.cases.select import Selected
    from phasegate.runs.mutants.run import Mutation


class Share(click.ParamType["Fraction"]):
    """A part of the whole, such as ``90 %``, ``90%`` or ``99.5%``."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Reads the share."""
        from fractions import Fraction

        found = re.fullmatch(r"\s*([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%\s*", value)
        if found is None or (share := Fraction(found[1]) / 100) > 1:
            self.fail(f"{value!r} is no share: write '90 %', and no more than '100 %'", param, ctx)
        return share


@click.command(short_help="Test the rules of a pack or a project with cases.")
@click.argument("pack", metavar="[PACK]", required=False)
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
@click.option(
    "--record",
    metavar="ID",
    shell_complete=completion.ids_and_measures,
    help="Write a case instead: a few rows of today, and what is decided of them.",
)
@AS_OF
@OUTPUT
@click.pass_obj
def test(
    now: dt.datetime,
    /,
    pack: str | None,
    only: tuple[str, ...],
    cases: Path | None,
    form: str,
    coverage: bool,
    at_least: Fraction | None,
    mutate: bool,
    verbose: bool,
    record: str | None,
    as_of: dt.date | None,
    output: Path | None,
) -> int:
    """Test the rules of PACK, a built-in one or a folder, or of a project, with cases.

    Without PACK it is the nearest project.

    A case gives rows, and says what must follow from them; see 'phasegate schema case'. Exit 1 where one
    does not come out as expected, where cases show less than --at-least, or where a mutant of the rules
    survives that none of them notices; 2 where there is no case.

    With --record a case is written of a project: to a new file in tests/, or to the one of --output. The ids
    of people in it are others; of all other columns it holds what the sources hold.
    """
    if at_least is not None and not coverage:
        raise click.UsageError("--at-least is about --coverage: give both")
    from phasegate.rules.cases.reasons import load_reasons
    from phasegate.runs.cases.run import run_cases
    from phasegate.runs.cases.select import selected

    if record is not None:
        return _record(now, pack, record, as_of, cases, output)
    if as_of is not None:
        raise click.UsageError("--as-of is about --record: a case says itself for which day it is decided")
    chosen = selected(pack, cases, only)
    results = list(run_cases(chosen.ground, chosen.cases))
    passed = all(each.passed for each in results)
    sections = []
    if coverage:
        from phasegate.reports.cases.lacks import of_coverage
        from phasegate.runs.coverage.coverage import coverage_of

        never = load_reasons(chosen.folder).never
        shown = coverage_of(chosen.ground, results, never, whole=chosen.whole)
        sections.append(of_coverage(shown, at_least))
    if mutate:
        from phasegate.reports.cases.lacks import of_mutants

        sections.append(of_mutants(_mutation(chosen, results) if passed else None))
    title = chosen.ground.pack.title
    write(_rendered(results, sections, form, title, verbose=verbose), output, commands=form == "github")
    return 0 if passed and all(each.passed for each in sections) else 1


def _mutation(chosen: Selected, results: Sequence[CaseResult]) -> Mutation:
    from phasegate.rules.cases.reasons import load_reasons
    from phasegate.runs.mutants.run import mutate

    return mutate(chosen.ground, results, load_reasons(chosen.folder).survivors, whole=chosen.whole)


def _record(
    now: dt.datetime,
    pack: str | None,
    id_: str,
    as_of: dt.date | None,
    cases: Path | None,
    output: Path | None,
) -> int:
    """Writes a case of the nearest project; no file that is there is touched."""
    from phasegate.reports.output import start
    from phasegate.rules.cases.load import NoCaseError, load_cases
    from phasegate.rules.loading.pack_files import TESTS
    from phasegate.runs.cases.record import recorded
    from phasegate.runs.preflight import ready_project

    if pack is not None and not Path(pack).exists():
        raise click.UsageError(f"--record takes the rows of a project, and there is no {pack!r}")
    loaded = ready_project(Path(pack or "."))
    folder = cases if cases is not None else loaded.root / TESTS
    existing: list[str] = []
    if folder.is_dir():
        with suppress(NoCaseError):
            existing = [case.name for case in load_cases(loaded.pack.pack, folder)]
    name, text = recorded(loaded, id_, as_of or loaded.today(now), existing)
    file = output if output is not None else folder / name
    for path in start(file.parent, {file.name: text}):
        say(f"wrote {os.path.relpath(path)}")
    return 0


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
