"""Whatever rows cases give, each comes out among others as it does alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from case_folder import harvest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.cases.load import LoadedCase
from phasegate.rules.cases.model import Case, Expectation, FactExpectation, GivenRow
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.runs.cases.run import CaseResult, Ground, run_cases

GROUND = Ground.of_pack(harvest())
DAYS = st.sampled_from(["2026-03-31", "2026-03-01", "2026-02-28", "2026-04-01", "2025-12-31", "soon", None])
COLUMNS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "invoices": {
        "invoice": st.sampled_from(["i-1", "i-2", "I-1"]),
        "point": st.sampled_from(["1.1", "1.2", "1.3", None]),
        "day": DAYS,
        "due_on": DAYS,
        "status": st.sampled_from(["open", "paid", "lost"]),
        "amount": st.sampled_from(
            ["0.10", 5, "-1", "99999999999999999999999999999999999.99", "1.005", "much"]
        ),
        "customer": st.sampled_from(["c-1", "c-2"]),
        "region": st.sampled_from(["north", "south", " north ", "", None]),
        "clerk": st.sampled_from(["Ada", "ADA", "Bob", None]),
    },
    "customers": {
        "customer": st.sampled_from(["c-1", "c-2", None]),
        "telephone": st.sampled_from([True, False, None, "maybe"]),
    },
    "deliveries": {
        "team": st.sampled_from(["a", "b"]),
        "month_end": DAYS,
        "ordered": st.sampled_from([0, 1, 10, -1, 2**62]),
        "delivered": st.sampled_from([0, 1, 20, None, 2**62]),
        "days": st.sampled_from(["1.5", "2", None, "x"]),
    },
    "ledger": {"closed_on": DAYS, "seen_on": DAYS, "signed": st.sampled_from([True, False, None])},
}
MEASURES = (
    "invoices.paid[1.1]",
    "invoices.open[1.2]",
    "invoices.value",
    "invoices.clerks",
    "invoices.northern",
    "calls.share",
    "deliveries.attained",
    "deliveries.accurate",
    "deliveries.late",
    "deliveries.usual",
    "deliveries.most",
    "ledger.signed",
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, tuple[GivenRow, ...]]:
    """Some rows of some sources, of each row some cells."""
    found = {}
    for source in draw(st.sets(st.sampled_from(list(COLUMNS)), min_size=1)):
        row = st.fixed_dictionaries({}, optional=COLUMNS[source])
        found[source] = tuple(map(GivenRow, draw(st.lists(row, max_size=4))))
    return found


@st.composite
def some_cases(draw: st.DrawFn) -> list[LoadedCase]:
    """A few cases with a measure or two and a point each."""
    origin = Origin({}, "cases.yaml")
    day = st.sampled_from([dt.date(2026, 3, 31), dt.date(2026, 3, 31), dt.date(2026, 4, 30)])
    found = []
    for place, given_rows in enumerate(draw(st.lists(tables(), min_size=2, max_size=5))):
        asked = draw(st.lists(st.sampled_from(MEASURES), min_size=1, max_size=3))
        expect = Expectation(
            measures=dict.fromkeys(asked, FactExpectation(status="present")),
            points={"1.1": "pass"} if draw(st.booleans()) else {},
        )
        case = Case(name=f"n {place}", given=given_rows, expect=expect)
        found.append(LoadedCase(case, draw(day), place, origin))
    return found


def told(result: CaseResult) -> object:
    assert result.facts is not None
    return result.outcomes, result.facts, result.verdicts and result.verdicts.agreed


@pytest.mark.slow
@given(some_cases())
def test_a_case_comes_out_alike_alone_and_among_others(cases: list[LoadedCase]) -> None:
    together = [told(each) for each in run_cases(GROUND, cases)]
    alone = [told(each) for case in cases for each in run_cases(GROUND, [case], shared=False)]
    assert together == alone
