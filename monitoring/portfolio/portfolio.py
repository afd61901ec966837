"""Puts a portfolio together: its rows under names of their own, the worst first, and what they come to."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from phasegate.monitoring.portfolio.model import Portfolio, PortfolioRow
from phasegate.monitoring.portfolio.places import Place
from phasegate.monitoring.portfolio.read import read_rows
from phasegate.monitoring.portfolio.rollup import Rule, roll_up, worst_first
from phasegate.monitoring.portfolio.row import Asked


def portfolio(
    title: str, places: Sequence[Place], now: dt.datetime, asked: Asked, rule: Rule, *, strict: bool = False
) -> Portfolio:
    """A portfolio as it stands now. Nothing is run for it, and nothing is written.

    Args:
        title: what it is called.
        places: where its rows come from.
        now: this moment.
        asked: what is asked of each project.
        rule: when it is open.
        strict: whether open with waivers counts as closed.
    """
    rows = named_apart(read_rows(places, now, asked), places)
    return Portfolio(title, now, asked.gate, tuple(worst_first(rows)), roll_up(rows, rule, strict=strict))


def named_apart(rows: Sequence[PortfolioRow], places: Sequence[Place]) -> list[PortfolioRow]:
    """The rows with names by which each can be told from all others.

    Args:
        rows: one for each place.
        places: where they come from.
    """
    often = Counter(each.name for each in rows)
    found: list[PortfolioRow] = []
    taken: set[str] = set()
    for row, place in zip(rows, places, strict=True):
        name = row.name if often[row.name] == 1 else f"{row.name} ({place.shown})"
        number = 1
        plain = name
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        found.append(replace(row, name=name) if name != row.name else row)
    return found
