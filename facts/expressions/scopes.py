"""Scopes: what the expressions of a pack may name."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Literal

from phasegate.facts.expressions.expression import ENGINE_DATES, ExpressionError, Kind, Scope, parse
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince, Contract
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.units import DAYS


def parameter_kinds(pack: Pack) -> dict[str, Literal["date", "number"]]:
    """The parameters that expressions may name."""
    kinds: dict[str, Literal["date", "number"]] = dict.fromkeys(pack.parameters, "number")
    return kinds | dict.fromkeys(ENGINE_DATES, "date")


def scope_of(name: str, contract: Contract, pack: Pack) -> Scope:
    """The scope of one source before it is opened: its contract's columns, and the derived ones.

    Args:
        name: the source's name.
        contract: its contract.
        pack: the pack, for its parameters.
    """
    columns = {
        name: Kind.of_column(
            declared.type, declared.scale, nullable=contract.may_lack(name), personal=declared.personal
        )
        for name, declared in contract.columns.items()
    }
    if contract.convert is not None:
        columns |= _converted(contract, pack.sources.get(contract.convert.rates))
    allowed = contract.texts
    parameters = parameter_kinds(pack)
    barred = barred_in(name, pack.sources)
    for column, how in contract.derive.items():
        if isinstance(how, BusinessDaysAfter):
            kind = Kind("date", nullable=lacking(columns, how.business_days_after))
        elif isinstance(how, BusinessDaysSince):
            nullable = lacking(columns, how.business_days_since)
            kind = Kind("integer", unit=DAYS, nullable=nullable)
        else:
            kind = _derived(how, Scope(name, columns, parameters, allowed))
        columns = columns | {column: kind}
    return Scope(name, columns, parameters, allowed, barred)


def barred_in(name: str, contracts: Mapping[str, Contract]) -> dict[str, str]:
    """Why expressions over a source can not name columns that stand in others."""
    found: dict[str, str] = {}
    for other, contract in contracts.items():
        if other != name:
            for column in (*contract.columns, *contract.derive):
                found.setdefault(column, f"it is a column of {other}")
    return found


def derived_later(contract: Contract, known: Container[str]) -> dict[str, str]:
    """Why an expression can not name derived columns that come after it."""
    later = [name for name in contract.derive if name not in known]
    return dict.fromkeys(later, "it is derived itself: put it above whatever names it")


def lacking(columns: Mapping[str, Kind], name: str) -> bool:
    """Whether a column may be empty; one that nobody knows may."""
    return name not in columns or columns[name].nullable


def _converted(contract: Contract, of: Contract | None) -> dict[str, Kind]:
    """What converted columns hold: the digits of the amount and those of the rate."""
    rate = of.columns.get(of.rates.rate) if of is not None and of.rates is not None else None
    digits = rate.scale if rate is not None and rate.type == "decimal" else 0
    kinds = {name: contract.columns.get(name) for name in contract.converts}
    return {
        name: Kind("decimal", digits + (kind.scale if kind.type == "decimal" else 0))
        for name, kind in kinds.items()
        if kind is not None
    }


def _derived(sql: str, scope: Scope) -> Kind:
    try:
        found = parse(sql, scope)
    except ExpressionError:
        return Kind("any")  # its own fault is reported where it stands
    return found.kind
