"""`by: {column: team, of: ...}`: the slices that there must be, whether or not the data bring them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from phasegate.facts.model.fact import FactSet, SourceState

DAY = dt.date(2026, 3, 1)
Measure = Callable[..., FactSet]
LISTED = {"column": "team", "of": ["red", "blue"]}
IN_A_SOURCE = {"column": "team", "of": "plans"}
KINDS: dict[str, Mapping[str, Any]] = {
    "ratio": {"ratio": {"of": "met"}},
    "count": {"count": "met"},
    "sum": {"sum": "units"},
    "latest": {"latest": {"met": "met"}},
    "quantile": {"quantile": {"of": "units", "at": "50 %"}},
    "accuracy": {"accuracy": {"actual": "units", "forecast": "units + 1"}},
    "elsewhere": {
        "attainment": {"actual": "amount", "expected": {"from": "plans", "value": "planned"}},
        "grain": "team",
    },
}


def rows(*teams: str | None) -> list[dict[str, Any]]:
    return [{"team": team, "met": True, "units": 3, "amount": 1, "day": DAY} for team in teams]


def plans(*teams: str | None) -> list[dict[str, Any]]:
    return [{"point": "1.1", "team": team, "planned": 1} for team in teams]


def told(found: FactSet) -> dict[str, str]:
    """The status of each slice."""
    return {slice_: fact.status for (_, slice_), fact in found.facts.items()}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"elsewhere"}))
@pytest.mark.parametrize("by", [LISTED, IN_A_SOURCE], ids=["listed", "in a source"])
def test_an_expected_slice_without_rows_is_there_and_unknown(
    measure: Measure, kind: str, by: Mapping[str, Any]
) -> None:
    found = measure({"m": {**KINDS[kind], "by": by}}, rows("red"), plans("red", "blue"))
    assert told(found) == {"red": "present", "blue": "unknown"}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    ("wrong", "named"), [("read", "read"), ("Red", "Red"), (None, "(no"), ("red ", "red ")]
)
def test_a_slice_that_nobody_expects_is_an_error_by_itself(
    measure: Measure, kind: str, wrong: str | None, named: str
) -> None:
    definition = {**KINDS[kind], "by": {"column": "team", "of": ["red"]}}
    found = measure({"m": definition}, rows("red", wrong), plans("red"))
    other = {slice_: status for slice_, status in told(found).items() if slice_ != "red"}
    assert told(found)["red"] == "present"
    assert list(other.values()) == ["error"]
    assert all(slice_.startswith(named) for slice_ in other)


def test_no_row_at_all_leaves_each_expected_slice_unknown(measure: Measure) -> None:
    definition = {"ratio": {"of": "met"}, "by": LISTED, "when_empty": "not_applicable"}
    assert told(measure({"m": definition})) == {"red": "unknown", "blue": "unknown"}


@pytest.mark.parametrize("given", [(), (None,), ("",)])
def test_a_source_that_names_nobody_is_an_error(measure: Measure, given: tuple[str | None, ...]) -> None:
    found = measure({"m": {"ratio": {"of": "met"}, "by": IN_A_SOURCE}}, rows(), plans(*given))
    assert told(found) == {"": "error"}
    found = measure({"m": {"ratio": {"of": "met"}, "by": IN_A_SOURCE}}, rows("red"), plans(*given))
    assert told(found) == {"red": "error"}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"elsewhere"}))
@pytest.mark.parametrize(
    ("given", "which"), [((None,), "1 row of plans names none"), (("", None), "2 rows of")]
)
def test_whoever_expects_a_slice_must_say_which(
    measure: Measure, kind: str, given: tuple[str | None, ...], which: str
) -> None:
    """It may be one whose rows are all missing."""
    definition = {**KINDS[kind], "by": IN_A_SOURCE}
    found = measure({"m": definition}, rows("red"), plans("red", *given))
    assert told(found) == {"red": "present", "(no value)": "error"}
    reason = next(fact.reason for (_, slice_), fact in found.facts.items() if slice_ == "(no value)")
    assert reason.startswith(f"nobody knows which team is expected: {which}")


@pytest.mark.parametrize(("state", "status"), [("error", "error"), ("absent", "unknown")])
def test_a_source_that_can_not_be_read_says_nothing(measure: Measure, state: str, status: str) -> None:
    options = {"absent": True} if state == "absent" else {"fault": SourceState("plans", "error", "broken")}
    definition = {"ratio": {"of": "met"}, "by": IN_A_SOURCE}
    found = measure({"m": definition}, rows("red"), plans("red"), sources={"plans": options})
    assert set(told(found).values()) <= {status, "error"} - {"present"}


def test_the_column_may_have_another_name_there(measure: Measure) -> None:
    by = {"column": "kind", "of": "plans", "as": "team"}
    lines = [{"kind": "red", "met": True, "day": DAY}]
    found = measure({"m": {"ratio": {"of": "met"}, "by": by}}, lines, plans("red", "blue"))
    assert told(found) == {"red": "present", "blue": "unknown"}
    assert found.facts["m", "red"].sources == ("lines", "plans")


def test_too_many_slices_are_one_error(measure: Measure) -> None:
    by = {"column": "team", "of": [f"t{number}" for number in range(201)]}
    found = measure({"m": {"ratio": {"of": "met"}, "by": by}}, rows("t1"))
    assert told(found) == {"": "error"}


def test_a_listed_value_is_a_value_whatever_it_is_called(measure: Measure) -> None:
    definition = {**KINDS["count"], "by": {"column": "team", "of": ["red", "(no value)"]}}
    found = measure({"m": definition}, rows("red", "(no value)", None))
    assert told(found) == {"red": "present", '"(no value)"': "present", "(no value)": "error"}
