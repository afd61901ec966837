"""The commands that measure and decide."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from phasegate.commands import completion
from phasegate.commands.console import done, progress, screen, tell, write
from phasegate.commands.options import (
    AS_OF,
    FORMAT,
    KEY,
    NO_LEDGER,
    OUTPUT,
    PROJECT,
    RECORD,
    output_request,
    reported,
    supposing,
)
from phasegate.commands.report import deliver

if TYPE_CHECKING:
    from phasegate.records.schema import Record
    from phasegate.rules.changes.what_if import WhatIf
    from phasegate.rules.loading.project import LoadedProject
    from phasegate.runs.collect_statements import Presented


@click.command(short_help="Decide everything, or what IDs name, and keep the run.")
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completion.ids)
@AS_OF
@NO_LEDGER
@KEY
@supposing
@reported
@click.pass_obj
def check(
    now: dt.datetime,
    /,
    ids: tuple[str, ...],
    as_of: dt.date | None,
    parameters: tuple[tuple[str, str], ...],
    bounds: tuple[tuple[str, str], ...],
    without_waivers: bool,
    **options: Any,
) -> int:
    """Decide everything, or what the IDs name, and keep it in the ledger.

    An ID is a point (1.1.1), a criterion, a section, an area, a target (1/success), a phase
    (phase:2) or 'programme'. Points are decided whole: a criterion stands for its point.

    With --set, --set-bound or --without-waivers it tells what would follow, and decides nothing: it keeps
    nothing, and ends with 3 where everything would pass.
    """
    what_if = _what_if(parameters, bounds, without_waivers)
    return _decided(now, ("check", *ids), as_of, options, ids=ids, what_if=what_if)


@click.command(short_help="Decide today whether a phase, or the programme, may advance.")
@click.argument("phase", shell_complete=completion.phases)
@click.option("--pack-digest", metavar="DIGEST", help="Refuse to decide under any other pack.")
@NO_LEDGER
@KEY
@reported
@click.pass_obj
def gate(now: dt.datetime, /, phase: str, pack_digest: str | None, **options: Any) -> int:
    """Decide today whether PHASE (or 'programme') may advance, and keep it in the ledger."""
    return _decided(
        now, ("gate", phase), None, options, gate=phase.removeprefix("phase:"), pack_digest=pack_digest
    )


@click.command(short_help="Tell the story of one verdict, area, gate or measure.")
@click.argument("id_", metavar="ID", shell_complete=completion.ids_and_measures)
@RECORD
@PROJECT
@AS_OF
@FORMAT
@OUTPUT
@click.pass_obj
def explain(
    now: dt.datetime,
    /,
    id_: str,
    record: Path | None,
    project: Path,
    as_of: dt.date | None,
    form: str,
    output: Path | None,
) -> None:
    """Tell the story of one verdict, area, gate or measure."""
    from phasegate.reports.explain.explain import NotInRecordError, explain_document, explain_text
    from phasegate.reports.output import as_json

    def told_of(told: Record, *, saved: bool = True) -> str:
        if form == "json":
            return as_json(explain_document(told, id_))
        return explain_text(told, id_, screen(output)["width"], saved=saved)

    if record is not None:
        from phasegate.records.reader import load_record

        write(told_of(load_record(record)), output)
        return
    from phasegate.runs.attempt import Attempt

    attempt = Attempt(
        ("explain", id_), project, now, os.environ, kept=False, outputs=[output] if output else ()
    )
    told, _ = attempt.decide(as_of, progress=progress())
    try:
        story = told_of(told, saved=False)
    except NotInRecordError:  # what is there for information stands in no record
        from phasegate.runs.evaluate import with_measure

        loaded = _load(project)
        day = dt.date.fromisoformat(told["as_of"])
        whole = with_measure(told, loaded, id_, progress(), _presented(loaded, now, day))
        story = told_of(whole, saved=False)
    write(story, output)


@click.command("why-not", short_help="Tell the least that opens a gate, as a list of work.")
@click.argument("phase", shell_complete=completion.phases)
@PROJECT
@FORMAT
@OUTPUT
@click.pass_obj
def why_not(now: dt.datetime, /, phase: str, project: Path, form: str, output: Path | None) -> None:
    """Tell the least that opens PHASE (or 'programme') today: what must be done, and by whom.

    The gate is measured and decided as 'gate' does it, and nothing is kept. It tells, and ends with 0
    whatever the gate is.
    """
    from phasegate.reports.output import as_json
    from phasegate.reports.views.why_not import why_not_document, why_not_text
    from phasegate.runs.attempt import Attempt
    from phasegate.runs.why_not import why_not as work_of

    gate = phase.removeprefix("phase:")
    outputs = [output] if output is not None else []
    attempt = Attempt(("why-not", gate), project, now, os.environ, kept=False, outputs=outputs)
    under: list[LoadedProject] = []
    record, _ = attempt.decide(None, gate=gate, progress=progress(), under=under)
    found = work_of(record, under[0])
    text = why_not_document(found) if form == "json" else None
    write(as_json(text) if text is not None else why_not_text(found, **screen(output)), output)


@click.command(short_help="Show what is measured, and decide nothing.")
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completion.ids_and_measures)
@click.option(
    "--rows",
    type=click.IntRange(1, 100),
    help="Show so many rows that meet each measure, miss it, are left out, are undetermined.",
)
@click.option("--profile", is_flag=True, help="Tell the rows and the time that each measure takes by itself.")
@PROJECT
@AS_OF
@FORMAT
@OUTPUT
@click.pass_obj
def facts(
    now: dt.datetime,
    /,
    ids: tuple[str, ...],
    rows: int | None,
    profile: bool,
    project: Path,
    as_of: dt.date | None,
    form: str,
    output: Path | None,
) -> None:
    """Show what is measured, of everything or of what the IDs name (measures too), and decide nothing.

    Of rows that are shown, personal columns are masked.
    """
    from phasegate.reports.terminal.facts import facts_json, facts_text
    from phasegate.runs.evaluate import measure

    if rows is not None and not ids:
        raise click.UsageError("--rows shows rows of what ID names: name a measure")
    from phasegate.runs.protect_inputs import spare_inputs

    loaded = _load(project)
    spare_inputs(output, loaded, os.environ)
    day = as_of or loaded.today(now)
    found = measure(loaded, day, ids=ids, progress=progress(), presented=_presented(loaded, now, day))
    told = facts_json(found) if form == "json" else facts_text(found, **screen(output))
    if rows is not None or profile:
        from phasegate.reports.terminal.previews import looked_json, looked_text
        from phasegate.runs.look_closer import look_closer

        closer = look_closer(
            loaded, day, [fact["measure"] for fact in found], rows, perf_counter if profile else None
        )
        told = looked_json(found, closer) if form == "json" else told + looked_text(closer, **screen(output))
    write(told, output)


def _presented(loaded: LoadedProject, now: dt.datetime, as_of: dt.date) -> Presented | None:
    """What people have signed, where the rules ask for it."""
    from phasegate.runs.attestations import asks_people
    from phasegate.runs.collect_statements import present

    return present(loaded, os.environ, now, as_of=as_of) if asks_people(loaded.pack.pack) else None


def _load(project: Path) -> LoadedProject:
    from phasegate.runs.preflight import ready_project

    return ready_project(project)


def _what_if(
    parameters: tuple[tuple[str, str], ...], bounds: tuple[tuple[str, str], ...], without_waivers: bool
) -> WhatIf | None:
    """What is supposed; None where nothing is."""
    if not (parameters or bounds or without_waivers):
        return None
    from phasegate.rules.changes.what_if import WhatIf

    for name, given in (("--set", parameters), ("--set-bound", bounds)):
        named = [each for each, _ in given]
        if twice := [each for each in named if named.count(each) > 1]:
            raise click.UsageError(f"{name} says two things of {twice[0]}")
    return WhatIf(dict(parameters), dict(bounds), without_waivers)


def _decided(
    now: dt.datetime, command: tuple[str, ...], day: dt.date | None, options: dict[str, Any], **scope: Any
) -> int:
    from phasegate.audit.trail.trail import REFERENCE
    from phasegate.records.build import ends_with
    from phasegate.records.overdue import overdue
    from phasegate.reports.report import Report
    from phasegate.reports.text.plain import visible
    from phasegate.runs.attempt import Attempt

    wanted = output_request(options["forms"], options["outputs"])
    decides = scope.get("what_if") is None
    if not decides:
        wanted.hold_to_what_if()
        if options["key"] is not None:
            raise click.UsageError("--key signs what is kept, and a what-if is not")
    if os.environ.get(REFERENCE):
        from phasegate.audit.trail.standing_runs import refuse_schedules_reference

        refuse_schedules_reference(os.environ)
    project, quiet = options["project"], options["quiet"]
    attempt = Attempt(
        command,
        project,
        now,
        os.environ,
        options["key"],
        decides and not options["no_ledger"],
        wanted.paths,
    )
    weeks: dict[str, int] = {}
    record, kept = attempt.decide(day, progress=progress(quiet), weeks=weeks, **scope)
    code = ends_with(record, strict=options["strict"])
    if kept is not None:
        done(f"kept as run {kept.run} ({record['outcome']}) in {kept.name}; checkpoint {kept.checkpoint}")
        if kept.doubt is not None:
            tell(f"warning: {visible(kept.doubt)}", err=True)
    deliver(
        Report(
            record, code, options["strict"], options["verbose"], quiet, kept, overdue=overdue(record, weeks)
        ),
        wanted,
        project,
    )
    return code
