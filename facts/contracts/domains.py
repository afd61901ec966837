"""What each column may be in a row that keeps to its contract."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from phasegate.facts.expressions.conditions import since
from phasegate.facts.expressions.expression import Scope
from phasegate.rules.lint.logic.values import (
    EVERY_MEMBER,
    EVERY_NUMBER,
    Known,
    Members,
    Numbers,
    Values,
    members,
)
from phasegate.rules.model.contract import Column, Contract


def domains_of(contract: Contract, scope: Scope) -> dict[str, Values]:
    """What columns may be, by the names that conditions have for them.

    Args:
        contract: of the source.
        scope: what expressions over it may name.
    """
    known = {name: column for name, column in contract.columns.items() if name not in contract.converts}
    domains = {
        name: Values(_known(column, name, scope), contract.may_lack(name)) for name, column in known.items()
    }
    for name in contract.derive:
        kind = scope.columns.get(name)
        if kind is not None and kind.texts:
            domains[name] = members(kind.texts, kind.nullable)
    last = dict.fromkeys((name for name in (contract.event, contract.recorded) if name), 0)
    last |= {name: 0 for name, column in known.items() if column.past}
    if contract.period_end is not None:
        last[contract.period_end] = -1
    for name, column in known.items():
        if column.type in ("date", "datetime"):
            days = Numbers.compared("<=", Fraction(last[name])) if name in last else EVERY_NUMBER
            domains[since(name, "as_of").name] = Values(days, contract.may_lack(name))
        if column.type == "datetime":
            domains[f"DATE({name})"] = Values(EVERY_NUMBER, contract.may_lack(name))
    return domains


def _known(column: Column, name: str, scope: Scope) -> Known:
    if column.type in ("integer", "decimal", "float", "date"):
        found = EVERY_NUMBER
        for sign, limit in ((">=", column.min), ("<=", column.max)):
            number = None if limit is None else _number(limit, column)
            if number is not None:
                found = found & Numbers.compared(sign, number)
        return Numbers(found.spans, column.type in ("integer", "date"))
    if column.type == "boolean":
        return Members.of(True, False)
    if name in scope.allowed:
        return Members(frozenset(scope.allowed[name]))
    return EVERY_MEMBER


def _number(limit: str | int, column: Column) -> Fraction | None:
    try:
        return (
            Fraction(dt.date.fromisoformat(str(limit)).toordinal())
            if column.type == "date"
            else Fraction(limit)
        )
    except ValueError:  # told where it stands
        return None
