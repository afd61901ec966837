"""A command line as a whole: whatever happens, it ends with the right exit code and one message."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import click

from phasegate.commands.process import INTERRUPTED, INTERRUPTION, REFUSED
from phasegate.commands.shown import DONE


class Commands(click.Group):
    """Lists commands as they are declared, and sees that every way out has the right exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were added, which is not that of the alphabet."""
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
