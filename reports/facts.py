"""The facts of a run as a table or as JSON: what was measured, before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from phasegate.reports.output import as_json
from phasegate.reports.page import Page, Span
from phasegate.reports.plain import counted, of_whole
from phasegate.reports.signs import verdict_sign

if TYPE_CHECKING:
    from phasegate.audit.document import Record
    from phasegate.facts.fact import Fact, FactSet

_SIGNS = {"present": ("✓", "present", "green")}


class FactRow(NamedTuple):
    """One fact as it is listed; ``of`` is the value as it was counted, numerator of denominator."""

    measure: str
    slice: str
    value: str
    of: str
    rows: int
    nulls: int
    newest: str
    status: str
    reason: str
    sources: str


def fact_rows(facts: FactSet | Record) -> list[FactRow]:
    """The facts of a set by measure and slice, or those of a record in its order."""
    if isinstance(facts, Mapping):
        return [
            FactRow(
                fact["measure"],
                fact["slice"],
                fact["shown"],
                of_whole(fact["numerator"], fact["denominator"], fact["scale"]),
                fact["rows"],
                fact["nulls"],
                fact["newest"] or "",
                fact["status"],
                fact["reason"],
                ", ".join(fact["sources"]),
            )
            for fact in facts["facts"]
        ]
    return [_row(facts.facts[key]) for key in sorted(facts.facts)]


def _row(fact: Fact) -> FactRow:
    return FactRow(
        fact.measure,
        fact.slice,
        _shown(fact),
        of_whole(fact.numerator, fact.denominator, fact.scale),
        fact.rows,
        fact.nulls,
        fact.newest.isoformat() if fact.newest else "",
        fact.status,
        fact.reason,
        ", ".join(fact.sources),
    )


def _shown(fact: Fact) -> str:
    from phasegate.engine.wording import number

    if fact.truth is not None:
        return "yes" if fact.truth else "no"
    if fact.text is not None:
        return fact.text
    return number(fact.value, fact.unit) if fact.value is not None else "no value"


def facts_text(facts: FactSet | Record, *, width: int, colour: bool = False) -> str:
    """All facts as a table, and one line of counts.

    Args:
        facts: what was measured, as a set or as a record has it.
        width: columns of the page.
        colour: whether escape sequences may be used.
    """
    page = Page(width, colour)
    rows = fact_rows(facts)
    fact_table(rows, page)
    page.blank()
    present = sum(row.status == "present" for row in rows)
    page.line(f"{counted(len(rows), 'fact')}, {present:,} with a value that may be compared.")
    return page.text()


def facts_json(facts: FactSet | Record) -> str:
    """All facts as a list of objects, with whole numbers as text where they may be large."""
    found = [row._asdict() for row in fact_rows(facts)]
    return as_json(found)


def fact_table(rows: Iterable[FactRow], page: Page) -> None:
    """Prints facts by measure; the reason why one may not be compared stands below it."""
    lines: list[list[Span]] = []
    measure = None
    for row in rows:
        if row.measure != measure:
            measure = row.measure
            lines.append([f"{row.measure}  from {row.sources}" if row.sources else row.measure])
        lines.append(_cells(row))
        if row.reason:
            lines.append([(f"    {row.reason}", "dim")])
    page.table(["", "slice", "value", "counted", "rows", "nulls", "newest"], lines, flexible=3)


def _cells(row: FactRow) -> list[Span]:
    sign = verdict_sign(row.status)
    mark, word, style = _SIGNS.get(row.status, (sign.mark, sign.word, sign.style))
    state: Span = (f"  {mark} {word}", style)
    nulls = f"{row.nulls:,}" if row.nulls else ""
    return [state, row.slice, row.value, row.of, f"{row.rows:,}", nulls, row.newest]
