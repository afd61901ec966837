"""`explain` of a criterion of which one alternative is enough: what decides it comes first."""

from __future__ import annotations

import copy
from collections.abc import Callable

from syrupy.assertion import SnapshotAssertion

from phasegate.records.schema import Record
from phasegate.reports.explain.explain import explain_text

Saved = Callable[[str], Record]
TARIFFS = "2.1.1/validation"
PASSED, INDEPENDENT, ACCURACY = (
    f"{TARIFFS}/{name}" for name in ("validation.passed", "validation.independent", "tariffs.accuracy")
)


def chosen(record: Record, verdict: str, **alternatives: str | None) -> Record:
    """The record with the requirements of one criterion as alternatives."""
    changed = copy.deepcopy(record)
    next(each for each in changed["criteria"] if each["id"] == TARIFFS)["verdict"] = verdict
    for each in changed["requirements"]:
        name = each["id"].rpartition(".")[2]
        if each["criterion"] == TARIFFS:
            each["alternative"] = alternatives[name]
    return changed


def test_the_alternative_that_passed_is_told_first(saved: Saved, snapshot: SnapshotAssertion) -> None:
    record = chosen(saved("programme"), "pass", independent="1", accuracy="1", passed="2")
    text = explain_text(record, TARIFFS)
    assert text == snapshot
    assert "It passes. One of its 2 alternatives is enough, and alternative 2 holds." in text
    assert text.index("passed. Required") < text.index("Not needed:") < text.index("independent must be")


def test_what_stands_beside_the_alternatives_is_told_with_the_one_that_passed(saved: Saved) -> None:
    record = chosen(saved("programme"), "pass", independent="1", accuracy="2", passed=None)
    (accuracy,) = (each for each in record["requirements"] if each["id"] == ACCURACY)
    accuracy["verdict"] = "pass"
    text = explain_text(record, TARIFFS)
    assert "alternative 2 holds" in text
    rest = text[text.index("Not needed:") :]
    assert "independent must be" in rest
    assert "accuracy" not in rest.split("It counts in")[0]
    assert "passed" not in rest


def test_where_no_alternative_passes_the_worst_is_told_first(saved: Saved) -> None:
    record = chosen(saved("programme"), "fail", independent="1", accuracy="2", passed="2")
    text = " ".join(explain_text(record, TARIFFS).split())
    assert "of its 3 requirements, 2 fail, 1 passes. One of its 2 alternatives would be enough." in text
    assert "Not needed:" not in text


def test_requirements_without_alternatives_are_told_as_before(saved: Saved) -> None:
    assert "alternative" not in explain_text(saved("programme"), TARIFFS)
