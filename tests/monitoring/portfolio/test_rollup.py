"""What many projects come to together, held against an oracle that knows no rule's code."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.monitoring.portfolio.model import PortfolioRow
from phasegate.monitoring.portfolio.rollup import ALL, Rule, roll_up, worst_first
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.rules.model.verdict import GateState, Verdict

O, W, U, C, E = Standing  # noqa: E741 - as the tables below read
RULES = st.one_of(
    st.just(ALL),
    st.integers(1, 8).map(lambda number: Rule(at_least=number)),
    st.fractions(Fraction(1, 100), 1).map(lambda share: Rule(share=share)),
)
ROWS = st.lists(st.tuples(st.sampled_from(Standing), st.integers(1, 9)), min_size=1, max_size=8)


def rows(found: Sequence[tuple[Standing, int]]) -> list[PortfolioRow]:
    return [PortfolioRow(f"p{n}", standing, weight=weight) for n, (standing, weight) in enumerate(found)]


def oracle(found: Sequence[tuple[Standing, int]], rule: Rule) -> Standing:
    """Counts what is open by hand; what is undecided may become open, and what is closed stays so."""
    words = [standing.name for standing, _ in found]
    if "ERROR" in words:
        return E
    for best, taken in ((O, ["OPEN"]), (W, ["OPEN", "OPEN_WITH_WAIVERS"])):
        if holds(found, rule, taken):
            return best
    return U if holds(found, rule, ["OPEN", "OPEN_WITH_WAIVERS", "UNDECIDED"]) else C


def holds(found: Sequence[tuple[Standing, int]], rule: Rule, taken: Sequence[str]) -> bool:
    those = [weight for standing, weight in found if standing.name in taken]
    if rule.at_least is not None:
        return len(those) >= rule.at_least
    if rule.share is not None:
        return Fraction(sum(those), sum(weight for _, weight in found)) >= rule.share
    return len(those) == len(found)


@pytest.mark.parametrize(
    ("standings", "rule", "due"),
    [
        ([O, O, O], ALL, O),
        ([O, W, O], ALL, W),
        ([O, U, W], ALL, U),
        ([O, C, U], ALL, C),
        ([O, C, E], ALL, E),
        ([O, O, C], Rule(at_least=2), O),
        ([O, W, C], Rule(at_least=2), W),
        ([O, U, C], Rule(at_least=2), U),
        ([O, C, C], Rule(at_least=2), C),
        ([O, O, E], Rule(at_least=2), E),
        ([O, O, O], Rule(at_least=4), C),
        ([O, O, C], Rule(share=Fraction(2, 3)), O),
        ([O, O, C], Rule(share=Fraction(667, 1000)), C),
        ([O, O, U], Rule(share=Fraction(667, 1000)), U),
        ([O, O, E], Rule(share=Fraction(1, 100)), E),
    ],
)
def test_a_rule(standings: list[Standing], rule: Rule, due: Standing) -> None:
    assert roll_up(rows([(each, 1) for each in standings]), rule).standing is due


@given(ROWS, RULES)
def test_it_is_what_counting_by_hand_gives(found: list[tuple[Standing, int]], rule: Rule) -> None:
    assert roll_up(rows(found), rule).standing is oracle(found, rule)


@given(ROWS, RULES, st.data())
def test_nothing_gets_better_where_a_project_gets_worse(
    found: list[tuple[Standing, int]], rule: Rule, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(found) - 1))
    standing, weight = found[place]
    worse = data.draw(st.sampled_from([each for each in Standing if each >= standing]))
    changed = [*found[:place], (worse, weight), *found[place + 1 :]]
    assert roll_up(rows(changed), rule).standing >= roll_up(rows(found), rule).standing


@given(ROWS, RULES, st.booleans())
def test_no_rule_opens_over_an_error_and_all_is_never_better_than_the_worst(
    found: list[tuple[Standing, int]], rule: Rule, strict: bool
) -> None:
    standings = [standing for standing, _ in found]
    rolled = roll_up(rows(found), rule, strict=strict).standing
    assert rolled >= min(standings)
    assert roll_up(rows(found), ALL).standing is max(standings)
    if E in standings:
        assert (rolled, rolled.exit_code) == (E, 3)
    if rolled.exit_code == 0:
        assert O in standings or (W in standings and not strict)
    assert roll_up(rows(found)[::-1], rule, strict=strict).standing is rolled


def test_no_project_is_nothing_open() -> None:
    for rule in (ALL, Rule(at_least=1), Rule(share=Fraction(1, 2))):
        assert roll_up([], rule).standing.exit_code == 3


def test_exit_codes_are_those_of_gates_and_of_an_error_that_of_an_undecided_one() -> None:
    assert [Standing(state).exit_code for state in GateState] == [state.exit_code for state in GateState]
    assert (E.exit_code, Standing.of("nothing"), Standing.of("open")) == (3, U, O)
    assert max(Standing) is E
    assert Verdict.ERROR.gate_state.exit_code == E.exit_code


def test_strict_takes_no_waivers() -> None:
    found = rows([(O, 1), (W, 1)])
    assert roll_up(found, strict=True).standing is C
    assert roll_up(found, Rule(at_least=1), strict=True).standing is O


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (Fraction(4, 5), "80 %"),
        (Fraction(2, 3), "66.667 %"),
        (Fraction(1), "100 %"),
        (Fraction(1, 8), "12.5 %"),
    ],
)
def test_a_share_is_never_told_to_be_less_than_it_is(share: Fraction, shown: str) -> None:
    assert Rule(share=share).shown == f"at least {shown} of the weight"


def test_the_worst_comes_first_and_names_tell_alike_ones_apart() -> None:
    found = [PortfolioRow("b", O), PortfolioRow("a", O), PortfolioRow("d", E), PortfolioRow("c", C)]
    assert [each.name for each in worst_first(found)] == ["d", "c", "a", "b"]
