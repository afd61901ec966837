"""What is said where no verdict came about: one clear message, and what to do."""

from __future__ import annotations

from phasegate.reports.text.plain import visible
from phasegate.reports.text.shortfall import shortfall
from phasegate.rules.errors import PhasegateError

TRACEBACK = "PHASEGATE_TRACEBACK"
"""The variable that asks for the whole traceback of an unexpected error."""
MOST = 20
"""Problems of a file that are told; whoever mends so many runs ``phasegate lint``."""


def refusal(error: BaseException, traced: bool = False) -> str:
    """An error as its reader needs it.

    Args:
        error: what went wrong.
        traced: whether a fault of phasegate is shown with its traceback.
    """
    if isinstance(error, PhasegateError):
        found = getattr(error, "diagnostics", ())
        problems = [f"\n{problem.render()}" for problem in found[:MOST]]
        if len(found) > MOST:
            problems.append(f"\nand {len(found) - MOST:,} more: phasegate lint shows them all")
        hint = [f"help: {visible(error.hint)}"] if error.hint else []
        return "\n".join([f"error: {visible(error.message)}", *problems, *hint])
    if traced:
        import traceback

        return "".join(traceback.format_exception(error)).rstrip()
    if lacking := shortfall(error):
        return f"error: {lacking[0]}\nhelp: {lacking[1]}"
    if isinstance(error, OSError) and error.strerror:  # a full disk, a folder that is gone: no fault of ours
        where = f" ({visible(str(error.filename))})" if error.filename else ""
        return f"error: the system refuses: {error.strerror}{where}"
    said = visible(str(error).strip().partition("\n")[0])
    name = type(error).__name__
    return (
        f"error: unexpected {name}{f': {said}' if said else ''}\nhelp: {TRACEBACK}=1 shows where it happened"
    )
