"""`explain` of an area and of a section: their points with verdicts, and the area's targets."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.records.schema import Record
from phasegate.reports.explain.explain import NotInRecordError, explain_text

Saved = Callable[[str], Record]


@pytest.mark.parametrize("given", ["1", "2", "1.2", "2.1"])
def test_story(given: str, saved: Saved, snapshot: SnapshotAssertion) -> None:
    assert explain_text(saved("programme"), given) == snapshot


@pytest.mark.parametrize(
    ("name", "given", "begins"),
    [
        ("programme", "2", "Area 2: Customs clearance"),
        ("programme", "area:2", "Area 2: Customs clearance"),
        ("programme", "phase:2", "w Gate 2, "),
        ("programme", "gate:2", "w Gate 2, "),
        ("programme", "4", "✗ Gate 4, "),  # no area has this id
        ("programme", "2.1", "Section 2.1: Declarations"),
        ("programme", "2.1.1", "✗ 2.1.1 Tariff Reconciliation: FAIL"),
        ("gate_with_waivers", "2", "w Gate 2, "),  # the record is of this gate
        ("gate_with_waivers", "1", "Area 1: Quay operations"),
        ("gate_with_waivers", "area:1", "Area 1: Quay operations"),
    ],
)
def test_a_number_is_an_area_as_in_check(name: str, given: str, begins: str, saved: Saved) -> None:
    assert explain_text(saved(name), given).startswith(begins)


def test_who_meant_the_gate_learns_how_to_ask_for_it(saved: Saved) -> None:
    assert "The gate of phase 1: phasegate explain phase:1" in explain_text(saved("programme"), "1")


def test_a_part_of_an_area_is_not_told_as_the_whole(saved: Saved) -> None:
    record = copy.deepcopy(saved("programme"))
    record["scope"] = ["1.1.1"]
    record["points"] = [point for point in record["points"] if point["id"] == "1.1.1"]
    assert "Of it this run decided 1 point, which passes." in explain_text(record, "1")


def test_an_area_of_which_only_targets_were_decided(saved: Saved) -> None:
    record = copy.deepcopy(saved("programme"))
    record["points"] = []
    text = explain_text(record, "1")
    assert "This run decided none of its points." in text
    assert "✓ 1/success, pass: " in text


@pytest.mark.parametrize(("given", "hint"), [("1.3", "1.2"), ("2.3", "2.2")])
def test_what_the_record_has_no_point_of_is_unknown(given: str, hint: str, saved: Saved) -> None:
    with pytest.raises(NotInRecordError, match="says nothing of") as caught:
        explain_text(saved("programme"), given)
    assert hint in (caught.value.hint or "")


def test_an_area_of_which_nothing_was_decided_is_unknown(saved: Saved) -> None:
    record = copy.deepcopy(saved("gate_with_waivers"))
    record["gates"] = []
    with pytest.raises(NotInRecordError):
        explain_text(record, "2")
