"""The commands of the ledger: what it holds is listed, shown, verified, proved, replayed and given out."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands import completion
from phasegate.commands.console import counting, done, say, screen, write
from phasegate.commands.group import Listed
from phasegate.commands.options import FILE, FORMAT, KEY, LEDGER, OUTPUT, PROJECT, RUN

if TYPE_CHECKING:
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.audit.signing.signers import Signers

DIFFERS = 1
"""The exit code of a verification or a replay that found something else than what was kept."""


NEWEST = 100
"""So many runs are listed where nothing else is asked for."""


@click.command(short_help="List the newest runs of the ledger, with their gates.")
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Whatever else somebody put there too: statements, refused attempts, lists of signers.",
)
@click.option(
    "--last", type=click.IntRange(1), help="So many of the newest runs; 100 by default, and all with --all."
)
@click.option("--all-projects", is_flag=True, help="Of every project that keeps its runs there.")
@LEDGER
@PROJECT
@FORMAT
@OUTPUT
def runs(
    every: bool,
    last: int | None,
    all_projects: bool,
    ledger: str | None,
    project: Path,
    form: str,
    output: Path | None,
) -> None:
    """List the newest runs of the project in its ledger, with the states of their gates."""
    from phasegate.audit.ledger.project_entries import named_in
    from phasegate.audit.trail.notification_entries import given_up
    from phasegate.audit.trail.runs import runs as kept_runs
    from phasegate.reports.output import as_json
    from phasegate.reports.views.runs import runs_document, runs_text

    with _whole(ledger, project) if all_projects else _reading(ledger, project) as log:
        if every and last is not None:
            raise click.UsageError("--all lists everything, and --last the newest runs alone")
        found = list(kept_runs(log, None if every else last or NEWEST))
        shared = len(named_in(log.store)) > 1 and not all_projects
        if every:
            from phasegate.audit.statements.listing import acts
            from phasegate.reports.views.entries import all_document, all_text

            listed = _signers(project) if ledger is None and not all_projects else None
            others = acts(log, listed, apart=all_projects)
            text = all_text(found, others, all_projects, **screen(output))
            write(as_json(all_document(found, others)) if form == "json" else text, output)
            return
        untold = given_up(log)
    write(
        as_json(runs_document(found, untold))
        if form == "json"
        else runs_text(found, shared, all_projects, untold, **screen(output)),
        output,
    )


@click.command(short_help="Show a run as it was reported.")
@click.argument("run", default="latest", shell_complete=completion.runs)
@click.option("-v", "--verbose", is_flag=True, help="Passes and facts too; nothing shortened.")
@LEDGER
@PROJECT
@FORMAT
@OUTPUT
def show(run: str, verbose: bool, ledger: str | None, project: Path, form: str, output: Path | None) -> None:
    """Show a run as it was reported: a number, or the latest."""
    from phasegate.audit.trail.runs import find_run, record_of
    from phasegate.audit.trail.weeks import weeks_then
    from phasegate.records.build import to_json
    from phasegate.records.overdue import overdue
    from phasegate.reports.formats.terminal import terminal_text
    from phasegate.reports.views.runs import run_head

    with _reading(ledger, project, run) as log:
        found = find_run(log, run)
        record = record_of(log, found)
        late = overdue(record, weeks_then(log, found, record))
    if form == "json":
        write(to_json(record), output)
        return
    shown = screen(output)
    text = terminal_text(record, code=None, verbose=verbose, overdue=late, **shown)
    write(run_head(found, **shown) + text, output)


@click.command(short_help="Find out whether the ledger, or a proof, is what was kept.")
@click.argument("proof", required=False, type=click.Path(path_type=Path))
@click.option(
    "--against",
    multiple=True,
    metavar="CHECKPOINT",
    help="A checkpoint that you kept: its file, or 'SIZE ROOT' as reports print it. Repeatable.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The public key that must have signed.",
)
@click.option("--quick", is_flag=True, help="Only hashes and checkpoints, not what the entries say.")
@LEDGER
@PROJECT
@FORMAT
@OUTPUT
def verify(
    proof: Path | None,
    against: tuple[str, ...],
    keys: tuple[Path, ...],
    quick: bool,
    ledger: str | None,
    project: Path,
    form: str,
    output: Path | None,
) -> int:
    """Find out whether the ledger is what was kept; or whether PROOF, a file of 'prove', proves anything.

    Exit 0 if so, 1 if not.
    """
    from phasegate.audit.verification.service import verified_ledger
    from phasegate.reports.output import as_json
    from phasegate.reports.views.verification import verified_document, verified_text

    if proof is not None:
        if quick or ledger is not None:
            raise click.UsageError("a proof is verified by itself, without --quick and --ledger")
        return _verify_proof(proof, against, keys, project, form, output)
    with _whole(ledger, project) as log:
        found = verified_ledger(log, against, keys, project, quick, counting("verifying", "entries"))
        name = log.shown
    _found(output, f"{name} {'holds what was kept' if found.good else 'is not what was kept'}")
    text = verified_text(name, found, **screen(output))
    write(as_json(verified_document(name, found)) if form == "json" else text, output)
    return 0 if found.good else DIFFERS


def _verify_proof(
    proof: Path,
    against: tuple[str, ...],
    keys: tuple[Path, ...],
    project: Path,
    form: str,
    output: Path | None,
) -> int:
    from phasegate.audit.verification.proof import ProofError
    from phasegate.audit.verification.service import verified_proof
    from phasegate.reports.output import as_json
    from phasegate.reports.views.proof import proof_document, proof_text, refuted_document, refuted_text

    if proof.exists() and not proof.is_file():  # a pipe might never end
        raise click.BadParameter(f"{proof} is no regular file", param_hint="PROOF")
    try:
        shown = verified_proof(proof, against, keys, project)
    except ProofError as error:
        _found(output, f"{proof} proves nothing")
        text = refuted_text(str(proof), error, **screen(output))
        write(as_json(refuted_document(error)) if form == "json" else text, output)
        return DIFFERS
    _found(output, f"{proof} {'proves what it says' if shown.good else 'does not prove what it says'}")
    text = proof_text(shown, **screen(output))
    write(as_json(proof_document(shown)) if form == "json" else text, output)
    return 0 if shown.good else DIFFERS


@click.command(short_help="Write a proof of what a run decided, for who has no ledger.")
@click.argument("id_", metavar="ID", shell_complete=completion.ids)
@RUN
@click.option(
    "--against",
    multiple=True,
    metavar="CHECKPOINT",
    help="A checkpoint that its reader kept; the proof shows that both are of one ledger. Repeatable.",
)
@LEDGER
@PROJECT
@OUTPUT
def prove(
    id_: str, run: str, against: tuple[str, ...], ledger: str | None, project: Path, output: Path | None
) -> None:
    """Write a proof of what a run decided about ID: a point, a criterion, a target, phase:2, or 'run'.

    Whoever has the file verifies it alone, with 'phasegate verify FILE'.
    """
    from phasegate.audit.trail.runs import find_run
    from phasegate.audit.verification.make_proof import make_proof
    from phasegate.audit.verification.proof_subject import entry_of, file_name, kept_checkpoint

    kept = [kept_checkpoint(each) for each in against]
    with _reading(ledger, project, run) as log:
        found = find_run(log, run)
        proof = make_proof(log, entry_of(log, found, id_), kept)
    target = output if output is not None else Path(file_name(id_, found.number))
    write(proof, target)
    say(f"wrote {target}; verify it anywhere with: phasegate verify {target.name}")


@click.command(short_help="Decide a kept run again from its facts, and compare.")
@click.argument("run", default="latest", shell_complete=completion.runs)
@click.option("--pack", metavar="OTHER", help="Decide by other rules: a built-in pack, or a folder.")
@click.option("--all", "every", is_flag=True, help="Every run of the ledger.")
@click.option("--from-sources", is_flag=True, help="Measure again too, and name the source that changed.")
@LEDGER
@PROJECT
@FORMAT
@OUTPUT
def replay(
    run: str,
    pack: str | None,
    every: bool,
    from_sources: bool,
    ledger: str | None,
    project: Path,
    form: str,
    output: Path | None,
) -> int:
    """Decide a recorded run again from its facts, and compare: exit 1 where anything differs."""
    from phasegate.reports.output import as_json
    from phasegate.reports.views.replay import replays_document, replays_text
    from phasegate.runs.replay_all import replays

    if every and run != "latest":
        raise click.UsageError("--all replays every run; name no single one with it")
    with _whole(ledger, project) if every else _reading(ledger, project, run) as log:
        found = replays(log, run, every=every, other=pack, sources=project if from_sources else None)
    write(
        as_json(replays_document(found)) if form == "json" else replays_text(found, **screen(output)), output
    )
    return 0 if found.good else DIFFERS


@click.command(short_help="Print the newest signed checkpoint, to be kept elsewhere.")
@LEDGER
@PROJECT
@OUTPUT
def checkpoint(ledger: str | None, project: Path, output: Path | None) -> None:
    """Print the newest signed checkpoint, to be kept where nobody who can change the ledger can change it."""
    from phasegate.audit.trail.locate import newest_checkpoint

    with _whole(ledger, project) as log:
        write(newest_checkpoint(log), output)


def _found(output: Path | None, what: str) -> None:
    """What was found stands, also where the screen does not take it; a file is named by its own error."""
    if output is None:
        done(what)


def _signers(project: Path) -> Signers | None:
    """Those whom the nearest project lists; None where it lists none."""
    from phasegate.audit.signing.signers import Signers
    from phasegate.audit.trail.locate import nearest_project

    found = nearest_project(project)
    return Signers.of(found.project) if found is not None and found.project.signers else None


def _reading(ledger: str | None, project: Path, *runs: str) -> Ledger:
    """The ledger, in which what is the project's is found."""
    from phasegate.audit.statements.project_ledger import project_ledger

    return project_ledger(ledger, project, os.environ, *runs)


