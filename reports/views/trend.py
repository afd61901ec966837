"""How one verdict went, a run a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from phasegate.reports.terminal.page import Page
from phasegate.reports.text.labels import Sign, state_sign, verdict_sign
from phasegate.reports.text.plain import counted, visible

if TYPE_CHECKING:
    from phasegate.monitoring.history.trend import Moment, Trend

_BLOCKS = "▁▂▃▄▅▆▇█"


def trend_text(found: Trend, *, width: int, colour: bool) -> str:
    """What each run found, the oldest first; where there are numbers, their course on a line."""
    page = Page(width, colour)
    sign_of = state_sign if found.of == "gate" else verdict_sign
    name = f"gate {visible(found.id)}" if found.of == "gate" else visible(found.id)
    page.line((f"{name} in {counted(len(found.moments), 'run')}, the oldest first", "bold"))
    values = [each.value for each in found.moments]
    if line := course([each for each in values if each is not None]):
        page.unbroken(f"  {line}")
    several = len({each.cycle for each in found.moments}) > 1
    before: Moment | None = None
    for each in found.moments:
        if several and (before is None or each.cycle != before.cycle):
            page.line((f"  {_begun(each, before, sign_of)}", "dim"))
        before = each
        sign = sign_of(each.verdict)
        told = f"  {visible(each.observed)}" if each.observed else ""
        part = "  (gate)" if each.kind == "gate" and found.of != "gate" else ""
        page.item(
            [f"{each.run:>6}  {visible(each.as_of)}  ", (f"{sign.mark} {sign.word}", sign.style)],
            [f"{told}{part}"],
        )
    return page.text()


def _begun(first: Moment, last: Moment | None, sign_of: Callable[[str], Sign]) -> str:
    """The cycle that a run is the first one of, and what the cycle before came to."""
    name = f"cycle {visible(first.cycle)}" if first.cycle is not None else "no cycle"
    if last is None or last.cycle is None:
        return name
    return f"{name}; {visible(last.cycle)} ended with {visible(last.observed) or sign_of(last.verdict).word}"


def course(values: list[float]) -> str:
    """Numbers as a row of blocks, from the lowest to the highest; empty for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    if low == high:
        return _BLOCKS[3] * len(values)
    return "".join(_BLOCKS[round((each - low) / (high - low) * (len(_BLOCKS) - 1))] for each in values)


def trend_document(found: Trend) -> dict[str, Any]:
    """The same as plain JSON."""
    return {"id": found.id, "of": found.of, "runs": [asdict(each) for each in found.moments]}
