"""`change`: a fact held against its figure in the baseline."""

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from phasegate.facts.measures.kinds.change import Baseline, BaselineRow, changes
from phasegate.facts.model.fact import Fact, FactSet, Figure, SourceState
from phasegate.rules.model.measure import Measure as Change

Measure = Callable[..., FactSet]
START = dt.date(2026, 3, 1)
LINES = [{"day": START, "point": "1.1", "met": met, "amount": 80} for met in (True, True, True, False)]
FIGURE = {
    "measure": "now", "slice": None, "value": "0.5", "fixed_on": dt.date(2026, 2, 1),
    "finance_approver": "p1", "developer_approver": "p2",
}  # fmt: skip
NOW = {"ratio": {"of": "met"}}


@pytest.fixture
def change(measure: Measure) -> Callable[..., Fact]:
    def change(how: str, figure: Any = FIGURE, now: Any = NOW, lines: Any = LINES, **options: Any) -> Fact:
        figures = figure if isinstance(figure, list) else [figure]
        options = {"parameters": {"cycle_start": START}} | options
        measures = {"now": now, "m": {"change": {"of": "now", "as": how}}}
        return measure(measures, lines, (), figures, **options).facts["m", ""]

    return change


@pytest.mark.parametrize(
    ("how", "then", "value"),
    [
        ("difference", "0.5", Fraction(1, 4)),
        ("difference", "0.8", Fraction(-1, 20)),
        ("rise", "0.5", Fraction(1, 2)),
        ("fall", "0.8", Fraction(1, 16)),
        ("gap_closed", "0.5", Fraction(1, 2)),
        ("gap_closed", "0.9", Fraction(-3, 2)),
    ],
)
def test_value(change: Callable[..., Fact], how: str, then: str, value: Fraction) -> None:
    fact = change(how, FIGURE | {"value": then})
    assert (fact.status, fact.value, fact.unit, fact.rows) == ("present", value, "%", 4)
    assert fact.sources == ("lines", "baseline")
    assert fact.baseline == Figure(Fraction(then), "%")


@pytest.mark.parametrize(
    ("how", "low", "high"),
    [
        ("difference", Fraction(1, 4), Fraction(1, 2)),
        ("rise", Fraction(1, 2), 1),
        ("fall", -1, Fraction(-1, 2)),
        ("gap_closed", Fraction(1, 2), 1),
    ],
)
def test_both_ends_are_held_against_the_figure(
    change: Callable[..., Fact], how: str, low: Fraction, high: Fraction
) -> None:
    """Of four rows three meet the condition, and nobody knows of the last."""
    fact = change(how, lines=[*LINES[:3], LINES[3] | {"met": None}])
    assert (fact.status, fact.value, fact.extremes) == ("present", None, (low, high))
    assert (fact.undetermined, fact.lacking) == (1, (("met", 1),))
    assert fact.fix == "write `(met) IS TRUE` if no `met` means not met"


def test_a_fact_without_a_value_hands_on_what_to_do(change: Callable[..., Fact]) -> None:
    lines = [*LINES[:3], LINES[3] | {"met": None}]
    fact = change("difference", now={"mean": "amount", "where": "met"}, lines=lines)
    assert (fact.status, fact.undetermined) == ("unknown", 1)
    assert fact.reason.startswith("now: ")
    assert "or write `(met) IS TRUE` if rows with no `met` do not belong" in fact.reason
    assert fact.fix


def test_the_unit_of_a_difference_is_that_of_its_measure(change: Callable[..., Fact]) -> None:
    fact = change("difference", FIGURE | {"value": "70"}, {"mean": "amount", "unit": "USD"})
    assert (fact.value, fact.unit) == (10, "USD")


@pytest.mark.parametrize(
    ("currency", "unit", "status"),
    [
        ("EUR", "EUR", "present"),
        ("EUR", "USD", "error"),
        (None, "USD", "present"),
        ("EUR", None, "present"),
        ("EUR", "points", "present"),
    ],
)
def test_a_figure_in_another_currency_says_nothing(
    currency: str | None, unit: str | None, status: str
) -> None:
    now = Fact("now", "", "present", unit=unit, numerator=80, denominator=1, rows=4)
    measure = Change.model_validate({"title": "m", "change": {"of": "now", "as": "difference"}})
    approved = (Fraction(70), START, "p1", "p2")
    for rows, said in ((BaselineRow(*approved, currency), None), (BaselineRow(*approved), currency)):
        baseline = Baseline("baseline", SourceState("baseline", "ok"), {("now", ""): [rows]}, START, said)
        (fact,) = changes("m", measure, START, [now], baseline)
        assert fact.status == status
        assert fact.baseline == (Figure(Fraction(70), unit) if status == "present" else None)
        assert (f"in {currency}, what is measured in {unit}" in fact.reason) == (status == "error")


