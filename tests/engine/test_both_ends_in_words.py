"""A value that missing values leave open is told as a span: never as its middle, and never as nothing."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from phasegate.engine.formatting import distance, left_open, margin, observed, parts, span
from phasegate.engine.plan import Comparator, Comparison, Requirement
from phasegate.facts.model.ends import Ends, Lacking
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.verdict import Verdict

DAY = dt.date(2026, 3, 10)
FIX = "write `(days > 30) IS TRUE` if no days means not met"
F = Fraction
TICKETS = Measure.model_validate(
    {"title": "in time", "from": "a", "ratio": {"of": "x"}, "items": "tickets", "must": "be closed in time"}
)
SUM = Measure.model_validate({"title": "cost", "from": "a", "sum": "y"})


def fact(
    low: tuple[int, int], high: tuple[int, int], rows: int = 4, unit: str | None = "%", **more: object
) -> Fact:
    told = {"lacking": (Lacking("days", rows),), "fix": FIX, "rows": 20, "undetermined": rows, **more}
    return Fact("m", "", "present", unit=unit, ends=Ends(low, high, rows), **told)


def ask(*tests: tuple[Comparator, Fraction], unit: str | None = "%") -> Requirement:
    return Requirement("1/a/m", "m", "", "as asked", unit, tuple(Comparison(*each) for each in tests))


OPEN = fact((5, 20), (9, 20))


@pytest.mark.parametrize(
    ("found", "kind", "counted", "shown"),
    [
        (OPEN, "ratio", "5 to 9 of 20", "25 % to 45 %"),
        (fact((5, 22), (9, 21)), "ratio", "5 of 22 to 9 of 21", "22.73 % to 42.86 %"),
        (fact((0, 4), (3, 4)), "ratio", "0 to 3 of 4", "0 % to 75 %"),
        (fact((1000, 2050), (1500, 2050), scale=2), "share", "10 to 15 of 20.5", "48.78 % to 73.17 %"),
        (fact((5, 1), (9, 1), unit=None), "count", "", "5 to 9"),
        (fact((-500, 100), (250, 100), unit="USD"), "sum", "", "-5.00 USD to 2.50 USD"),
        (fact((10**9 - 1, 10**9), (1, 1)), "ratio", "999,999,999 of 1,000,000,000 to 1 of 1",
         "99.9999999 % to 100 %"),
    ],
)  # fmt: skip
def test_both_ends_are_shown_and_counted(found: Fact, kind: str, counted: str, shown: str) -> None:
    assert (parts(found, kind), span(found)) == (counted, shown)
    beside = f"{counted} = {shown}" if counted else shown
    assert observed(ask((">=", F(1, 2))), found, kind) == f"{beside} (4 rows have no `days`)"


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Fact("m", "", "present", unit="%", numerator=19, denominator=20), "19 of 20 = 95 %"),
        (Fact("m", "", "present", truth=True), "yes"),
        (Fact("m", "", "present", text="green"), "green"),
        (Fact("m", "", "unknown", "nobody knows"), "no value"),
    ],
    ids=["number", "truth", "text", "unknown"],
)
def test_undetermined_rows_stand_beside_a_value_that_they_do_not_move(known: Fact, told: str) -> None:
    from dataclasses import replace

    beside = replace(known, undetermined=1, lacking=(Lacking("days", 1),))
    assert observed(ask((">=", F(1, 2))), known, "ratio") == told
    assert observed(ask((">=", F(1, 2))), beside, "ratio") == f"{told} (1 row has no `days`)"


@pytest.mark.parametrize(
    ("found", "kind", "said"),
    [
        (OPEN, "ratio", f"4 of 20 rows have no `days`: {FIX}"),
        (fact((5, 20), (6, 20), 1), "ratio", f"1 of 20 rows has no `days`: {FIX}"),
        # Rows may stand beside those that surely belong: of how many they are, nobody can say.
        (fact((5, 24), (9, 20)), "ratio", f"4 rows have no `days`: {FIX}"),
        (fact((5, 24), (9, 24)), "ratio", f"4 rows have no `days`: {FIX}"),
        (fact((5, 1), (9, 1), unit=None), "count", f"4 rows have no `days`: {FIX}"),
        (fact((5, 20), (9, 20), fix=""), "ratio", "4 of 20 rows have no `days`"),
    ],
)
def test_why_it_is_open_comes_with_what_to_do(found: Fact, kind: str, said: str) -> None:
    assert left_open(found, kind) == said


@pytest.mark.parametrize(
    ("found", "asked", "told"),
    [
        (OPEN, ask((">=", F(20, 100))), "+5 points to +25 points"),
        (OPEN, ask((">=", F(45, 100))), "-20 points to +0 points"),
        (OPEN, ask((">=", F(95, 100))), "-70 points to -50 points"),
        (OPEN, ask(("<=", F(30, 100))), "-15 points to +5 points"),
        (OPEN, ask(("==", F(30, 100))), None),
        # Between two limits the best place is half-way, wherever the ends are.
        (OPEN, ask((">=", F(20, 100)), ("<=", F(50, 100))), "+5 points to +15 points"),
        (OPEN, ask((">=", F(40, 100)), ("<=", F(60, 100))), "-15 points to +5 points"),
        (fact((5, 1), (6, 1), unit="days"), ask(("<=", F(5)), unit="days"), "-1 day to +0 days"),
    ],
)
def test_the_margin_is_a_span_too(found: Fact, asked: Requirement, told: str | None) -> None:
    assert margin(asked, found) == told


@pytest.mark.parametrize(
    ("found", "asked", "measure", "verdict", "told"),
    [
        (OPEN, ask((">=", F(40, 100))), TICKETS, Verdict.UNKNOWN,
         f"give 4 rows their `days`, or {FIX}; at worst 3 more of 20 tickets must be closed in time"),
        (OPEN, ask((">=", F(95, 100))), TICKETS, Verdict.FAIL,
         "at worst 14 more of 20 tickets must be closed in time"),
        (OPEN, ask(("<=", F(30, 100))), TICKETS, Verdict.UNKNOWN,
         f"give 4 rows their `days`, or {FIX}; at worst 3 fewer of 20 tickets may be closed in time"),
        (fact((5, 22), (9, 21)), ask((">=", F(1, 2))), TICKETS, Verdict.FAIL,
         "at worst 6 more of 22 tickets must be closed in time"),
        (OPEN, ask(("==", F(25, 100))), TICKETS, Verdict.UNKNOWN,
         f"give 4 rows their `days`, or {FIX}; it must equal 25 %"),
        (fact((-500, 100), (250, 100), unit="USD"), ask((">=", F(0)), unit="USD"), SUM, Verdict.UNKNOWN,
         f"give 4 rows their `days`, or {FIX}; at worst it must rise by 5.00 USD"),
        (fact((1, 1), (6, 1), unit=None), ask((">=", F(2)), ("<=", F(5)), unit=None), SUM, Verdict.UNKNOWN,
         f"give 4 rows their `days`, or {FIX}; at worst it must rise by 1 and it must fall by 1"),
        (OPEN, ask((">=", F(20, 100))), TICKETS, Verdict.PASS, None),
        (fact((5, 20), (6, 20), 1, lacking=(), fix=""), ask((">=", F(30, 100))), TICKETS, Verdict.UNKNOWN,
         "decide whether 1 row counts; at worst 1 more of 20 tickets must be closed in time"),
    ],
)  # fmt: skip
def test_the_distance_is_from_the_worse_end(
    found: Fact, asked: Requirement, measure: Measure, verdict: Verdict, told: str | None
) -> None:
    assert distance(asked, found, measure, verdict, DAY) == told


def test_a_fact_that_decides_by_itself_says_what_makes_it_known() -> None:
    plain = Fact("m", "", "unknown", "3 rows have no `days`")
    rows = Fact("m", "", "unknown", "so", undetermined=3, lacking=(Lacking("days", 3),), fix=FIX)
    told = [distance(ask((">=", F(1))), each, None, Verdict.UNKNOWN, DAY) for each in (plain, rows)]
    assert told == ["evidence is needed", f"give 3 rows their `days`, or {FIX}"]


PAIRS = st.tuples(st.integers(-50, 50), st.integers(1, 50))


@given(PAIRS, PAIRS, st.fractions(-2, 2, max_denominator=40), st.sampled_from([">=", "<=", ">", "<"]))
def test_a_span_never_hides_on_which_side_of_a_limit_an_end_lies(
    low: tuple[int, int], high: tuple[int, int], limit: Fraction, sign: Comparator
) -> None:
    assume(F(*low) < F(*high))
    first, last = span(fact(low, high), (limit,)).split(" to ")
    asked = span(Fact("m", "", "present", unit="%", numerator=limit.numerator, denominator=limit.denominator))
    assert first != last
    for text, end in ((first, F(*low)), (last, F(*high))):
        assert end != limit or text == asked
    told = margin(ask((sign, limit)), fact(low, high))
    assert told is not None
    signs = [part[0] for part in told.split(" to ")]
    ends = (F(*low) - limit, F(*high) - limit)
    gaps = sorted(gap if sign in (">=", ">") else -gap for gap in ends)
    assert signs[0] == ("-" if gaps[0] < 0 else "+")
    assert signs[-1] == ("-" if gaps[1] < 0 else "+")
