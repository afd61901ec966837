"""A portfolio as plain JSON, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from phasegate.reports.output import json_text

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import GateRow, Portfolio, PortfolioRow

SCHEMA = "phasegate/portfolio/1"


def render(found: Portfolio, *, width: int, colour: bool) -> str:  # noqa: ARG001 - as all formats
    """The document as text."""
    return json_text(document(found))


def document(found: Portfolio) -> dict[str, Any]:
    """The portfolio, rows in its order; texts as ledgers and files have them."""
    rolled = found.rolled_up
    return {
        "schema": SCHEMA,
        "title": found.title,
        "now": found.now.isoformat(),
        "gate": found.gate,
        "standing": rolled.standing.word,
        "rule": rolled.rule,
        "why": rolled.why,
        "projects": [row_document(each) for each in found.rows],
    }


def row_document(row: PortfolioRow) -> dict[str, Any]:
    """One project."""
    ends, run, verified = row.ends_next, row.last_run, row.verified
    return {
        "name": row.name,
        "project": row.project,
        "ledger": row.ledger,
        "weight": row.weight,
        "standing": row.standing.word,
        "cycle": row.cycle,
        "gates": [_gate(each) for each in row.gates],
        "score": row.score,
        "counts": dict(row.counts),
        "overdue_days": row.overdue_days,
        "ends_next": {**asdict(ends), "day": ends.day.isoformat()} if ends is not None else None,
        "last_run": asdict(run) if run is not None else None,
        "verified": {**asdict(verified), "at": verified.at.isoformat()} if verified is not None else None,
        "signers": row.listed_by,
        "why": list(row.why),
        "hints": list(row.hints),
        "notes": list(row.notes),
    }


def _gate(gate: GateRow) -> dict[str, Any]:
    return {**asdict(gate), "standing": gate.standing.word}
