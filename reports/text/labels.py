"""How verdicts and states are shown: always a sign and a word, and never a colour alone."""

from __future__ import annotations

from typing import NamedTuple

STARTS = "What if"
"""What the lines begin with in which a report tells of a what-if."""
NOT_KEPT = "What if: nothing was kept."
"""What stands at the end of whatever tells of one."""


class Sign(NamedTuple):
    """How one verdict or state is shown.

    Attributes:
        mark: one character.
        word: the word; capitals where the reader must act.
        style: a style of the terminal.
        verb: how a sentence says it of one criterion, and of several.
        level: how loudly a log or a review tells it: ``error``, ``warning``, ``notice`` or ``none``.
    """

    mark: str
    word: str
    style: str
    verb: tuple[str, str]
    level: str = "none"


VERDICTS = {
    "fail": Sign("✗", "FAIL", "bold red", ("fails", "fail"), "error"),
    "error": Sign("!", "ERROR", "bold magenta", ("is an error", "are errors"), "error"),
    "stale": Sign("~", "STALE", "yellow", ("is stale", "are stale"), "warning"),
    "unknown": Sign("?", "UNKNOWN", "yellow", ("is unknown", "are unknown"), "warning"),
    "waived": Sign("w", "waived", "cyan", ("is waived", "are waived"), "notice"),
    "pass": Sign("✓", "pass", "green", ("passes", "pass")),
    "not_applicable": Sign("-", "n/a", "dim", ("does not apply", "do not apply")),
}
STATES = {
    "open": Sign("✓", "OPEN", "bold green", ("is open", "are open")),
    "open_with_waivers": Sign(
        "w", "OPEN WITH WAIVERS", "bold cyan", ("is open with waivers", "are open with waivers"), "notice"
    ),
    "undecided": Sign("?", "UNDECIDED", "bold yellow", ("is undecided", "are undecided"), "warning"),
    "closed": Sign("✗", "CLOSED", "bold red", ("is closed", "are closed"), "error"),
    "nothing": Sign("?", "NOTHING DECIDED", "bold yellow", ("decides nothing", "decide nothing"), "warning"),
    "error": VERDICTS["error"],
}
_OTHER = Sign("?", "UNKNOWN", "yellow", ("is unknown", "are unknown"), "warning")


def known_verdict(word: str) -> str:
    """The word of a verdict; of what is none, that of ``unknown``."""
    return word if word in VERDICTS else "unknown"


def verdict_sign(verdict: str) -> Sign:
    """The sign of a verdict; a word that is none is shown as unknown, never as a pass."""
    return VERDICTS.get(verdict, _OTHER)


def state_sign(state: str) -> Sign:
    """The sign of a gate's state or of a run's outcome."""
    return STATES.get(state, _OTHER)
