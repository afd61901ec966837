"""A missing value never decides: each kind against every way of filling what is missing."""

import datetime as dt
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from filled import MOST, PLAIN, Ways, how_many, values
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.engines import polars
from phasegate.facts.measures.base import Kind
from phasegate.facts.model.fact import Fact, FactSet

Row = dict[str, Any]
Measure = Callable[..., FactSet]
DAYS = [dt.date(2026, 3, day) for day in (1, 2)]
COLUMNS: dict[str, Any] = {
    "point": {"type": "string", "nullable": True},
    "team": {"type": "string", "nullable": True},
    "in": {"type": "boolean", "nullable": True},
    "over": {"type": "boolean", "nullable": True},
    "of": {"type": "boolean", "nullable": True},
    "name": {"type": "string", "nullable": True},
    "amount": {"type": "decimal", "scale": 2, "nullable": True},
    "plan": {"type": "decimal", "scale": 2, "nullable": True},
    "day": {"type": "date"},
}
LINES = {"title": "L", "columns": COLUMNS, "event": "day", "point": "point"}
MEASURES: dict[str, dict[str, Any]] = {
    "count": {"count": '"of"'},
    "ratio": {"ratio": {"of": '"of"', "over": '"over"'}},
    "exists": {"exists": '"of"'},
    "share": {"share": {"of": '"of"', "value": "amount", "over": '"over"'}},
    "sum": {"sum": "amount - plan"},
    "distinct": {"distinct": '"name"'},
    "mean": {"mean": "amount"},
    "median": {"median": "amount"},
    "attainment": {"attainment": {"actual": "amount", "expected": "plan"}},
    "latest": {"latest": {"said": '"of"'}},
}
READS = {
    "count": ["of"],
    "exists": ["of"],
    "ratio": ["over", "of"],
    "share": ["over", "of"],
    "distinct": ["name"],
    "latest": ["of"],
}
WITHOUT_ENDS = ("mean", "median", "attainment")
TIGHT = ("count", "ratio", "share", "sum")
POINTS = ("1.1", "1.2", "2.1")
truths = st.sampled_from([True, False, None])
rows_of = st.fixed_dictionaries(
    {
        "point": st.sampled_from(["1.1", "1.1", "1.2", None]),
        "team": st.sampled_from(["a", None]),
        "in": st.sampled_from([True, True, False, None]),
        "over": st.sampled_from([True, True, False, None]),
        "of": truths,
        "name": st.sampled_from(["x", "y", None]),
        "amount": st.sampled_from([Decimal(0), Decimal(1), Decimal("2.5"), Decimal(7)]),
        "plan": st.sampled_from([Decimal(1), Decimal(3)]),
        "day": st.sampled_from(DAYS),
    }
)


def ways_of(kind: str, slicing: str) -> Ways:
    """What may stand in the empty cells that a measure reads."""
    found: dict[str, Any] = {"in": (True, False)}
    for name in READS.get(kind, ()):
        found[name] = ("x", "y", "z", "w") if name == "name" else (True, False)
    if slicing == "point":
        found["point"] = ("1.1", "1.2", "9.9")
    return found


def belongs(kind: str, slicing: str, slice_: str) -> Callable[[Any], bool]:
    """Whether a row belongs to a slice of a measure."""

    def one(row: Any) -> bool:
        within = row["in"] and (kind not in ("ratio", "share") or row["over"])
        own = {"": "", "point": row["point"], "team": row["team"] or "(no value)"}[slicing]
        return bool(within and own == slice_)

    return one


def certain(rows: list[Row], kind: str, slicing: str, slice_: str) -> list[Row]:
    """The rows that surely belong; None is not true."""
    return [row for row in rows if belongs(kind, slicing, slice_)(row)]


def definition(kind: str, slicing: str) -> dict[str, Any]:
    return {**MEASURES[kind], "where": '"in"', **({"by": slicing} if slicing else {})}


