"""The commands that look at several runs: what changed, how it went, what is due, and a baseline."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from phasegate.commands import completion
from phasegate.commands.console import counting, done, screen, tell, write
from phasegate.commands.options import FORMAT, LEDGER, OUTPUT, PROJECT, Span


@click.command(short_help="Show what changed between two runs, and why.")
@click.argument("before", metavar="RUN", required=False, shell_complete=completion.runs)
@click.argument("after", metavar="OTHER", required=False, shell_complete=completion.runs)
@click.option(
    "--rules",
    is_flag=True,
    help="Compare rules instead: each a digest, a folder, a pack or a git revision; OTHER those in force.",
)
@LEDGER
@PROJECT
@FORMAT
@OUTPUT
def diff(
    before: str | None,
    after: str | None,
    rules: bool,
    ledger: str | None,
    project: Path,
    form: str,
    output: Path | None,
) -> None:
    """Show what OTHER decided otherwise than RUN, and why: the data, a rule, a waiver, or only time.

    OTHER is the newest run by its day that decided what RUN did, and RUN the one before it, where they are
    not given; a check that looked back is neither. What the rules say otherwise is told even where no
    verdict changed by it.
    """
    if rules:
        if before is None:
            raise click.UsageError("--rules compares two rules: name at least the first")
        _diff_of_rules(before, after, ledger, project, form, output)
        return
    from phasegate.audit.statements.project_ledger import project_ledger
    from phasegate.monitoring.history.load import compare
    from phasegate.reports.output import as_json
    from phasegate.reports.views.diff import compared_document, compared_text

    with project_ledger(ledger, project, os.environ, before or "latest", after or "latest") as log:
        found = compare(log, before, after)
    text = as_json(compared_document(found)) if form == "json" else compared_text(found, **screen(output))
    write(text, output)


def _diff_of_rules(
    before: str, after: str | None, ledger: str | None, project: Path, form: str, output: Path | None
) -> None:
    from phasegate.monitoring.history.rules_meant import RulesMeant
    from phasegate.reports.output import as_json
    from phasegate.reports.views.rule_changes import rules_document, rules_text
    from phasegate.rules.changes.changes import changes

    meant = RulesMeant(project, ledger, os.environ)
    found = changes(meant.by(before), meant.by(after))
    write(as_json(rules_document(found)) if form == "json" else rules_text(found, **screen(output)), output)


@click.command(short_help="Show how one gate, point or requirement went from run to run.")
@click.argument("id_", metavar="ID", shell_complete=completion.ids_and_requirements)
@click.option(
    "--last",
    type=click.IntRange(1, 1_000),
    default=20,
    show_default=True,
    help="So many runs that decided it.",
)
@LEDGER
@PROJECT
@FORMAT
@OUTPUT
def trend(id_: str, last: int, ledger: str | None, project: Path, form: str, output: Path | None) -> None:
    """Show how ID went from run to run: a gate, point, criterion, target or requirement."""
    from phasegate.audit.statements.project_ledger import project_ledger
    from phasegate.monitoring.history.trend import trend as trend_of
    from phasegate.reports.output import as_json
    from phasegate.reports.views.trend import trend_document, trend_text

    with project_ledger(ledger, project, os.environ) as log:
        found = trend_of(log, id_, last)
    write(as_json(trend_document(found)) if form == "json" else trend_text(found, **screen(output)), output)


@click.command(short_help="Show what will end by itself, when, and what that shuts.")
@click.option(
    "--within", type=Span(), default="30d", show_default=True, help="How far to look: 30d, or 6w in weeks."
)
@click.option(
    "--run",
    shell_complete=completion.runs,
    help="The run that shows it; the newest that decided everything by default, or else a gate.",
)
@click.option(
    "--measure", is_flag=True, help="Measure and decide each of these days from the sources instead."
)
@LEDGER
@PROJECT
@FORMAT
@OUTPUT
@click.pass_obj
def due(
    now: dt.datetime,
    within: dt.timedelta,
    run: str | None,
    measure: bool,
    ledger: str | None,
    project: Path,
    form: str,
    output: Path | None,
) -> None:
    """Show what will end by itself: evidence that goes stale, waivers and attestations that run out.

    With each comes its date and the gates that it will shut, if nothing is renewed. A phase whose weeks
    end and whose gate is not open is listed too, first where it is overdue already. With --measure comes
    every verdict that will be another one, also by a date that a measure itself reads.
    """
    if measure:
        if run is not None or ledger is not None:
            raise click.UsageError("--measure reads the sources, and no run of a ledger")
        _due_by_measuring(now, within, project, form, output)
        return
    from phasegate.audit.statements.project_ledger import project_ledger
    from phasegate.monitoring.history.due import due as due_of
    from phasegate.monitoring.history.due import today_by
    from phasegate.reports.output import as_json
    from phasegate.reports.views.due import due_document, due_text

    with project_ledger(ledger, project, os.environ, run or "latest", counting=True) as log:
        found = due_of(log, today_by(log, now), within, run)
    write(as_json(due_document(found)) if form == "json" else due_text(found, **screen(output)), output)


def _due_by_measuring(
    now: dt.datetime, within: dt.timedelta, project: Path, form: str, output: Path | None
) -> None:
    from phasegate.monitoring.history.forecast import forecast
    from phasegate.reports.output import as_json
    from phasegate.reports.views.forecast import ahead_document, ahead_text

    found = forecast(project, now, within, os.environ, counting("decided", "days"))
    write(as_json(ahead_document(found)) if form == "json" else ahead_text(found, **screen(output)), output)


@click.command(short_help="Write a run's figures as the baseline of the next cycle.")
@click.argument("run", required=False, shell_complete=completion.runs)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="ID",
    shell_complete=completion.measures,
    help="Its figure alone; all by default. Repeatable.",
)
@click.option("--finance-approver", default="", metavar="NAME", help="Who approved the figures for Finance.")
@click.option(
    "--developer-approver", default="", metavar="NAME", help="Who approved them for the developers."
)
@LEDGER
@PROJECT
@OUTPUT
def baseline(
    run: str | None,
    measures: tuple[str, ...],
    finance_approver: str,
    developer_approver: str,
    ledger: str | None,
    project: Path,
    output: Path | None,
) -> None:
    """Write the figures of RUN as a baseline, for the next cycle to be held against.

    RUN is the last run that decided everything before the project's cycle began, where it is not given.
    """
    from phasegate.audit.statements.project_ledger import project_ledger
    from phasegate.monitoring.history.baseline import figures
    from phasegate.reports.views.baseline import baseline_csv, baseline_said
    from phasegate.runs.preflight import ready_project

    loaded = ready_project(project)
    start = loaded.project.cycle.start if loaded.project.cycle is not None else None
    with project_ledger(ledger, project, os.environ, run or "latest", counting=True) as log:
        found = figures(log, loaded.pack, start, run, measures)
    approvers = finance_approver, developer_approver
    write(baseline_csv(found, *approvers), output)
    if output is not None:
        done(f"wrote {output}")
    for line in baseline_said(found, *approvers):
        tell(line, err=True)
