"""May we advance: yes only where a whole run says so."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from turned_records import PROGRAMME, turned, with_verdicts

from phasegate.records.build import exit_code
from phasegate.records.overdue import Overdue
from phasegate.records.schema import Record
from phasegate.reports.brief.brief import brief
from phasegate.reports.brief.model import Answer
from phasegate.reports.report import Report

ALL_PASS = with_verdicts(PROGRAMME, {each["id"]: "pass" for each in PROGRAMME["requirements"]})


def answer(record: Record, *, strict: bool = False) -> Answer:
    return brief(Report(record, exit_code(record["outcome"], strict=strict), strict)).answer


def changed(record: Record, **parts: object) -> Record:
    made = copy.deepcopy(record)
    made.update(parts)  # type: ignore[typeddict-item]
    return made


def failing(*criteria: str, verdict: str = "fail") -> Record:
    asked = [each["id"] for each in ALL_PASS["requirements"] if each["criterion"] in criteria]
    return with_verdicts(ALL_PASS, dict.fromkeys(asked, verdict))


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (ALL_PASS, "Yes. All five gates are open."),
        (failing("1.1.1/framework", verdict="waived"), "Yes, with 1 waiver. All five gates are open."),
        (failing("2.2.1/framework"), "No. The programme gate is shut: 1 criterion fails."),
        (failing("1.1.1/framework"), "No. Gates 1, 2, 3, 4 and 5 are shut."),
        (failing("1.1.1/framework", verdict="stale"), "No. Gates 1, 2, 3, 4 and 5 are undecided."),
        (
            changed(ALL_PASS, scope=["1.1.1"], gates=[]),
            "What was asked for passes; whether a gate opens was not decided.",
        ),
        (
            changed(ALL_PASS, disagreements=[{"id": "x", "inferred": "pass", "evaluated": "fail"}]),
            "No. The two engines disagree, so that nothing is decided.",
        ),
    ],
)
def test_sentences(record: Record, sentence: str) -> None:
    assert answer(record).sentence == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("minimal_pass", "Yes. The requirement holds."),
        ("minimal_fail", "No. 1 requirement fails."),
        ("gate_with_waivers", "Yes, with 1 waiver. Gate 2 is open."),
        ("programme", "No. Gates 3, 4 and 5 are shut."),
        ("hostile", "No. The two engines disagree, so that nothing is decided."),
    ],
)
def test_sentences_of_saved_records(name: str, sentence: str, saved: Callable[[str], Record]) -> None:
    assert answer(saved(name)).sentence == sentence


def test_overdue_gates_are_counted(saved: Callable[[str], Record]) -> None:
    record = saved("programme")
    for gate in record["gates"]:
        if gate["id"] in ("3", "4"):
            gate["weeks"] = [1, 4]
    found = brief(Report(record, 1))
    assert found.answer.sentence == "No. Gates 3, 4 and 5 are shut, two of them overdue."
    assert [(each.id, each.overdue) for each in found.gates if each.overdue] == [("3", 21), ("4", 21)]


def test_without_weeks_the_command_s_word_on_what_is_overdue_counts(saved: Callable[[str], Record]) -> None:
    import datetime as dt

    late = {"3": Overdue(12, dt.date(2026, 2, 17))}
    found = brief(replace(Report(saved("programme"), 1), overdue=late))
    assert [(each.id, each.overdue_said) for each in found.gates if each.overdue] == [
        ("3", "overdue 12 days")
    ]


@given(turned(), st.booleans())
def test_yes_is_said_of_open_gates_alone(record: Record, strict: bool) -> None:
    said = answer(record, strict=strict).sentence
    opens = exit_code(record["outcome"], strict=strict) == 0
    assert said.startswith("Yes") == opens
    assert said.startswith("No") == (not opens)


def test_an_outcome_that_nobody_knows_is_no_yes() -> None:
    assert answer(changed(ALL_PASS, outcome="of another time")).sentence.startswith("No. ")


def test_a_what_if_answers_nothing(saved: Callable[[str], Record]) -> None:
    record = changed(ALL_PASS, what_if={"rules": [], "without_waivers": True})
    assert answer(record).sentence.startswith("Nothing is decided by this.")


def test_rules_that_nobody_approved_are_said_of_a_check() -> None:
    approval = {"signers": 2, "required": ["finance"], "given": [], "missing": ["finance"]}
    said = answer(changed(ALL_PASS, approval=approval)).because
    assert said == ("No gate opens before these rules are approved for finance.",)


def test_counts_are_those_of_all_that_counts() -> None:
    found = answer(PROGRAMME)
    assert sum(each.number for each in found.counts) == sum(
        each["enforcement"] != "advisory" for each in PROGRAMME["criteria"]
    )
    assert (found.score.passing, found.score.apply) == (17, 24)
