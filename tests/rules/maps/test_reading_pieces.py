"""The small things that a map's lines hold."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from phasegate.rules.maps.reader.patterns import (
    amounts,
    comparator,
    cycle_weeks,
    date_in,
    flow_parts,
    number,
    percents,
    phase_heading,
    point_heading,
    point_references,
    shown_quantity,
)
from phasegate.rules.values.units import Quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("17.3", "17.3"),
        ("92,5", "92.5"),
        ("16,100,000", "16100000"),
        ("16.100.000", "16100000"),
        ("16'100'000", "16100000"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,000", "1000"),
        ("99.999", "99.999"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert number(text) == Fraction(value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("95% achievement", ["0.95"]),
        ("92.5 % precision", ["0.925"]),
        ("95 percent, then 60 per cent", ["0.95", "0.6"]),
        ("545% annual return", ["5.45"]),
        ("no figure in 2026", []),
    ],
)
def test_percentages(text: str, values: list[str]) -> None:
    assert [each.quantity for each in percents(text)] == [Quantity(Fraction(value), "%") for value in values]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("95% achievement", ">="),
        ("Errors: 10 %", ">="),
        ("at most 10 %", "<="),
        ("At most: 10 %", "<="),
        ("no more than 10 percent of it", "<="),
        ("a maximum of 10 %", "<="),
        ("Error Rate \u2264 10 %", "<="),
        ("Error Rate <=10 %", "<="),
        ("10 % or less", "<="),
        ("10% (at most)", "<="),
        ("below 10 %", "<"),
        ("Error Rate < 10 %", "<"),
        ("more than 90 %", ">"),
        ("Rate > 90 %", ">"),
        ("at least 90 %", ">="),
        ("not less than 90 %", ">="),
        ("Rate >= 90 %", ">="),
        ("90 % or more", ">="),
        ("exactly 100 %", "=="),
        ("Rate = 100 %", "=="),
        ("improvement over the baseline of 65 %", ">="),
        ("undermost 65 %", ">="),
    ],
)
def test_what_is_asked_of_a_figure(text: str, asked: str) -> None:
    assert comparator(text, percents(text)[0]) == asked


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$17.3M annual value", 17_300_000, "USD"),
        ("US$ 2 billion", 2_000_000_000, "USD"),
        ("€450k", 450_000, "EUR"),
        ("£1,250,000", 1_250_000, "GBP"),
        ("CHF 12.5 million", 12_500_000, "CHF"),
        ("12 mn SEK", 12_000_000, "SEK"),
        ("USD 1.2bn", 1_200_000_000, "USD"),
        ("¥900", 900, "JPY"),
    ],
)
def test_amounts_of_money(text: str, value: int, currency: str) -> None:
    assert [each.quantity for each in amounts(text)] == [Quantity(Fraction(value), currency)]


@pytest.mark.parametrize("text", ["95% of 24 points", "Phase 3", "in 8 weeks", "4 M users"])
def test_other_numbers_are_no_money(text: str) -> None:
    assert amounts(text) == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("November 16, 2025", (2025, 11, 16)),
        ("Nov. 16 2025", (2025, 11, 16)),
        ("16th of November 2025", (2025, 11, 16)),
        ("2025-11-16", (2025, 11, 16)),
        ("16.11.2025", (2025, 11, 16)),
        ("16/11/2025", (2025, 11, 16)),
        ("11/16/2025", (2025, 11, 16)),
        ("05/04/2026", None),
        ("February 30, 2026", None),
        ("spring", None),
    ],
)
def test_dates(text: str, date: tuple[int, int, int] | None) -> None:
    assert date_in(text) == (dt.date(*date) if date else None)


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("Integration Planning (8-week coordination cycles)", 8),
        ("12 week cycle", 12),
        ("Coordination cycle: 6 weeks", 6),
        ("Phase 1 (Weeks 1-2)", None),
        ("within 2 weeks of the release", None),
    ],
)
def test_the_weeks_of_a_cycle(text: str, weeks: int | None) -> None:
    assert cycle_weeks(text) == weeks


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Phase 1: Foundation (Weeks 1-2)", ("1", "Foundation", (1, 2))),
        ("Phase 2 – Growth (Week 3)", ("2", "Growth", (3, 3))),
        ("Phase IV. Close [wks 7 — 8]", ("IV", "Close", (7, 8))),
        ("Stage 3: Growth, weeks 5 to 6", ("3", "Growth", (5, 6))),
        ("Phase 5: Close", ("5", "Close", None)),
        ("Phase out the old desk", None),
        ("Phases", None),
    ],
)
def test_phase_headings(text: str, read: tuple[str, str, tuple[int, int] | None] | None) -> None:
    assert phase_heading(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Integration Point 1.1.1: Planning", ("1.1.1", "Planning")),
        ("Point 10.2 – Planning", ("10.2", "Planning")),
        ("IP-1.2.3.4 Planning", ("1.2.3.4", "Planning")),
        ("Integration Points", None),
        ("1.1 Planning", None),
    ],
)
def test_point_headings(text: str, read: tuple[str, str] | None) -> None:
    assert point_heading(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Planning (Integration Point 1.1.1)", (["1.1.1"], "Planning")),
        ("Planning - Integration Point 1.1.1", (["1.1.1"], "Planning")),
        ("Planning (part 2) (Point 1.1.1)", (["1.1.1"], "Planning (part 2)")),
        ("1.1.1: Planning", (["1.1.1"], "Planning")),
        ("Integration Points 1.1.1, 1.1.2 and 1.2.1", (["1.1.1", "1.1.2", "1.2.1"], None)),
        ("Takes 2.5 days", ([], None)),
    ],
)
def test_references_to_points(text: str, read: tuple[list[str], str | None]) -> None:
    assert point_references(text) == read


@pytest.mark.parametrize("arrow", ["↔", "<->", "<=>", "→", "->", "⇄", "-->", "⟷", "–>"])
def test_arrows_join_flows(arrow: str) -> None:
    assert flow_parts(f"Cost-aware Planning {arrow} Delivery") == ("Cost-aware Planning", "Delivery")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("0.95", "%", "95 %"),
        ("0.925", "%", "92.5 %"),
        ("17300000", "USD", "17.3 M USD"),
        ("350000", "EUR", "350 k EUR"),
        ("12", "EUR", "12 EUR"),
        ("31", "days", "31 days"),
        ("25", None, "25"),
    ],
)
def test_quantities_are_shown_as_bounds_are_written(value: str, unit: str | None, shown: str) -> None:
    quantity = Quantity(Fraction(value), unit)
    assert shown_quantity(quantity) == shown
    assert Quantity.parse(shown) == quantity
