"""How many digits the floats of a source have: what makes decimals of them without any rounding.

A contract that says ``float`` leaves it to the data how many digits stand after the point, so that they
are counted, in a pass of its own over these columns.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS, number_text, width_of
from phasegate.facts.contracts.types import Reading
from phasegate.facts.sources.batches import VALUE, greatest, rows_at_a_time
from phasegate.rules.model.contract import Contract

SCALE_AT_MOST = 18
"""Digits after the point that the decimals of contracts keep."""


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
    counted = [name for name in floats if found[name] == pl.String() or is_fine(found[name])]
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


def is_fine(kind: pl.DataType) -> bool:
    """Whether a type of a file may have more digits than a contract's decimal, so that its data say."""
    return kind.is_float() or (isinstance(kind, pl.Decimal) and kind.scale > SCALE_AT_MOST)


def measure(
    raw: pl.LazyFrame, found: Mapping[str, pl.DataType], reading: Reading
) -> dict[str, tuple[int, int]]:
    """The most digits before and after the point that the numbers of some columns have.

    A number that no decimal holds counts on neither side, but as one digit too many after the point.

    Args:
        raw: the columns as the file has them.
        found: texts, floats and decimals, and the type of each.
        reading: how texts are written.
    """
    widest = dict.fromkeys(found, (0, 0))
    alike: dict[pl.DataType, list[str]] = {}
    for name, kind in found.items():
        alike.setdefault(kind, []).append(name)
    for kind, names in alike.items():
        asked = _widths(kind, reading)
        for rows in rows_at_a_time(raw, names):
            for name, answer in greatest(rows, names, asked).items():
                before, after = widest[name]
                widest[name] = (max(before, answer["before"] or 0), max(after, answer["after"] or 0))
    return widest


def _widths(kind: pl.DataType, reading: Reading) -> dict[str, pl.Expr]:
    width = width_of(number_text(VALUE, reading.numbers) if kind == pl.String() else VALUE.cast(pl.String))
    # What has more digits before the point is no decimal at all.
    return {
        "before": pl.when(width.before <= DECIMAL_DIGITS).then(width.before),
        "after": width.after,
    }
