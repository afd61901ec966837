"""``python -m phasegate``, and the command ``phasegate``: a process that runs the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from phasegate.commands.process import run


def main() -> NoReturn:
    """Runs the command line, from here on guarded against whatever may come."""
    run(_load)


def _load() -> Callable[[], object]:
    from phasegate.cli import main as command_line

    return command_line


if __name__ == "__main__":
    main()
