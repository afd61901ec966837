"""Whole runs over small projects: what is decided, and how it is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.engine.columnar.evaluate import decide
from phasegate.engine.cross_check import Agreed
from phasegate.engine.plan import Cover
from phasegate.engine.resolve import resolve, with_covers
from phasegate.engine.scope import Scope, everything
from phasegate.facts.model.fact import Fact, FactSet
from phasegate.records.build import exit_code, to_json
from phasegate.records.schema import Score
from phasegate.records.scoring import Decided
from phasegate.rules.diagnostics.diagnostic import PackError
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.verdict import Verdict
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

DAY = dt.date(2026, 3, 10)
REVIEWS = """\
review,reviewed_on,rating,score,signed
R-1,2026-01-05,high,40,true
R-2,2026-03-01,low,95,true
"""
PROJECT = """\
phasegate: 1
sources:
  reviews:
    path: reviews.csv
    contract:
      title: one review
      event: reviewed_on
      columns:
        review: {{type: string}}
        reviewed_on: {{type: date}}
        rating: {{type: string}}
        score: {{type: integer}}
        signed: {{type: boolean}}
measures:
  review:
    title: The latest review
    from: reviews
    latest: {{rating: rating, score: score, signed: signed, day: reviewed_on}}
    max_age: 31 days
