"""The command line: parse, call, print, exit."""

from __future__ import annotations

import datetime as dt
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

if TYPE_CHECKING:
    from phasegate.audit.document import Record
    from phasegate.facts.progress import Progress
    from phasegate.rules.project_file import LoadedProject

REFUSED = 2
"""The exit code of every run that came to no verdict."""
_Command = Callable[..., int | None]


def today() -> dt.date:
    """The day that is decided, in UTC; the only place where a clock is read."""
    return dt.datetime.now(dt.UTC).date()


class Commands(click.Group):
    """Lists commands as they are declared, and sees that every way out has the right exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of this module."""
        return list(self.commands)

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Runs one command line and leaves the process."""
        extra["standalone_mode"] = False
        alone = not args and extra.get("args") is None
        if alone:  # the process ends with this command (docs/decisions/0011)
            gc.disable()
        code = _guarded(lambda: super(Commands, self).main(*args, **extra))
        if alone:
            _leave(code)
        sys.exit(code)


def _guarded(run: Callable[[], object]) -> int:
    """Runs a command; whatever goes wrong is one message and REFUSED, never the code of a verdict."""
    try:
        code = run()
        if sys.stdout is not None:  # a closed one is None
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (click.Abort, KeyboardInterrupt):
        message = "error: interrupted"
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        hint = f"\nhelp: {context.command_path} --help shows how it is used" if context else ""
        message = f"error: {error.format_message()}{hint}"
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads any more; be quiet at exit too
        return REFUSED
    except SystemExit:  # only a verdict may choose another code
        return REFUSED
    except BaseException as error:  # noqa: BLE001 - polars' panics are no Exception, and none may pass
        from phasegate.reports.refusal import TRACEBACK, refusal

        message = refusal(error, traced=bool(os.environ.get(TRACEBACK)))
    from phasegate.reports.plain import encodable

    with suppress(OSError):  # nobody may be left to hear it
        click.echo(encodable(message, getattr(sys.stderr, "encoding", None)), err=True)
    return REFUSED


def _leave(code: int) -> NoReturn:
    """Ends the process without the interpreter's teardown (docs/decisions/0010)."""
    if sys.gettrace() or sys.getprofile() or "coverage" in sys.modules:
        sys.exit(code)
    with suppress(OSError, AttributeError):
        sys.stderr.flush()
    os._exit(code)


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
            if day.year not in self.years:
                raise ValueError
            return day
        except ValueError:
            self.fail(f"{value!r} is not a date: write it as 2026-01-31", param, ctx)


_FILE = click.Path(path_type=Path)
_PROJECT = click.option(
    "--project",
    type=click.Path(exists=True, path_type=Path),
    default=".",
    help="The project's folder or file; the nearest phasegate.yaml upward by default.",
)
_AS_OF = click.option("--as-of", type=Day(), help="Decide as of this day; today (UTC) by default.")
_RECORD = click.option("--record", type=_FILE, help="A saved record, instead of deciding anew.")
_OUTPUT = click.option(
    "-o",
    "--output",
    type=_FILE,
    callback=lambda _, __, path: None if path == Path("-") else path,  # "-" is the screen, as elsewhere
    help="Write the report to this file instead.",
)
_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or for programs.",
)
_STRICT = click.option("--strict", is_flag=True, help="Take 'open with waivers' for closed.")
_QUIET = click.option("-q", "--quiet", is_flag=True, help="Only the last line.")
_VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Passes and facts too; nothing shortened.")


def _reported(command: _Command) -> _Command:
    """The options of commands that decide."""
    for option in (_VERBOSE, _QUIET, _STRICT, _OUTPUT, _FORMAT, _PROJECT):
        command = option(command)
    return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="phasegate", message="%(prog)s %(version)s")
def main() -> None:
    """Decide from operational data whether a programme may advance.

    Exit codes: 0 open, 1 closed, 2 refused (usage, configuration, fault), 3 undecided.
    """


@main.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_AS_OF
@_reported
def check(ids: tuple[str, ...], project: Path, as_of: dt.date | None, **shown: Any) -> int:
    """Decide everything, or what the IDs name.

    An ID is a point (1.1.1), a criterion, a section, an area, a target (1/success), a phase
    (phase:2) or 'programme'.
    """
    return _report(_decide(_load(project), as_of or today(), shown["quiet"], ids=ids), **shown)


@main.command()
@click.argument("phase")
@click.option("--pack-digest", metavar="DIGEST", help="Refuse to decide under any other pack.")
@_reported
def gate(phase: str, pack_digest: str | None, project: Path, **shown: Any) -> int:
    """Decide today whether PHASE (or 'programme') may advance."""
    from phasegate.audit.preflight import hold_to

    loaded = _load(project)
    hold_to(loaded.pack, pack_digest)
    return _report(_decide(loaded, today(), shown["quiet"], gate=phase.removeprefix("phase:")), **shown)


