"""What an id stands for, as programs get it: parts of the record and nothing else, whole and in its order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dressed_record import dressed
from numbered_record import numbered

from phasegate.records.schema import Record
from phasegate.reports.explain.explain import NotInRecordError, explain_document

Saved = Callable[[str], Record]
PARTS = (
    "gates", "points", "criteria", "requirements", "facts", "sources", "waivers", "attestations", "rows",
)  # fmt: skip


def ids(parts: Any) -> list[str]:
    return [each.get("id") or each.get("name") or each["requirement"] for each in parts]


@pytest.fixture
def record(saved: Saved) -> Record:
    return dressed(numbered(saved("programme")))


@pytest.mark.parametrize(
    ("given", "kind", "points", "criteria"),
    [
        ("2.1.1", "point", ["2.1.1"], 4),
        ("2.1.1/validation", "criterion", [], 1),
        ("2.1.1/validation/tariffs.accuracy", "requirement", [], 0),
        ("1/success", "criterion", [], 1),
        ("1.2", "section", ["1.2.1"], 4),
        ("area:1", "area", ["1.1.1", "1.1.2", "1.2.1"], 15),
        ("1", "area", ["1.1.1", "1.1.2", "1.2.1"], 15),
        ("phase:1", "gate", ["1.1.1"], 5),
        ("tariffs.accuracy", "measure", [], 0),
    ],
)
def test_parts(given: str, kind: str, points: list[str], criteria: int, record: Record) -> None:
    found = explain_document(record, given)
    assert (found["id"], found["kind"], found["as_of"]) == (given, kind, "2026-03-01")
    assert ids(found["points"]) == points
    assert len(found["criteria"]) == criteria
    for part in PARTS:
        of_record: Any = record.get(part, [])
        kept = [each for each in of_record if each in found[part]]
        assert kept == found[part]
    requirements = {name for each in found["criteria"] for name in each["requirements"]}
    assert requirements <= set(ids(found["requirements"]))
    assert {each["fact"] for each in found["requirements"]} <= set(ids(found["facts"]))
    named = {name for each in found["facts"] for name in each["sources"]}
    assert named & set(ids(record["sources"])) == set(ids(found["sources"]))
    assert found["requirements"]


def test_numbers_and_what_was_signed(record: Record) -> None:
    (asked,) = explain_document(record, "2.1.1/validation/tariffs.accuracy")["requirements"]
    assert (asked["value"], asked["limit_value"], asked["margin_value"]) == ("84.9991", "90", "-5.0009")
    first = record["requirements"][0]["id"]
    assert ids(explain_document(record, first)["attestations"]) == ["A-0", "A-1"]


def test_fields_of_a_measure_are_found_by_its_name(record: Record) -> None:
    facts = explain_document(record, "validation")["facts"]
    assert {each["measure"] for each in facts} == {"validation.passed", "validation.independent"}


def test_what_is_not_there(record: Record) -> None:
    with pytest.raises(NotInRecordError):
        explain_document(record, "9.9.9")
