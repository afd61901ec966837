"""Requirements of a record with their alternatives, read as the tree that they stand for."""

from __future__ import annotations

from typing import cast

import pytest

from phasegate.records.alternatives import choice_of
from phasegate.records.editions import EDITIONS
from phasegate.records.schema import RequirementEntry
from phasegate.rules.model.verdict import ANY_OF_ORDER


def asked(*places: tuple[str | None, str]) -> list[RequirementEntry]:
    """Requirements with an alternative and a verdict each, named by their place."""
    return [
        cast("RequirementEntry", {"id": str(n), "alternative": alternative, "verdict": verdict})
        for n, (alternative, verdict) in enumerate(places)
    ]


@pytest.mark.parametrize(
    ("places", "verdict", "counted", "deciding"),
    [
        ([("1", "fail"), ("2", "pass")], "pass", ["2"], "1"),
        ([("1", "pass"), ("2", "pass")], "pass", ["1", "2"], "01"),
        ([("1", "pass"), ("1", "fail"), ("2", "waived")], "waived", ["2"], "2"),
        ([(None, "pass"), ("1", "fail"), ("2", "pass")], "pass", ["2"], "02"),
        ([(None, "fail"), ("1", "fail"), ("2", "pass")], "fail", ["2"], "02"),
        ([("1", "fail"), ("2.1", "fail"), ("2.2", "pass")], "pass", ["2"], "2"),
        ([("1", "unknown"), ("2", "pass"), ("2.1", "fail"), ("2.2", "stale")], "stale", ["2"], "13"),
        ([("1", "not_applicable"), ("2", "fail")], "fail", ["2"], "1"),
        ([("1", "not_applicable"), ("2", "not_applicable")], "not_applicable", ["1", "2"], "01"),
        ([("1", "not_applicable"), ("2", "waived"), ("3", "error")], "waived", ["2"], "1"),
        ([("1", "fail"), ("2", "unknown")], "unknown", ["2"], "1"),
        ([(f"{n}", "fail") for n in range(1, 12)] + [("11.1", "pass")], "fail", None, None),
        ([("1", "fail"), ("10", "pass"), ("11.10", "fail")], "pass", ["10"], "1"),
    ],
)
def test_a_choice_takes_the_best_of_its_alternatives(
    places: list[tuple[str | None, str]], verdict: str, counted: list[str] | None, deciding: str | None
) -> None:
    choice = choice_of(asked(*places), ANY_OF_ORDER)
    assert choice.verdict == verdict
    if counted is not None:
        assert choice.counted == counted
        assert "".join(sorted(each["id"] for each in choice.deciding)) == deciding


def test_older_records_have_an_order_of_their_own() -> None:
    requirements = asked(("1", "not_applicable"), ("2", "fail"))
    found = {each.record: choice_of(requirements, each.alternatives).verdict for each in EDITIONS}
    assert found == {"phasegate/record/1": "not_applicable", "phasegate/record/2": "fail"}


def test_what_is_taken_to_be_stale_leaves_the_others_to_decide() -> None:
    requirements = asked(("1", "not_applicable"), ("2", "pass"), ("3", "pass"))
    verdicts = [choice_of(requirements, ANY_OF_ORDER, gone).verdict for gone in ((), "1", "12", "0")]
    assert verdicts == ["pass", "pass", "stale", "pass"]
