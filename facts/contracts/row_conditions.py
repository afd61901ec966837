"""What must hold between the values of a row, as its contract says it in ``holds``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from phasegate.facts.contracts.clauses import Clause, ContractError, Values
from phasegate.facts.expressions.expression import (
    Expression,
    ExpressionError,
    Kind,
    Scope,
    UnboundParameterError,
    condition,
)
from phasegate.facts.expressions.people import of_people
from phasegate.rules.model.contract import Contract


class RowCondition(NamedTuple):
    """What must hold between the values of a row: where nobody knows whether it does, it does not.

    Attributes:
        sql: it as the contract has it.
        read: what it means.
        about: the columns that it is about.
        filled: those that no row may lack; where one does that is a breach of its own, and not of this.
    """

    sql: str
    read: Expression
    about: list[str]
    filled: list[str]


def row_conditions(contract: Contract, source: str, values: Values) -> Iterator[RowCondition]:
    """What must hold between the values of each row.

    Args:
        contract: a contract that `check_contract` lets pass.
        source: the source's name, for messages.
        values: the parameters that conditions may name.

    Raises:
        ContractError: if one is no condition over the columns that a file has.
    """
    columns = {
        name: Kind.of_column(
            "decimal" if column.type == "float" else column.type, column.scale, personal=column.personal
        )
        for name, column in contract.columns.items()
    }
    kinds = {name: "date" if isinstance(value, dt.date) else "number" for name, value in values.items()}
    scope = Scope(source, columns, kinds, contract.texts)  # type: ignore[arg-type]
    for sql in contract.holds:
        try:
            read = condition(sql, scope)
            about = [name for name in contract.columns if name in read.columns]
            if not about or read.tags:
                what = "reads a tag" if read.tags else "reads no column"
                raise ExpressionError(sql, f"this condition of a row {what}")
        except ExpressionError as error:
            raise ContractError(f"holds: {error}") from error
        yield RowCondition(sql, read, about, [name for name in about if not contract.may_lack(name)])


def row_clauses(contract: Contract, source: str, values: Values) -> Iterator[Clause]:
    """What breaks these conditions, in rows that were read.

    That is so where a value is missing, unless the condition says what becomes of it, and where it hangs on
    ids of people that differ in nothing that a reader sees.

    Raises:
        ContractError: as `row_conditions` does.
    """
    for sql, read, about, filled in row_conditions(contract, source, values):
        try:
            holds = read.compile(values)
        except (ExpressionError, UnboundParameterError) as error:
            raise ContractError(f"holds: {error}") from error
        if read.people:
            holds = of_people(holds, about, read.people)
        there = [pl.col(name).is_not_null() for name in filled]
        broken = ~holds | (holds.is_null() & pl.all_horizontal(pl.lit(value=True), *there))
        yield Clause("row", sql, about[0], about[0], broken, tuple(about[1:]), read.people)
