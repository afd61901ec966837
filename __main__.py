"""``python -m phasegate``, and the command ``phasegate``: a process that runs the command line."""

# Python has loaded these already; whatever else is imported takes its time, in which somebody may interrupt.
import _signal  # type: ignore[import-not-found]  # nobody describes its types
import os


def _interrupted(*_: object) -> None:
    """Nothing has begun yet; what is being imported takes no exception in its midst."""
    os.write(2, b"error: interrupted\n")
    os._exit(2)


try:
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _interrupted)
except ValueError:  # imported by a thread of somebody's program
    pass

from collections.abc import Callable  # noqa: E402
from typing import NoReturn  # noqa: E402

from phasegate.commands.process import run  # noqa: E402


def main() -> NoReturn:
    """Runs the command line."""
    run(_load, _interrupted)


def _load() -> Callable[[], object]:
    from phasegate.cli import main as command_line

    return command_line


if __name__ == "__main__":
    main()
