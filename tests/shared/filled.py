"""What measures may be worth where cells are missing: every way of filling them, measured in plain Python.

Nothing here knows of ends or of undetermined rows: a table with gaps stands for all tables without, and
each of these has one value.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
Rows = Sequence[Row]
Value = Fraction | bool | None
"""A value; None where there is none, as of a mean of nothing."""
Ways = Mapping[str, Sequence[Any]]
"""For each column, what may stand in a cell that is empty."""
MOST = 3_000


def fillings(rows: Rows, ways: Ways) -> Iterator[list[dict[str, Any]]]:
    """Every table that some rows may be."""
    gaps = [(i, name) for i, row in enumerate(rows) for name in ways if row[name] is None]
    for chosen in itertools.product(*(ways[name] for _, name in gaps)):
        filled = [dict(row) for row in rows]
        for (i, name), value in zip(gaps, chosen, strict=True):
            filled[i][name] = value
        yield filled


def how_many(rows: Rows, ways: Ways) -> int:
    """How many tables they are."""
    found = 1
    for row in rows:
        for name, each in ways.items():
            found *= len(each) if row[name] is None else 1
    return found


def count(rows: Rows) -> Value:
    """Rows that count."""
    return Fraction(sum(row["of"] for row in rows))


def ratio(rows: Rows) -> Value:
    """Rows that count, of all."""
    return Fraction(sum(row["of"] for row in rows), len(rows)) if rows else None


def exists(rows: Rows) -> Value:
    """Whether a row counts."""
    return any(row["of"] for row in rows)


def total(rows: Iterable[Row]) -> Fraction:
    """The sum of the amounts."""
    return sum((Fraction(row["amount"]) for row in rows), Fraction(0))


def balance(rows: Rows) -> Value:
    """What the amounts are above the plan, or below it."""
    return total(rows) - sum((Fraction(row["plan"]) for row in rows), Fraction(0))


def share(rows: Rows) -> Value:
    """The amount of the rows that count, of that of all."""
    whole = total(rows)
    return total(row for row in rows if row["of"]) / whole if whole > 0 else None


def distinct(rows: Rows) -> Value:
    """Different names."""
    return Fraction(len({row["name"] for row in rows}))


def mean(rows: Rows) -> Value:
    """The mean of the amounts."""
    return total(rows) / len(rows) if rows else None


def median(rows: Rows) -> Value:
    """The middle one of the amounts."""
    ordered = sorted(Fraction(row["amount"]) for row in rows)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2 if ordered else None


def attainment(rows: Rows) -> Value:
    """What was reached of the plan, each row up to its own."""
    whole = sum((Fraction(row["plan"]) for row in rows), Fraction(0))
    reached = sum((Fraction(min(row["amount"], row["plan"])) for row in rows), Fraction(0))
    return reached / whole if whole > 0 else None


def latest(rows: Rows) -> Value:
    """What the newest row says; None where the newest do not agree."""
    newest = max((row["day"] for row in rows), default=None)
    said = {row["of"] for row in rows if row["day"] == newest}
    return said.pop() if len(said) == 1 else None


PLAIN: dict[str, Callable[[Rows], Value]] = {
    "count": count,
    "ratio": ratio,
    "exists": exists,
    "share": share,
    "sum": balance,
    "distinct": distinct,
    "mean": mean,
    "median": median,
    "attainment": attainment,
    "latest": latest,
}


def values(kind: str, rows: Rows, ways: Ways, belongs: Callable[[Row], bool]) -> set[Value]:
    """The values that a measure has over all tables that some rows may be.

    Args:
        kind: the name of the kind.
        rows: the rows.
        ways: what may stand in empty cells.
        belongs: whether a row of a filled table belongs to the population and the slice.
    """
    return {PLAIN[kind]([row for row in table if belongs(row)]) for table in fillings(rows, ways)}
