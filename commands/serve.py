"""The command that serves pages of what ledgers hold."""

from __future__ import annotations

import datetime as dt
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import stopped_by, tell
from phasegate.commands.options import FILE
from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    from phasegate.web.config import Config

NEEDED = ("authlib", "httpx2", "joserfc", "starlette", "uvicorn")
"""What the extra brings, without which nothing is served."""


class NoServerError(PhasegateError):
    """The extra is not installed."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"pages can not be served without {missing}", "install it with: pip install 'phasegate[serve]'"
        )


@click.command(short_help="Serve pages of what ledgers hold, to be read in a browser.")
@click.argument("projects", metavar="[PROJECT]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--portfolio",
    "portfolio_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A portfolio file that names the projects, instead of naming each.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address that it listens on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8000,
    show_default=True,
    help="Its port; 0 for any that is free.",
)
@click.option("--unix", type=FILE, help="A socket of the file system to listen on, for a proxy beside.")
@click.option(
    "--access",
    "access_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file that says who may look: phasegate.serve.yaml here by default, if there is one.",
)
@click.pass_context
def serve(
    ctx: click.Context,
    projects: tuple[Path, ...],
    portfolio_file: Path | None,
    host: str,
    port: int,
    unix: Path | None,
    access_file: Path | None,
) -> int:
    """Serve pages of the ledgers of each PROJECT (the nearest one by default), until it is stopped.

    It reads ledgers and signs nothing. Without a file that says who may look, it listens on this machine
    alone, and whoever is on it may look at everything.
    """
    _have_extra()
    from phasegate.web.access.file import SERVE_FILE, read_access
    from phasegate.web.access.listening import Listening
    from phasegate.web.access.model import Access
    from phasegate.web.server import guarded
    from phasegate.web.server import serve as serve_app
    from phasegate.web.signing_keys import refuse_signing_keys

    clock: Callable[[], dt.datetime] = ctx.meta["phasegate.clock"]
    here = Path(SERVE_FILE)
    file = access_file or (here if here.exists() else None)
    access = read_access(file) if file is not None else Access()
    listening = Listening(unix=unix) if unix is not None else Listening(host, port)
    config = _config(projects, portfolio_file, clock)
    app = guarded(config, access, listening, sys.stderr, file.parent if file is not None else Path())
    if not listening.loopback:
        refuse_signing_keys(each.file.parent for each in config.projects.values())
    stopped = stopped_by(signal.SIGTERM, signal.SIGINT)
    gc.enable()  # the command line does without, as its commands end soon (docs/decisions/0011)
    with listening.bind() as bound:
        place = unix if unix is not None else _address(host, bound.getsockname()[1])
        serve_app(app, bound, stopped, lambda: tell(f"Serving {_names(config.projects)} at {place}"))
    tell("Stopped.")
    return 0


def _config(
    projects: tuple[Path, ...], portfolio_file: Path | None, clock: Callable[[], dt.datetime]
) -> Config:
    from phasegate.web.config import Config

    if portfolio_file is None:
        return Config.of(projects or (Path(),), clock, os.environ)
    if projects:
        raise click.UsageError("a portfolio names the projects: name none beside it")
    from phasegate.rules.portfolio.load import load_portfolio

    return Config.of_portfolio(load_portfolio(portfolio_file), clock, os.environ)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _names(projects: Iterable[str]) -> str:
    from phasegate.reports.text.plain import some, visible

    return visible(some(list(projects), 3))


def _have_extra() -> None:
    from importlib.util import find_spec

    missing = next((name for name in NEEDED if find_spec(name) is None), None)
    if missing is not None:
        raise NoServerError(missing)
