"""A fact as a record shows it: a percentage never looks like a whole one that it misses."""

from __future__ import annotations

import pytest

from phasegate.facts.model.ends import Ends
from phasegate.facts.model.fact import Fact
from phasegate.records.facts import fact_entry
from phasegate.rules.model.pack import Pack

PACK = Pack.model_construct(measures={})


@pytest.mark.parametrize(
    ("numerator", "denominator", "unit", "shown"),
    [
        (95, 100, "%", "95 %"),
        (949_999, 1_000_000, "%", "94.9999 %"),
        (950_001, 1_000_000, "%", "95.0001 %"),
        (999_999, 1_000_000, "%", "99.9999 %"),
        (1, 1_000_000, "%", "0.0001 %"),
        (1, 3, "%", "33.33 %"),
        (949_999, 10_000, None, "95"),
        (5, 2, "days", "2.5 days"),
    ],
)
def test_a_number(numerator: int, denominator: int, unit: str | None, shown: str) -> None:
    fact = Fact("m", "", "present", "", unit, numerator, denominator)
    assert fact_entry(PACK, fact)["shown"] == shown


def test_both_ends() -> None:
    ends = Ends((949_999, 1_000_000), (1, 1), 3)
    fact = Fact("m", "", "present", "", unit="%", ends=ends, undetermined=3)
    assert fact_entry(PACK, fact)["shown"] == "94.9999 % to 100 %"


@pytest.mark.parametrize(("truth", "shown"), [(True, "yes"), (False, "no")])
def test_a_truth(truth: bool, shown: str) -> None:
    assert fact_entry(PACK, Fact("m", "", "present", "", truth=truth))["shown"] == shown