@main.command()
@click.argument("id_", metavar="ID")
@_RECORD
@_PROJECT
@_AS_OF
@_OUTPUT
def explain(id_: str, record: Path | None, project: Path, as_of: dt.date | None, output: Path | None) -> None:
    """Tell the story of one verdict, gate or measure."""
    from phasegate.reports.explain import explain_text

    if record is not None:
        from phasegate.audit.saved import load_record

        told = load_record(record)
    else:
        told = _decide(_load(project), as_of or today())
    _write(explain_text(told, id_, _screen(output)["width"]), output)


@main.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_PROJECT
@_AS_OF
@_FORMAT
@_OUTPUT
def facts(ids: tuple[str, ...], project: Path, as_of: dt.date | None, form: str, output: Path | None) -> None:
    """Show what is measured, of everything or of what the IDs name (measures too), and decide nothing."""
    from phasegate.audit.run import measure
    from phasegate.reports.facts import facts_json, facts_text

    found = measure(_load(project), as_of or today(), ids=ids, progress=_progress())
    _write(facts_json(found) if form == "json" else facts_text(found, **_screen(output)), output)


@main.command()
@click.argument("pack", required=False)
@_PROJECT
@_OUTPUT
def lint(pack: str | None, project: Path, output: Path | None) -> int:
    """Find what is wrong with the project and its pack, or with PACK, a built-in one or a folder."""
    from phasegate.audit.preflight import all_faults
    from phasegate.rules.diagnostics import render_all

    found = all_faults(pack, project)
    _write(f"{render_all(found)}\n", output)
    return REFUSED if any(problem.severity == "error" for problem in found) else 0


@main.command()
@click.argument("map_document", metavar="MAP.md", type=click.Path(path_type=Path))
@click.option("--pack", default="developer_finance", show_default=True, help="A built-in pack, or a folder.")
@_FORMAT
@_OUTPUT
def trace(map_document: Path, pack: str, form: str, output: Path | None) -> int:
    """Hold a pack against the map document that it encodes; exit 1 where they differ."""
    from phasegate.reports.output import as_json
    from phasegate.reports.trace import render_trace
    from phasegate.rules.load import load_pack
    from phasegate.rules.load_map import load_map
    from phasegate.rules.trace import trace as compare
    from phasegate.rules.trace import trace_document

    loaded = load_pack(pack)
    found = compare(load_map(map_document), loaded.pack, loaded.where)
    _write(as_json(trace_document(found)) if form == "json" else render_trace(found), output)
    return int(found.differs)


@main.command()
@click.argument("kind", type=click.Choice(["project", "pack", "waivers"]))
@_OUTPUT
def schema(kind: Literal["project", "pack", "waivers"], output: Path | None) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    from phasegate.reports.output import as_json
    from phasegate.rules.schema import json_schema

    _write(as_json(json_schema(kind)), output)


@main.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--minimal", is_flag=True, help="One table, one measure, one requirement; runs at once.")
def init(folder: Path, minimal: bool) -> None:
    """Start a project for the pack developer_finance in DIR, or the smallest one that runs."""
    from phasegate.reports.output import start
    from phasegate.reports.starter import first_files

    for path in start(folder, first_files(minimal, today())):
        click.echo(f"wrote {path}")
    click.echo("next: phasegate check" if minimal else "next: name your sources in it, then phasegate facts")


def _load(project: Path) -> LoadedProject:
    from phasegate.audit.preflight import ready_project

    return ready_project(project)


def _decide(loaded: LoadedProject, day: dt.date, quiet: bool = False, **asked: Any) -> Record:
    from phasegate.audit.run import evaluate

    return evaluate(loaded, day, progress=_progress(quiet), **asked)


def _report(record: Record, form: str, output: Path | None, strict: bool, quiet: bool, verbose: bool) -> int:
    from phasegate.audit.record import exit_code, to_json
    from phasegate.reports.terminal import terminal_text

    code = exit_code(record["outcome"], strict=strict)
    tell = partial(terminal_text, record, code=code, strict=strict, verbose=verbose)
    if form == "json":
        _write(to_json(record), output)
    else:
        _write(tell(quiet=quiet, **_screen(output)), output)
    if output is not None:
        _write(tell(quiet=True, **_screen()), None)
    return code


def _screen(output: Path | None = None) -> dict[str, Any]:
    from phasegate.reports.output import screen_of

    return screen_of(sys.stdout, os.environ, output)._asdict()


def _progress(quiet: bool = False) -> Progress | None:
    """Listens only where somebody watches."""
    from phasegate.reports.output import watched
    from phasegate.reports.progress import ReadingLine

    return ReadingLine(sys.stderr) if not quiet and watched(sys.stderr, os.environ) else None


def _write(text: str, output: Path | None) -> None:
    from phasegate.reports.output import deliver

    deliver(text, output, sys.stdout)
