"""Tells in plain text how a pack and its map compare."""

from __future__ import annotations

from textwrap import wrap

from phasegate.rules.maps.checks.finding import Finding
from phasegate.rules.maps.trace.model import Comparison
from phasegate.rules.maps.trace.trace import Edition, Tally, Trace

WIDTH = 100
_SHOWN_LINES = 8
_MAIN = ("points", "criteria", "phases", "success targets", "KPIs", "annual values")
_HELD = "\N{NO-BREAK SPACE}"
_NOUNS = {
    "points": "point ",
    "criteria": "criterion ",
    "success targets": "success target ",
    "KPIs": "KPI ",
    "annual values": "annual value ",
    "phase members": "point ",
}
_STATES = {
    "missing": "missing from the pack",
    "extra": "not in the map",
    "changed": "changed",
}


def render_trace(trace: Trace) -> str:
    """The trace for people: what was counted, what differs, what is odd in the map itself.

    Returns:
        lines of text that end with a line break.
    """
    parts = [_head(trace), _counts(trace)]
    if trace.edition is not None:
        parts.append(_edition(trace, trace.edition))
    if trace.differences:
        parts.append("\n".join(_difference(trace, each) for each in trace.differences))
    if trace.oddities:
        parts.append("\n".join(_odd(trace)))
    return "\n\n".join(parts) + "\n"


def _head(trace: Trace) -> str:
    title = printable(trace.map_title or "The map")
    count = len(trace.differences)
    if not trace.differs:
        return f"{title}: the pack {trace.pack_id} encodes it; nothing differs."
    places = "place" if count == 1 else "places"
    return f"{title}: the pack {trace.pack_id} differs from it in {count} {places}."


def _edition(trace: Trace, edition: Edition) -> str:
    """That the document is not the one that the pack was written from, whatever it says."""
    names = (printable(trace.map_name), f"{printable(edition.pack_file)}:{edition.pack_line}")
    width = max(map(len, names))
    return "\n".join(
        (
            "another edition of the map than the pack names (no difference by itself):",
            f"  map   {names[0]:<{width}}  {printable(edition.found)}",
            f"  pack  {names[1]:<{width}}  {printable(edition.expected)}",
        )
    )


def _counts(trace: Trace) -> str:
    main = [_tally(each) for each in trace.tallies if each.kind in _MAIN]
    more = [_tally(each) for each in trace.tallies if each.kind not in _MAIN]
    lines = [line for group in (main, more) for line in wrap(", ".join(group), WIDTH - 2)]
    return "\n".join(f"  {line}" for line in lines).replace(_HELD, " ")


def _tally(tally: Tally) -> str:
    name: str = tally.kind
    if tally.total == 1:
        name = "criterion" if name == "criteria" else name.removesuffix("s")
    return f"{tally.matched}/{tally.total} {name}".replace(" ", _HELD)  # one tally stays on one line


def _difference(trace: Trace, each: Comparison) -> str:
    """A difference in three lines: what, what the map says, what the pack says."""
    of_map = f"{trace.map_name}:{each.map_line}" if each.map_line else trace.map_name
    of_pack = f"{each.pack_file}:{each.pack_line}" if each.pack_file else "the pack"
    width = max(len(of_map), len(of_pack))
    head = f"{_STATES[each.state]}: {_subject(each)}" + (f" ({each.note})" if each.note else "")
    map_text = each.map_text if each.map_text is not None else "(nothing)"
    pack_text = each.pack_text if each.pack_text is not None else "(nothing)"
    return "\n".join(
        (
            printable(head),
            f"  map   {printable(of_map):<{width}}  {printable(map_text)}",
            f"  pack  {printable(of_pack):<{width}}  {printable(pack_text)}",
        )
    )


def _subject(each: Comparison) -> str:
    return f"{_NOUNS.get(each.kind, '')}{each.subject}"


def _odd(trace: Trace) -> list[str]:
    lines = [f"Odd in the map itself ({len(trace.oddities)}; none of it counts as a difference):"]
    for each in trace.oddities:
        lines.append(f"  {_places(trace, each)}")
        lines.extend(wrap(printable(each.text), WIDTH, initial_indent="    ", subsequent_indent="    "))
    return lines


def _places(trace: Trace, finding: Finding) -> str:
    name = printable(trace.map_name)
    if not finding.lines:
        return name
    shown = ", ".join(map(str, finding.lines[:_SHOWN_LINES]))
    more = len(finding.lines) - _SHOWN_LINES
    return f"{name}:{shown}" + (f" and {more} more" if more > 0 else "")


def printable(text: str) -> str:
    """The text without characters that a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
