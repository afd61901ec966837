"""A command line as a whole: how it lists its commands, and with which exit code and message it ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem, shell_complete

from phasegate.commands.process import INTERRUPTED, INTERRUPTION, REFUSED
from phasegate.commands.shown import DONE

PROGRAM = "phasegate"
COMPLETE = "_PHASEGATE_COMPLETE"
"""The variable in which a shell says what it wants to be completed; it counts for a bare command alone."""
_WHOLE = 10_000
"""A line about a command is as long as it is; click would cut it."""


class Listed(click.Group):
    """Lists its commands as they are declared, each with one whole line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were added, which is not that of the alphabet."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands into the help."""
        self._format("Commands", self.list_commands(ctx), formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names.

        Raises:
            click.UsageError: if it names none; what was probably meant is named.
        """
        word = args[0]
        if not (ctx.resilient_parsing or word.startswith("-") or word in self.commands):
            from phasegate.rules.nearest import nearest

            meant = nearest(word, self.commands)
            ctx.fail(f"No such command {word!r}." + (f" Did you mean {meant!r}?" if meant else ""))
        return super().resolve_command(ctx, args)

    def _format(self, title: str, names: Sequence[str], formatter: click.HelpFormatter) -> None:
        rows = [(name, self.commands[name].get_short_help_str(_WHOLE)) for name in names]
        if rows:
            widest = max(map(len, self.commands))  # the lines of all sections stand below each other
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), line) for name, line in rows])


class Commands(Listed):
    """A whole command line: its commands stand in sections, and every way out has the right exit code."""

    def __init__(self, *args: Any, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.sections: dict[str, tuple[str, ...]] = {}

    def add_section(self, title: str, commands: Sequence[click.Command]) -> None:
        """Adds commands that people look for together."""
        for command in commands:
            self.add_command(command)
        self.sections[title] = tuple(str(command.name) for command in commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands into the help by their sections, and those of none at the end."""
        placed = {name for names in self.sections.values() for name in names}
        rest = [name for name in self.list_commands(ctx) if name not in placed]
        for title, names in [*self.sections.items(), ("More", rest)]:
            self._format(title, names, formatter)

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Runs one command line and leaves the process."""
        words = args[0] if args else extra.get("args")
        alone = words is None
        if alone:  # the process ends with this command (docs/decisions/0011)
            gc.disable()
        asked = os.environ.get(COMPLETE)
        # A variable of the environment must never stand in for a verdict: where there is a command, it runs.
        if asked and not (sys.argv[1:] if alone else words):
            code = _completed(self, asked)
        else:
            extra |= {"standalone_mode": False, "complete_var": ""}
            code = _guarded(lambda: super(Commands, self).main(*args, **extra))
        if alone:
            _leave(code)
        sys.exit(code)


@click.command("help", short_help="Show how a command is used, as --help does.")
@click.argument(
    "command", nargs=-1, metavar="[COMMAND]...", shell_complete=lambda ctx, _, word: _next_words(ctx, word)
)
@click.pass_context
def help_(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show how a command is used, such as 'phasegate help schedule export'; without one, list them all."""
    click.echo(_walked(ctx.find_root(), command).get_help())


def _walked(context: click.Context, words: Sequence[str]) -> click.Context:
    """The context of the command that words lead to.

    Raises:
        click.UsageError: if they lead to none.
    """
    for word in words:
        if not isinstance(context.command, click.Group):
            context.fail(f"{context.command_path} has no command {word!r}, or any other of its own.")
        _, found, _ = context.command.resolve_command(context, [word])
        if found is None:
            break
        context = click.Context(found, info_name=word, parent=context)
    return context


def _next_words(ctx: click.Context, word: str) -> list[CompletionItem[str]]:
    here = _walked(ctx.find_root(), ctx.params.get("command") or ())
    if not isinstance(here.command, click.Group):
        return []
    return [
        CompletionItem(name, help=command.get_short_help_str(_WHOLE))
        for name, command in here.command.commands.items()
        if name.startswith(word)
    ]


def _completed(command_line: click.Group, asked: str) -> int:
    """Tells a shell what may follow, or how it is to ask; what goes wrong meanwhile disturbs nobody's line."""
    from phasegate.commands.completion import use_our_bash

    use_our_bash()
    try:
        if shell_complete(command_line, {}, PROGRAM, COMPLETE, asked) == 0:
            return 0
    except BaseException:  # noqa: BLE001 - somebody is typing
        return REFUSED
    click.echo(
        f"error: {COMPLETE} asks for {asked!r}\nhelp: take bash_source, zsh_source or fish_source", err=True
    )
    return REFUSED


def _guarded(run: Callable[[], object]) -> int:
    """Runs a command; whatever goes wrong is one message and REFUSED, never the code of a verdict."""
    DONE.clear()
    try:
        code = run()
        if sys.stdout is not None:  # a closed one is None
            sys.stdout.flush()
        if not INTERRUPTION.came:
            return code if isinstance(code, int) else 0
        message = INTERRUPTED  # something below took it for an error of its own
    except (click.Abort, KeyboardInterrupt):
        message = INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:  # whoever asks for nothing is shown what there is
        message = error.format_message()
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
        if INTERRUPTION.came:  # what it went through made another error of it
            message = INTERRUPTED
    from phasegate.reports.plain import encodable

    if DONE:  # a report that nobody can read does not undo it
        message += f"\nhelp: this was done before: {'; '.join(DONE)}"
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
