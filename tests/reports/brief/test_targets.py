"""Targets: what was found, what is wanted, and what each began with."""

from __future__ import annotations

import copy
from fractions import Fraction

import pytest
from numbered_record import numbered
from turned_records import PROGRAMME

from phasegate.facts.model.fact import Figure
from phasegate.monitoring.history.beside import Beside
from phasegate.records.facts import recorded_fact
from phasegate.records.schema import Record
from phasegate.reports.brief.brief import brief
from phasegate.reports.brief.model import Start, Target
from phasegate.reports.report import Report


def target(record: Record, name: str, first: Record | None = None) -> Target:
    found = brief(Report(record, 1, beside=Beside(first=first))).targets
    return next(each for each in found if each.id == name)


def with_baseline(name: str) -> Record:
    record = numbered(PROGRAMME)
    facts = {each["fact"] for each in record["requirements"] if each["criterion"] == name}
    for fact in record["facts"]:
        if fact["id"] in facts:
            fact["baseline"] = {"shown": "42 days", "unit": "days", "numerator": "42", "denominator": "1"}
    return record


def test_a_change_began_with_its_baseline_and_is_drawn_from_nothing() -> None:
    record = with_baseline("1/kpi")
    found = target(record, "1/kpi", first=numbered(PROGRAMME))
    assert found.start == Start("baseline", "42 days", None)
    assert found.places is not None
    assert found.places.start == 0.0


def test_a_baseline_is_read_back_as_it_was_measured() -> None:
    facts = {each["id"]: each for each in with_baseline("1/kpi")["facts"]}
    figures = [recorded_fact(each).baseline for each in facts.values() if "baseline" in each]
    assert figures == [Figure(Fraction(42), "days")]


def test_others_began_with_what_the_first_run_of_the_cycle_found() -> None:
    record, first = numbered(PROGRAMME), numbered(PROGRAMME)
    first["as_of"] = "2026-01-26"
    found = target(record, "1/success", first)
    assert found.start is not None
    assert (found.start.kind, found.start.said, str(found.start.day)) == ("cycle", found.value, "2026-01-26")
    assert target(record, "1/success").start is None


@pytest.mark.parametrize("name", ["1/success", "1/kpi", "1/annual_value", "programme/roi"])
def test_figures_are_the_records_own_strings(name: str) -> None:
    found = target(PROGRAMME, name)
    asked = next(each for each in PROGRAMME["requirements"] if each["criterion"] == name)
    if found.value != "no value":
        assert asked["observed"].endswith(found.value)
    assert found.margin == (asked["margin"] or "")
    assert found.counts == (name == "1/success")


def test_without_a_value_nothing_is_drawn_of_it() -> None:
    record = copy.deepcopy(numbered(PROGRAMME))
    for each in record["requirements"]:
        if each["criterion"] == "1/success":
            for key in ("value", "value_low", "value_high"):
                each.pop(key, None)  # type: ignore[misc]
    places = target(record, "1/success").places
    assert places is not None
    assert places.value is None
