"""The reason of an error says which one it is: a value that does not fit, or engines that differ."""

from __future__ import annotations

from fractions import Fraction

import pytest

from phasegate.engine.plan import Comparison, Requirement
from phasegate.facts.model.fact import Fact
from phasegate.records.scoring import reason_of
from phasegate.rules.model.verdict import Verdict

ASKED = Requirement("r", "m", "", ">= success", "%", (Comparison(">=", Fraction(95, 100)),))
DOUBT = "the two engines do not agree: durable-rules says pass, the columnar evaluation fail"
GOOD = Fact("m", "", "present", unit="%", numerator=266, denominator=280)


@pytest.mark.parametrize(
    ("fact", "doubt", "reason"),
    [
        (
            Fact("m", "", "present", unit="USD", numerator=7),
            None,
            "found no value, which is no number, as its bound asks (>= success (95 %))",
        ),
        (
            Fact("m", "", "present", unit="days", numerator=7, denominator=1),
            None,
            "found 7 days, which has the unit days, where its bound has the unit % (>= success (95 %))",
        ),
        (GOOD, DOUBT, f"{DOUBT}; 266 of 280 = 95 %, where >= success (95 %) is required"),
        (Fact("m", "", "stale", "too old"), DOUBT, f"{DOUBT}; too old"),
        (Fact("m", "", "error", "no such column"), None, "no such column"),
        (GOOD, None, "it could not be decided"),
    ],
    ids=["no value", "another unit", "engines differ", "engines differ on old evidence", "fact", "neither"],
)
def test_an_error_says_which_one_it_is(fact: Fact, doubt: str | None, reason: str) -> None:
    assert reason_of(ASKED, fact, Verdict.ERROR, "ratio", doubt) == reason
