"""Checks exchange rates: that what is converted has rates, in the currency that is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.lint.contracts import column_problem
from phasegate.rules.lint.measures import elsewheres
from phasegate.rules.model.contract import Column, Contract, Convert, Rates
from phasegate.rules.model.measure import Change, Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.units import is_currency
from phasegate.rules.yaml.parser import Path

MOST_DIGITS = 28
"""Digits after the point that an amount and a rate may have together; ten stay before it."""
_NUMBERS = frozenset({"decimal", "integer"})
_SAYS = ("convert", "currency")
"""The keys of a contract that say in which currency its amounts are."""
"""Kinds whose values are amounts, unless their unit says otherwise."""


def exchange_problems(pack: Pack) -> Iterator[Problem]:
    """Conversions without rates or of what is no amount, rates that are none, units that do not fit."""
    for name, contract in pack.sources.items():
        path: Path = ("sources", name)
        if contract.rates is not None:
            yield from _rates(contract, contract.rates, (*path, "rates"))
        if contract.convert is not None:
            yield from _convert(pack, contract, contract.convert, (*path, "convert"))
    for id_, measure in pack.measures.items():
        yield from _measure(pack, measure, ("measures", id_))


def _rates(contract: Contract, rates: Rates, path: Path) -> Iterator[Problem]:
    for role, types in (("date", {"date"}), ("currency", {"string"}), ("rate", _NUMBERS)):
        yield from _own(contract, getattr(rates, role), (*path, role), frozenset(types))


def _own(contract: Contract, name: str, path: Path, types: frozenset[str]) -> Iterator[Problem]:
    """Whether a contract has such a column, which is not derived."""
    if name in contract.derive and name not in contract.columns:
        message = f"{name!r} is derived, and conversion comes before that"
        yield Problem("derived-column", message, path, "name a column of the file", "value")
    else:
        yield from column_problem(contract, name, path, types)


def _convert(pack: Pack, contract: Contract, convert: Convert, path: Path) -> Iterator[Problem]:
    for index, name in enumerate(convert.columns):
        yield from _own(contract, name, (*path, "columns", index), _NUMBERS)
        if name in convert.columns[:index]:
            message = f"{name!r} is named twice"
            yield Problem("duplicate-id", message, (*path, "columns", index), "remove one", "value")
    floats = [name for name, column in contract.columns.items() if column.type == "float"]
    if contract.infer and not convert.columns:
        message = "the file decides which columns are decimals: one whose amounts are all whole is none"
        hint = "name the columns that are amounts: 'columns: [...]'"
        yield Problem("no-amounts", message, path, hint, rests=((*path, "columns"), (*path[:2], "infer")))
    elif floats and not convert.columns:
        message = f"{floats[0]!r} is a float, which is not converted: money is decimal"
        hint = "declare it as a decimal, or name the columns that are amounts: 'columns: [...]'"
        yield Problem("wrong-column-type", message, path, hint, rests=((*path, "columns"),))
    if not contract.converts and not contract.infer:
        message = "no column is a decimal, so that nothing is converted"
        hint = "name the columns that are amounts: 'columns: [...]'"
        rests: tuple[Path, ...] = ((*path, "columns"), (*path[:2], "columns"), (*path[:2], "infer"))
        yield Problem("useless-clause", message, path, hint, rests=rests)
    of = pack.sources.get(convert.rates)
    at, there = (*path, "rates"), ("sources", convert.rates)
    if of is None:
        near = suggest(convert.rates, pack.sources, of="sources")
        message = f"there is no source {convert.rates!r}"
        yield Problem("unknown-source", message, at, near, "value", rests=(there,))
    elif of.rates is None:
        message = f"the contract of {convert.rates!r} does not say which of its columns are the rates"
        hint = f"add 'rates: {{date: <column>, currency: <column>, rate: <column>, to: {convert.to}}}' to it"
        yield Problem("no-rates", message, at, hint, "value", rests=((*there, "rates"),))
    else:
        yield from _fits(contract, convert, of, of.rates, path)


def _fits(contract: Contract, convert: Convert, of: Contract, rates: Rates, path: Path) -> Iterator[Problem]:
    """Whether rates are in the currency that is wanted, and amounts short enough for them."""
    there: Path = ("sources", convert.rates)
    if rates.to != convert.to:
        message = f"the rates of {convert.rates!r} are in {rates.to}, not in {convert.to}"
        hint, rests = f"write to: {rates.to}", ((*there, "rates"),)
        yield Problem("unit-mismatch", message, (*path, "to"), hint, "value", rests=rests)
    for name in contract.converts:
        digits = _scale(contract.columns.get(name)) + _scale(of.columns.get(rates.rate))
        if digits > MOST_DIGITS:
            message = f"{name!r} would have {digits} digits after the point once it is converted"
            hint = (
                f"at most {MOST_DIGITS} are kept; declare both columns with the scale that they really have"
            )
            yield Problem("too-many-digits", message, path, hint)


def _scale(column: Column | None) -> int:
    return column.scale if column is not None and column.type == "decimal" else 0


def _measure(pack: Pack, measure: Measure, path: Path) -> Iterator[Problem]:
    named: list[tuple[str | None, Path]] = [(measure.source, (*path, "unit"))]
    named += [(side.source, (*path, measure.kind, name, "from")) for name, side in elsewheres(measure)]
    first: tuple[str, Contract, str] | None = None
    for source, at in named:
        contract = pack.sources.get(source or "")
        said = None if contract is None else said_currency(contract)
        if source is None or contract is None or said is None:
            continue
        rests = tuple(("sources", source, key) for key in _SAYS)
        how = f"converted to {said}" if contract.convert else f"in {said}"
        if is_currency(measure.unit) and measure.unit != said:
            message = f"the amounts of {source!r} are {how}, the measure is in {measure.unit}"
            hint = f"write unit: {said}"
            yield Problem("unit-mismatch", message, (*path, "unit"), hint, "value", rests=rests)
        elif first is not None and first[2] != said:
            word = "to" if contract.convert and first[1].convert else "in"
            message = f"the amounts of {source!r} are {how}, those beside them {word} {first[2]}"
            both = (*rests, *(("sources", first[0], key) for key in _SAYS))
            hint = "convert both to one currency"
            yield Problem("unit-mismatch", message, at, hint, "value", rests=both)
        first = first or (source, contract, said)
    if measure.change is not None:
        yield from _change(pack, measure.change, (*path, "change", "of"))


def _change(pack: Pack, change: Change, path: Path) -> Iterator[Problem]:
    """Whether the figures of the baseline are in the currency of what is held against them."""
    baseline = pack.sources.get(pack.baseline.source) if pack.baseline else None
    then = None if baseline is None else said_currency(baseline)
    of = pack.measures.get(change.of)
    now = None if of is None else _currency_of(pack, of)
    if pack.baseline is not None and then is not None and now is not None and then != now:
        name = pack.baseline.source
        message = f"the figures of {name!r} are in {then}, {change.of!r} is in {now}"
        rests: tuple[Path, ...] = (("measures", change.of), *(("sources", name, key) for key in _SAYS))
        hint = "have the baseline's figures in the currency of what they are held against"
        yield Problem("unit-mismatch", message, path, hint, "value", rests=rests)


def _currency_of(pack: Pack, measure: Measure) -> str | None:
    """The currency of a measure's value; None where it has none, or nobody says it."""
    if measure.unit is not None:
        return measure.unit if is_currency(measure.unit) else None
    contract = pack.sources.get(measure.source or "")
    return said_currency(contract) if contract is not None and measure.about.adds_up else None


def said_currency(contract: Contract) -> str | None:
    """The one currency of a source's amounts, where its contract says it."""
    return contract.convert.to if contract.convert is not None else contract.fixed_currency
