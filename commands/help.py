"""The command that shows how commands are used."""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from phasegate.commands.console import tell
from phasegate.commands.group import WHOLE


@click.command("help", short_help="Show how a command is used, as --help does.")
@click.argument(
    "command", nargs=-1, metavar="[COMMAND]...", shell_complete=lambda ctx, _, word: _next_words(ctx, word)
)
@click.pass_context
def help_(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show how a command is used, such as 'phasegate help schedule export'; without one, list them all."""
    tell(_walked(ctx.find_root(), command).get_help())


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
            raise click.UsageError(f"No such command {word!r}.", context)
        context = click.Context(found, info_name=word, parent=context)
    return context


def _next_words(ctx: click.Context, word: str) -> list[CompletionItem[str]]:
    try:
        here = _walked(ctx.find_root(), ctx.params.get("command") or ())
    except click.UsageError:  # it is told once the command runs
        return []
    if not isinstance(here.command, click.Group):
        return []
    return [
        CompletionItem(name, help=command.get_short_help_str(WHOLE))
        for name, command in here.command.commands.items()
        if name.startswith(word)
    ]
