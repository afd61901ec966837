"""The command line: which commands there are, and the only place where a clock is read."""

from __future__ import annotations

if __name__ == "__main__":  # by its path or as ``python -m phasegate.cli``
    import runpy

    runpy.run_module("phasegate", run_name="__main__")

import datetime as dt

import click

from phasegate.commands import cases, decide, history, ledger, portfolio, project, report, serve, sign
from phasegate.commands.group import Commands
from phasegate.commands.help import help_
from phasegate.commands.monitoring.notify import notify
from phasegate.commands.monitoring.schedule import schedule


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


for _title, _commands in {
    "Decide": (decide.check, decide.gate),
    "Look": (
        decide.explain,
        decide.why_not,
        decide.facts,
        ledger.runs,
        ledger.show,
        report.report,
        report.evidence,
        serve.serve,
    ),
    "Over time": (
        history.diff,
        history.trend,
        history.due,
        history.baseline,
        portfolio.portfolio,
        schedule,
        notify,
    ),
    "Sign": (sign.keys, sign.waive, sign.attest, sign.approve, sign.advance),
    "Audit": (ledger.verify, ledger.prove, ledger.replay, ledger.checkpoint, ledger.ledger),
    "Rules": (project.init, project.lint, cases.test, project.sources, project.trace, project.schema),
}.items():
    main.add_section(_title, _commands)
main.add_command(help_)
