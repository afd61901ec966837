"""Ways round the Developer-Finance pack: what is wrong, shown and in disguise.

What is disguised is an error, not known, or counts as what was shown at best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from finance_tables import Row, Tables, example, facts_of, pack

from phasegate.facts.model.fact import Fact

Edit = Callable[[list[Row]], list[Row]]
Edits = Mapping[str, Edit]
FAR = "2031-01-01"
HONEST: Edits = {}


def put(key: str, **cells: str) -> Edit:
    """Changes the rows whose first column has a value; ``*`` stands for all."""

    def edit(rows: list[Row]) -> list[Row]:
        first = next(iter(rows[0]))
        changed = [row | cells if key in (row[first], "*") else row for row in rows]
        assert changed != rows, f"nothing changes for {key}"
        return changed

    return edit


def added(key: str, **cells: str) -> Edit:
    """A further row like the last one of a key."""

    def edit(rows: list[Row]) -> list[Row]:
        first = next(iter(rows[0]))
        return [*rows, [row for row in rows if row[first] == key][-1] | cells]

    return edit


def gone(key: str) -> Edit:
    """Without the rows of a key."""
    return lambda rows: [row for row in rows if row[next(iter(row))] != key]


def both(*edits: Edit) -> Edit:
    """One after the other."""

    def edit(rows: list[Row]) -> list[Row]:
        for each in edits:
            rows = each(rows)
        return rows

    return edit


def charged(*charges: tuple[str, str, str]) -> Edit:
    """Further charges of October: category, amount, tags."""

    def edit(rows: list[Row]) -> list[Row]:
        like = next(row for row in rows if row["ChargePeriodStart"].startswith("2025-10"))
        return [
            *rows,
            *(
                like
                | {"ProviderName": "AWS", "ChargeCategory": category, "EffectiveCost": cost, "Tags": tags}
                for category, cost, tags in charges
            ),
        ]

    return edit


class Way(NamedTuple):
    """A way round.

    Attributes:
        measure: what it is to make better, with its slice in brackets.
        how: in a few words.
        shown: what is wrong, for everybody to see.
        hidden: the same in disguise.
        becomes: what the disguised one is; ``counted`` if it has a value.
        low: whether less is better.
    """

    measure: str
    how: str
    shown: Edits
    hidden: Edits
    becomes: str = "counted"
    low: bool = False


def without(rows: list[Row], investment: str) -> list[Row]:
    return [row for row in rows if row["investment"] != investment]


def failing(rows: list[Row], system: str) -> list[Row]:
    return [row | {"succeeded": "false"} if row["system"] == system else row for row in rows]


def _edited(edits: Edits) -> Tables:
    tables = example()
    return {**tables, **{name: edit(tables[name]) for name, edit in edits.items()}}


def _fact(folder: Path, way: Way, edits: Edits) -> Fact:
    name, _, rest = way.measure.partition("[")
    whole = name if name in pack().measures else name.rpartition(".")[0]
    return facts_of(folder, _edited(edits), whole).facts[name, rest.rstrip("]")]


def _sure(fact: Fact, low: bool) -> Fraction | None:
    """How good a fact is for sure; None where it is good for nothing."""
    if fact.status != "present":
        return None
    if fact.truth is not None:
        return Fraction(fact.truth)
    assert fact.extremes is not None
    least, greatest = fact.extremes
    return -greatest if low else least


def told(way: Way) -> str:
    """A way as the name of its test."""
    return f"{way.measure}, {way.how}"


def hold_no_better(folder: Path, way: Way) -> None:
    """Holds what is disguised against what is shown, and that against a table in which nothing is wrong."""
    shown = _fact(folder, way, way.shown)
    hidden = _fact(folder, way, way.hidden)
    assert ("counted" if hidden.status == "present" else hidden.status) == way.becomes, hidden.reason
    wrong, disguised = _sure(shown, way.low), _sure(hidden, way.low)
    assert disguised is None or (wrong is not None and disguised <= wrong), (disguised, wrong)
    if way.shown is not HONEST:
        right = _sure(_fact(folder, way, HONEST), way.low)
        assert right is not None
        assert wrong is None or wrong < right, "what is shown is nothing that is wrong"
