"""What it takes: each criterion that is not settled once, in a sentence that says what to do."""

from __future__ import annotations

import copy
from collections import Counter

import pytest
from hostile_text import TEXTS, with_text
from hypothesis import given
from made_records import many
from turned_records import PROGRAMME, turned, with_verdicts

from phasegate.records.schema import Record
from phasegate.reports.brief.brief import brief
from phasegate.reports.brief.imperative import rounded_up
from phasegate.reports.brief.model import Takes
from phasegate.reports.report import Report
from phasegate.reports.text.plain import visible


def takes(record: Record) -> Takes:
    return brief(Report(record, 1)).takes


def left(record: Record) -> list[str]:
    """The criteria that keep a gate from opening, found without the code that is tested."""
    holds = ("pass", "waived", "not_applicable")
    return sorted(
        each["id"]
        for each in record["criteria"]
        if each["enforcement"] != "advisory" and each["verdict"] not in holds
    )


@given(turned())
def test_what_is_not_settled_stands_once_and_nothing_else(record: Record) -> None:
    found = takes(record)
    assert sorted(name for action in found.actions for name in action.criteria) == left(record)
    verdicts = {each["id"]: each["verdict"] for each in record["criteria"]}
    for action in found.actions:
        assert {verdicts[name] for name in action.criteria} == {action.verdict}
        assert set(action.waivable) <= set(action.criteria)
        assert all(step.endswith((".", "?")) and step == visible(step) for step in action.steps)
    for gate in found.gates:
        rows = Counter((each.verdict, each.steps) for each in gate.actions.all)
        assert set(rows.values()) <= {1}


@given(turned())
def test_a_criterion_stands_at_the_first_gate_that_asks_for_it(record: Record) -> None:
    points = {each["id"]: each["criteria"] for each in record["points"]}
    asking: dict[str, str] = {}
    for gate in record["gates"]:
        for name in (*(name for point in gate["points"] for name in points[point]), *gate["targets"]):
            asking.setdefault(name, gate["id"])
    for told in takes(record).gates:
        assert {asking[name] for each in told.actions.all for name in each.criteria} <= {told.id}


@given(turned())
def test_only_what_is_soft_and_no_error_may_be_waived(record: Record) -> None:
    criteria = {each["id"]: each for each in record["criteria"]}
    asked = {each["id"]: each["verdict"] for each in record["requirements"]}
    for action in takes(record).actions:
        for name in action.criteria:
            words = {asked[each] for each in criteria[name]["requirements"]}
            may = criteria[name]["enforcement"] == "soft" and "error" not in words
            assert (name in action.waivable) == may


def test_many_with_one_reason_are_one_row() -> None:
    record = many(PROGRAMME, 30, "fail")
    rows = [each for each in takes(record).actions if "9.0/made" in each.criteria]
    assert [len(each.criteria) for each in rows] == [30]


def test_criteria_of_no_gate_stand_by_themselves() -> None:
    record = copy.deepcopy(PROGRAMME)
    record["gates"] = []
    (alone,) = takes(record).gates
    assert (alone.id, alone.label) == ("", "")
    assert sorted(name for each in alone.actions.all for name in each.criteria) == left(record)


def test_a_gate_without_anything_of_its_own_says_what_it_waits_for() -> None:
    record = with_verdicts(PROGRAMME, {each["id"]: "pass" for each in PROGRAMME["requirements"]})
    failed = next(each["id"] for each in record["requirements"] if each["criterion"] == "1.1.1/framework")
    record = with_verdicts(record, {failed: "fail"})
    notes = {each.id: each.notes for each in takes(record).gates}
    assert notes["1"] == ()
    assert notes["2"] == ("Nothing of its own: it waits for gate 1.",)


@pytest.mark.parametrize("raw", TEXTS.values(), ids=TEXTS)
def test_hostile_text_stays_on_its_line(raw: str) -> None:
    found = takes(with_text(PROGRAMME, raw, before=True))
    steps = [step for action in found.actions for step in action.steps]
    assert steps
    assert [step for step in steps if step != visible(step)] == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("809.864413 more of 7,402.050658 (USD) must pass", "810 more of 7,402 (USD) must pass"),
        ("at worst 2,599.5 more of 4,000 (cost) must pass", "at worst 2,600 more of 4,000 (cost) must pass"),
        ("12.00 more of 20.00 must pass", "12.00 more of 20.00 must pass"),
        ("0.5 more of 2.25 must pass", "0.5 more of 2.25 must pass"),
        ("14 more of 280 lines must reconcile", "14 more of 280 lines must reconcile"),
        ("it must rise by 2.25 percentage points", "it must rise by 2.25 percentage points"),
    ],
)
def test_what_is_missing_is_rounded_up(said: str, shown: str) -> None:
    assert rounded_up(said) == shown


def test_the_owner_of_lacking_evidence_comes_before_the_one_of_the_criterion() -> None:
    record = copy.deepcopy(PROGRAMME)
    record["owners"] = {"1": "Quays", "2": "Customs", "2.1.1": "Tariffs", "surveys": "The survey team"}
    owners = {name: each.owners for each in takes(record).actions for name in each.criteria}
    assert owners["1.2.1/protocols"] == ("The survey team", "Quays")  # no file is named for surveys
    assert owners["2.1.1/systems"] == ("Tariffs",)
    assert owners["2.2.1/framework"] == ("Customs",)
    assert {each.owners for each in takes(PROGRAMME).actions} == {()}
