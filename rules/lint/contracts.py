"""Checks contracts: that the columns they rest on are there and of the right type."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest, with_article
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince, Column, Contract
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.units import Quantity, is_currency
from phasegate.rules.yaml.parser import Path

_DATES = frozenset({"date", "datetime"})
_TEXTS = frozenset({"string"})
_ROLES: dict[str, frozenset[str] | None] = {
    "event": _DATES, "recorded": _DATES, "period_end": _DATES, "updated": _DATES,
    "currency": _TEXTS, "point": _TEXTS,
}  # fmt: skip
_PLACED = ("event", "recorded", "period_end", "updated")
"""The dates that place a row in time."""
BASELINE_COLUMNS = ("measure", "slice", "value", "fixed_on", "finance_approver", "developer_approver")


def column_names(contract: Contract) -> frozenset[str] | None:
    """The columns that a contract has, derived ones included; None where the file decides."""
    return None if contract.infer else frozenset((*contract.columns, *contract.derive))


def contract_problems(pack: Pack) -> Iterator[Problem]:
    """Columns that a contract rests on without having them, of the wrong type, or twice."""
    for name, contract in pack.sources.items():
        path: Path = ("sources", name)
        yield from _roles(contract, path)
        yield from _derived(pack, contract, path)
        yield from _registers(pack, contract, path)
        for column_name, column in contract.columns.items():
            yield from _column(column, (*path, "columns", column_name))
    yield from _baseline(pack)


def _roles(contract: Contract, path: Path) -> Iterator[Problem]:
    for role, types in _ROLES.items():
        column = contract.currency_column if role == "currency" else getattr(contract, role)
        if column is not None:
            yield from column_problem(contract, column, (*path, role), types)
    for index, column in enumerate(contract.key):
        yield from column_problem(contract, column, (*path, "key", index))
    for role in _PLACED[:3]:
        name = getattr(contract, role)
        if name in contract.columns and contract.columns[name].past:
            message = f"{name!r} is the {role} date: rows with a later one are left out, never refused"
            yield Problem("useless-clause", message, (*path, "columns", name, "past"), "remove 'past'")
    yield from _never_empty(contract, path)


def _never_empty(contract: Contract, path: Path) -> Iterator[Problem]:
    """Columns that a row may lack by their own words, and may not by what they are for."""
    for name in contract.must_exist:
        column = contract.columns.get(name)
        for key in ("nullable", "optional") if column is not None else ():
            if not getattr(column, key):
                continue
            role = next((role for role in _PLACED if getattr(contract, role) == name), "a part of the rates")
            said = f"the {role} date" if role in _PLACED else role
            message = f"{name!r} is {said}: a row without it is refused, and this says that it may be missing"
            hint = "remove it; what happens later is a column of its own"
            yield Problem("never-empty", message, (*path, "columns", name, key), hint)


def column_problem(
    contract: Contract,
    column: str,
    path: Path,
    types: frozenset[str] | None = None,
    source: str | None = None,
) -> Iterator[Problem]:
    """Whether a contract has a column, and of one of some types.

    Args:
        contract: the contract.
        column: the column's name.
        path: where it is named.
        types: those that it may have; None for any.
        source: whose contract it is; None where the path says it.
    """
    names = column_names(contract)
    if names is not None and column not in names:
        hint = suggest(column, names, of="columns")
        if path[-1] == "currency" and is_currency(column.upper()):
            hint = f"a table that is in one currency says its code: write {column.upper()}"
        of: Path = ("sources", path[1] if source is None else source)
        rests = ((*of, "columns", column), (*of, "derive", column), (*of, "infer"))
        yield Problem(
            "unknown-column", f"the source has no column {column!r}", path, hint, "value", rests=rests
        )
    elif types and column in contract.columns and contract.columns[column].type not in types:
        found = contract.columns[column].type
        wanted = " or ".join(sorted(types))
        message = f"{column!r} is {with_article(found)}, it must be {with_article(wanted)}"
        yield Problem("wrong-column-type", message, path, None, "value")


def _derived(pack: Pack, contract: Contract, path: Path) -> Iterator[Problem]:
    for name, derived in contract.derive.items():
        at = (*path, "derive", name)
        if name in contract.columns:
            message = f"{name!r} is both a column and derived"
            yield Problem("duplicate-id", message, at, "rename one of them")
        if isinstance(derived, BusinessDaysAfter):
            column = derived.business_days_after
            yield from column_problem(contract, column, (*at, "business_days_after"), _DATES)
            yield from _days(pack, derived.days, (*at, "days"))
        elif isinstance(derived, BusinessDaysSince):
            column = derived.business_days_since
            yield from column_problem(contract, column, (*at, "business_days_since"), _DATES)


def _registers(pack: Pack, contract: Contract, path: Path) -> Iterator[Problem]:
    """Registers that there are not, and columns by which nothing could be found in them."""
    for register, columns in contract.belongs_to.items():
        at = (*path, "belongs_to", register)
        there = pack.sources.get(register)
        if there is None:
            hint = suggest(register, pack.sources, of="sources")
            message, rests = f"there is no source {register!r}", (("sources", register),)
            yield Problem("unknown-source", message, at, hint, rests=rests)
            continue
        if not columns:
            message = "rows are found by the columns that name them, and none is named"
            yield Problem("useless-clause", message, at, "write {own column: its column}", rests=(at,))
        for own, theirs in columns.items():
            for one, column, source in ((contract, own, None), (there, theirs, register)):
                if column in one.derive:
                    message = f"{column!r} is derived, and rows are found by what the files say"
                    yield Problem("useless-clause", message, (*at, own), "name a column of the contract")
                else:
                    yield from column_problem(one, column, (*at, own), source=source)
            types = [
                one.columns[name].type
                for one, name in ((contract, own), (there, theirs))
                if name in one.columns
            ]
            if len(set(types)) > 1:
                message = (
                    f"{own!r} is {with_article(types[0])}, {theirs!r} of {register} {with_article(types[1])}"
                )
                yield Problem("wrong-column-type", message, (*at, own), None, "value")


def _days(pack: Pack, days: int | str, path: Path) -> Iterator[Problem]:
    if isinstance(days, int):
        return
    name = days.removeprefix(":")
    if name == days:
        hint = "write a whole number, or ':name' for a parameter"
        yield Problem("bad-value", f"{days!r} is no number of days", path, hint, "value")
    elif name not in pack.parameters:
        near = suggest(name, pack.parameters, of="parameters")
        rests = (("parameters", name),)
        message = f"there is no parameter {name!r}"
        yield Problem("unknown-parameter", message, path, near, "value", rests=rests)
    else:
        value = Quantity.parse(str(pack.parameters[name].value))
        if value.unit not in (None, "days") or value.value.denominator != 1:
            message = f"the parameter {name!r} is no whole number of days"
            yield Problem(
                "unit-mismatch", message, path, f"its value is {pack.parameters[name].value}", "value"
            )


def _column(column: Column, path: Path) -> Iterator[Problem]:
    if column.pattern is not None and column.type != "string":
        message = f"a {column.type} has no 'pattern'"
        yield Problem("useless-clause", message, (*path, "pattern"), "only a string column has one")
    if column.past and column.type not in _DATES:
        yield Problem(
            "useless-clause", f"a {column.type} is not 'past'", (*path, "past"), "only a date can be"
        )
    if column.allowed is not None and not column.allowed:
        rests = ((*path, "allowed"),)
        yield Problem("useless-clause", "no value is allowed", (*path, "allowed"), rests=rests)


def _baseline(pack: Pack) -> Iterator[Problem]:
    if pack.baseline is None:
        return
    name = pack.baseline.source
    path: Path = ("baseline", "source")
    if name not in pack.sources:
        hint = suggest(name, pack.sources, of="sources")
        message, rests = f"there is no source {name!r}", (("sources", name),)
        yield Problem("unknown-source", message, path, hint, "value", rests=rests)
        return
    names = column_names(pack.sources[name])
    lacking = [] if names is None else [column for column in BASELINE_COLUMNS if column not in names]
    if lacking:
        message = f"the baseline's source {name!r} lacks {', '.join(lacking)}"
        hint = f"it needs {', '.join(BASELINE_COLUMNS)}"
        needed = (("sources", name, "columns"), ("sources", name, "derive"))
        yield Problem("unknown-column", message, ("sources", name), hint, rests=needed)
