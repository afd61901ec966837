"""The command line: parse, call, print, exit."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name="phasegate")
def main() -> None:
    """Decide from operational data whether a programme may advance."""
