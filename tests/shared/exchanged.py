"""Contracts of invoices and plans in several currencies, and of the rates between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from phasegate.facts.model.fact import Fact, FactSet

AS_OF = dt.date(2026, 3, 31)
INVOICES: dict[str, Any] = {
    "title": "one invoice",
    "columns": {
        "day": {"type": "date"},
        "currency": {"type": "string", "nullable": True},
        "amount": {"type": "decimal", "scale": 2, "nullable": True},
        "plan": {"type": "decimal", "scale": 2, "nullable": True},
        "units": {"type": "integer", "nullable": True},
        "team": {"type": "string", "nullable": True},
        "point": {"type": "string", "nullable": True},
    },
    "event": "day",
    "point": "point",
    "currency": "currency",
    "convert": {"to": "USD", "rates": "fx"},
}
FX: dict[str, Any] = {
    "title": "one rate",
    "columns": {
        "valid_from": {"type": "date"},
        "code": {"type": "string"},
        "rate": {"type": "decimal", "scale": 4},
        "written": {"type": "date", "optional": True, "nullable": True},
    },
    "rates": {"date": "valid_from", "currency": "code", "rate": "rate", "to": "USD"},
}
PLANS: dict[str, Any] = {
    "title": "one plan",
    "columns": {
        "month": {"type": "date"},
        "money": {"type": "string"},
        "team": {"type": "string"},
        "planned": {"type": "decimal", "scale": 1},
    },
    "event": "month",
    "currency": "money",
    "convert": {"to": "USD", "rates": "fx"},
}
RATES = """
valid_from,code,rate
2026-01-01,EUR,1.1000
2026-02-01,EUR,1.2000
2026-01-01,GBP,1.5000
2026-02-10,GBP,1.0001
"""
Facts = Callable[..., FactSet]


def said(fact: Fact) -> str:
    """What is wrong with a fact, without the first cells and the advice."""
    return fact.reason.partition("; ")[0]
