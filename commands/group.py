"""A command line as a whole: how it lists its commands, and with which exit code and message it ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from phasegate.commands.completion import COMPLETE, answer
from phasegate.commands.console import DONE, tell
from phasegate.commands.process import INTERRUPTED, INTERRUPTION, REFUSED, Apart

WHOLE = 10_000
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
            from phasegate.rules.diagnostics.suggestions import nearest

            meant = nearest(word, self.commands)
            ctx.fail(f"No such command {word!r}." + (f" Did you mean {meant!r}?" if meant else ""))
        return super().resolve_command(ctx, args)

    def _format(self, title: str, names: Sequence[str], formatter: click.HelpFormatter) -> None:
        rows = [(name, self.commands[name].get_short_help_str(WHOLE)) for name in names]
        if rows:
            widest = max(map(len, self.commands))  # the lines of all sections stand below each other
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), line) for name, line in rows])


class _Late(MutableMapping[str, click.Command]):
    """Commands by their names, each loaded when somebody asks for it: a run needs one of them."""

    def __init__(self) -> None:
        self._known: dict[str, click.Command | str] = {}

    def place(self, name: str, module: str) -> None:
        """Says in which module a command is, under its own name."""
        self._known[name] = module

    def __getitem__(self, name: str) -> click.Command:
        found = self._known[name]
        if isinstance(found, str):
            made: click.Command = getattr(import_module(found), name.replace("-", "_"))
            self._known[name] = found = made
        return found

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._known[name] = command

    def __delitem__(self, name: str) -> None:
        del self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class Commands(Listed):
    """A whole command line: its commands stand in sections, and every way out has the right exit code."""

    def __init__(self, *args: Any, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.commands = self._late = _Late()
        self.sections: dict[str, tuple[str, ...]] = {}

    def add_section(self, title: str, commands: Mapping[str, str]) -> None:
        """Adds commands that people look for together.

        Args:
            title: what they have in common.
            commands: the module of each, by its name.
        """
        for name, module in commands.items():
            self._late.place(name, module)
        self.sections[title] = tuple(commands)

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
        apart = None
        if alone:  # the process ends with this command (docs/decisions/0011)
            gc.disable()
            if not os.environ.get("PHASEGATE_TRACEBACK"):
                apart = Apart()
        asked = os.environ.get(COMPLETE)
        # A variable of the environment must never stand in for a verdict: where there is a command, it runs.
        if asked and not (sys.argv[1:] if alone else words):
            code = 0 if answer(self, asked) else REFUSED
        else:
            extra |= {"standalone_mode": False, "complete_var": ""}
            code = _guarded(
                lambda: super(Commands, self).main(*args, **extra), sys.argv[1:] if words is None else words
            )
        if apart is not None:
            apart.tell()
        if alone:
            _leave(code)
        sys.exit(code)


def _guarded(run: Callable[[], object], words: Sequence[str]) -> int:
    """Runs a command; whatever goes wrong is one message and REFUSED, never the code of a verdict.

    Args:
        run: the command.
        words: its command line, whose earlier reports go where it is refused.
    """
    DONE.clear()
    message: str | None
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
        message = None
    except SystemExit:  # only a verdict may choose another code
        message = None
    except BaseException as error:  # noqa: BLE001 - polars' panics are no Exception, and none may pass
        from phasegate.reports.text.refusal import TRACEBACK, refusal

        message = refusal(error, traced=bool(os.environ.get(TRACEBACK)))
        if INTERRUPTION.came:  # what it went through made another error of it
            message = INTERRUPTED
    from phasegate.commands.withdrawal import withdrawn

    stale = withdrawn(words)
    if message is None:
        return REFUSED
    from phasegate.reports.text.plain import encodable

    if DONE:  # a report that nobody can read does not undo it
        message += f"\nhelp: this was done before: {'; '.join(DONE)}"
    message += stale
    with suppress(OSError):  # nobody may be left to hear it
        tell(encodable(message, getattr(sys.stderr, "encoding", None)), err=True)
    return REFUSED


def _leave(code: int) -> NoReturn:
    """Ends the process without the interpreter's teardown (docs/decisions/0010)."""
    if sys.gettrace() or sys.getprofile() or "coverage" in sys.modules:
        sys.exit(code)
    with suppress(OSError, AttributeError):
        sys.stderr.flush()
    os._exit(code)