@pytest.mark.parametrize(
    ("how", "figure", "status", "reason"),
    [
        ("rise", [], "unknown", "the baseline has no figure for it"),
        ("rise", [FIGURE, FIGURE], "error", "the baseline has 2 figures for it"),
        ("rise", FIGURE | {"slice": "1.1"}, "unknown", "no figure"),
        ("rise", FIGURE | {"finance_approver": None}, "unknown", "no Finance approver"),
        ("rise", FIGURE | {"developer_approver": " "}, "unknown", "no Developer approver"),
        ("rise", FIGURE | {"developer_approver": "\u200b"}, "unknown", "no Developer approver"),
        ("rise", FIGURE | {"finance_approver": "\ufeff "}, "unknown", "no Finance approver"),
        ("rise", FIGURE | {"developer_approver": "P1"}, "unknown", "the same person approved"),
        ("rise", FIGURE | {"developer_approver": "p\u200b1"}, "unknown", "the same person approved"),
        ("rise", FIGURE | {"developer_approver": "ｐ１"}, "unknown", "the same person approved"),
        (
            "rise",
            FIGURE | {"fixed_on": dt.date(2026, 3, 2)},
            "unknown",
            "after the cycle's start on 2026-03-01",
        ),
        ("rise", FIGURE | {"fixed_on": None}, "unknown", "does not say when"),
        ("rise", FIGURE | {"value": None}, "error", "the baseline's figure is empty"),
        ("rise", FIGURE | {"value": "0"}, "unknown", "the denominator is zero"),
        ("fall", FIGURE | {"value": "-1"}, "error", "negative"),
        ("fall", FIGURE | {"value": "-0.5"}, "error", "have no meaning"),
        ("rise", FIGURE | {"value": "-0.5"}, "error", "have no meaning"),
        ("gap_closed", FIGURE | {"value": "1"}, "unknown", "leaves no gap"),
    ],
)
def test_a_figure_that_does_not_count(
    change: Callable[..., Fact], how: str, figure: Any, status: str, reason: str
) -> None:
    fact = change(how, figure)
    assert (fact.status, fact.value) == (status, None)
    assert reason in fact.reason


def test_without_a_cycle_nobody_knows_whether_it_was_fixed_before(change: Callable[..., Fact]) -> None:
    assert change("rise", parameters={}).status == "unknown"


@pytest.mark.parametrize("options", [{"absent": True}, {"fault": SourceState("baseline", "error", "torn")}])
def test_without_a_baseline(change: Callable[..., Fact], options: dict[str, Any]) -> None:
    fact = change("rise", sources={"baseline": options})
    assert fact.status == ("unknown" if "absent" in options else "error")


def test_what_it_is_the_change_of_must_be_there(change: Callable[..., Fact]) -> None:
    assert (change("rise", lines=[]).status, change("rise", lines=[]).reason) == ("unknown", "now: no rows")
    stale = change("rise", now=NOW | {"max_age": "5 days"})
    assert (stale.status, stale.value) == ("stale", Fraction(1, 2))
    assert stale.reason.startswith("now: the newest row is of 2026-03-01")


def test_each_slice_has_its_own_figure(measure: Measure) -> None:
    measures = {"now": NOW | {"by": "point"}, "m": {"change": {"of": "now", "as": "difference"}}}
    figures = [FIGURE | {"slice": "1.1"}, FIGURE]
    facts = measure(measures, LINES, (), figures, parameters={"cycle_start": START})
    assert [(fact.slice, fact.status) for fact in facts.slices("m")] == [
        ("1.1", "present"), ("1.2", "unknown"), ("2.1", "unknown"),
    ]  # fmt: skip


def test_what_a_change_rests_on_comes_with_it(measure: Measure) -> None:
    measures = {"now": NOW, "other": NOW, "m": {"change": {"of": "now", "as": "rise"}}}
    facts = measure(measures, LINES, (), [FIGURE], parameters={"cycle_start": START}, only={"m"})
    assert sorted(id_ for id_, _ in facts.facts) == ["m", "now"]


@pytest.mark.parametrize(
    ("of", "reason"), [("m", "goes round in a circle"), ("nothing", "no measure of the pack")]
)
def test_a_change_of_nothing(measure: Measure, of: str, reason: str) -> None:
    fact = measure({"m": {"change": {"of": of, "as": "rise"}}}).facts["m", ""]
    assert fact.status == "error"
    assert reason in fact.reason


def test_a_change_of_a_change(measure: Measure) -> None:
    measures = {
        "last": {"change": {"of": "m", "as": "difference"}},
        "m": {"change": {"of": "now", "as": "rise"}},
        "now": NOW,
    }
    figures = [FIGURE, FIGURE | {"measure": "m", "value": "0.1"}]
    facts = measure(measures, LINES, (), figures, parameters={"cycle_start": START})
    assert facts.facts["last", ""].value == Fraction(2, 5)
