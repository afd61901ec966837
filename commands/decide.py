"""The commands that measure and decide."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from phasegate.commands.options import AS_OF, FORMAT, OUTPUT, PROJECT, RECORD, reported
from phasegate.commands.shown import progress, screen, write

if TYPE_CHECKING:
    from phasegate.audit.document import Record
    from phasegate.rules.project_file import LoadedProject


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@AS_OF
@reported
@click.pass_obj
def check(
    now: dt.datetime, /, ids: tuple[str, ...], project: Path, as_of: dt.date | None, **shown: Any
) -> int:
    """Decide everything, or what the IDs name.

    An ID is a point (1.1.1), a criterion, a section, an area, a target (1/success), a phase
    (phase:2) or 'programme'.
    """
    return _report(_decide(_load(project), as_of or now.date(), shown["quiet"], ids=ids), **shown)


@click.command()
@click.argument("phase")
@click.option("--pack-digest", metavar="DIGEST", help="Refuse to decide under any other pack.")
@reported
@click.pass_obj
def gate(now: dt.datetime, /, phase: str, pack_digest: str | None, project: Path, **shown: Any) -> int:
    """Decide today whether PHASE (or 'programme') may advance."""
    from phasegate.audit.preflight import hold_to

    loaded = _load(project)
    hold_to(loaded.pack, pack_digest)
    return _report(_decide(loaded, now.date(), shown["quiet"], gate=phase.removeprefix("phase:")), **shown)


@click.command()
@click.argument("id_", metavar="ID")
@RECORD
@PROJECT
@AS_OF
@OUTPUT
@click.pass_obj
def explain(
    now: dt.datetime,
    /,
    id_: str,
    record: Path | None,
    project: Path,
    as_of: dt.date | None,
    output: Path | None,
) -> None:
    """Tell the story of one verdict, area, gate or measure."""
    from phasegate.reports.explain import explain_text

    if record is not None:
        from phasegate.audit.saved import load_record

        told = load_record(record)
    else:
        told = _decide(_load(project), as_of or now.date())
    write(explain_text(told, id_, screen(output)["width"]), output)


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@PROJECT
@AS_OF
@FORMAT
@OUTPUT
@click.pass_obj
def facts(
    now: dt.datetime,
    /,
    ids: tuple[str, ...],
    project: Path,
    as_of: dt.date | None,
    form: str,
    output: Path | None,
) -> None:
    """Show what is measured, of everything or of what the IDs name (measures too), and decide nothing."""
    from phasegate.audit.run import measure
    from phasegate.reports.facts import facts_json, facts_text

    found = measure(_load(project), as_of or now.date(), ids=ids, progress=progress())
    write(facts_json(found) if form == "json" else facts_text(found, **screen(output)), output)


def _load(project: Path) -> LoadedProject:
    from phasegate.audit.preflight import ready_project

    return ready_project(project)


def _decide(loaded: LoadedProject, day: dt.date, quiet: bool = False, **asked: Any) -> Record:
    from phasegate.audit.run import evaluate

    return evaluate(loaded, day, progress=progress(quiet), **asked)


def _report(record: Record, form: str, output: Path | None, strict: bool, quiet: bool, verbose: bool) -> int:
    from phasegate.audit.record import exit_code, to_json
    from phasegate.reports.terminal import terminal_text

    code = exit_code(record["outcome"], strict=strict)
    tell = partial(terminal_text, record, code=code, strict=strict, verbose=verbose)
    if form == "json":
        write(to_json(record), output)
    else:
        write(tell(quiet=quiet, **screen(output)), output)
    if output is not None:
        write(tell(quiet=True, **screen()), None)
    return code
