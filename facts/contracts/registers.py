"""Registers: the sources in which the rows of others must be found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

import polars as pl

from phasegate.facts.contracts.clauses import ContractError
from phasegate.rules.model.contract import Contract

if TYPE_CHECKING:
    from phasegate.facts.sources.source import OpenSource


def check_registers(name: str, contract: Contract, contracts: Mapping[str, Contract]) -> None:
    """Refuses a contract whose rows could be found nowhere.

    Raises:
        ContractError: naming the column.
    """
    for register, columns in contract.belongs_to.items():
        for own, theirs in columns.items():
            for source, column, of in ((name, own, contract), (register, theirs, contracts.get(register))):
                if of is not None and not of.infer and column not in of.columns:
                    raise ContractError(f"belongs_to names {column!r}, which is no column of {source}")


def stray_checks(opened: Mapping[str, OpenSource]) -> Iterator[tuple[str, pl.LazyFrame]]:
    """For each source with a register one row: how many of its rows are not found there, and the first.

    A register that can not be read is left out: whatever rests on it has no value anyway.

    Args:
        opened: the open sources.
    """
    for name, source in opened.items():
        for register, columns in source.contract.belongs_to.items():
            there = opened.get(register)
            if source.frame is None or there is None or there.frame is None:
                continue
            strays = pl.concat(_strays(source, there.frame, columns))
            named = pl.col(list(columns)).cast(pl.String)
            first = pl.concat_str(named, separator=", ", ignore_nulls=True).min()
            yield (
                name,
                strays.select(
                    pl.len().cast(pl.Int64).alias(f"{name}|strays of {register}"),
                    first.alias(f"{name}|first stray of {register}"),
                ),
            )


def _strays(source: OpenSource, register: pl.LazyFrame, columns: Mapping[str, str]) -> Iterator[pl.LazyFrame]:
    """The rows that are not found by what they name; a row that lacks one of the columns, by the others."""
    assert source.frame is not None
    may_lack = [name for name in columns if source.contract.may_lack(name)]
    for empty in chain.from_iterable(combinations(may_lack, count) for count in range(len(may_lack) + 1)):
        own = [name for name in columns if name not in empty]
        if not own:  # it names nothing
            continue
        named = pl.all_horizontal(pl.col(own).is_not_null(), *(pl.col(name).is_null() for name in empty))
        rows = source.frame.filter(named).select(list(columns))
        yield rows.join(
            register.select(pl.col(columns[name]).alias(name) for name in own), on=own, how="anti"
        )


def strays_told(name: str, contract: Contract, values: Mapping[str, Any]) -> str:
    """Which rows belong to nothing, in words; empty where all do.

    Args:
        name: the source.
        contract: its contract.
        values: the numbers of all checks by name.
    """
    from phasegate.facts.violations.cells import shortened

    told = []
    for register, columns in contract.belongs_to.items():
        count = values.get(f"{name}|strays of {register}") or 0
        if count:
            personal = any(contract.columns[column].personal for column in columns)
            first = "" if personal else f": {shortened(values[f'{name}|first stray of {register}'])}"
            rows = f"{count:,} {'row names' if count == 1 else 'rows name'}"
            told.append(f"{rows} no {', '.join(columns.values())} that {register} has{first}")
    return "; ".join(told)
