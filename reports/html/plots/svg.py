"""What pictures are drawn with: shapes whose places are attributes, in percent of a width that nobody knows.

No picture has a view box, so that its text never shrinks; none has a style attribute, a script or an address.
Colours are attributes as well, for a policy may drop the style sheet; the sheet overrides them.
"""

from __future__ import annotations

from collections.abc import Iterable

from phasegate.reports.html.markup import Markup, state_tone, text, verdict_tone
from phasegate.reports.text.labels import state_sign, verdict_sign

_PAINT = {
    "line": ' fill="none" stroke="#0a5a9c" stroke-width="2"',
    "bound": ' stroke="#4d5966" stroke-dasharray="2 3"',
    "tick": ' stroke="#8590a0"',
    "rail": ' stroke="#8590a0"',
    "now": ' stroke="#0a5a9c"',
    "aim": ' stroke="#16202b" stroke-width="2"',
    "way": ' stroke="#0a5a9c" stroke-width="3"',
    "late": ' stroke="#8a0f15" stroke-width="4"',
    "cap": ' stroke="#8a0f15" stroke-width="2"',
    "band": ' fill="#e7ecf1"',
    "bar": ' fill="#8590a0"',
    "maybe": ' fill="#8590a0" opacity=".4"',
    "dot": ' fill="#0a5a9c"',
    "begin": ' fill="#fff" stroke="#0a5a9c" stroke-width="1.5"',
}
_TONES = {
    "fail": "#8a0f15",
    "error": "#8c39ac",
    "open": "#8f5a00",
    "waived": "#043b4e",
    "pass": "#1d724a",
    "none": "#4d5966",
}


def picture(label: str, height: int, parts: Iterable[str], kind: str = "") -> Markup:
    """A picture as wide as its place.

    Args:
        label: all that it shows, in words; every value stands in it.
        height: in pixels.
        parts: the shapes.
        kind: its class beside the one that all have.
    """
    named = f"plot {kind}" if kind else "plot"
    return Markup(
        f'<svg class="{named}" width="100%" height="{height}" role="img" aria-label="{text(label)}">'
        f"{''.join(parts)}</svg>"
    )


def percent(share: float) -> str:
    """A share of the width: ``43.75%``."""
    return f"{round(100 * share, 2):g}%"


def level(kind: str, y: float, begin: float = 0, end: float = 1) -> str:
    """A line from left to right."""
    return (
        f'<line class="{kind}" x1="{percent(begin)}" x2="{percent(end)}" y1="{y:g}" y2="{y:g}"'
        f"{_PAINT[kind]}/>"
    )


def upright(kind: str, x: float, top: float, bottom: float) -> str:
    """A line from top to bottom."""
    at = percent(x)
    return f'<line class="{kind}" x1="{at}" x2="{at}" y1="{top:g}" y2="{bottom:g}"{_PAINT[kind]}/>'


def block(kind: str, begin: float, end: float, y: float, height: float) -> str:
    """A filled rectangle."""
    wide = percent(max(0.0, end - begin))
    return (
        f'<rect class="{kind}" x="{percent(begin)}" y="{y:g}" width="{wide}" height="{height:g}"'
        f"{_PAINT[kind]}/>"
    )


def share(tone: str, begin: float, end: float, height: int) -> str:
    """A part of a strip in the colour of a verdict; what passes is pale."""
    colour = "#dfe9e3" if tone == "pass" else _TONES[tone]
    return (
        f'<rect class="part {tone}" x="{percent(begin)}" y="0" width="{percent(end - begin)}"'
        f' height="{height}" fill="{colour}"/>'
    )


def disc(kind: str, x: float, y: float, radius: float) -> str:
    """A dot."""
    return f'<circle class="{kind}" cx="{percent(x)}" cy="{y:g}" r="{radius:g}"{_PAINT[kind]}/>'


def knot(tone: str, x: float, y: float, radius: float) -> str:
    """The ground of the sign of today: full where something fails, else an outline."""
    colour = _TONES[tone]
    ground = colour if tone == "fail" else "#fff"
    return (
        f'<circle class="knot {tone}" cx="{percent(x)}" cy="{y:g}" r="{radius:g}" fill="{ground}"'
        f' stroke="{colour}"/>'
    )


def trace(places: Iterable[tuple[float, float]], top: float, height: float) -> str:
    """A line through places, each given by its shares of width and height; it stretches, its pen does not."""
    points = " ".join([f"{100 * x:.2f},{100 * y:.2f}" for x, y in places])
    return (
        f'<svg x="0" y="{top:g}" width="100%" height="{height:g}" viewBox="0 0 100 100"'
        f' preserveAspectRatio="none" overflow="visible"><polyline class="line" points="{points}"'
        f'{_PAINT["line"]} vector-effect="non-scaling-stroke"/></svg>'
    )


def words(said: str, x: float, y: float, kind: str = "", anchor: str = "", dx: float = 0) -> str:
    """A text in a picture."""
    named = f"word {kind}" if kind else "word"
    place = f' text-anchor="{anchor}"' if anchor else ""
    moved = f' dx="{dx:g}"' if dx else ""
    return f'<text class="{named}" x="{percent(x)}" y="{y:g}"{moved}{place}>{text(said)}</text>'


def state_mark(word: str, x: float, y: float, *, on: bool = False) -> str:
    """The sign of a gate's state; ``on`` its own ground."""
    return _mark(state_sign(word).mark, state_tone(word), x, y, on)


def verdict_mark(word: str, x: float, y: float) -> str:
    """The sign of a verdict."""
    return _mark(verdict_sign(word).mark, verdict_tone(word), x, y, False)


def _mark(mark: str, tone: str, x: float, y: float, on: bool) -> str:
    colour = "#fff" if on and tone == "fail" else _TONES[tone]
    named = f"mark {tone} on" if on else f"mark {tone}"
    return (
        f'<text class="{named}" x="{percent(x)}" y="{y:g}" text-anchor="middle" fill="{colour}">{mark}</text>'
    )
