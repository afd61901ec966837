"""What is personal in a source, and what may be told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING

from phasegate.facts.expressions.expression import ExpressionError, Scope, parse
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince, Contract
from phasegate.rules.model.measure import Measure

if TYPE_CHECKING:
    import polars as pl

MASK = "***"
HINT = "measure what may be read by everybody, or take 'personal' off the column in the contract"
Finding = tuple[tuple[str, ...], str, str]
"""Where in a measure something stands, what is wrong with it, and what to do."""


def personal_columns(contract: Contract, scope: Scope) -> frozenset[str]:
    """The columns of a source that are personal, and those that are derived from such.

    Args:
        contract: the source's.
        scope: what expressions over it may name.
    """
    found = {name for name, column in contract.columns.items() if column.personal}
    for name, how in contract.derive.items():  # each may name those before it
        match how:
            case BusinessDaysAfter():
                reads = {how.business_days_after}
            case BusinessDaysSince():
                reads = {how.business_days_since}
            case _:
                reads = read_by(how, scope)
        if reads & found:
            found.add(name)
    return frozenset(found)


def read_by(sql: str, scope: Scope) -> set[str]:
    """The columns that an expression reads."""
    found = parse(sql, scope)
    return {*found.columns, *(column for column, _ in found.tags)}


def told_by(measure: Measure, contract: Contract, scope: Scope) -> Iterator[Finding]:
    """Where a measure would tell a personal value: as the name of a slice, or as the value of a fact.

    A fact stands in every report, and slices are named in it; both are decided by, and can not be masked.
    How many rows meet a condition tells nobody's value, whatever the condition reads; nor does whether two
    people are the same.

    Args:
        measure: any but an attested one.
        contract: of the source that it reads.
        scope: what expressions over that source may name.
    """
    try:
        hidden = personal_columns(contract, scope)
        if measure.by in hidden and measure.by != "point":  # of points, only those of the pack are told
            message = f"{measure.by!r} is personal, and would be told as the name of each slice"
            yield ("by",), message, HINT
        for field, sql in (measure.latest or {}).items():
            if parse(sql, scope).type != "boolean" and (read := sorted(read_by(sql, scope) & hidden)):
                message = f"{read[0]!r} is personal, and would be told as a value"
                yield ("latest", field), message, HINT
    except ExpressionError:
        return  # told where it stands


def masked(column: pl.Expr) -> pl.Expr:
    """A column of which is only told where it has a value."""
    import polars as pl

    return pl.when(column.is_null()).then(None).otherwise(pl.lit(MASK))


def masked_apart(names: Sequence[str], place: int) -> pl.Expr:
    """A column, of which is told besides in which others before it the row has the same value.

    Whether two people are the same is what a row may have to show, and the letters say that alone: they
    begin anew in each row.

    Args:
        names: the personal columns of one type, in their order.
        place: the one that is masked.
    """
    import polars as pl

    if len(names) < 2 or len(names) > len(ascii_uppercase):
        return masked(pl.col(names[place]))
    own = pl.col(names[place])
    found = pl.lit(f"{MASK} {ascii_uppercase[place]}")
    for letter, name in reversed([*zip(ascii_uppercase, names[:place], strict=False)]):
        found = pl.when(own == pl.col(name)).then(pl.lit(f"{MASK} {letter}")).otherwise(found)
    return pl.when(own.is_null()).then(None).otherwise(found)