require: {require}
"""


def project(folder: Path, require: str) -> Path:
    (folder / "reviews.csv").write_text(REVIEWS)
    (folder / "phasegate.yaml").write_text(PROJECT.format(require=require))
    return folder


@pytest.mark.parametrize(
    ("require", "outcome"),
    [
        ('{review.rating: "in [low, medium]"}', "open"),
        ('{review.rating: "in [medium, high]"}', "closed"),
        ("{review.signed: true}", "open"),
        ("{review.signed: false}", "closed"),
        ('{review.score: ">= 95"}', "open"),
        ('{review.score: "> 95"}', "closed"),
        ('{review.score: "between 90 and 95"}', "open"),
        ('{review.score: ["> 90", "!= 95"]}', "closed"),
        ('{any_of: [{review.score: "> 95"}, {review.signed: true}]}', "open"),
    ],
)
def test_the_newest_row_answers(tmp_path, require, outcome):
    record = evaluate(ready_project(project(tmp_path, require)), DAY)
    assert record["outcome"] == outcome
    assert not record["disagreements"]
    assert [gate["state"] for gate in record["gates"]] == [outcome]


@pytest.mark.parametrize(
    ("require", "message"),
    [
        ("{review.rating: true}", "'review.rating' is a text"),
        ('{review.signed: "in [yes]"}', "'review.signed' is true or false"),
        ("{review.score: true}", "'review.score' is a number"),
        ('{review.rating: ">= 5"}', "'review.rating' is a text"),
    ],
)
def test_a_bound_of_another_type_is_refused(tmp_path, require, message):
    with pytest.raises(PackError, match=message):
        ready_project(project(tmp_path, require))


def test_evidence_that_is_too_old_is_stale_and_leaves_the_gate_undecided(tmp_path):
    loaded = ready_project(project(tmp_path, "{review.signed: true}"))
    fresh = evaluate(loaded, dt.date(2026, 4, 1))
    old = evaluate(loaded, dt.date(2026, 4, 2))
    assert (fresh["outcome"], old["outcome"]) == ("open", "undecided")
    assert old["requirements"][0]["verdict"] == "stale"
    assert fresh["requirements"][0]["distance"] == "0 days until it goes stale"


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    loaded = ready_project(project(tmp_path, "{review.signed: true}"))
    assert to_json(evaluate(loaded, DAY)) == to_json(evaluate(loaded, DAY))


@pytest.mark.parametrize(
    ("outcome", "code", "strict"),
    [
        ("open", 0, 0),
        ("open_with_waivers", 0, 1),
        ("closed", 1, 1),
        ("undecided", 3, 3),
        ("nothing", 3, 3),
        ("anything else", 3, 3),
    ],
)
def test_only_what_is_known_to_be_open_lets_a_phase_advance(outcome, code, strict):
    assert exit_code(outcome) == code
    assert exit_code(outcome, strict=True) == strict


def test_the_record_says_how_the_sources_are_read_and_which_days_are_no_business_days(tmp_path):
    file = project(tmp_path, "{review.signed: true}") / "phasegate.yaml"
    text = file.read_text().replace("path: reviews.csv", 'path: reviews.csv\n    null_values: ["", "NULL"]')
    file.write_text(text + "calendar: {weekend: [fri, sat], holidays: [2026-01-01]}\n")
    record = evaluate(ready_project(tmp_path), DAY)
    assert record["calendar"] == {"weekend": ["fri", "sat"], "holidays": ["2026-01-01"]}
    assert [each["reading"] for each in record["sources"]] == [
        {"path": "reviews.csv", "null_values": ["", "NULL"]}
    ]


NAMES = ("a", "b", "c")
POINT = Scope(frozenset({"1.1"}), frozenset(), frozenset())


def decided(statuses: str, most: int | None = None, scope: Scope | None = None) -> Decided:
    """Three soft criteria of one phase: each ``p``asses, fails and is ``w``aived, or does ``n``ot apply."""
    criteria = [
        {"id": name, "text": name, "enforcement": "soft", "require": {f"w.{name}": ">= 1"}} for name in NAMES
    ]
    pack = Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "sources": {"w": {"title": "Work", "columns": {"x": {"type": "string"}}}},
            "measures": {f"w.{name}": {"title": name, "from": "w", "count": "x"} for name in NAMES},
            "points": {"1.1": {"title": "Point", "criteria": criteria}},
            "phases": {"1": {"title": "First", "points": ["1.1"], "max_waivers": most}},
        }
    )
    facts = {
        (f"w.{name}", ""): Fact(f"w.{name}", "", "not_applicable", "no rows")
        if status == "n"
        else Fact(f"w.{name}", "", "present", numerator=int(status == "p"), denominator=1)
        for name, status in zip(NAMES, statuses, strict=True)
    }
    resolved = resolve(pack, FactSet(DAY, facts, {}), {}, scope or everything(pack))
    cover = Cover("W-1", frozenset({Verdict.FAIL}))
    resolved = with_covers(resolved, {each.id: cover for each in resolved.plan.requirements})
    return Decided(pack, resolved, Agreed(decide(resolved.plan, resolved.observations), ()))


@pytest.mark.parametrize(
    ("statuses", "score"), [("ppn", (2, 2, 2)), ("pwn", (2, 1, 2)), ("nnn", (0, 0, 0)), ("pww", (3, 1, 3))]
)
def test_what_does_not_apply_is_not_scored(statuses: str, score: tuple[int, int, int]) -> None:
    expected = Score(apply=score[0], passing=score[1], passing_with_waivers=score[2])
    assert decided(statuses).score(range(3)) == expected


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [("nnn", "undecided"), ("npn", "open"), ("nwn", "open_with_waivers"), ("nwp", "open_with_waivers")],
)
def test_a_point_to_which_nothing_applies_is_undecided(statuses: str, outcome: str) -> None:
    assert decided(statuses, scope=POINT).outcome(None) == outcome


@pytest.mark.parametrize(
    ("most", "outcome", "told"),
    [
        (None, "open_with_waivers", None),
        (2, "open_with_waivers", None),
        (1, "closed", "it rests on 2 waivers and takes 1 at most"),
    ],
)
def test_a_cap_shuts_a_phase_whose_criteria_are_all_waived_or_pass(
    most: int | None, outcome: str, told: str | None
) -> None:
    found = decided("wpw", most)
    assert found.outcome(None) == outcome
    gate = found.gate(found.plan.gates[0])
    assert (gate["state"], gate["own"]) == (outcome, "open_with_waivers")
    texts = [each["text"] for each in gate["reasons"] if each["kind"] != "criterion"]
    assert texts == ([told] if told else [])
    assert [each["id"] for each in gate["reasons"] if each["kind"] == "criterion"] == ["1.1/a", "1.1/c"]


@pytest.mark.parametrize("statuses", ["ppp", "ppn"])
def test_an_open_gate_has_no_reasons(statuses: str) -> None:
    found = decided(statuses)
    gate = found.gate(found.plan.gates[0])
    assert (gate["state"], gate["reasons"]) == ("open", [])
