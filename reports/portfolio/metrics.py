"""A portfolio as metrics in the text format of Prometheus."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phasegate.monitoring.portfolio.standing import Standing
from phasegate.reports.text.plain import visible
from phasegate.reports.views.prometheus import DAY, Labels, Samples, day_seconds, metric, seconds

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import Portfolio, PortfolioRow


def render(found: Portfolio, *, width: int, colour: bool) -> str:  # noqa: ARG001 - as all formats
    """The metrics, for a file or a page that a collector reads."""
    whose = {"portfolio": visible(found.title), "asked": found.gate or ""}
    return "".join(metric(name, about, whose, samples) for name, about, samples in _metrics(found))


def _metrics(found: Portfolio) -> Iterator[tuple[str, str, Samples]]:
    rows = list(zip(_named(found.rows), found.rows, strict=True))
    yield "phasegate_portfolio_read_timestamp_seconds", "When it was read.", [({}, seconds(found.now))]
    yield (
        "phasegate_portfolio_standing",
        "1 for how the portfolio stands, 0 for all else.",
        [({"state": each.word}, int(found.rolled_up.standing is each)) for each in Standing],
    )
    yield (
        "phasegate_portfolio_project_standing",
        "1 for how a project stands, 0 for all else.",
        [({**who, "state": each.word}, int(row.standing is each)) for who, row in rows for each in Standing],
    )
    yield (
        "phasegate_portfolio_project_weight",
        "What a project counts in a roll-up by weight.",
        [(who, row.weight) for who, row in rows],
    )
    yield (
        "phasegate_portfolio_gate_standing",
        "1 for how a gate stands, 0 for all else.",
        [
            ({**who, "gate": visible(gate.id), "state": each.word}, int(gate.standing is each))
            for who, row in rows
            for gate in row.gates
            for each in Standing
            if each is not Standing.ERROR
        ],
    )
    yield (
        "phasegate_portfolio_gate_overdue_seconds",
        "For how long a phase is overdue, 0 where it is not known to be.",
        [
            ({**who, "gate": visible(gate.id)}, gate.overdue_days * DAY)
            for who, row in rows
            for gate in row.gates
        ],
    )
    yield (
        "phasegate_portfolio_score",
        "Criteria that apply, that pass, and that pass or are waived.",
        [({**who, "of": name}, number) for who, row in rows for name, number in _score(row)],
    )
    yield (
        "phasegate_portfolio_as_of_timestamp_seconds",
        "The day that the newest run of a project decided.",
        [(who, day_seconds(row.last_run.as_of)) for who, row in rows if row.last_run is not None],
    )
    yield (
        "phasegate_portfolio_ends_next_timestamp_seconds",
        "The first day on which something of a project no longer holds.",
        [(who, _day(row.ends_next.day)) for who, row in rows if row.ends_next is not None],
    )
    yield (
        "phasegate_portfolio_verified_timestamp_seconds",
        "When the ledger of a project was held against its newest checkpoint.",
        [(who, seconds(row.verified.at)) for who, row in rows if row.verified is not None],
    )


def _named(rows: Sequence[PortfolioRow]) -> Iterator[Labels]:
    """The labels of each row; names that look alike get a number, for no two series may be the same."""
    seen: Counter[str] = Counter()
    for row in rows:
        name = visible(row.name)
        seen[name] += 1
        shown = name if seen[name] == 1 else f"{name} ({seen[name]})"
        yield {"name": shown, "project": visible(row.project or "")}


def _score(row: PortfolioRow) -> list[tuple[str, int]]:
    if row.score is None:
        return []
    return [(name, row.score[name]) for name in ("apply", "passing", "passing_with_waivers")]


def _day(day: dt.date) -> int:
    return day_seconds(day.isoformat())
