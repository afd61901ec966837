"""A gate in another state says why, and before all else that its rules ask for less where they do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from changed_world import KNOBS, World, day_of_world, write_world

from phasegate.audit.ledger.ledger import Ledger
from phasegate.monitoring.history.diff import difference
from phasegate.monitoring.history.load import Compared, compare
from phasegate.records.schema import Record
from phasegate.reports.views.diff import compared_document, compared_text
from phasegate.runs.attempt import Attempt

PLAIN: World = {name: choices[0] for name, choices in KNOBS.items()}


def decided(folder: Path, kept: bool = False, **turned: Any) -> Record:
    world = {**PLAIN, **turned}
    write_world(folder, world)
    day = day_of_world(world)
    moment = dt.datetime.combine(day, dt.time(9), dt.UTC)
    record, _ = Attempt(("check",), folder, moment, {}, kept=kept).decide(day)
    (folder / "waivers.yaml").unlink(missing_ok=True)
    return record


def gate(
    folder: Path, name: str, then: dict[str, Any], now: dict[str, Any]
) -> tuple[str, list[tuple[str, str]]]:
    found = difference(decided(folder, **then), decided(folder, **now))
    (change,) = [each for each in found.gates if each.id == name]
    return f"{change.before} {change.after}", [(each.kind, each.said) for each in change.causes]


FAILS = {"open": (1, 3, 8), "bound": ">= 85 %"}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("then", "now", "kind", "said"),
    [
        (FAILS, {**FAILS, "enforcement": "advisory"}, "rule", "criterion 1.1/systems is advisory, and"),
        (FAILS, {**FAILS, "bound": ">= 70 %"}, "rule",
         "1.1/systems was fail and is pass: the bound was >= 85 % and is now >= 70 %, at pack/pack.yaml:"),
        (FAILS, {**FAILS, "waiver": "2026-06-01"}, "waiver", "1.1/systems was fail and is waived: W-1"),
        (FAILS, {**FAILS, "open": (14,)}, "data", "1.1/systems was fail and is pass: invoices: "),
        ({**FAILS, "waiver": "2026-06-01", "most_waivers": 0}, {**FAILS, "waiver": "2026-06-01"}, "rule",
         "it takes any number of waivers, and took 0 waivers at most"),
        ({"review": "2026-01-10,low,10"}, {"review": "2026-01-10,low,10", "first": "1.2"}, "rule",
         "it no longer asks for point 1.1"),
    ],
)  # fmt: skip
def test_a_gate_that_opens(
    then: dict[str, Any], now: dict[str, Any], kind: str, said: str, tmp_path: Path
) -> None:
    turned, causes = gate(tmp_path, "1", then, now)
    assert turned in ("closed open", "closed open_with_waivers")
    assert causes[0][0] == kind
    assert causes[0][1].startswith(said)


def test_a_dropped_after_is_the_cause(tmp_path: Path) -> None:
    turned, causes = gate(tmp_path, "2", {**FAILS, "after": '["1"]'}, {**FAILS, "after": "none"})
    assert (turned, causes) == ("closed open", [("rule", "it no longer waits for gate 1")])


def test_a_gate_that_follows_another_says_why_that_did(tmp_path: Path) -> None:
    lower = {**FAILS, "after": '["1"]', "bound": ">= 70 %"}
    _, causes = gate(tmp_path, "2", {**FAILS, "after": '["1"]'}, lower)
    ((kind, said),) = causes
    assert kind == "rule"
    assert said.startswith("gate 1 was closed and is open: 1.1/systems was fail and is pass: the bound was")


def test_rules_that_ask_for_less_are_said_before_better_data(tmp_path: Path) -> None:
    """Both are needed, and whoever reads on reads of the rules first."""
    then = {**FAILS, "review": "2026-01-10,low,10"}
    now = {**FAILS, "bound": ">= 70 %", "review": "2026-02-25,high,50"}
    _, causes = gate(tmp_path, "1", then, now)
    assert [kind for kind, _ in causes] == ["rule", "data"]


def test_what_moved_in_a_gate_before_is_told_where_it_did_something_alone(tmp_path: Path) -> None:
    """The programme asks for both points anyway, so that moving one of them did nothing to it."""
    then = {**FAILS, "first": "1.2", "bound": ">= 70 %"}
    now = {**then, "first": "1.1", "bound": ">= 85 %"}
    _, of_first = gate(tmp_path, "1", then, now)
    _, of_programme = gate(tmp_path, "programme", then, now)
    assert {said for _, said in of_first} > {"it asks for point 1.1"}
    assert [said for _, said in of_programme if "point" in said] == []
    assert [kind for kind, _ in of_programme] == ["rule"]


def test_it_is_told_in_words_and_as_json(tmp_path: Path) -> None:
    decided(tmp_path, kept=True, **FAILS)
    decided(tmp_path, kept=True, **{**FAILS, "enforcement": "advisory"})
    found = compared(tmp_path)
    text = compared_text(found, width=100, colour=False)
    assert "its rules ask for less: criterion 1.1/systems is advisory, and was soft" in text
    (told,) = [each for each in compared_document(found)["gates"] if each["id"] == "1"]
    assert told["causes"][0]["kind"] == "rule"


def compared(folder: Path) -> Compared:
    with Ledger.open(folder / "phasegate.db") as ledger:
        return compare(ledger)


def test_a_softened_rule_without_which_it_would_not_be_open_is_said_first(tmp_path: Path) -> None:
    """It was closed by what failed, and what is better data would have left it undecided."""
    old = {"review": "2026-01-10,low,90"}
    then, now = {**FAILS, **old, "max_age": "20 days"}, {**FAILS, **old, "open": (14,)}
    turned, causes = gate(tmp_path, "1", then, now)
    assert turned == "closed open"
    assert [kind for kind, _ in causes] == ["rule", "data"]
    assert "evidence might be 20 days old, and may be of any age now" in causes[0][1]


def test_points_that_change_places_are_no_gate_without_points(tmp_path: Path) -> None:
    """A gate without a point is undecided as well, and no rules make one: the contract does it."""
    then = {"derive": "amount * 1", "after": '["1"]', "baseline": "0.95", "most_waivers": 0}
    then |= {"waiver": "2026-06-01", "sliced": ">= 75 %", "customers": "ABCD", "zone": "America/New_York"}
    now = {**then, "first": "1.2", "allowed": "[done, open]", "most_waivers": None, "cycle": "2026-03-09"}
    turned, causes = gate(tmp_path, "2", then, now)
    assert turned == "closed undecided"
    assert any("the contract of invoices asks for something else" in said for _, said in causes)


def test_points_that_change_places_are_one_edit_beside_what_the_day_does(tmp_path: Path) -> None:
    """Of the new point one criterion ends that day and another one begins: the day alone shuts nothing."""
    then = {"cycle": "2026-03-09", "least": 200, "customers": "ABC", "enforcement": "advisory"}
    then |= {"sliced": ">= 75 %", "holiday": KNOBS["holiday"][1]}
    now = {**then, "first": "1.2", "day": "2026-03-20"}
    turned, causes = gate(tmp_path, "1", then, now)
    assert turned == "open closed"
    assert [said for _, said in causes] == ["it no longer asks for point 1.1", "it asks for point 1.2"]
