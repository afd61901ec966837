"""`latest`: all fields from the one newest row."""

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from phasegate.facts.model.fact import FactSet

Measure = Callable[..., FactSet]
FIELDS = {"passed": "met", "by": "team", "sample": "units", "value": "amount", "on": "day"}
CONTRACT = {
    "title": "One validation",
    "columns": {
        "point": {"type": "string"}, "met": {"type": "boolean", "nullable": True},
        "team": {"type": "string", "nullable": True}, "units": {"type": "integer", "nullable": True},
        "amount": {"type": "decimal", "scale": 2, "nullable": True}, "day": {"type": "date"},
        "written": {"type": "date", "nullable": True},
    },
    "event": "day", "recorded": "written", "point": "point",
}  # fmt: skip


def _row(day: int, **row: Any) -> dict[str, Any]:
    return {
        "day": dt.date(2026, 3, day),
        "point": "1.1",
        "met": True,
        "team": "a",
        "units": 30,
        "amount": "1.50",
    } | row


@pytest.fixture
def latest(measure: Measure) -> Callable[..., dict[str, Any]]:
    def latest(
        *rows: dict[str, Any], recorded: bool = True, by: str | None = None, of: str = ""
    ) -> dict[str, Any]:
        contract = (
            CONTRACT if recorded else {key: value for key, value in CONTRACT.items() if key != "recorded"}
        )
        definition = {"latest": FIELDS, **({"by": by} if by else {})}
        facts = measure({"m": definition}, rows, contracts={"lines": contract})
        return {field: facts.facts[f"m.{field}", of] for field in FIELDS}

    return latest


def test_the_newest_row(latest: Callable[..., dict[str, Any]]) -> None:
    found = latest(_row(1, met=False, team="old", units=99), _row(2), _row(1, met=False))
    assert found["passed"].truth is True
    assert found["by"].text == "a"
    assert found["sample"].value == 30
    assert found["value"].value == Fraction(3, 2)
    assert found["on"].text == "2026-03-02"
    assert {fact.rows for fact in found.values()} == {3}


def test_each_point_has_its_own(latest: Callable[..., dict[str, Any]]) -> None:
    rows = (_row(3), _row(1, point="1.2", team="b"), _row(2, point="1.2", team="c"))
    assert latest(*rows, by="point", of="1.2")["by"].text == "c"
    none = latest(*rows, by="point", of="2.1")
    assert {(fact.status, fact.reason) for fact in none.values()} == {("unknown", "no rows")}


def test_no_verdict_is_pieced_together_from_two_rows(latest: Callable[..., dict[str, Any]]) -> None:
    """The sample of one validation never meets the signature of another of the same date."""
    found = latest(_row(2, units=None, team="b"), _row(2, team=None))
    reason = "two rows of the same date disagree on by and sample"
    assert {(fact.status, fact.reason) for fact in found.values()} == {("error", reason)}


def test_equal_rows_of_one_date_agree(latest: Callable[..., dict[str, Any]]) -> None:
    found = latest(_row(2), _row(2))
    assert {fact.status for fact in found.values()} == {"present"}


def test_the_last_recorded_of_one_date_counts(latest: Callable[..., dict[str, Any]]) -> None:
    rows = (
        _row(2, written=dt.date(2026, 3, 4), met=False),
        _row(2, written=dt.date(2026, 3, 5)),
    )
    assert latest(*rows)["passed"].truth is True
    assert latest(*rows, recorded=False)["passed"].status == "error"


def test_a_row_that_does_not_say_when_it_was_recorded_may_be_the_last(
    latest: Callable[..., dict[str, Any]],
) -> None:
    last = _row(2, written=dt.date(2026, 3, 5))
    assert latest(last, _row(2))["passed"].truth is True
    assert latest(last, _row(1, met=False))["passed"].truth is True
    found = latest(last, _row(2, met=False))["passed"]
    assert (found.status, found.reason) == ("error", "two rows of the same date disagree on passed")


def test_an_empty_field_is_unknown_by_name(latest: Callable[..., dict[str, Any]]) -> None:
    found = latest(_row(2, team=None))
    assert (found["by"].status, found["by"].reason) == ("unknown", "the newest row has no by")
    assert found["passed"].status == "present"


def test_the_future_has_not_happened(latest: Callable[..., dict[str, Any]]) -> None:
    found = latest(_row(2), {**_row(2, met=False), "day": dt.date(2026, 4, 1)})
    assert found["passed"].truth is True


def test_without_an_event_date_nothing_is_the_newest(measure: Measure) -> None:
    facts = measure({"m": {"from": "plans", "latest": {"team": "team"}}}, (), [{"point": "1.1", "team": "a"}])
    fact = facts.facts["m.team", ""]
    assert (fact.status, fact.reason) == (
        "error",
        "the source plans names no event date, so no row is the newest",
    )


@pytest.mark.parametrize(
    ("rows", "status", "reason"),
    [
        # whether it belongs (None: nobody knows), its day, what it says
        ([(True, 2, True), (None, 2, False)], "error", "two rows of the same date may disagree on passed"),
        ([(True, 1, True), (None, 2, True), (None, 2, False)], "error", "two rows of the same date may"),
        ([(None, 2, True), (None, 2, False)], "error", "two rows of the same date may disagree on passed"),
        ([(True, 1, True), (None, 2, False)], "unknown", "may be the newest disagree on passed"),
        ([(None, 1, True), (None, 2, False)], "unknown", "no row is sure to count, 2 may"),
        ([(True, 2, True), (None, 2, True)], "present", ""),
        ([(True, 3, True), (None, 2, True), (None, 2, False)], "present", ""),
        ([(True, 2, True), (False, 2, False)], "present", ""),
    ],
)
def test_rows_of_one_date_that_may_disagree_are_the_error_that_they_may_be(
    measure: Measure, rows: list[tuple[bool | None, int, bool]], status: str, reason: str
) -> None:
    """Else whoever empties a cell makes an error that nobody may waive into an unknown that somebody may."""
    told = [{"day": dt.date(2026, 3, day), "met": said, "kind": belongs} for belongs, day, said in rows]
    kinds = {True: "a", False: "b", None: None}
    lines = [{**row, "kind": kinds[row["kind"]]} for row in told]
    fact = measure({"m": {"latest": {"passed": "met"}, "where": "kind = 'a'"}}, lines).facts["m.passed", ""]
    assert fact.status == status, fact.reason
    assert reason in fact.reason
