"""The command line: which commands there are, and the only place where a clock is read."""

from __future__ import annotations

if __name__ == "__main__":  # by its path or as ``python -m phasegate.cli``
    import runpy

    runpy.run_module("phasegate", run_name="__main__")

import datetime as dt

import click

from phasegate.commands.group import Commands
from phasegate.commands.help import help_


def now() -> dt.datetime:
    """This moment, in UTC; a day is a day in UTC too."""
    return dt.datetime.now(dt.UTC)


@click.group("phasegate", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="phasegate", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Decide from operational data whether a programme may advance.

    Exit codes: 0 open, 1 closed, 2 refused (usage, configuration, fault), 3 undecided.
    """
    ctx.obj = now()
    ctx.meta["phasegate.clock"] = lambda: now()  # noqa: PLW0108 - for what goes on for days


_SECTIONS = {
    "Decide": {"check": "decide", "gate": "decide"},
    "Look": {
        "explain": "decide",
        "why-not": "decide",
        "facts": "decide",
        "runs": "ledger",
        "show": "ledger",
        "report": "report",
        "evidence": "report",
        "serve": "serve",
    },
    "Over time": {
        "diff": "history",
        "trend": "history",
        "due": "history",
        "baseline": "history",
        "portfolio": "portfolio",
        "schedule": "monitoring.schedule",
        "notify": "monitoring.notify",
    },
    "Sign": dict.fromkeys(("keys", "waive", "attest", "approve", "advance"), "sign"),
    "Audit": dict.fromkeys(("verify", "prove", "replay", "checkpoint", "ledger"), "ledger"),
    "Rules": {
        "init": "project",
        "lint": "project",
        "test": "cases",
        "sources": "project",
        "trace": "project",
        "schema": "project",
    },
}
"""The commands by what people look for, each with its module."""
for _title, _modules in _SECTIONS.items():
    main.add_section(_title, {name: f"phasegate.commands.{module}" for name, module in _modules.items()})
main.add_command(help_)
