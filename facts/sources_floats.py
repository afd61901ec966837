"""How many digits the floats of a source have: what makes decimals of them without any rounding.

A contract that says ``float`` leaves it to the data how many digits stand after the point, so that they
are counted, in a pass of its own over these columns.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from phasegate.facts.contracts_numbers import DECIMAL_DIGITS, number_text, width_of
from phasegate.facts.contracts_types import Reading
from phasegate.facts.sources_batches import columns_at_a_time, rows_at_a_time
from phasegate.rules.contract import Contract


def with_scales(
    contract: Contract, raw: pl.LazyFrame, found: Mapping[str, pl.DataType], reading: Reading
) -> tuple[Contract, frozenset[str]]:
    """The contract with the digits after the point that its floats have, and those that have too many.

    Where the longest fraction and the greatest number do not fit into one decimal, the fraction gives
    way: its rows break the contract, and none is rounded.

    Args:
        contract: the contract.
        raw: the columns as the file has them.
        found: their types.
        reading: how texts are written.
    """
    floats = [name for name, column in contract.columns.items() if column.type == "float" and name in found]
    if not floats:
        return contract, frozenset()
    counted = [name for name in floats if found[name] == pl.String() or found[name].is_float()]
    widths = measure(raw, {name: found[name] for name in counted}, reading)
    columns, crowded = dict(contract.columns), set()
    for name in floats:
        kind = found[name]
        if name in widths:
            before, after = widths[name]
            scale = min(after, DECIMAL_DIGITS - before)
            if scale < after:
                crowded.add(name)
        else:
            scale = kind.scale if isinstance(kind, pl.Decimal) else 0
        columns[name] = columns[name].model_copy(update={"scale": scale})
    return contract.model_copy(update={"columns": columns}), frozenset(crowded)


def measure(
    raw: pl.LazyFrame, found: Mapping[str, pl.DataType], reading: Reading
) -> dict[str, tuple[int, int]]:
    """The most digits before and after the point that the numbers of some columns have.

    A number that no decimal holds counts on neither side, but as one digit too many after the point.

    Args:
        raw: the columns as the file has them.
        found: texts and floats, and the type of each.
        reading: how texts are written.
    """
    widest = dict.fromkeys(found, (0, 0))
    if not found:
        return widest
    for rows in rows_at_a_time(raw, list(found)):
        for names in columns_at_a_time(list(found)):
            counts = [count for name in names for count in _counts(name, found[name], reading)]
            numbers = rows.select(counts).row(0)
            for name, before, after in zip(names, numbers[::2], numbers[1::2], strict=True):
                widest[name] = (max(widest[name][0], before or 0), max(widest[name][1], after or 0))
    return widest


def _counts(name: str, kind: pl.DataType, reading: Reading) -> list[pl.Expr]:
    column = pl.col(name)
    text = number_text(column, reading.numbers) if kind == pl.String() else column.cast(pl.String)
    width = width_of(text)
    before = pl.when(width.before <= DECIMAL_DIGITS).then(width.before)  # others are no decimals at all
    return [before.max().alias(f"before {name}"), width.after.max().alias(f"after {name}")]