def _whole(ledger: str | None, project: Path) -> Ledger:
    """The ledger, in which the entries of all projects are found."""
    from phasegate.audit.trail.locate import whole_ledger

    return whole_ledger(ledger, project, os.environ)


@click.group(cls=Listed)
def ledger() -> None:
    """Give out what the ledger holds, or adopt older entries."""


@ledger.command(short_help="Take on entries from before the project had an id.")
@click.option(
    "--up-to",
    type=click.IntRange(1),
    required=True,
    metavar="N",
    help="The first so many entries, over which a checkpoint was signed.",
)
@KEY
@PROJECT
@click.pass_obj
def adopt(now: dt.datetime, /, up_to: int, key: Path | None, project: Path) -> None:
    """Sign that what the ledger holds from before projects had ids, up to N, is this project's.

    Until then it can be verified, replayed and reported, and counts for nothing.
    """
    from phasegate.audit.statements.desk import Desk
    from phasegate.audit.statements.sign import adopt as sign
    from phasegate.reports.views.statements import adopted
    from phasegate.runs.preflight import ready_project

    desk = Desk.of(ready_project(project), key, now, os.environ)
    with desk.attempt(("ledger", "adopt", "--up-to", str(up_to))):
        seq = sign(desk, up_to)
    say(adopted(up_to, desk.signer.name, seq))


