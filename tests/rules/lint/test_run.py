"""What lint decides beyond the packs under ``packs/``: its hooks, ranges, and the order of findings."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from phasegate.rules.diagnostics.diagnostic import in_order
from phasegate.rules.lint.bounds import decided
from phasegate.rules.lint.run import SqlProblem, lint
from phasegate.rules.loading.pack import LoadedPack, load_pack
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.bounds import Bound

MINIMAL = Path(__file__).parents[1] / "packs/valid/minimal"


@pytest.fixture
def minimal() -> LoadedPack:
    return load_pack(MINIMAL)


def test_the_check_of_expressions_is_handed_in_and_told_with_its_line(minimal: LoadedPack) -> None:
    path = ("measures", "orders.paid", "ratio", "of")

    def checks(pack: Pack) -> list[tuple[tuple[str | int, ...], str, str | None]]:
        assert pack is minimal.pack
        return [(path, "no such column", "did you mean 'status'?")]

    (found,) = lint(minimal, checks)
    assert (found.rule, found.message, found.hint) == ("bad-sql", "no such column", "did you mean 'status'?")
    assert found.position is not None
    assert found.position.line == 11
    assert found.snippet is not None
    assert found.snippet[found.position.column - 1 :].startswith("status = 'paid'")


def test_an_expressions_check_may_name_its_own_rule(minimal: LoadedPack) -> None:
    (found,) = lint(minimal, lambda _: [SqlProblem(("measures",), "two statements", rule="second-statement")])
    assert found.rule == "second-statement"


@pytest.mark.parametrize(("most", "rules"), [(None, []), (1, []), (0, ["too-many-requirements"])])
def test_more_requirements_than_the_engine_takes(
    most: int | None, rules: list[str], minimal: LoadedPack
) -> None:
    assert [found.rule for found in lint(minimal, most_requirements=most)] == rules


def test_findings_come_by_file_and_line() -> None:
    found = lint(load_pack(Path(__file__).parents[1] / "packs/invalid/bounds"))
    assert tuple(found) == in_order(found)
    assert len(found) > 20


NUMBERS = st.integers(-20, 20).map(Fraction)
BOUNDS = st.builds(
    lambda operator, limit: Bound(operator, f"{operator} {limit}", limits=(limit,)),
    st.sampled_from([">=", "<=", ">", "<", "==", "!="]),
    NUMBERS,
) | st.builds(lambda low, more: Bound("between", "", limits=(low, low + more)), NUMBERS, st.integers(0, 9))


@given(BOUNDS, st.none() | NUMBERS, st.none() | NUMBERS)
def test_a_bound_is_called_idle_exactly_if_all_values_or_none_meet_it(
    bound: Bound, low: Fraction | None, high: Fraction | None
) -> None:
    assume(low is None or high is None or low <= high)
    # Halves between -50 and 50 stand for all values: limits are whole numbers between -20 and 29.
    values = [Fraction(half, 2) for half in range(-100, 101)]
    inside = [value for value in values if (low is None or value >= low) and (high is None or value <= high)]
    met = [_meets(value, bound) for value in inside]
    assert decided(bound, low, high) == (all(met), not any(met))


def _meets(value: Fraction, bound: Bound) -> bool:
    limit = bound.limits[0]
    return {
        ">=": value >= limit,
        "<=": value <= limit,
        ">": value > limit,
        "<": value < limit,
        "==": value == limit,
        "!=": value != limit,
        "between": limit <= value <= bound.limits[-1],
    }[bound.operator]