def facts_of(measure: Measure, kind: str, rows: list[Row], slicing: str) -> dict[str, Fact]:
    found = measure({"m": definition(kind, slicing)}, rows, contracts={"lines": LINES}, points=POINTS)
    return {fact.slice: fact for fact in found.facts.values()}


def hold(kind: str, fact: Fact, reached: set[Any], surely: list[Row]) -> None:
    """Holds a fact to all the values that it may have."""
    assert fact.rows == len(surely)
    if not surely or (kind == "distinct" and all(row["name"] is None for row in surely)):
        # Which of two rows of one day is the newest nobody knows, whether or not they belong to it.
        torn = kind == "latest" and fact.reason.startswith("two rows of the same date may disagree")
        assert fact.status == "unknown" or (torn and fact.status == "error")
        return
    if kind in WITHOUT_ENDS and fact.undetermined:
        assert (fact.status, fact.extremes) == ("unknown", None)
    elif fact.status == "present":
        assert None not in reached
        if fact.truth is not None:
            assert reached == {fact.truth}
        else:
            assert fact.extremes is not None
            low, high = fact.extremes
            assert all(low <= value <= high for value in reached)
            assert (fact.ends is None) == (low == high)
            assert kind not in TIGHT or {low, high} <= reached
    else:  # there is no one value
        assert len(reached) > 1 or reached == {None}, fact
        assert kind not in TIGHT or None in reached, fact
        if kind != "latest" and fact.undetermined:
            assert fact.status == "unknown"
    if fact.ends is not None:
        assert (fact.value, fact.numerator, fact.denominator) == (None, None, None)
        assert fact.ends.rows == fact.undetermined > 0
    if fact.undetermined:
        assert fact.fix or {each.column for each in fact.lacking} == {"point"}
        assert sum(each.rows for each in fact.lacking) >= fact.undetermined
    if len(reached) > 1:  # or the newest row itself has no value, or two that are the newest do not agree
        assert fact.undetermined or (kind == "latest" and fact.status in ("unknown", "error"))


@pytest.mark.parametrize("kind", PLAIN)
@given(rows=st.lists(rows_of, max_size=6), slicing=st.sampled_from(["", "point", "team"]))
@example(rows=[], slicing="")
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
def test_every_way_of_filling_lies_between_the_ends(
    measure: Measure, compiled: Callable[..., Kind], kind: str, rows: list[Row], slicing: str
) -> None:
    """And each end is reached by one of them, but for distinct values."""
    ways = ways_of(kind, slicing)
    assume(how_many(rows, ways) <= MOST)
    asked = compiled(definition(kind, slicing), rows, LINES, POINTS)
    for slice_, fact in facts_of(measure, kind, rows, slicing).items():
        reached = values(kind, rows, ways, belongs(kind, slicing, slice_))
        hold(kind, fact, reached, certain(rows, kind, slicing, slice_))
        shown = [polars.rows_of(each).collect().height for each in asked.undetermined_rows(slice_)]
        assert sum(shown) == fact.undetermined


CELLS = list(itertools.product([True, False, None], repeat=2))


@pytest.mark.parametrize("kind", ["count", "ratio", "exists", "share", "sum"])
def test_all_tables_of_two_rows(measure: Measure, kind: str) -> None:
    """Each table is a slice of its own, so that all of them are measured in one pass."""
    base = {"point": "1.1", "name": "x", "plan": Decimal(1), "day": DAYS[0], "over": True}
    tables = {
        f"t{number}": [
            {**base, "in": in_, "of": of, "amount": Decimal(amount), "team": f"t{number}"}
            for (in_, of), amount in zip(pair, (2, 3), strict=True)
        ]
        for number, pair in enumerate(itertools.combinations_with_replacement(CELLS, 2))
    }
    ways = ways_of(kind, "team")
    facts = facts_of(measure, kind, [row for rows in tables.values() for row in rows], "team")
    for name, rows in tables.items():
        if name not in facts:  # no row may be in it
            assert all(row["in"] is False for row in rows)
            continue
        reached = values(kind, rows, ways, belongs(kind, "team", name))
        hold(kind, facts[name], reached, certain(rows, kind, "team", name))