@ledger.command(short_help="Write the ledger as files, or a run as a signed statement.")
@click.argument("out", type=FILE, required=False)
@click.option("-o", "--output", type=FILE, metavar="OUT", help="The same as OUT.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["entries", "in-toto"]),
    default="entries",
    show_default=True,
    help="The whole log as plain files, or the result of one run as a signed in-toto statement.",
)
@click.option("--contents", is_flag=True, help="With entries: the kept documents too, such as records.")
@click.option(
    "--gate",
    metavar="ID",
    shell_complete=completion.phases,
    help="With in-toto: the result of this gate, instead of the whole run's.",
)
@RUN
@KEY
@LEDGER
@PROJECT
@click.pass_obj
def export(
    now: dt.datetime,
    /,
    out: Path | None,
    output: Path | None,
    form: str,
    contents: bool,
    gate: str | None,
    run: str,
    key: Path | None,
    ledger: str | None,
    project: Path,
) -> None:
    """Write the ledger into OUT: a new folder, or with --as in-toto a new file."""
    if (out is None) == (output is None):
        raise click.UsageError("name OUT once, by itself or with -o")
    out = out or output
    assert out is not None
    if form == "entries" and gate is not None:
        raise click.UsageError("--gate belongs to --as in-toto")
    if form == "in-toto" and contents:
        raise click.UsageError("--contents belongs to --as entries")
    from phasegate.audit.export.entries import export_entries
    from phasegate.audit.export.in_toto import export_result, signing_key
    from phasegate.reports.views.statements import entries_exported, result_exported

    with _whole(ledger, project) if form == "entries" else _reading(ledger, project, run) as log:
        if form == "entries":
            say(entries_exported(out, export_entries(log, out, documents=contents)))
        else:
            private = signing_key(project, key, now, os.environ)
            result = export_result(log, run, gate, private, out)
            say(result_exported(out, result, private.public))
