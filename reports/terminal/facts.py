"""The facts of a run as a table or as JSON: what was measured, before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.output import as_json
from phasegate.reports.terminal.page import Page, Span
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import counted, listed
from phasegate.reports.text.undetermined import cause_told

if TYPE_CHECKING:
    from phasegate.records.schema import FactEntry

_SIGNS = {"present": ("✓", "present", "green")}


def facts_text(facts: Sequence[FactEntry], *, width: int, colour: bool = False) -> str:
    """All facts as a table, and one line of counts.

    Args:
        facts: what was measured.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    fact_table(facts, page)
    page.blank()
    present = sum(fact["status"] == "present" for fact in facts)
    page.line(f"{counted(len(facts), 'fact')}, {present:,} with a value that may be compared.")
    return page.text()


def facts_json(facts: Sequence[FactEntry]) -> str:
    """All facts as records have them: exact numbers as text, the value in words as ``shown``."""
    return as_json(facts)


def fact_table(facts: Iterable[FactEntry], page: Page) -> None:
    """Prints facts by measure; the reason why one may not be compared stands below it."""
    lines: list[list[Span]] = []
    measure = None
    for fact in facts:
        if fact["measure"] != measure:
            measure = fact["measure"]
            sources = f"from {listed(fact['sources'])}" if fact["sources"] else ""
            lines.append([f"{measure}  {'attested' if fact['kind'] == 'attested' else sources}".rstrip()])
        lines.append(_cells(fact))
        cause = cause_told(fact) if fact["status"] == "present" else None
        lines += [[(f"    {said}", "dim")] for said in (fact["reason"], cause) if said]
    page.table(["", "slice", "value", "counted", "rows", "nulls", "newest"], lines, flexible=3)


def _cells(fact: FactEntry) -> list[Span]:
    sign = verdict_sign(fact["status"])
    mark, word, style = _SIGNS.get(fact["status"], (sign.mark, sign.word, sign.style))
    state: Span = (f"  {mark} {word}", style)
    nulls = f"{fact['nulls']:,}" if fact["nulls"] else ""
    newest = fact["newest"] or ""
    return [state, fact["slice"], fact["shown"], fact["counted"], f"{fact['rows']:,}", nulls, newest]
