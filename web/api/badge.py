"""The state of a gate as a small picture, for the page of another program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import tag, text
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.sentences import gate_label
from phasegate.web.cache import Answer
from phasegate.web.errors import NotThereError
from phasegate.web.pages.portfolio import since

if TYPE_CHECKING:
    from phasegate.web.asked import Asked

SVG = "image/svg+xml"
COLOURS = {"open": "#1d724a", "open_with_waivers": "#043b4e", "closed": "#8a0f15", "undecided": "#8f5a00"}
"""Of the right half; white text has a contrast of at least 5 on each."""
_OTHER, _LEFT = "#4d5966", "#16202b"
_LONGEST, _CHARACTER, _SPACE, _HEIGHT = 60, 7, 12, 20


def badge(asked: Asked) -> Answer:
    """The picture of a gate, as it stands today by the newest run that decided it."""
    name = asked.id().removeprefix("phase:")
    states = asked.run.entry.get("gates")
    if not isinstance(states, dict) or name not in states:
        raise NotThereError(f"the newest run decided no gate {name!r}")
    worse = since(asked.today(), name, asked.run.number)
    word = worse[0] if worse is not None else str(states[name])
    sign = state_sign(word)
    told = f"{sign.word.lower()} {asked.run.entry['as_of']}"
    return Answer(_drawn(gate_label(name), f"{sign.mark} {told}", COLOURS.get(word, _OTHER)).encode(), SVG)


def unavailable(status: int) -> Answer:
    """The picture where nothing is known: no state that once was."""
    said = "not known" if status >= 500 else "not there"
    return Answer(_drawn("gate", f"? {said}", _OTHER).encode(), SVG, status)


def _drawn(left: str, right: str, colour: str) -> str:
    left, right = left[:_LONGEST], right[:_LONGEST]
    first, second = (len(each) * _CHARACTER + _SPACE for each in (left, right))
    parts = [
        tag("title", f"{left}: {right}"),
        tag("rect", width=str(first), height=str(_HEIGHT), fill=_LEFT),
        tag("rect", x=str(first), width=str(second), height=str(_HEIGHT), fill=colour),
        tag("text", text(left), x=str(_SPACE // 2), y="14"),
        tag("text", text(right), x=str(first + _SPACE // 2), y="14"),
    ]
    return tag(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        width=str(first + second),
        height=str(_HEIGHT),
        role="img",
        aria_label=f"{left}: {right}",
        fill="#fff",
        font_family="Verdana,DejaVu Sans,sans-serif",
        font_size="11",
    )
