"""Each kind against an oracle in plain Python, over random small tables, with and without slices.

Conditions have all their cells here, so that it is known of each row whether it counts; what is so where
they have not, is in `test_ends`.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.model.fact import FactSet

Row = dict[str, Any]
Measure = Callable[..., FactSet]
Value = Fraction | bool | str
"""A value, or the status and a part of the reason."""
DAY = dt.date(2026, 3, 1)
POINTS = ("1.1", "1.2", "2.1")

money = st.decimals(-500, 500, places=2)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "point": st.sampled_from(["1.1", "1.2", "9.9"]),
            "team": st.sampled_from(["a", "b", "", None]),
            "met": st.booleans(),
            "kind": st.sampled_from(["x", "y"]),
            "amount": st.sampled_from([money] * 6 + [st.none()]).flatmap(lambda of: of),
            "plan": money,
            "units": st.none() | st.integers(-5, 5),
            "day": st.dates(dt.date(2026, 2, 1), DAY),
        }
    ),
    max_size=12,
)
plan_rows = st.lists(
    st.fixed_dictionaries(
        {"point": st.sampled_from(["1.1", "1.2"]), "team": st.sampled_from(["a", "b", "c"]),
         "planned": st.decimals(0, 500, places=4)}
    ),
    max_size=8,
)  # fmt: skip


def _decimals(found: Iterable[Row], name: str) -> list[Decimal]:
    return [row[name] for row in found if row[name] is not None]


def _total(values: Iterable[Decimal]) -> Fraction:
    return sum((Fraction(value) for value in values), Fraction(0))


def _divided(top: Fraction, bottom: Fraction) -> Value:
    if bottom < 0:
        return "error the denominator is negative"
    return top / bottom if bottom else "unknown the denominator is zero"


def _in_range(value: Value, low: int | None = 0) -> Value:
    if isinstance(value, Fraction) and (value > 1 or (low is not None and value < low)):
        return "error "
    return value


def _null_fails(found: list[Row], value: Callable[[], Value], *names: str) -> Value:
    if any(row[name] is None for row in found for name in names):
        return "error no value where one is added up"
    return value()


def _share(found: list[Row]) -> Value:
    met = _total(row["amount"] for row in found if row["met"])
    return _in_range(_divided(met, _total(row["amount"] for row in found)))


def _ordered(found: list[Row], place: Callable[[list[Fraction]], Fraction]) -> Value:
    values = sorted(Fraction(value) for value in _decimals(found, "amount"))
    return place(values) if values else "unknown fewer than"


def _product(row: Row) -> Decimal:
    with localcontext(prec=50):
        return Decimal(row["amount"] * row["plan"])


def _median(values: list[Fraction]) -> Fraction:
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def _items(found: list[Row]) -> list[tuple[Fraction, Fraction]]:
    by_kind: dict[Any, list[Row]] = {}
    for row in found:
        by_kind.setdefault(row["kind"], []).append(row)
    return [(_total(r["amount"] for r in part), _total(r["plan"] for r in part)) for part in by_kind.values()]


def _attainment(items: list[tuple[Fraction, Fraction]]) -> Value:
    return _in_range(
        _divided(sum((min(a, p) for a, p in items), Fraction(0)), sum((p for _, p in items), Fraction(0)))
    )


def _accuracy(items: list[tuple[Fraction, Fraction]]) -> Value:
    whole = sum((abs(a) for a, _ in items), Fraction(0))
    return _divided(whole - sum((abs(a - p) for a, p in items), Fraction(0)), whole)


def _rows_as_items(found: list[Row]) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(row["amount"]), Fraction(row["plan"])) for row in found]


KINDS: dict[str, tuple[dict[str, Any], Callable[[list[Row]], list[Row]], Callable[[list[Row]], Value]]] = {
    # the measure, its population, and its value over a population that is not empty
    "count": ({"count": "met"}, lambda t: t, lambda t: Fraction(sum(r["met"] is True for r in t))),
    "count where": (
        {"count": "plan > 10", "where": "kind = 'x'"},
        lambda t: [r for r in t if r["kind"] == "x"],
        lambda t: Fraction(sum(r["plan"] > 10 for r in t)),
    ),
    "exists": ({"exists": "met"}, lambda t: t, lambda t: any(r["met"] for r in t)),
    "ratio": (
        {"ratio": {"of": "met", "over": "kind IS NOT NULL"}},
        lambda t: [r for r in t if r["kind"] is not None],
        lambda t: Fraction(sum(r["met"] is True for r in t), len(t)),
    ),
    "share": (
        {"share": {"of": "met", "value": "amount", "over": "kind = 'x'"}},
        lambda t: [r for r in t if r["kind"] == "x"],
        lambda t: _null_fails(
            t,
            lambda: _share(t),
            "amount",
        ),
    ),
    "sum": (
        {"sum": "amount * plan"},
        lambda t: t,
        lambda t: _null_fails(t, lambda: _total(_product(r) for r in t), "amount"),
    ),
    "sum of integers": (
        {"sum": "units", "where": "units IS NOT NULL"},
        lambda t: [r for r in t if r["units"] is not None],
        lambda t: Fraction(sum(r["units"] for r in t)),
    ),
    "mean": ({"mean": "plan"}, lambda t: t, lambda t: _total(r["plan"] for r in t) / len(t)),
    "median": (
        {"median": "amount"},
        lambda t: t,
        lambda t: _null_fails(t, lambda: _ordered(t, _median), "amount"),
    ),
    "quantile": (
        {"quantile": {"of": "amount", "at": "90 %"}},
        lambda t: t,
        lambda t: _null_fails(
            t, lambda: _ordered(t, lambda values: values[-(-len(values) * 9 // 10) - 1]), "amount"
        ),
    ),
    "distinct": (
        {"distinct": "kind"},
        lambda t: t,
        lambda t: Fraction(n) if (n := len({r["kind"] for r in t} - {None})) else "unknown fewer than",
    ),
    "attainment": (
        {"attainment": {"actual": "amount", "expected": "plan"}},
        lambda t: t,
        lambda t: _null_fails(t, lambda: _attainment(_rows_as_items(t)), "amount"),
    ),
    "attainment by item": (
        {"attainment": {"actual": "amount", "expected": "plan"}, "grain": "kind"},
        lambda t: t,
        lambda t: _null_fails(t, lambda: _attainment(_items(t)), "amount", "kind"),
    ),
    "accuracy": (
        {"accuracy": {"actual": "amount", "forecast": "plan"}, "where": "amount IS NOT NULL"},
        lambda t: [r for r in t if r["amount"] is not None],
        lambda t: _accuracy(_rows_as_items(t)),
    ),
    "accuracy by item": (
        {"accuracy": {"actual": "amount", "forecast": "plan"}, "grain": ["kind"]},
        lambda t: t,
        lambda t: _null_fails(t, lambda: _accuracy(_items(t)), "amount", "kind"),
    ),
}  # fmt: skip
SLICINGS: dict[str, Callable[[list[Row]], dict[str, list[Row]]]] = {
    "": lambda t: {"": t},
    "point": lambda t: {point: [r for r in t if r["point"] == point] for point in POINTS},
    "team": lambda t: (
        {
            name: [r for r in t if (r["team"] or "(no value)") == name]
            for name in sorted({r["team"] or "(no value)" for r in t})
        }
        or {"": []}
    ),
}


@given(found=rows, slicing=st.sampled_from(sorted(SLICINGS)), small=st.booleans())
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
def test_every_kind_agrees_with_python(measure: Measure, found: list[Row], slicing: str, small: bool) -> None:
    """All kinds at once, as a run computes them, from held sources and from scanned ones."""
    by = {"by": slicing} if slicing else {}
    definitions = {name.replace(" ", "_"): {**kind[0], **by} for name, kind in KINDS.items()}
    facts = measure(definitions, found, sources={"lines": {"size": 0 if small else 2**40}})
    for name, (_, population, value) in KINDS.items():
        slices = {key: population(part) for key, part in SLICINGS[slicing](found).items()}
        if slicing == "team":
            slices = {key: part for key, part in slices.items() if part} or {"": []}
        id_ = name.replace(" ", "_")
        assert [fact.slice for fact in facts.slices(id_)] == sorted(slices)
        for key, part in slices.items():
            fact = facts.facts[id_, key]
            assert fact.rows == len(part), fact
            expected = value(part) if part else "unknown no rows"
            if isinstance(expected, str):
                status, _, reason = expected.partition(" ")
                assert (fact.status, reason in fact.reason) == (status, True), (fact, part)
                assert (fact.value, fact.truth) == (None, None)
            else:
                assert fact.status == "present", (fact, expected)
                assert (fact.truth if isinstance(expected, bool) else fact.value) == expected, (fact, part)
                assert fact.newest == max(r["day"] for r in part)


@given(
    found=rows,
    planned=plan_rows,
    slicing=st.sampled_from(["", "point"]),
    over=st.sampled_from(["actual", "forecast"]),
)
@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
def test_two_sources_agree_with_python(
    measure: Measure, found: list[Row], planned: list[Row], slicing: str, over: str
) -> None:
    """Lines and plan lines are matched by team; a team on one side only counts as zero on the other."""
    found = [row | {"amount": row["amount"] or Decimal(0), "team": row["team"] or "a"} for row in found]
    elsewhere = {"from": "plans", "value": "planned"}
    definition = {
        "accuracy": {"actual": "amount", "forecast": elsewhere, "over": over},
        "grain": "team",
        **({"by": slicing} if slicing else {}),
    }
    facts = measure({"m": definition}, found, planned)
    for fact in facts.slices("m"):
        mine = [r for r in found if not slicing or r["point"] == fact.slice]
        theirs = [r for r in planned if not slicing or r["point"] == fact.slice]
        teams = {r["team"] for r in mine} | {r["team"] for r in theirs}
        items = [
            (
                _total(r["amount"] for r in mine if r["team"] == team),
                _total(r["planned"] for r in theirs if r["team"] == team),
            )
            for team in sorted(teams)
        ]
        whole = sum((abs(item[0 if over == "actual" else 1]) for item in items), Fraction(0))
        if not mine:
            assert (fact.status, fact.reason) == ("unknown", "no rows")
        elif not whole:
            assert (fact.status, fact.reason) == ("unknown", "the denominator is zero")
        else:
            assert fact.value == 1 - sum((abs(a - p) for a, p in items), Fraction(0)) / whole


@pytest.mark.parametrize("size", [0, 2**40])
def test_large_sums_are_exact_or_an_error(measure: Measure, size: int) -> None:
    """No wrap to a negative number, with groups and without: a sum that does not fit is an error."""
    big = "9" * 35 + ".99"
    lines = [{"point": "1.1", "amount": big, "day": DAY}] * 12
    definitions = {
        "whole": {"sum": "amount"},
        "sliced": {"sum": "amount", "by": "point"},
        "other": {"count": "TRUE"},
    }
    facts = measure(definitions, lines, sources={"lines": {"size": size}}).facts
    for fact in (facts["whole", ""], facts["sliced", "1.1"]):
        assert (fact.status, fact.value) == ("error", None)
        assert "overflow" in fact.reason
    assert facts["other", ""].value == 12
    fewer = measure({"m": {"sum": "amount"}}, lines[:5]).facts["m", ""]
    assert fewer.value == 5 * Fraction(big)


def test_sums_of_integers_do_not_wrap(measure: Measure) -> None:
    lines = [{"units": 2**63 - 1, "day": DAY, "point": "1.1"}] * 3
    facts = measure({"m": {"sum": "units"}, "p": {"sum": "units * 2", "by": "point"}}, lines).facts
    assert facts["m", ""].value == 3 * (2**63 - 1)
    assert facts["p", "1.1"].value == 6 * (2**63 - 1)
