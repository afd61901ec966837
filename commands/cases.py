"""The command that tests rules."""

from __future__ import annotations

from pathlib import Path

import click

from phasegate.commands.console import write
from phasegate.commands.options import FILE, OUTPUT


@click.command(short_help="Run the cases of a pack or a project: do its rules decide as expected?")
@click.argument("target", metavar="[PACK]", required=False)
@click.option(
    "--only", "only", multiple=True, metavar="PATTERN", help="Only cases whose name is like it: 'late *'."
)
@click.option("--cases", type=FILE, help="The cases of this folder or file; those in tests/ by default.")
@click.option("-v", "--verbose", is_flag=True, help="Name the cases that pass, too.")
@OUTPUT
def test(
    target: str | None, only: tuple[str, ...], cases: Path | None, verbose: bool, output: Path | None
) -> int:
    """Run the cases of PACK, a built-in one or a folder, or of a project, the nearest by default.

    A case gives rows, and says what must follow from them. Exit 1 where one does not come out as expected.
    """
    from phasegate.reports.views.cases import render_cases
    from phasegate.runs.cases.run import run_cases
    from phasegate.runs.cases.select import selected

    ground, chosen = selected(target, cases, only)
    results = list(run_cases(ground, chosen))
    write(render_cases(results, verbose=verbose), output)
    return 0 if all(each.passed for each in results) else 1
